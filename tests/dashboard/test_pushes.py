"""Events that one of several processes has received: one of them reads what they name, once."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import orjson
import pytest

from dashboard.watch.pushes import AT_ONCE, READ_WITHIN, Pushes
from services.clock import Clock
from services.ledger import Ledger, ReceivedEvent
from services.ledger.leases import TERM
from services.monitoring.pushed_events import PushedEvent
from services.visier import Unreachable
from services.visier.webhook_signatures import SignatureForm
from tests.ledgers import empty_ledger
from tests.services.notifications.nights import at


class StillClock(Clock):
    """A clock that is moved by hand; who waits moves it on."""

    def __init__(self) -> None:
        self.passed = timedelta(0)

    def now(self) -> datetime:
        return at("00:00") + self.passed

    def monotonic(self) -> float:
        return self.passed.total_seconds()

    def wait(self, event: threading.Event, seconds: float) -> bool:
        if not event.is_set():
            self.passed += timedelta(seconds=seconds)
        return event.is_set()


@dataclass
class Reader:
    """Keeps what it is told; it reads, or has to wait with that, or cannot."""

    told: list[tuple[str, str]] = field(default_factory=list)
    read_of: Counter[str] = field(default_factory=Counter)
    waits: bool = False
    fails: bool = False

    def of(self, name: str) -> OfConnection:
        return OfConnection(self, name)


@dataclass
class OfConnection:
    reader: Reader
    name: str

    def hint(self, events: Sequence[PushedEvent]) -> None:
        self.reader.told += [(self.name, event.event_id) for event in events]

    def read(self) -> bool:
        if self.reader.fails:
            raise Unreachable("No.")
        self.reader.read_of[self.name] += not self.reader.waits
        return self.reader.waits


@dataclass
class Process:
    ledger: Ledger
    reader: Reader
    pushes: Pushes

    def receive(self, *ids: str, connection: str = "") -> None:
        for event_id in ids:
            body = orjson.dumps({"eventId": event_id, "event": {"jobId": f"j{event_id}"}}).decode()
            now = self.ledger.now()
            self.pushes.take(ReceivedEvent(event_id, now, connection, "", SignatureForm.HEX, body))

    def left(self) -> list[str]:
        return [each.event_id for each in self.ledger.webhook_events.received(at("2026-01-01T00"))]


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
def processes(tmp_path: Path, clock: StillClock) -> Iterator[tuple[Process, Process]]:
    url = empty_ledger(tmp_path / "ledger.sqlite3")
    with ExitStack() as stack:

        def process(name: str) -> Process:
            ledger = stack.enter_context(
                closing(Ledger(url, clock=clock.now, monotonic=clock.monotonic, owner=name))
            )
            reader, leaving = Reader(), threading.Event()
            pushes = Pushes(
                lambda: ledger, reader.of, lambda _: None, leaving, is_on=True, clock=clock
            )
            return Process(ledger, reader, pushes)

        first, second = process("first"), process("second")
        # It has the lease, as whoever came first has.
        first.pushes.step(0)
        second.pushes.step(0)
        yield first, second


def test_what_one_has_received_is_read_by_one_of_them_once(
    processes: tuple[Process, Process],
) -> None:
    first, second = processes
    first.receive("1")
    second.receive("2", "3", connection="emea")
    second.receive("1")
    for _ in range(3):
        for each in processes:
            each.pushes.step(1)
    assert sorted(first.reader.told) == [("", "1"), ("emea", "2"), ("emea", "3")]
    assert first.reader.read_of == {"": 1, "emea": 1}
    # The tabs that are open where it was received are told as well; nothing else is read for it.
    assert second.reader.told == [("emea", "2"), ("emea", "3")]
    assert second.reader.read_of == {}
    assert first.left() == []


def test_what_a_killed_process_had_received_is_read_by_another(
    processes: tuple[Process, Process], clock: StillClock
) -> None:
    first, second = processes
    first.receive("1")
    first.reader.waits = True
    first.pushes.step(1)
    # Killed after it has handed on and before it has read: nothing of it goes on.
    assert first.left() == ["1"]
    second.pushes.step(1)
    assert second.reader.read_of == {}
    clock.passed += TERM * 2
    second.pushes.step(1)
    assert (second.reader.told, second.reader.read_of) == ([("", "1")], {"": 1})
    assert second.left() == []


def test_what_cannot_be_read_yet_is_handed_on_once_and_read_later(
    processes: tuple[Process, Process],
) -> None:
    first, _ = processes
    first.reader.waits = True
    first.receive("1")
    for _ in range(3):
        first.pushes.step(1)
    assert first.left() == ["1"]
    first.reader.waits = False
    first.pushes.step(1)
    assert first.reader.told == [("", "1")]
    assert first.left() == []


def test_polling_reads_what_an_event_cannot(processes: tuple[Process, Process]) -> None:
    first, _ = processes
    first.reader.fails = True
    first.receive("1")
    first.pushes.step(1)
    assert first.left() == []


def test_what_is_older_than_an_hour_was_read_by_polling(
    processes: tuple[Process, Process], clock: StillClock
) -> None:
    first, second = processes
    first.receive("1")
    clock.passed += READ_WITHIN + timedelta(minutes=1)
    second.receive("2")
    second.pushes.step(0)
    assert second.reader.told == [("", "2")]


def test_of_a_flood_all_is_read(processes: tuple[Process, Process]) -> None:
    first, second = processes
    second.receive(*map(str, range(AT_ONCE + 20)))
    for _ in range(2):
        first.pushes.step(1)
    assert len(first.reader.told) == AT_ONCE + 20
    assert first.left() == []
