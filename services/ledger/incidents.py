"""Incidents: one episode each of what a rule reports, changed together with its messages."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

import orjson
import sqlalchemy as sa

from . import database, leases, outbox, truncation
from .errors import UnknownIncident
from .leases import Lease
from .models import Place
from .outbox import NewMessage
from .tables import incident
from .writes import kept_place

_WRITTEN: Final = (
    *("rule_id", "cause", "state", "opened_at", "acknowledged_by"),
    *("acknowledged_until", "note", "assignee", "resolved_at"),
)


# A night is looked at until a day after its end: what was so in it may be seen again until then.
LATELY: Final = timedelta(hours=49)


class IncidentState(StrEnum):
    """How an incident stands."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


@dataclass(frozen=True, kw_only=True)
class StoredIncident:
    """One episode; times are in UTC. `facts` and `resolution` are JSON objects.

    There is at most one unresolved of a rule and a cause.
    """

    id: str
    rule_id: str
    cause: str
    state: IncidentState
    facts: Mapping[str, Any]
    opened_at: datetime
    acknowledged_by: str = ""
    acknowledged_until: datetime | None = None
    note: str = ""
    assignee: str = ""
    resolved_at: datetime | None = None
    resolution: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Unresolved:
    """The unresolved incidents of a place; `told` has by id to which destinations one was told.

    `lately` are those that were resolved within `LATELY`.
    """

    incidents: tuple[StoredIncident, ...]
    told: Mapping[str, Collection[str]]
    lately: tuple[StoredIncident, ...] = ()


@dataclass(frozen=True)
class IncidentChanges:
    """What is to be written at once: incidents, new or changed, and what to tell about them.

    Of the `silenced` (ids), what was planned and has not left yet is not told any more.
    """

    incidents: tuple[StoredIncident, ...] = ()
    messages: tuple[NewMessage, ...] = ()
    silenced: tuple[str, ...] = ()


class Incidents:
    """The incidents of each place; those of another place are not there.

    Every method raises LedgerTrouble when the database cannot do its part.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def listed(self, place: Place, limit: int = 300) -> list[StoredIncident]:
        """Return at most `limit` incidents of a place: the unresolved, then the newest first."""
        order = incident.c.resolved_at.is_not(None), incident.c.opened_at.desc(), incident.c.id
        asked = sa.select(incident).where(_is_at(place)).order_by(*order).limit(limit)
        with database.transaction(self._engine) as connection:
            return [_as_incident(row) for row in connection.execute(asked).mappings()]

    def of_ids(self, ids: Collection[str]) -> dict[str, StoredIncident]:
        """Return the incidents of these ids, of any place, by id."""
        asked = sa.select(incident).where(incident.c.id.in_([*ids]))
        with database.transaction(self._engine) as connection:
            found = [_as_incident(row) for row in connection.execute(asked).mappings()]
        return {each.id: each for each in found}

    def counts(self, place: Place | None = None) -> dict[IncidentState, int]:
        """Return how many incidents of a place, or of all, are open and how many acknowledged."""
        asked = sa.select(incident.c.state, sa.func.count()).where(_is_unresolved())
        if place is not None:
            asked = asked.where(_is_at(place))
        with database.transaction(self._engine) as connection:
            rows = connection.execute(asked.group_by(incident.c.state)).all()
        found = {row[0]: row[1] for row in rows}
        states = (IncidentState.OPEN, IncidentState.ACKNOWLEDGED)
        return {state: found.get(state.value, 0) for state in states}

    def change(
        self,
        place: Place,
        at: datetime,
        decide: Callable[[Unresolved], IncidentChanges],
        *,
        lease: Lease | None = None,
    ) -> IncidentChanges:
        """Write what is decided about the unresolved incidents of a place, all of it or nothing.

        Whoever looks at the same time decides after this, about what is written here. Raises
        LeaseLost where the lease is not held any more under which it was decided.
        """
        with database.in_line(self._engine, outbox.WRITERS_LOCK) as connection:
            if lease is not None:
                leases.check(connection, lease)
            changes = decide(_unresolved(connection, place, at - LATELY))
            _write(connection, place, changes.incidents)
            outbox.silence(connection, changes.silenced)
            outbox.add(connection, place, changes.messages, at)
        return changes

    def change_one(
        self,
        place: Place,
        incident_id: str,
        at: datetime,
        decide: Callable[[StoredIncident, Collection[str]], IncidentChanges],
    ) -> None:
        """Write what is decided about one unresolved incident and to whom it was told.

        Raises UnknownIncident.
        """

        def only_this(unresolved: Unresolved) -> IncidentChanges:
            for each in unresolved.incidents:
                if each.id == incident_id:
                    return decide(each, unresolved.told.get(each.id, ()))
            raise UnknownIncident(incident_id)

        self.change(place, at, only_this)

    def prune(self, older_than: datetime) -> int:
        """Delete the incidents that were resolved before then, with their messages; say how many.

        Messages that settled before then and are of no incident go too.
        """
        with database.in_line(self._engine, outbox.WRITERS_LOCK) as connection:
            old = sa.select(incident.c.id).where(incident.c.resolved_at < older_than)
            outbox.prune(connection, old, older_than)
            gone = incident.delete().where(incident.c.resolved_at < older_than)
            return connection.execute(gone).rowcount


def _unresolved(connection: sa.Connection, place: Place, since: datetime) -> Unresolved:
    is_late = incident.c.resolved_at > since
    asked = sa.select(incident).where(_is_at(place), _is_unresolved() | is_late)
    ordered = asked.order_by(incident.c.opened_at, incident.c.id)
    both = [_as_incident(row) for row in connection.execute(ordered).mappings()]
    found = tuple(each for each in both if each.resolved_at is None)
    lately = tuple(each for each in both if each.resolved_at is not None)
    of_these = sa.select(incident.c.id).where(_is_at(place), _is_unresolved())
    return Unresolved(found, outbox.told(connection, of_these), lately)


def _write(connection: sa.Connection, place: Place, incidents: Iterable[StoredIncident]) -> None:
    here = kept_place(place)
    for each in incidents:
        row = {name: getattr(each, name) for name in _WRITTEN}
        row |= truncation.kept({"note": each.note, "assignee": each.assignee})
        row |= {name: _json(getattr(each, name)) for name in ("facts", "resolution")}
        # State tokens as plain texts.
        row["state"] = each.state.value
        changed = connection.execute(incident.update().where(incident.c.id == each.id), row)
        if not changed.rowcount:
            new = {"id": each.id, "host": here.host, "tenant": here.tenant}
            connection.execute(incident.insert(), {**row, **new})


def _json(facts: Mapping[str, Any]) -> str:
    return orjson.dumps(dict(facts)).decode()


def _as_incident(row: sa.RowMapping) -> StoredIncident:
    values = {name: row[name] for name in ("id", *_WRITTEN)}
    made = StoredIncident(**values, facts=orjson.loads(row["facts"]))
    return replace(
        made,
        state=IncidentState(row["state"]),
        resolution=orjson.loads(row["resolution"]),
    )


def _is_at(place: Place) -> sa.ColumnElement[bool]:
    here = kept_place(place)
    return sa.and_(incident.c.host == here.host, incident.c.tenant == here.tenant)


def _is_unresolved() -> sa.ColumnElement[bool]:
    return incident.c.resolved_at.is_(None)
