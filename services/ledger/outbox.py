"""The outbox: messages that are planned, about to leave, and delivered or not.

A message is written as intended before it leaves. What was intended by a process that has died may
have been delivered: it becomes uncertain, and nobody sends it again unless a person says so.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

import orjson
import sqlalchemy as sa

from . import database, process_identity
from .errors import UnknownMessage
from .models import Place
from .tables import outbox
from .writes import kept_place

WRITERS_LOCK: Final = 7_418_528  # any number, the same for everybody who writes messages
SENT_WITHIN: Final = timedelta(minutes=15)
"""So long after it was intended a message is surely not on its way any more."""
TOGETHER_AT_MOST: Final = 50
# A destination that got so many messages within an hour gets the next ones bundled, one in so many
# minutes: a bad night is no flood.
AT_ONCE_AN_HOUR: Final = 3
BUNDLED_EVERY: Final = timedelta(minutes=15)


class MessageState(StrEnum):
    """How a message stands."""

    PLANNED = "planned"
    INTENDED = "intended"
    SENT = "sent"
    FAILED = "failed"
    UNCERTAIN = "uncertain"
    """It may have been delivered."""
    DISMISSED = "dismissed"
    """A person has seen that it was not delivered, or may not have been."""


WAITING_FOR_PEOPLE: Final = (MessageState.FAILED, MessageState.UNCERTAIN)


@dataclass(frozen=True, kw_only=True)
class NewMessage:
    """A message to be sent from `due_at` on.

    There is one at most of an incident (or of none: ""), a rule, a kind, an occasion and a
    destination, which is named as the settings name it. `facts` is a JSON object.
    """

    rule_id: str
    kind: str
    destination: str
    due_at: datetime
    incident_id: str = ""
    occasion: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Message(NewMessage):
    """A message as it stands; `error` is a token, "" without one. Times are in UTC."""

    id: str
    place: Place
    state: MessageState
    attempts: int
    state_at: datetime
    sent_at: datetime | None
    error: str


class Outbox:
    """The messages of all places.

    Every method raises LedgerTrouble when the database cannot do its part.
    """

    def __init__(self, engine: sa.Engine, owner: str) -> None:
        self._engine = engine
        self._owner = owner

    def plan(self, place: Place, messages: Iterable[NewMessage], at: datetime) -> None:
        """Write down messages, those that are there already left out."""
        with database.in_line(self._engine, WRITERS_LOCK) as connection:
            add(connection, place, messages, at)

    def take(
        self, destinations: Collection[str], at: datetime, *, together: Collection[str] = ()
    ) -> list[Message]:
        """Return messages that are due, all of one destination and place, as intended from now on.

        It is one message, or all due ones of the kinds that are sent `together`. No other process
        is given them. Only those of the named destinations are taken; [] when none is due.
        """
        with database.in_line(self._engine, WRITERS_LOCK) as connection:
            self._mark_uncertain(connection, at)
            due = sa.select(outbox).where(
                outbox.c.state == MessageState.PLANNED,
                outbox.c.due_at <= at,
                outbox.c.destination.in_([*destinations]),
            )
            held = _held(connection, at, together)
            if held:
                to = sa.tuple_(outbox.c.host, outbox.c.tenant, outbox.c.destination)
                is_held = to.in_([*held]) & outbox.c.kind.in_([*together])
                due = due.where(~is_held)
            ordered = due.order_by(outbox.c.due_at, outbox.c.id)
            first = connection.execute(ordered.limit(1)).mappings().first()
            if first is None:
                return []
            alike = [outbox.c[name] == first[name] for name in ("destination", "host", "tenant")]
            is_bundled = first["kind"] in together
            alike.append(
                outbox.c.kind.in_([*together]) if is_bundled else outbox.c.id == first["id"]
            )
            bundle = ordered.where(*alike).limit(TOGETHER_AT_MOST)
            ids = [row.id for row in connection.execute(bundle)]
            taken = outbox.update().where(outbox.c.id.in_(ids))
            connection.execute(
                taken.values(
                    state=MessageState.INTENDED.value,
                    state_at=at,
                    owner=self._owner,
                    attempts=outbox.c.attempts + 1,
                )
            )
            asked = sa.select(outbox).where(outbox.c.id.in_(ids))
            rows = connection.execute(asked.order_by(outbox.c.due_at, outbox.c.id)).mappings()
            return [_as_message(row) for row in rows]

    def settle(
        self,
        messages: Iterable[Message],
        state: MessageState,
        at: datetime,
        *,
        error: str = "",
        due_at: datetime | None = None,
    ) -> None:
        """Write down what became of messages that this process has taken; at `due_at` it retries.

        What somebody else has settled meanwhile stays as it is.
        """
        values: dict[str, Any] = {"state": state.value, "state_at": at, "error": error}
        if state is MessageState.SENT:
            values["sent_at"] = at
        if due_at is not None:
            values["due_at"] = due_at
        open_states = (MessageState.INTENDED, MessageState.UNCERTAIN)
        own = outbox.update().where(
            outbox.c.id.in_([each.id for each in messages]),
            outbox.c.owner == self._owner,
            outbox.c.state.in_(open_states),
        )
        with database.in_line(self._engine, WRITERS_LOCK) as connection:
            connection.execute(own.values(**values))

    def send_again(self, place: Place, message_id: str, at: datetime) -> None:
        """Plan a message anew that failed or is uncertain; raises UnknownMessage."""
        self._decide(place, message_id, MessageState.PLANNED, at, due_at=at, attempts=0)

    def dismiss(self, place: Place, message_id: str, at: datetime) -> None:
        """Note that a person has seen what became of a message; raises UnknownMessage."""
        self._decide(place, message_id, MessageState.DISMISSED, at)

    def listed(
        self, place: Place, states: Collection[MessageState], limit: int = 200
    ) -> list[Message]:
        """Return at most `limit` messages of a place in these states, the newest first."""
        asked = sa.select(outbox).where(_is_at(place), outbox.c.state.in_([*states]))
        ordered = asked.order_by(outbox.c.state_at.desc(), outbox.c.id).limit(limit)
        with database.transaction(self._engine) as connection:
            return [_as_message(row) for row in connection.execute(ordered).mappings()]

    def counts(self) -> dict[MessageState, int]:
        """Return how many messages of all places are in each state; none are left out."""
        asked = sa.select(outbox.c.state, sa.func.count()).group_by(outbox.c.state)
        with database.transaction(self._engine) as connection:
            found = {MessageState(state): count for state, count in connection.execute(asked)}
        return {state: found.get(state, 0) for state in MessageState}

    def _mark_uncertain(self, connection: sa.Connection, at: datetime) -> None:
        """Note the messages whose process has died, or is silent for too long, as uncertain."""
        asked = sa.select(outbox.c.id, outbox.c.owner, outbox.c.state_at).where(
            outbox.c.state == MessageState.INTENDED
        )
        lost = [
            row.id
            for row in connection.execute(asked)
            if process_identity.is_gone(row.owner) or row.state_at <= at - SENT_WITHIN
        ]
        if lost:
            values = {"state": MessageState.UNCERTAIN.value, "state_at": at, "error": BROKEN_OFF}
            connection.execute(outbox.update().where(outbox.c.id.in_(lost)).values(**values))

    def _decide(
        self, place: Place, message_id: str, state: MessageState, at: datetime, **values: Any
    ) -> None:
        waiting = outbox.update().where(
            _is_at(place), outbox.c.id == message_id, outbox.c.state.in_(WAITING_FOR_PEOPLE)
        )
        with database.in_line(self._engine, WRITERS_LOCK) as connection:
            changed = connection.execute(
                waiting.values(state=state.value, state_at=at, error="", **values)
            )
            if not changed.rowcount:
                raise UnknownMessage(message_id)


def _held(
    connection: sa.Connection, at: datetime, together: Collection[str]
) -> list[tuple[str, str, str]]:
    """Return to whom so much was sent that what is sent `together` waits: host, tenant, name."""
    to = outbox.c.host, outbox.c.tenant, outbox.c.destination
    sent = outbox.c.sent_at
    # What was sent together has one time.
    asked = (
        sa.select(*to)
        .where(sent > at - timedelta(hours=1), outbox.c.kind.in_([*together]))
        .group_by(*to)
        .having(
            sa.func.count(sent.distinct()) >= AT_ONCE_AN_HOUR,
            sa.func.max(sent) > at - BUNDLED_EVERY,
        )
    )
    return [tuple(row) for row in connection.execute(asked)]


BROKEN_OFF: Final = "broken_off"
"""The error of a message whose process ended, or fell silent, while it was on its way."""


def add(
    connection: sa.Connection, place: Place, messages: Iterable[NewMessage], at: datetime
) -> None:
    """Write down messages inside a transaction of WRITERS_LOCK; those that are there stay."""
    here = kept_place(place)
    rows = {_id(here, each): each for each in messages}
    asked = sa.select(outbox.c.id).where(outbox.c.id.in_([*rows]))
    there = set(connection.scalars(asked))
    new = [
        {
            "id": message_id,
            "host": here.host,
            "tenant": here.tenant,
            "incident_id": each.incident_id,
            "rule_id": each.rule_id,
            "kind": str(each.kind),
            "occasion": each.occasion,
            "destination": each.destination,
            "facts": orjson.dumps(dict(each.facts)).decode(),
            "state": MessageState.PLANNED.value,
            "error": "",
            "owner": "",
            "attempts": 0,
            "due_at": each.due_at,
            "state_at": at,
            "sent_at": None,
        }
        for message_id, each in rows.items()
        if message_id not in there
    ]
    if new:
        connection.execute(outbox.insert(), new)


def silence(connection: sa.Connection, incident_ids: Collection[str]) -> None:
    """Delete what was planned about these incidents and has never left."""
    if incident_ids:
        # One that was tried before may have reached somebody: it is told to the end.
        never_left = outbox.c.state == MessageState.PLANNED, outbox.c.attempts == 0
        gone = outbox.delete().where(outbox.c.incident_id.in_([*incident_ids]), *never_left)
        connection.execute(gone)


def told(connection: sa.Connection, incident_ids: "sa.Select[tuple[str]]") -> dict[str, set[str]]:
    """Return by incident to which destinations a message about it has left."""
    asked = sa.select(outbox.c.incident_id, outbox.c.destination).where(
        outbox.c.incident_id.in_(incident_ids), outbox.c.attempts > 0
    )
    found: dict[str, set[str]] = {}
    for incident_id, destination in connection.execute(asked):
        found.setdefault(incident_id, set()).add(destination)
    return found


def prune(
    connection: sa.Connection, incident_ids: "sa.Select[tuple[str]]", older_than: datetime
) -> None:
    """Delete the messages of these incidents, and those of none that settled before then."""
    of_none = outbox.c.incident_id == "", outbox.c.state_at < older_than
    is_old = sa.or_(outbox.c.incident_id.in_(incident_ids), sa.and_(*of_none))
    connection.execute(outbox.delete().where(is_old))


def _id(place: Place, message: NewMessage) -> str:
    parts = (place.host, place.tenant, message.incident_id, message.rule_id)
    more = (str(message.kind), message.occasion, message.destination)
    # As JSON: no text can be taken for two.
    return hashlib.sha256(orjson.dumps([*parts, *more])).hexdigest()[:32]


def _as_message(row: sa.RowMapping) -> Message:
    names = ("id", "rule_id", "kind", "destination", "due_at", "incident_id", "occasion")
    more = ("attempts", "state_at", "sent_at", "error")
    return Message(
        **{name: row[name] for name in (*names, *more)},
        facts=orjson.loads(row["facts"]),
        place=Place(row["host"], row["tenant"]),
        state=MessageState(row["state"]),
    )


def _is_at(place: Place) -> sa.ColumnElement[bool]:
    here = kept_place(place)
    return sa.and_(outbox.c.host == here.host, outbox.c.tenant == here.tenant)
