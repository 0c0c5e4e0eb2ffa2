"""Adding rows, inside a transaction that somebody else commits."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from . import item_queries, operation_queries, truncation
from .errors import AlreadyApplied, Elsewhere, UnknownItem, UnknownOperation
from .models import Event, ItemResult, NewItem, NewOperation, Outcome, Place, State
from .tables import count_column, event, item, item_status_change, operation, operation_revision
from .transitions import check_outcome, check_state

_SLICE = 1000  # keys in one question, well below what any database takes


def add_operation(connection: sa.Connection, new: NewOperation, now: datetime) -> None:
    """Add the row of an operation.

    Raises AlreadyApplied when there is one of its id, Elsewhere when it undoes, tries again or is a
    part of one of another place.
    """
    follows = list(filter(None, (new.undo_of, new.retry_of, new.part_of)))
    check_place(connection, follows, new.actor.place)
    texts = {"verb": new.verb, "reason": new.reason, "filter_text": new.filter_text}
    actor = {"user": new.actor.user, "tenant": new.actor.tenant, "host": new.actor.host}
    row = {
        "id": new.id,
        "identity": new.identity,
        "undo_of": new.undo_of,
        "retry_of": new.retry_of,
        "part_of": new.part_of,
        "started_at": now,
        **truncation.kept(texts | actor),
    }
    # The id comes with the plan and is the primary key: of two who apply one plan, one is refused.
    try:
        connection.execute(operation.insert(), row)
    except IntegrityError as error:
        raise AlreadyApplied(new.id) from error


def add_items(connection: sa.Connection, operation_id: str, items: Sequence[NewItem]) -> None:
    """Add the rows of an operation's items; raises ValueError when one is named twice."""
    rows = [_item_row(operation_id, number, new) for number, new in enumerate(items)]
    if len({row["key"] for row in rows}) < len(rows):
        raise ValueError("The plan contains an item twice.")
    if rows:
        connection.execute(item.insert(), rows)


def _item_row(operation_id: str, number: int, new: NewItem) -> dict[str, Any]:
    return {
        "operation_id": operation_id,
        "number": number,
        "key": truncation.key(new.key),
        # A state that was cut could not be restored any more.
        "before": new.before,
        "after": new.after,
        "outcome": new.outcome.value,
        "skip": new.skip,
        "finding": "",
        "facts": "",
        "message": "",
        **truncation.kept({"tenant_code": new.tenant_code, "name": new.name}),
    }


def add_first_revision(
    connection: sa.Connection,
    new: NewOperation,
    items: Iterable[NewItem],
    owner: str,
    now: datetime,
) -> None:
    """Add the first revision of an operation: at work for its owner, open, or refused."""
    counts = Counter(each.outcome for each in items)
    row = {
        "operation_id": new.id,
        "revision": 0,
        "at": now,
        "state": new.state.value,
        "state_at": now,
        "owner": owner,
        "heartbeat_at": now,
        "request_count": 0,
        **{count_column(outcome): counts[outcome] for outcome in Outcome},
    }
    connection.execute(operation_revision.insert(), row)


def check_place(connection: sa.Connection, operation_ids: Collection[str], place: Place) -> None:
    """Raise Elsewhere when one of these operations is there, and is of another place than this."""
    for row in connection.execute(operation_queries.places_of(operation_ids)):
        _check(row, place)


def _check(row: sa.Row[Any], place: Place | None) -> None:
    if place is not None and Place(row.host, row.tenant) != kept_place(place):
        raise Elsewhere(row.id)


def kept_place(place: Place) -> Place:
    """Return a place as it is kept: a text too long for the ledger stands there cut."""
    kept = truncation.kept({"host": place.host, "tenant": place.tenant})
    return Place(**{name: truncation.storable(text) for name, text in kept.items()})


