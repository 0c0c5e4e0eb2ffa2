"""The events of an operation in words."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import orjson

from dashboard import wording
from dashboard.operations import done_words
from services.ledger import Control, Event, EventKind
from services.monitoring.phrases import counted
from services.operations import Bar, Closed
from services.operations.starts.record import job_of


def in_words(verb: str, event: Event) -> str:
    """Return an event of an operation of this verb in one line, without when and by whom."""
    if event.kind == EventKind.CONTROL:
        return wording.CONTROLS[Control(event.text)]
    if event.kind == EventKind.REFUSED:
        return _refused(verb, event)
    return f"{wording.EVENTS.get(event.kind, event.kind)}: {facts_in_words(event)}"


def facts_in_words(event: Event) -> str:
    """Return what an event tells beside its kind; earlier versions kept it in words."""
    if event.kind not in _WORDS or (event.text and event.kind != EventKind.EXTRA_RESULTS):
        return event.text
    facts = orjson.loads(event.answer) if event.answer else {}
    return _WORDS[event.kind](facts, event.text)


def has_answer(event: Event) -> bool:
    """Return whether an event keeps an answer of Visier, or more than its words."""
    return event.kind not in {*_WORDS, EventKind.REFUSED} or event.kind in _WITH_ANSWER


def _refused(verb: str, event: Event) -> str:
    """Return why something was refused and, where an operation never began, what was not sent."""
    meant = orjson.loads(event.answer) if event.answer else {}
    closed_by = meant.get("closed")
    closed = Closed(Bar(closed_by["why"]), closed_by["about"]) if closed_by else None
    why = event.text or wording.refusal(verb, closed)
    if "items" not in meant:
        return why
    name = done_words.what(verb, meant.get("name", ""), meant.get("after", ""))
    return f"{why} Nothing was sent: {name or counted(meant['items'], 'item')}."


def _strangers(facts: Mapping[str, Any], _text: str) -> str:
    others = ", ".join(f"{number:,} of {code}" for code, number in facts.items())
    return (
        f"The time range also contains {others}, so the planned uploads are sent one by one "
        "and the others are left unchanged."
    )


def _extra(facts: Mapping[str, Any], text: str) -> str:
    if "results" not in facts:
        return text
    return f"{facts['results']:,} results name unrequested items: {text}"


def _looked_up(facts: Mapping[str, Any], _text: str) -> str:
    of = facts["settled"] + facts["unknown"]
    return (
        f"{of:,} items looked up: {facts['settled']:,} resolved, {facts['unknown']:,} unresolved."
    )


_WITH_ANSWER: Final = frozenset({EventKind.FOUND_JOB, EventKind.LISTED_BEFORE})
_WORDS: Final[Mapping[str, Callable[[Any, str], str]]] = {
    EventKind.FOUND_JOB: lambda facts, _text: f"{wording.found_job(job_of(facts))}.",
    EventKind.LISTED_BEFORE: lambda job_keys, _text: (
        f"{counted(len(job_keys), 'job')} without a parent, listed just before sending."
    ),
    EventKind.NOT_LISTED_BEFORE: lambda facts, _text: (
        f"The job list could not be read before sending: {facts['error']}"
    ),
    EventKind.REMARK: _strangers,
    EventKind.EXTRA_RESULTS: _extra,
    EventKind.LOOK_UP: _looked_up,
    EventKind.TOTALS: lambda _facts, _text: (
        "The totals in Visier's answer contradict its items. The items count."
    ),
}
