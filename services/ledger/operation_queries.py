"""What is asked of operations and events, as statements, and what the rows mean."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

import sqlalchemy as sa

from . import truncation
from .models import (
    LIVE,
    UNSETTLED,
    Actor,
    EventKind,
    NotedEvent,
    Operation,
    OperationFilter,
    Outcome,
    Place,
    State,
)
from .tables import count_column, event, item, operation, operation_revision

# Not what broke off: somebody has still to look after that.
_ENDED = (State.FINISHED, State.STOPPED, State.REFUSED)
_LEFT = tuple(count_column(outcome) for outcome in (Outcome.PLANNED, *UNSETTLED))
_Condition = sa.ColumnElement[bool]


def _newest() -> _Condition:
    # A maximum by the primary key is quick however many revisions an operation has.
    own, other = operation_revision.c, operation_revision.alias().c
    newest = sa.select(sa.func.max(other.revision)).where(other.operation_id == operation.c.id)
    return (own.operation_id == operation.c.id) & (own.revision == newest.scalar_subquery())


_operation_now = operation.join(operation_revision, _newest())


def _lost(silent_since: datetime) -> _Condition:
    return operation_revision.c.state.in_(LIVE) & (operation_revision.c.heartbeat_at < silent_since)


def state_when_broken_off(revision: Mapping[str, Any]) -> State:
    """Return what an operation is whose owner is gone: at its end when nothing of it is left."""
    return State.INTERRUPTED if any(revision[name] for name in _LEFT) else State.FINISHED


def _state(silent_since: datetime) -> sa.ColumnElement[str]:
    """Select what `state_when_broken_off` says of those silent for too long, else their state."""
    # Here and not by a writer: nobody needs to be alive for an operation to be seen as broken off.
    lost = _lost(silent_since)
    is_left = sa.or_(*(operation_revision.c[name] > 0 for name in _LEFT))
    return sa.case(
        (lost & is_left, State.INTERRUPTED.value),
        (lost, State.FINISHED.value),
        else_=operation_revision.c.state,
    )


def _state_at(silent_since: datetime) -> sa.ColumnElement[datetime]:
    return sa.case(
        (_lost(silent_since), operation_revision.c.heartbeat_at),
        else_=operation_revision.c.state_at,
    )


def operations(silent_since: datetime, place: Place | None) -> sa.Select[Any]:
    """Select operations as they stand, of one place or of all."""
    shown = [column for column in operation_revision.c if column.name not in {"state", "state_at"}]
    found = sa.select(
        operation,
        *shown,
        _state(silent_since).label("state"),
        _state_at(silent_since).label("state_at"),
    ).select_from(_operation_now)
    return found.where(_is_of(place))


def _is_of(place: Place | None) -> _Condition:
    if place is None:
        return sa.true()
    return (operation.c.host == place.host) & (operation.c.tenant == place.tenant)


def places_of(operation_ids: Collection[str]) -> sa.Select[Any]:
    """Select where operations were done: id, host and tenant."""
    found = sa.select(operation.c.id, operation.c.host, operation.c.tenant)
    return found.where(operation.c.id.in_(operation_ids))


def operation_of_id(operation_id: str, silent_since: datetime) -> sa.Select[Any]:
    """Select one operation as it stands, of whatever place."""
    return operations(silent_since, None).where(operation.c.id == operation_id)


def _says(wanted: OperationFilter) -> _Condition:
    # Ids and codes whole, by their indexes: within a text, every row would be searched for them.
    text, verbs = truncation.composed(wanted.text), wanted.verbs_of_text
    of_tenants = _has_items_of(text, *wanted.tenants_of_text)
    searched = (operation.c.reason, operation.c.filter_text)
    return sa.or_(
        operation.c.id == text,
        operation.c.part_of == text,
        *([operation.c.verb.in_(verbs)] if verbs else []),
        of_tenants,
        operation.c.part_of.in_(sa.select(operation.c.id).where(of_tenants)),
        _is_of_job(text, wanted.verbs_of_jobs),
        *(column.icontains(text, autoescape=True) for column in searched),
    )


def _has_items_of(*tenant_codes: str) -> _Condition:
    of_tenants = sa.select(item.c.operation_id).where(item.c.tenant_code.in_(tenant_codes))
    return operation.c.id.in_(of_tenants)


def _is_of_job(job_id: str, verbs: Collection[str]) -> _Condition:
    """Hold for what has started this job, and for what has it as an item and is one of `verbs`."""
    # For each operation by itself: events and items are looked up by it, and not by what they say.
    started = sa.exists().where(
        event.c.operation_id == operation.c.id,
        event.c.kind == EventKind.JOB_ID,
        event.c.text == job_id,
    )
    if not verbs:
        return started
    # The key of such an item is a JSON list that ends with the job: its id, or its type and id.
    ends = (item.c.key.endswith(f'{before}{job_id}"]', autoescape=True) for before in '":')
    changed = sa.exists().where(item.c.operation_id == operation.c.id, sa.or_(*ends))
    return started | (operation.c.verb.in_(verbs) & changed)


_FITTING: Final[Mapping[str, Callable[[Any], _Condition]]] = {
    "verbs": operation.c.verb.in_,
    "actor": lambda part: operation.c.user.icontains(truncation.composed(part), autoescape=True),
    "tenant": lambda tenant: operation.c.tenant == tenant,
    "host": lambda host: operation.c.host == host,
    "since": lambda first: operation.c.started_at >= first,
    "until": lambda end: operation.c.started_at < end,
    "outcome": lambda outcome: operation_revision.c[count_column(outcome)] > 0,
    "item_tenant": lambda code: _has_items_of(truncation.composed(code)),
}


def _fitting(wanted: OperationFilter, silent_since: datetime) -> list[_Condition]:
    given = ((fits, getattr(wanted, field)) for field, fits in _FITTING.items())
    fitting = [fits(value) for fits, value in given if value]
    if wanted.text:
        fitting.append(_says(wanted))
    if wanted.states:
        fitting.append(_state(silent_since).in_([state.value for state in wanted.states]))
    return fitting


def listed(
    wanted: OperationFilter, silent_since: datetime, limit: int, place: Place | None
) -> sa.Select[Any]:
    """Select the operations that fit, newest first."""
    found = operations(silent_since, place).where(*_fitting(wanted, silent_since))
    return found.order_by(operation.c.started_at.desc(), operation.c.id.desc()).limit(limit)


def interrupted(identity: str, silent_since: datetime, place: Place | None) -> sa.Select[Any]:
    """Select the operations of an identity that broke off, newest first."""
    broken = _state(silent_since) == State.INTERRUPTED.value
    mine = operations(silent_since, place).where(operation.c.identity == identity, broken)
    return mine.order_by(operation.c.started_at.desc())


def parts(operation_id: str, silent_since: datetime, place: Place | None) -> sa.Select[Any]:
    """Select the operations that are parts of one, oldest first."""
    found = operations(silent_since, place).where(operation.c.part_of == operation_id)
    return found.order_by(operation.c.started_at, operation.c.id)


def at_work() -> sa.Select[Any]:
    """Select the newest revision of each operation that says it is live."""
    return (
        sa.select(operation_revision)
        .select_from(_operation_now)
        .where(operation_revision.c.state.in_(LIVE))
    )


def outdated(older_than: datetime, silent_since: datetime) -> sa.Delete:
    """Delete the operations that came to their end before then, with all that belongs to them."""
    ended = (
        sa.select(operation.c.id)
        .select_from(_operation_now)
        .where(
            _state(silent_since).in_([state.value for state in _ENDED]),
            _state_at(silent_since) < older_than,
        )
    )
    return operation.delete().where(operation.c.id.in_(ended))


def events(operation_id: str, limit: int, kinds: Collection[str]) -> sa.Select[Any]:
    """Select the events of an operation, newest first; of some kinds when any is named."""
    found = sa.select(event).where(event.c.operation_id == operation_id)
    if kinds:
        found = found.where(event.c.kind.in_(kinds))
    return found.order_by(event.c.id.desc()).limit(limit)


def events_of(
    wanted: OperationFilter,
    kind: str,
    silent_since: datetime,
    place: Place | None,
    texts: Collection[str] | None = None,
) -> sa.Select[Any]:
    """Select the events of a kind, with one of the texts or any, of all operations that fit.

    The newest come first.
    """
    of_operation = event.c.operation_id == operation.c.id
    found = sa.select(event).select_from(_operation_now.join(event, of_operation))
    found = found.where(*_fitting(wanted, silent_since), _is_of(place), event.c.kind == kind)
    if texts is not None:
        found = found.where(event.c.text.in_(texts))
    return found.order_by(event.c.id.desc())


def last_event(operation_id: str, kind: str) -> sa.Select[Any]:
    """Select the text of the newest event of a kind."""
    found = sa.select(event.c.text).where(
        event.c.operation_id == operation_id, event.c.kind == kind
    )
    return found.order_by(event.c.id.desc()).limit(1)


def newest_events(operation_ids: Collection[str], kinds: Collection[str]) -> sa.Select[Any]:
    """Select the newest event of each of these kinds of each operation, newest first."""
    of_kinds = (event.c.operation_id.in_(operation_ids), event.c.kind.in_(kinds))
    newest = sa.select(sa.func.max(event.c.id)).where(*of_kinds)
    newest = newest.group_by(event.c.operation_id, event.c.kind)
    return sa.select(event).where(event.c.id.in_(newest)).order_by(event.c.id.desc())


def as_operation(row: sa.Row[Any]) -> Operation:
    """Read one row of `operations`."""
    columns = row._mapping
    same = ("id", "verb", "identity", "reason", "filter_text", "undo_of", "retry_of", "part_of")
    return Operation(
        **{name: columns[name] for name in same},
        actor=Actor(columns["user"], columns["tenant"], columns["host"]),
        started_at=columns["started_at"],
        state=State(columns["state"]),
        state_at=columns["state_at"],
        request_count=columns["request_count"],
        item_counts=MappingProxyType({each: columns[count_column(each)] for each in Outcome}),
    )


def as_event(row: sa.Row[Any]) -> NotedEvent:
    """Read one row of `events`."""
    names = ("kind", "text", "request", "answer", "who", "at")
    return NotedEvent(**{name: row._mapping[name] for name in names})
