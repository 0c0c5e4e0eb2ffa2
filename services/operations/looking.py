"""Looking up what became of items whose fate is unknown. Never sends anything that changes."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import NamedTuple

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
from .catalogue import KINDS
from .kinds import Kind, Query, Verb, read_key
from .reading import Reader

MAY_STILL_ARRIVE = timedelta(minutes=2)

LOOKED = "Looked up: "
DONE = LOOKED + "{state} now."
NOT_DONE = LOOKED + "still {state}, so it was not done."
STILL = LOOKED + "still {state}."
TOO_EARLY = "The request may yet arrive: look it up again in two minutes."
CHANGED = LOOKED + "{state} now, which tells neither that it was done nor that it was not."
UNSEEN = LOOKED + "Visier does not show it any more."


class LookedUp(NamedTuple):
    """How many items a look has settled, and how many stay unknown.

    ``too_early`` counts those among the unknown that may yet be done: look again in two minutes.
    """

    settled: int = 0
    unknown: int = 0
    too_early: int = 0


def look_up(ledger: Ledger, client: Client, operation_id: str) -> LookedUp:
    """Read the items of an operation whose fate is unknown, and settle those that can be told.

    An item that stands as it was meant to has succeeded; one that is as before has failed, once
    its request can no longer arrive (two minutes). Items under way in an operation that is at work
    are left alone. One that broke off ends when nothing is left of it that another look could
    tell. Raises the errors of ``services.visier``, of ``services.frames`` and of the ledger.
    """
    operation = ledger.operation(operation_id)
    outcomes = UNSETTLED - {Outcome.INTENDED} if operation.state in LIVE else UNSETTLED
    kind = KINDS[Verb(operation.verb)]
    items = list(every_item(ledger, operation_id, outcomes))
    query = noted_query(ledger, operation_id)
    reader, alive_at = Reader(kind, client, query, {}), operation.state_at
    looked = settle_by_looking(ledger, reader, operation_id, items, alive_at=alive_at)
    if not looked.too_early:
        _end(ledger, operation_id)
    return looked


def _end(ledger: Ledger, operation_id: str) -> None:
    """End what broke off when nothing is left of it to be sent, as its own process would have."""
    operation = ledger.operation(operation_id)
    if operation.state is State.INTERRUPTED and not operation.item_counts[Outcome.PLANNED]:
        # Who has taken it over meanwhile ends it.
        with suppress(TakenOver):
            ledger.end(operation_id, State.FINISHED)


def note_query(ledger: Ledger, operation_id: str, query: Query) -> None:
    """Write down where the items of a plan are listed, for whoever looks for them later."""
    if query:
        event = Event(
            kind=EventKind.WHERE_LISTED,
            text=", ".join(query),
            request=orjson.dumps(dict(query)).decode(),
        )
        ledger.note(operation_id, event)


def noted_query(ledger: Ledger, operation_id: str) -> Query:
    """Return where the items of an operation are listed; empty where nothing was noted."""
    noted = ledger.events(operation_id, 1, [EventKind.WHERE_LISTED])
    query: Query = (documents.read(noted[0].request) if noted else None) or {}
    return query


def every_item(ledger: Ledger, operation_id: str, outcomes: Collection[Outcome]) -> Iterator[Item]:
    """Give all items of these outcomes, however many."""
    items = ledger.items(operation_id, outcomes)
    while items:
        yield from items
        items = ledger.items(operation_id, outcomes, after=items[-1].key)


def settle_by_looking(
    ledger: Ledger,
    reader: Reader,
    operation_id: str,
    items: Sequence[Item],
    *,
    alive_at: datetime,
) -> LookedUp:
    """Read these items and settle those whose fate can be told from how they stand.

    ``alive_at`` is when the operation last gave a sign of life: a request intended before may have
    left as late as that.
    """
    if not items:
        return LookedUp()
    fates = _fates(reader, items, ledger.ago(MAY_STILL_ARRIVE), alive_at)
    ledger.settle(operation_id, _news(items, fates))
    open_ones = [fate for fate in fates if fate.outcome == Outcome.UNCERTAIN]
    looked = LookedUp(
        settled=len(fates) - len(open_ones),
        unknown=len(open_ones),
        too_early=sum(TOO_EARLY in fate.message for fate in open_ones),
    )
    text = f"{len(fates):,} items looked up: {looked.settled:,} settled, {looked.unknown:,} not."
    ledger.note(operation_id, Event(kind=EventKind.LOOK_UP, text=text))
    return looked


def _news(items: Sequence[Item], fates: Sequence[ItemResult]) -> Iterator[ItemResult]:
    """Give the fates worth writing down.

    What is known to be unknown is written again only when it becomes, or no longer is, too early:
    else it keeps the time it became so, and Visier's words.
    """
    for item, fate in zip(items, fates, strict=True):
        if fate.outcome != Outcome.UNCERTAIN or item.outcome == Outcome.INTENDED:
            yield fate
        elif (TOO_EARLY in fate.message) != (TOO_EARLY in item.message):
            said = item.message.partition(LOOKED)[0].strip(" ·")
            yield ItemResult(item.key, item.outcome, f"{said} · {fate.message}".strip(" ·"))


def _fates(
    reader: Reader, items: Sequence[Item], left_by: datetime, alive_at: datetime
) -> list[ItemResult]:
    keys = {item.key: read_key(item.key) for item in items}
    states = reader.states(list(keys.values()), wholly=True)
    undone = [key for key in keys.values() if not reader.kind.is_done(states.get(key, ""))]
    latest = states | reader.states(undone) if reader.kind.whole_tenant and undone else states
    fates = []
    for item in items:
        key, arrived = keys[item.key], max(item.at, alive_at) <= left_by
        outcome, words = _verdict(reader.kind, item, states.get(key), latest.get(key), arrived)
        fates.append(ItemResult(item.key, outcome, words))
    return fates


def _verdict(
    kind: Kind, item: Item, state: str | None, latest: str | None, arrived: bool
) -> tuple[Outcome, str]:
    if state is None or latest is None:
        return Outcome.UNCERTAIN, UNSEEN
    if kind.is_done(state):
        return Outcome.SUCCEEDED, DONE.format(state=state)
    if not kind.is_untouched(latest, item.before):
        return Outcome.UNCERTAIN, CHANGED.format(state=state)
    if arrived:
        return Outcome.FAILED, NOT_DONE.format(state=state)
    return Outcome.UNCERTAIN, f"{STILL.format(state=state)} {TOO_EARLY}"
