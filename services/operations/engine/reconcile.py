"""Looking up items whose outcome is unknown. Sends reads only."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

import orjson

from services.ledger import (
    LIVE,
    UNSETTLED,
    Event,
    EventKind,
    Item,
    ItemResult,
    Ledger,
    Outcome,
    State,
    TakenOver,
)
from services.visier import Client

from . import documents
from .changes import Change, Finding, Note, Query, write_state
from .plan import Registry
from .reading import Reader
from .verb_spec import VerbSpec

# A request is given up after 65 s, and a proxy in between may hold it as long again.
MAY_STILL_ARRIVE: Final = timedelta(minutes=2)


class LookedUp(NamedTuple):
    """How many items a look-up has settled, and how many stay unknown.

    ``too_early`` counts the unknown ones that may still be done: look again in two minutes.
    """

    settled: int = 0
    unknown: int = 0
    too_early: int = 0


def look_up(ledger: Ledger, client: Client, operation_id: str, registry: Registry) -> LookedUp:
    """Read the items of an operation whose outcome is unknown, and settle those it can.

    An item in the wanted state has succeeded; one in its former state has failed, once its request
    can no longer arrive (two minutes, by ``Ledger.ago``). Items in flight in a live operation are
    left alone. An interrupted operation ends when nothing is left that another look-up could
    settle. Raises the errors of ``services.visier``, ``services.frames`` and the ledger.
    """
    operation = ledger.operation(operation_id)
    # An intended item of a live operation is in flight: its worker settles it.
    outcomes = UNSETTLED - {Outcome.INTENDED} if operation.state in LIVE else UNSETTLED
    spec = registry[operation.verb]
    items = list(every_item(ledger, operation_id, outcomes))
    reader = Reader(spec, client, noted_query(ledger, operation_id), {})
    counts = reconcile(ledger, reader, operation_id, items, alive_at=operation.state_at)
    if not counts.too_early:
        _end(ledger, operation_id)
    return counts


def _end(ledger: Ledger, operation_id: str) -> None:
    """End an interrupted operation with nothing left to send, as its own process would have."""
    operation = ledger.operation(operation_id)
    if operation.state is State.INTERRUPTED and not operation.item_counts[Outcome.PLANNED]:
        # A process that has taken it over meanwhile ends it itself.
        with suppress(TakenOver):
            ledger.end(operation_id, State.FINISHED)


def note_query(ledger: Ledger, operation_id: str, query: Query) -> None:
    """Record how the list of a plan's items was requested, for later look-ups."""
    if query:
        asked = orjson.dumps(dict(query)).decode()
        event = Event(kind=EventKind.WHERE_LISTED, text=", ".join(query), request=asked)
        ledger.note(operation_id, event)


def noted_query(ledger: Ledger, operation_id: str) -> Query:
    """Return how the list of an operation's items is requested; empty where not recorded."""
    noted = ledger.events(operation_id, 1, [EventKind.WHERE_LISTED])
    query: Query = (documents.read(noted[0].request) if noted else None) or {}
    return query


def every_item(ledger: Ledger, operation_id: str, outcomes: Collection[Outcome]) -> Iterator[Item]:
    """Yield all items of these outcomes, read from the ledger in pages."""
    items = ledger.items(operation_id, outcomes)
    while items:
        yield from items
        items = ledger.items(operation_id, outcomes, after=items[-1].key)


def reconcile(
    ledger: Ledger,
    reader: Reader,
    operation_id: str,
    items: Sequence[Item],
    *,
    alive_at: datetime,
) -> LookedUp:
    """Read these items and settle those whose outcome follows from their present state.

    ``alive_at`` is the operation's last sign of life: a request intended before it may have left as
    late as that.
    """
    if not items:
        return LookedUp()
    fates = _fates(reader, items, ledger.ago(MAY_STILL_ARRIVE), alive_at)
    ledger.settle(operation_id, _news(items, fates))
    unknown = [fate for fate in fates if fate.outcome == Outcome.UNCERTAIN]
    counts = LookedUp(
        settled=len(fates) - len(unknown),
        unknown=len(unknown),
        too_early=sum(fate.finding == Finding.LOOKED_TOO_EARLY for fate in unknown),
    )
    document = orjson.dumps(counts._asdict()).decode()
    ledger.note(operation_id, Event(kind=EventKind.LOOK_UP, text="", answer=document))
    return counts


def _news(items: Sequence[Item], fates: Sequence[ItemResult]) -> Iterator[ItemResult]:
    """Yield the outcomes that are news.

    An item that stays uncertain is recorded again only when it becomes, or no longer is, too early
    to tell: otherwise it keeps its time and Visier's words.
    """
    for item, fate in zip(items, fates, strict=True):
        if fate.outcome != Outcome.UNCERTAIN or item.outcome == Outcome.INTENDED:
            yield fate
        elif Finding.LOOKED_TOO_EARLY in (fate.finding, item.finding) and (
            fate.finding != item.finding
        ):
            yield ItemResult(item.key, item.outcome, fate.finding, fate.facts, item.message)


def _fates(
    reader: Reader, items: Sequence[Item], left_by: datetime, alive_at: datetime
) -> list[ItemResult]:
    spec = reader.spec
    changes = [spec.read_item(item) for item in items]
    keys = [change.key for change in changes]
    states = reader.states(keys, wholly=True)
    undone = [key for key in keys if key not in states or not spec.is_done(key, states[key])]
    # ``before`` is of the latest of a tenant: that it is untouched shows in the same list only.
    latest = states | reader.states(undone) if spec.whole_tenant and undone else states
    fates = []
    for item, change in zip(items, changes, strict=True):
        arrived = max(item.at, alive_at) <= left_by
        observed = states.get(change.key), latest.get(change.key)
        outcome, note = _verdict(spec, change, *observed, arrived=arrived)
        fates.append(ItemResult(item.key, outcome, note.finding or "", dict(note.facts)))
    return fates


def _verdict(
    spec: VerbSpec[Any, Any], change: Change[Any], state: Any, latest: Any, *, arrived: bool
) -> tuple[Outcome, Note]:
    if not spec.leaves_trace:
        return Outcome.NO_RESULT, Note(Finding.NO_TRACE)
    if state is None or latest is None:
        return Outcome.UNCERTAIN, Note(Finding.LOOKED_UNSEEN)
    facts = {"state": orjson.loads(write_state(state))}
    # First: an item that needed no change is both done and untouched.
    if spec.is_done(change.key, state):
        return Outcome.SUCCEEDED, Note(Finding.LOOKED_DONE, facts)
    if not spec.is_untouched(latest, change.before):
        return Outcome.UNCERTAIN, Note(Finding.LOOKED_CHANGED, facts)
    if arrived:
        return Outcome.FAILED, Note(Finding.LOOKED_NOT_DONE, facts)
    return Outcome.UNCERTAIN, Note(Finding.LOOKED_TOO_EARLY, facts)
