"""The watch of one replica: it looks at two Visiers, evaluates rules, delivers messages.

It also reads what pushed events name. Before and after whatever it writes into the ledger, and
before and after a message leaves, it hands over to others; there it may be killed, or suspended
for longer than its lease lasts.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import time, timedelta
from functools import partial
from random import Random
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

import orjson
import pandas as pd

from dashboard.watch.pushes import Pushes
from services.ledger import Lease, Ledger, LedgerTrouble, Place, ReceivedEvent
from services.monitoring import JobHistory, JobMonitor, Recent
from services.monitoring.pushed_events import PushedEvent
from services.monitoring.watch import Observation, WatchedPlace, Watching
from services.notifications import Delivery, Episodes
from services.notifications.destinations import Delivered
from services.notifications.message_words import Links
from services.notifications.rules import (
    BrokenOff,
    Daily,
    Deadline,
    Digest,
    Failed,
    Overdue,
    Rule,
    Slow,
    TenantSet,
    written,
)
from services.sandbox.config import API_KEY, PASSWORD, USERNAME
from services.visier import Client, Password, RateLimiter, Timeouts
from services.visier.client import USER_AGENT
from services.visier.transport import Transport
from services.visier.webhook_signatures import SignatureForm
from tests.simulation.promises_of_the_watch import DEADLINE
from tests.simulation.scheduling import Turns
from tests.simulation.visier import Visier
from tests.simulation.watch_book import PLACES, WatchBook
from tests.simulation.wire import Wire

if TYPE_CHECKING:
    from tests.simulation.replicas import Replica, SharedSlots

ZONE: Final = ZoneInfo("UTC")
EVERY: Final = timedelta(minutes=5)
DELIVERED_EVERY: Final = 30.0
DESTINATIONS: Final = ("chat", "mail")
WINDOW: Final = Recent(timedelta(days=1))
Heard = Callable[..., None]

# Of each part of the ledger the calls that write, and what they are called as a seam.
_OF: Final[Mapping[str, Mapping[str, str]]] = {
    "leases": {"take": "lease", "release": "release"},
    "nights": {"write": "night", "complete": "completion"},
    "incidents": {"change": "incidents"},
    "outbox": {"take": "intention", "settle": "settlement", "send_again": "sending again"},
    "webhook_events": {"add": "event", "settle": "events settled"},
}
SEAMS: Final = tuple(
    f"{when} {seam}"
    for seam in (*(each for part in _OF.values() for each in part.values()), "message")
    for when in ("before", "after")
    # What people do, and what happens only as a process ends.
    if seam not in ("sending again", "release")
)


class Seams:
    """A part of the ledger that hands over to others before and after it writes."""

    def __init__(
        self, part: object, replica: Replica, seams: Mapping[str, str], heard: Mapping[str, Heard]
    ) -> None:
        self._part, self._replica, self._seams, self._heard = part, replica, seams, heard

    def __getattr__(self, name: str) -> Any:
        whole = getattr(self._part, name)
        return partial(self._pass, name, whole) if name in self._seams else whole

    def _pass(self, name: str, whole: Callable[..., Any], *given: Any, **named: Any) -> Any:
        replica, seam = self._replica, self._seams[name]
        replica.passes(f"before {seam}")
        found = whole(*given, **named)
        if name in self._heard:
            self._heard[name](replica, found, *given, **named)
        replica.passes(f"after {seam}")
        return found


def seam_ledger(replica: Replica, seen: WatchBook) -> None:
    """Have the ledger of a replica hand over, and tell what is written of the watch."""
    heard: dict[str, dict[str, Heard]] = {
        "leases": {"take": seen.lease_taken, "release": seen.lease_released},
        "nights": {"write": seen.night_written, "complete": seen.night_completed},
        "incidents": {"change": seen.incidents_changed},
        "outbox": {
            "take": seen.taken,
            "settle": seen.settled,
            "send_again": seen.sent_again,
        },
        "webhook_events": {"settle": seen.events_settled},
    }
    for part, seams in _OF.items():
        made = Seams(getattr(replica.ledger, part), replica, seams, heard[part])
        setattr(replica.ledger, part, made)


def add_rules(ledger: Ledger) -> None:
    """Save the same rules for both connections."""
    rules = (
        Rule(Deadline(Daily(DEADLINE, "UTC"), warn_minutes=60), ("mail",)),
        Rule(Deadline(Daily(time(10), "UTC")), ("chat",)),
        Rule(Failed(), DESTINATIONS),
        Rule(Slow(), ("chat",)),
        Rule(Overdue(), ("chat",)),
        Rule(BrokenOff(), ("chat",)),
        Rule(Digest(Daily(time(11), "UTC")), ("mail",)),
    )
    for place in PLACES:
        for rule in rules:
            ledger.rules.add(place, written(rule), "ada", ledger.now())


def _everyone(_: TenantSet, codes: pd.Series[str]) -> pd.Series[bool]:
    return pd.Series(True, codes.index)


class Destination:
    """Who gets messages: some arrive and are not answered, some are refused, some are lost."""

    names = DESTINATIONS

    def __init__(self, replica: Replica, seen: WatchBook, draw: Random) -> None:
        self._replica, self._seen, self._draw = replica, seen, draw
        self.is_well = False

    def send(self, _name: str, title: str, body: str) -> Delivered:
        replica = self._replica
        replica.passes("before message")
        chance = 0.0 if self.is_well else self._draw.random()
        replica.scheduler.wait(self._draw.uniform(0.1, 5))
        if chance < 0.8:
            self._seen.arrived(title, body)
        replica.passes("after message")
        if chance < 0.7:
            return Delivered.SENT
        return Delivered.UNCLEAR if chance < 0.88 else Delivered.REFUSED


class Reader:
    """Who reads what events name: a monitor, as every tab has it."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self._named: list[str] = []

    def of(self, _connection: str) -> Reader:
        return self

    def hint(self, events: Sequence[PushedEvent]) -> None:
        self._named += [event.event_id for event in events]
        job_ids = dict.fromkeys(job_id for event in events for job_id in event.job_ids)
        self._watch.monitors[0].push(job_ids, {})

    def read(self) -> bool:
        monitor, client = self._watch.monitors[0], self._watch.clients[0]
        awaits = False
        try:
            monitor.poll(client, WINDOW)
            awaits = monitor.awaits_pushed(WINDOW)
            return awaits
        finally:
            # What cannot be read is left to polling.
            for event_id in () if awaits else self._named:
                self._watch.seen.event_tried(event_id)


