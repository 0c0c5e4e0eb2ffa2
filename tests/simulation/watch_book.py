"""What is seen of the watch from outside: leases, nights, incidents, messages, pushed events.

Who holds a lease, what of a night was written and which message arrived is kept here in words of
its own; the promises of `promises_of_the_watch` are asked for each at the moment it could be
broken.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

import orjson
import pandas as pd
import sqlalchemy as sa

from services.ledger import (
    IncidentChanges,
    Lease,
    Ledger,
    Message,
    MessageState,
    NewMessage,
    Place,
    ReceivedEvent,
)
from services.ledger.tables import incident, night, outbox, webhook_event
from tests.simulation import promises_of_the_watch as promises
from tests.simulation.book import Book
from tests.simulation.scheduling import Task

PLACES: Final = (Place("visier.simulated", ""), Place("other.simulated", ""))


@dataclass(frozen=True)
class Held:
    """A lease as it was given: to which replica, and until when at least."""

    replica: object
    fence: int
    until: float


@dataclass(eq=False)
class Written:
    """A night as it was written last."""

    fence: int
    looked_at: datetime
    read_at: tuple[datetime | None, datetime | None]
    loaded: frozenset[str]
    counts: Mapping[str, int]
    codes: frozenset[str]
    is_complete: bool = False


@dataclass(eq=False)
class Sending:
    """A message: whether it may leave (again), and how often it has arrived."""

    may_leave: bool = True
    again: int = 0
    arrived: int = 0


@dataclass(eq=False)
class Pushed:
    """An event that a replica has taken, and who has settled it as read; ``is_tried`` once what it
    names was read, or could not be.
    """

    at: float
    is_tried: bool = False
    read_by: list[Any] = field(default_factory=list)


class WatchBook:
    """Keeps what was seen of the watch."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.leases: dict[str, Held] = {}
        self.nights: dict[tuple[str, date], Written] = {}
        self.messages: dict[str, Sending] = {}
        self.events: dict[str, Pushed] = {}
        self.looking: dict[Task, Lease] = {}
        self.in_hand: dict[Task, Sequence[Message]] = {}
        self.place_of: dict[str, Place] = {}
        self.codes: dict[str, frozenset[str]] = {}
        self.versions: Callable[[str, str], frozenset[str]] = lambda _host, _code: frozenset()
        self.looks = 0

    @property
    def seconds(self) -> float:
        return self.book.scheduler.seconds

    def strangers(self, host: str) -> frozenset[str]:
        """Return the tenants that other connections have and this one has not."""
        return frozenset().union(*self.codes.values()) - self.codes[host]

    def ask(self, promise: Callable[..., Any], *given: Any) -> None:
        self.book.ask(promise.__name__, promise(self, *given))

    def _task(self) -> Task:
        task = self.book.scheduler.current
        assert task is not None
        return task

    def lease_taken(self, replica: Any, found: Lease | None, name: str) -> None:
        if found is None:
            return
        self.ask(promises.a_lease_is_held_by_one, name, replica)
        self.leases[name] = Held(replica, found.fence, self.seconds + promises.TERM)

    def lease_released(self, replica: Any, _found: None, held: Lease) -> None:
        before = self.leases.get(held.name)
        if before is not None and before.replica is replica:
            self.leases[held.name] = Held(replica, before.fence, self.seconds)

    def night_written(
        self,
        _replica: Any,
        _found: None,
        place: Place,
        lease: Lease,
        which: date,
        rows: pd.DataFrame,
        *,
        at: datetime,
        is_complete: bool,
        facts: str,
    ) -> None:
        told = orjson.loads(facts)
        read_at = tuple(_time(told[name]) for name in ("lists_at", "jobs_at"))
        now = Written(
            lease.fence,
            at,
            (read_at[0], read_at[1]),
            frozenset(rows.loc[rows["loaded_at"].notna(), "tenant_code"]),
            dict(zip(rows["tenant_code"], rows["upload_count"].tolist(), strict=True)),
            frozenset(rows["tenant_code"]),
            is_complete,
        )
        before = self.nights.get((place.host, which))
        self.looks += 1
        self.looking[self._task()] = lease
        self.ask(promises.only_who_watches_writes_a_night, lease)
        self.ask(promises.a_complete_night_is_left_alone, which, before)
        self.ask(promises.a_later_look_supersedes_an_earlier_one, which, before, now)
        self.ask(promises.what_was_seen_in_a_night_stays, which, before, now)
        self.ask(promises.a_night_is_of_its_own_connection, place, rows)
        self.nights[place.host, which] = now

    def night_completed(
        self, _replica: Any, _found: None, place: Place, lease: Lease, which: date
    ) -> None:
        self.ask(promises.only_who_watches_writes_a_night, lease)
        self.nights[place.host, which].is_complete = True

    def incidents_changed(
        self,
        replica: Any,
        changes: IncidentChanges,
        place: Place,
        _at: datetime,
        _decide: object,
        *,
        lease: Lease | None = None,
    ) -> None:
        own = self.looking.get(self._task(), lease)
        if own is not None:
            self.ask(promises.only_who_watches_reports, own)
        self.ask(promises.an_incident_is_of_its_own_connection, place, changes)
        for each in changes.incidents:
            self.place_of[each.id] = place
        self.ask(promises.an_episode_is_open_once, incidents_of(replica.ledger))

    def taken(self, _replica: Any, found: list[Message], *_given: Any, **_named: Any) -> None:
        for each in found:
            sending = self.messages.setdefault(each.id, Sending())
            self.ask(promises.what_may_have_arrived_is_not_sent_again, each, sending)
            sending.may_leave = False
        if found:
            self.ask(promises.a_message_is_of_its_own_connection, found)
            self.in_hand[self._task()] = found

    def settled(
        self,
        _replica: Any,
        _found: None,
        messages: Sequence[Message],
        state: MessageState,
        _at: datetime,
        **_named: Any,
    ) -> None:
        for each in messages:
            if state is MessageState.PLANNED:
                self.messages[each.id].may_leave = True

    def sent_again(
        self, _replica: Any, _found: None, _place: Place, message_id: str, _at: datetime
    ) -> None:
        sending = self.messages[message_id]
        sending.may_leave = True
        sending.again += 1

    def arrived(self, title: str, body: str) -> None:
        """See that a destination got what a replica has in its hand."""
        found = self.in_hand[self._task()]
        for each in found:
            sending = self.messages[each.id]
            sending.arrived += 1
            self.ask(promises.one_message_an_episode, each, sending)
        self.ask(promises.a_text_names_its_own_connection, found, f"{title}\n{body}")

    def event_taken(self, event_id: str) -> None:
        self.events.setdefault(event_id, Pushed(self.seconds))

    def event_tried(self, event_id: str) -> None:
        self.events.setdefault(event_id, Pushed(self.seconds)).is_tried = True

    def events_settled(self, replica: Any, _found: None, ids: Collection[str]) -> None:
        for event_id in ids:
            pushed = self.events.setdefault(event_id, Pushed(self.seconds))
            pushed.read_by.append(replica)
            self.ask(promises.only_what_was_read_is_settled, event_id, pushed)
            self.ask(promises.an_event_is_read_once, event_id, pushed)

    def ask_at_the_end(self, ledger: Ledger, now: datetime) -> None:
        """Ask what has to be so once everybody has come to rest."""
        for row in nights_of(ledger):
            key = row["host"], date.fromisoformat(row["night"])
            self.nights[key].is_complete = row["is_complete"]
        self.ask(promises.every_message_is_delivered_or_told, messages_of(ledger), now)
        self.ask(promises.no_tenant_is_told_twice_of_one_cause, incidents_of(ledger))
        self.ask(promises.who_missed_a_deadline_was_reported, ledger, incidents_of(ledger))
        self.ask(promises.every_event_was_read, waiting_of(ledger))
        self.ask(promises.a_night_is_there_once, nights_of(ledger))


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _all(ledger: Ledger, table: sa.Table) -> list[dict[str, Any]]:
    with ledger._engine.connect() as connection:
        return [dict(row) for row in connection.execute(sa.select(table)).mappings()]


def incidents_of(ledger: Ledger) -> list[dict[str, Any]]:
    """Return the incidents of all places, their facts read."""
    return [
        {**row, "facts": orjson.loads(row["facts"]), "resolution": orjson.loads(row["resolution"])}
        for row in _all(ledger, incident)
    ]


def messages_of(ledger: Ledger) -> list[dict[str, Any]]:
    """Return the messages of all places."""
    return _all(ledger, outbox)


def nights_of(ledger: Ledger) -> list[dict[str, Any]]:
    """Return the nights of all places."""
    return _all(ledger, night)


def waiting_of(ledger: Ledger) -> set[str]:
    """Return the ids of events that are not settled."""
    return {row["event_id"] for row in _all(ledger, webhook_event) if row["state"] == "received"}


__all__ = ["PLACES", "NewMessage", "ReceivedEvent", "WatchBook"]
