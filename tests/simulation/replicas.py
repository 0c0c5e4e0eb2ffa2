"""One replica of the dashboard: what of it a crash takes, and the ledger that it leaves."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import Any, Final

import requests

from services.ledger import Actor, Control, Event, ItemResult, Ledger, NewItem, NewOperation, State
from services.operations import VERBS, Permissions, Runner, Threads
from services.sandbox.config import API_KEY, PASSWORD, USERNAME
from services.visier import Client, Password, RateLimiter, Timeouts
from services.visier.client import USER_AGENT
from services.visier.transport import Transport
from tests.simulation.book import Book
from tests.simulation.monitor import Monitor, SeenJobObservations
from tests.simulation.scheduling import Scheduler, Task, Turns, VirtualClock, threads_of
from tests.simulation.visier import ADDRESS, Visier, is_write
from tests.simulation.wire import Wire

CRASHES: Final = ("before intend", "after intend", "after send", "after settle")
HELD: Final = 125.0
ASLEEP: Final = 600.0
MINUTE: Final = 60.0


@dataclass(frozen=True)
class Person:
    """Somebody who is signed in, and what they may do."""

    name: str
    verbs: frozenset[str]

    @property
    def identity(self) -> str:
        """Both are signed in at Visier as the same user, whose looks are shared."""
        return "both"

    @property
    def actor(self) -> Actor:
        return Actor(self.name, "", "visier.simulated")

    @property
    def permissions(self) -> Permissions:
        return Permissions(self.actor, self.verbs)


@dataclass(eq=False)
class SharedSlots:
    """The places of one API key's minute, as a PostgreSQL ledger keeps them for all replicas."""

    seconds: Callable[[], float]
    free_at: list[float] = field(default_factory=list)

    def made(self) -> int | None:
        return len(self.free_at) or None

    def take(self, limit: int, kept: int) -> Callable[[], None] | float:
        self.free_at += [0.0] * (limit - len(self.free_at))
        now, slots = self.seconds(), self.free_at[:limit]
        delay = sorted(slots)[kept] - now
        if delay > 0:
            return min(delay, MINUTE)
        number = slots.index(min(slots))
        self.free_at[number] = now + HELD
        return partial(self._give_back, number)

    def _give_back(self, number: int) -> None:
        self.free_at[number] = self.seconds() + MINUTE


class SeenLedger(Ledger):
    """A ledger that tells what is written down, and hands over to others before and after."""

    replica: Replica | None = None

    def begin(
        self,
        operation: NewOperation,
        items: Iterable[NewItem],
        events: Iterable[Event] = (),
        *,
        while_open: str | None = None,
    ) -> None:
        listed = list(items)
        self._passes("before begin")
        super().begin(operation, listed, events, while_open=while_open)
        if self.replica:
            self.replica.book.began(operation, listed)
        self._passes("after begin")

    def intend(self, operation_id: str, keys: Iterable[str]) -> None:
        listed = list(keys)
        self._passes("before intend")
        super().intend(operation_id, listed)
        if self.replica:
            self.replica.book.intended(operation_id, listed)
        self._passes("after intend")

    def settle(self, operation_id: str, results: Iterable[ItemResult]) -> None:
        listed = list(results)
        self._passes("before settle")
        super().settle(operation_id, listed)
        if self.replica and listed:
            self.replica.book.settled(operation_id, listed)
        self._passes("after settle" if listed else "after reading")

    def note(self, operation_id: str, *events: Event, while_open: bool = False) -> None:
        self._passes("before note")
        super().note(operation_id, *events, while_open=while_open)
        if self.replica:
            self.replica.book.noted(operation_id, events)

    def set_state(self, operation_id: str, state: State) -> None:
        self._passes("before state")
        super().set_state(operation_id, state)
        self._stands(operation_id)

    def end(
        self, operation_id: str, state: State, *events: Event, while_open: bool = False
    ) -> None:
        self._passes("before end")
        super().end(operation_id, state, *events, while_open=while_open)
        self._stands(operation_id)

    def heartbeat(self, operation_id: str) -> None:
        self._passes("before heartbeat")
        super().heartbeat(operation_id)

    def take_over(self, operation_id: str, who: str = "") -> None:
        self._passes("before take over")
        super().take_over(operation_id, who)
        self._stands(operation_id)

    def ask(self, operation_id: str, control: Control, who: str = "") -> None:
        self._passes("before ask")
        super().ask(operation_id, control, who)

    def _stands(self, operation_id: str) -> None:
        if self.replica:
            self.replica.book.stands(operation_id, self.operation(operation_id).state)

    def _passes(self, point: str) -> None:
        if self.replica:
            self.replica.passes(point)