def lock_newest_revision(
    connection: sa.Connection, operation_id: str, place: Place | None
) -> dict[str, Any]:
    """Return the newest revision of an operation, which nobody else changes in this transaction.

    Raises UnknownOperation, Elsewhere.
    """
    # The operation's row is the lock, as revisions are only added; SQLite has one writer anyway.
    row = connection.execute(operation_queries.places_of([operation_id]).with_for_update()).first()
    if row is None:
        raise UnknownOperation(operation_id)
    _check(row, place)
    own = operation_revision.c
    revisions = sa.select(operation_revision).where(own.operation_id == operation_id)
    newest = connection.execute(revisions.order_by(own.revision.desc()).limit(1)).one()
    return dict(newest._mapping)


def advance(
    connection: sa.Connection, revision: Mapping[str, Any], now: datetime, **changes: Any
) -> dict[str, Any]:
    """Add the next revision of an operation, like the one before but for the changes; return it."""
    row = {**revision, "revision": revision["revision"] + 1, "at": now, **changes}
    check_state(revision["operation_id"], State(revision["state"]), State(row["state"]))
    if row["state"] != revision["state"]:
        row["state_at"] = now
    connection.execute(operation_revision.insert(), row)
    return row


def settle(
    connection: sa.Connection,
    revision: Mapping[str, Any],
    now: datetime,
    results: Iterable[ItemResult],
    only_from: Outcome | None = None,
) -> Mapping[str, Any]:
    """Add a revision in which items came to new outcomes, and return it.

    Raises UnknownItem, and AlreadyApplied when an item does not stand at `only_from`.
    """
    operation_id = revision["operation_id"]
    settled = {truncation.key(result.key): result for result in results}
    if not settled:
        return revision
    items = _stand(connection, operation_id, list(settled))
    if only_from and any(outcome != only_from for _, outcome in items.values()):
        raise AlreadyApplied(operation_id, "An item of this plan was already sent or settled.")
    # The outcomes of the tenants of an open recovery change whenever it is read back.
    if revision["state"] != State.OPEN:
        changes = {(before, settled[key].outcome) for key, (_, before) in items.items()}
        for change in changes:
            check_outcome(operation_id, *change)
    changed = advance(connection, revision, now, **_counts(revision, items, settled))
    rows = [
        {
            "operation_id": operation_id,
            "number": items[key][0],
            "revision": changed["revision"],
            "outcome": result.outcome.value,
            "finding": result.finding,
            "facts": orjson.dumps(dict(result.facts)).decode() if result.facts else "",
            **truncation.kept({"message": result.message}),
        }
        for key, result in settled.items()
    ]
    connection.execute(item_status_change.insert(), rows)
    return changed


def _stand(
    connection: sa.Connection, operation_id: str, keys: list[str]
) -> dict[str, tuple[int, Outcome]]:
    asked = item_queries.item_rows(operation_id, "key", "number", "outcome")
    found = {
        row.key: (row.number, Outcome(row.outcome))
        for some in slices(keys)
        for row in connection.execute(asked.where(item.c.key.in_(some)))
    }
    if len(found) < len(keys):
        raise UnknownItem(key for key in keys if key not in found)
    return found


def slices(keys: list[str]) -> Iterator[list[str]]:
    """Cut keys into what fits into one question."""
    return (keys[start : start + _SLICE] for start in range(0, len(keys), _SLICE))


# Each revision has all counts: a list of operations reads a row of each, and none of their items.
def _counts(
    revision: Mapping[str, Any],
    items: Mapping[str, tuple[int, Outcome]],
    settled: Mapping[str, ItemResult],
) -> dict[str, int]:
    change = Counter(result.outcome for result in settled.values())
    change.subtract(outcome for _, outcome in items.values())
    names = {outcome: count_column(outcome) for outcome in change}
    return {name: revision[name] + change[outcome] for outcome, name in names.items()}


def add_event(connection: sa.Connection, operation_id: str, new: Event, now: datetime) -> None:
    """Add the row of an event."""
    texts = truncation.kept({"kind": new.kind, "text": new.text, "who": new.who})
    # Documents are kept whole: one that was cut could not be parsed any more.
    row = {"operation_id": operation_id, "at": now, **texts}
    row |= {"request": new.request, "answer": new.answer}
    connection.execute(event.insert(), row)
