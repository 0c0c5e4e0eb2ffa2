"""A watch of a sandbox over HTTP, in this thread, on a clock that is moved by hand."""

from __future__ import annotations

from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from services.clock import Clock
from services.ledger import Ledger, Place
from services.monitoring import JobHistory, JobMonitor
from services.monitoring.watch import recorded
from services.monitoring.watch.watching import AFTER_A_CRASH, WatchedPlace, Watching
from services.visier import Client, Password, RateLimiter

if TYPE_CHECKING:
    import threading
    from collections.abc import Iterator

    from services.monitoring.watch import Observation
    from tests.sandboxes import Sandbox

ZONE = ZoneInfo("Europe/Berlin")
PLACE = Place("sandbox.example", "")
EVERY = timedelta(minutes=5)
MOST_TURNS = 1000


class MovedClock(Clock):
    """The clock of this computer, moved on by hand; who waits moves it on."""

    def __init__(self) -> None:
        self.moved = timedelta(0)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.moved

    def monotonic(self) -> float:
        return self.now().timestamp()

    def wait(self, event: threading.Event, seconds: float) -> bool:
        self.moved += timedelta(seconds=seconds)
        return event.is_set()


@dataclass
class Post:
    """One process that watches: its ledger, its client, its watch."""

    sandbox: Sandbox
    ledger: Ledger
    clock: MovedClock
    client: Client
    watch: Watching

    def look(self) -> None:
        """Go on until a look has been recorded, or until one has failed."""
        looked_at = self.watch.status.looked_at
        for _ in range(MOST_TURNS):
            waits = self.watch.turn()
            self.clock.moved += timedelta(seconds=waits)
            if self.watch.status.looked_at != looked_at or waits == AFTER_A_CRASH:
                return
        raise AssertionError("no look has come to its end")

    def pass_time(self, **span: float) -> None:
        """Let time pass here and in the sandbox."""
        passed = timedelta(**span)
        self.clock.moved += passed
        self.sandbox.control.advance(passed.total_seconds())

    def nights(self) -> dict[date, Observation]:
        return {each.night: seen for each, seen in recorded.read(self.ledger, PLACE)}

    def asked(self) -> list[str]:
        """Give what the sandbox was asked since the last time, in order."""
        found = [each["operation"] for each in self.sandbox.control.requests()]
        self.sandbox.control.clear_requests()
        return [operation for operation in found if operation != "security_token"]


@contextmanager
def post(
    sandbox: Sandbox,
    url: str,
    clock: MovedClock | None = None,
    *,
    owner: str | None = None,
    limit: int | None = None,
    **options: Any,
) -> Iterator[Post]:
    """Give a process that is about to watch a sandbox, with a ledger at this address."""
    clock = clock or MovedClock()
    credentials = Password(sandbox.api_key, sandbox.username, sandbox.password)
    limiter = RateLimiter(clock.monotonic, assumed_per_minute=limit)
    with (
        closing(
            Ledger.open(url, clock=clock.now, monotonic=clock.monotonic, owner=owner)
        ) as ledger,
        closing(Client(sandbox.url, credentials, limiter, sleep=lambda _seconds: None)) as client,
    ):
        monitor = JobMonitor(JobHistory(lambda: ledger, owner or "watch"), now=clock.now)
        past, of = options.pop("past", None), options.pop("connectors_of", None)
        watched = WatchedPlace(PLACE, client, monitor, past, of)
        watch = Watching(
            lambda: watched,
            lambda: ledger,
            **{"zone": ZONE, "every": EVERY, "days": 365, "clock": clock, **options},
        )
        yield Post(sandbox, ledger, clock, client, watch)
