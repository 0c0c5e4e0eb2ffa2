"""How people read what was noted of an operation."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import orjson

from dashboard import wording
from services.ledger import Control, Event, EventKind


def in_words(verb: str, event: Event) -> str:
    """Return an event of an operation of this verb in one line, without when and by whom."""
    if event.kind == EventKind.CONTROL:
        return wording.CONTROLS[Control(event.text)]
    if event.kind == EventKind.REFUSED:
        return _refused(verb, event)
    return f"{wording.EVENTS.get(event.kind, event.kind)}: {told(event)}"


def told(event: Event) -> str:
    """Return what an event tells beside its kind; earlier versions kept it in words."""
    if event.kind not in _TOLD or (event.text and event.kind != EventKind.EXTRA_RESULTS):
        return event.text
    facts = orjson.loads(event.answer) if event.answer else {}
    return _TOLD[event.kind](facts, event.text)


def has_answer(event: Event) -> bool:
    """Say whether an event keeps an answer of Visier, and not facts that are told in words."""
    return event.kind not in {*_TOLD, EventKind.REFUSED}


def _refused(verb: str, event: Event) -> str:
    """Say why something was refused and, where an operation never began, what was not sent."""
    why = wording.refusal(verb, event.text)
    if not event.answer:
        return why
    meant = orjson.loads(event.answer)
    items = f"{meant['items']:,} items"
    return f"{why} Nothing was sent: {meant['name'] or items}."


def _strangers(facts: Mapping[str, Any], _text: str) -> str:
    others = ", ".join(f"{number:,} of {code}" for code, number in facts.items())
    return (
        "Between the first and the last of these uploads lie others that are not part of the plan:"
        f" {others}. They are left alone, and the planned ones are named one by one."
    )


def _extra(facts: Mapping[str, Any], text: str) -> str:
    if "results" not in facts:
        return text
    return f"{facts['results']:,} results name what was not asked for: {text}"


def _looked(facts: Mapping[str, Any], _text: str) -> str:
    of = facts["settled"] + facts["unknown"]
    return f"{of:,} items looked up: {facts['settled']:,} settled, {facts['unknown']:,} not."


_TOLD: Final[Mapping[str, Callable[[Mapping[str, Any], str], str]]] = {
    EventKind.REMARK: _strangers,
    EventKind.EXTRA_RESULTS: _extra,
    EventKind.LOOK_UP: _looked,
    EventKind.TOTALS: lambda _facts, _text: (
        "The totals in Visier's answer disagree with its items; the items are what counts."
    ),
}