class Replica:
    """A process: its ledger, its rate limiter, its threads and the ``person`` who sits there.

    Once ``doomed`` it crashes when it passes that point; once ``drowsy`` it is suspended there for
    longer than a lease lasts.
    """

    def __init__(
        self,
        name: str,
        url: str,
        person: Person,
        *,
        scheduler: Scheduler,
        clock: VirtualClock,
        visier: Visier,
        book: Book,
        slots: SharedSlots,
        draw: Random,
    ) -> None:
        self.name = name
        self.person = person
        self.book = book
        self.doomed = ""
        self.drowsy = ""
        self.is_up = True
        self.was_suspended = False
        self.clock = clock
        self.visier = visier
        self.scheduler = scheduler
        self._clients: dict[str, Client] = {}
        self.ledger = SeenLedger.open(
            url, clock=clock.now, monotonic=clock.monotonic, owner=f"{name} 1 {draw.random()}"
        )
        self.ledger.replica = self
        self.ledger.job_observations = SeenJobObservations(self)
        self.monitor = Monitor(self, person.identity)
        self.rate_limiter = RateLimiter(
            clock.monotonic,
            clock.wait_on,
            jitter=draw.random,
            slots=slots,
        )
        self.threads = Threads(clock, threads_of(scheduler, self))
        self.runner = Runner(self.ledger, VERBS, now=clock.now, threads=self.threads)

    def client(self, person: Person) -> Client:
        """Give the client of who is signed in here."""
        if person.name not in self._clients:
            transport = Transport(
                ADDRESS, USER_AGENT, Timeouts(), self.clock.monotonic, _Counted(self)
            )
            client = Client(
                ADDRESS,
                Password(API_KEY, USERNAME, PASSWORD),
                self.rate_limiter,
                clock=self.clock.monotonic,
                sleep=self.clock.sleep,
                transport=transport,
            )
            # Held while a token is fetched, so that it may not keep the one thread there is.
            client._connection._auth._lock = Turns(self.scheduler)  # type: ignore[assignment] # a lock in turns
            self._clients[person.name] = client
        return self._clients[person.name]

    def spawn(self, work: Callable[[], object], name: str, person: Person) -> Task:
        return self.scheduler.spawn(work, name, self, person.name)

    def passes(self, point: str) -> None:
        """Hand over to others; or end here, if this is where it crashes."""
        if self.doomed == point:
            self.book.killed[point] += 1
            self.crash()
        if self.drowsy == point:
            self.drowsy, self.was_suspended = "", True
            self.book.suspended[point] += 1
            self.scheduler.suspend(self, ASLEEP)
        self.scheduler.wait()

    def crash(self) -> None:
        """Lose everything but the ledger."""
        self.is_up, self.doomed = False, ""
        self.ledger.close()
        self.scheduler.freeze(self)


class _Counted(Wire):
    """The wire of one replica, which may crash when an answer is on its way back."""

    def __init__(self, replica: Replica) -> None:
        super().__init__(replica.visier)
        self._replica = replica

    def send(
        self, request: requests.PreparedRequest, *given: Any, **named: Any
    ) -> requests.Response:
        response = super().send(request, *given, **named)
        if is_write(request):
            self._replica.passes("after send")
        return response