class Watch:
    """What a replica does while nobody looks."""

    def __init__(
        self,
        replica: Replica,
        seen: WatchBook,
        visiers: Sequence[Visier],
        slots: Sequence[SharedSlots],
        draw: Random,
    ) -> None:
        self.replica, self.seen = replica, seen
        self._ended = threading.Event()
        self.destination = Destination(replica, seen, draw)
        self.clients = [
            self._client(visier, own) for visier, own in zip(visiers, slots, strict=True)
        ]
        self.monitors = [self._monitor(place) for place in PLACES]
        self._watchings = [
            self._watching(place, client, monitor)
            for place, client, monitor in zip(PLACES, self.clients, self.monitors, strict=True)
        ]
        reader = Reader(self)
        self.pushes = Pushes(
            lambda: replica.ledger,
            reader.of,
            lambda work: self._spawn("pushed events", work),
            self._ended,
            is_on=True,
            clock=replica.clock,
        )
        # The seams are where a replica may be killed.
        seam_ledger(replica, seen)

    def _spawn(self, name: str, work: Callable[[], object]) -> None:
        self.replica.scheduler.spawn(work, f"{self.replica.name} {name}", self.replica)

    def _client(self, visier: Visier, slots: SharedSlots) -> Client:
        replica = self.replica
        limiter = RateLimiter(
            replica.clock.monotonic, replica.clock.wait_on, jitter=lambda: 0.5, slots=slots
        )
        client = Client(
            visier.address,
            Password(API_KEY, USERNAME, PASSWORD),
            limiter,
            clock=replica.clock.monotonic,
            sleep=replica.clock.sleep,
            transport=Transport(
                visier.address, USER_AGENT, Timeouts(), replica.clock.monotonic, Wire(visier)
            ),
        )
        client._connection._auth._lock = Turns(replica.scheduler)  # type: ignore[assignment] # a lock in turns
        return client

    def _monitor(self, place: Place) -> JobMonitor:
        ledger = self.replica.ledger
        history = JobHistory(lambda: ledger, f"watch of {place.host}")
        return JobMonitor(history, now=self.replica.clock.now, lock=Turns(self.replica.scheduler))

    def _watching(self, place: Place, client: Client, monitor: JobMonitor) -> Watching:
        ledger = self.replica.ledger
        watched = WatchedPlace(place, client, monitor)

        def on_look(seen: Observation, lease: Lease) -> None:
            Episodes(ledger, place, zone=ZONE, scope=_everyone).look(seen, lease)

        return Watching(
            lambda: watched,
            lambda: ledger,
            zone=ZONE,
            every=EVERY,
            days=365,
            on_look=on_look,
            clock=self.replica.clock,
        )

    def start(self) -> None:
        """Begin: a task for each connection, one that delivers, one that reads events."""
        for watching in self._watchings:
            self._spawn(f"watch of {watching.place.host}", watching._run)
        self._spawn("messages", self._deliver)
        self.pushes.start_working()

    def end(self) -> None:
        """Tell all of it to end."""
        self._ended.set()
        for watching in self._watchings:
            watching.tell()

    def _deliver(self) -> None:
        replica = self.replica
        delivery = Delivery(
            replica.ledger,
            self.destination,
            zone=ZONE,
            links=lambda place: Links("https://loads.example", {"connection": place.host}),
            names=lambda _place, _codes: {},
            now=replica.clock.now,
        )
        while not self._ended.is_set():
            with suppress(LedgerTrouble):
                delivery.deliver()
            replica.clock.wait(self._ended, DELIVERED_EVERY)

    def receive(self, event_id: str, job_id: str) -> None:
        """Take an event that Visier pushes."""
        body = orjson.dumps({"eventId": event_id, "event": {"jobId": job_id}}).decode()
        now = self.replica.clock.now()
        self.pushes.take(ReceivedEvent(event_id, now, "", "", SignatureForm.HEX, body))
        self.seen.event_taken(event_id)


def versions_of(visiers: Sequence[Visier]) -> Callable[[str, str], frozenset[str]]:
    """Return what gives the versions a tenant ever had, by the host of its Visier."""
    worlds = dict(zip((place.host for place in PLACES), visiers, strict=True))

    def versions(host: str, code: str) -> frozenset[str]:
        tenant = worlds[host].inside.world.tenant(code)
        return frozenset(each.number for each in tenant.versions) if tenant else frozenset()

    return versions


def codes_of(visier: Visier) -> Iterator[str]:
    """Yield the codes of the tenants that a Visier lists."""
    yield from visier.inside.world.tenants
