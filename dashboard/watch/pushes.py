"""What becomes of the events that Visier pushes: written down, then a hint to whoever reads jobs.

Nothing on a screen comes from an event itself. The jobs it names are read through the API, by the
tabs that are open and, where the settings hold credentials, without any.
"""

import logging
import queue
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Protocol

from services import visier
from services.clock import CLOCK
from services.frames import UnexpectedResponse
from services.ledger import Ledger, LedgerTrouble, ReceivedEvent
from services.monitoring import pushed_events
from services.monitoring.pushed_events import PushedEvent
from services.visier.webhook_signatures import SignatureForm

ROUTE: Final = "/webhooks/visier"
"""Below the base path, where events are received; for a named connection, its name follows."""
# After a restart: what an older event names has been read by polling long since.
READ_AFTER_RESTART: Final = timedelta(hours=1)
# While something named is not read yet; the monitor decides when that is due.
LOOKS_AGAIN: Final = 1.0  # seconds
AT_ONCE: Final = 200
# Once a key has matched, a stranger may sign as wrongly as a key that was replaced: so many times
# Visier sends one event.
WRONG_IN_A_ROW: Final = 4
_log = logging.getLogger("dashboard")


class PushStatus(StrEnum):
    """How far events get."""

    OFF = "off"
    WAITING = "waiting"
    RECEIVING = "receiving"
    KEY_DOES_NOT_MATCH = "key_does_not_match"


class Reader(Protocol):
    """Whoever reads the jobs of one connection."""

    def hint(self, events: Sequence[PushedEvent]) -> None:
        """Tell everybody who reads jobs there what the events name."""

    def read(self) -> bool:
        """Read what is due; return whether something named is not read yet."""


@dataclass
class _Seen:
    forms: set[SignatureForm] = field(default_factory=set)
    wrong_in_a_row: int = 0
    last: dict[str, datetime] = field(default_factory=dict)


class Pushes:
    """The events of this process; safe to use from any thread.

    `ledger` raises services.ledger.LedgerTrouble where its database cannot be used; `reader` gives
    who reads the jobs of a connection, by its name; `start` runs work in a thread that ends once
    `leaving` is set.
    """

    def __init__(
        self,
        ledger: Callable[[], Ledger],
        reader: Callable[[str], Reader],
        start: Callable[[Callable[[], None]], object],
        leaving: threading.Event,
        *,
        is_on: bool,
    ) -> None:
        self._ledger = ledger
        self._reader = reader
        self._start = start
        self._leaving = leaving
        self._is_on = is_on
        self._lock = threading.Lock()
        self._seen = _Seen()
        self._waiting: queue.SimpleQueue[tuple[str, PushedEvent]] = queue.SimpleQueue()
        self._unread: set[str] = set()
        self._has_begun = False

    def start_working(self) -> None:
        """Begin to work on events, with those that an earlier process has received."""
        with self._lock:
            if not self._is_on or self._has_begun:
                return
            self._has_begun = True
        try:
            left = self._ledger().webhook_events.received(CLOCK.now() - READ_AFTER_RESTART)
        except LedgerTrouble:
            left = []
        for each in left:
            event = pushed_events.read(each.body.encode(), each.received_at)
            self._waiting.put((each.connection, event))
        self._start(self._work)

    def take(self, received: ReceivedEvent, event: PushedEvent) -> None:
        """Write an event down and have what it names read; raises LedgerTrouble.

        One that was received before changes nothing.
        """
        self.start_working()
        if self._ledger().webhook_events.add(received):
            with self._lock:
                self._seen.last[received.connection] = received.received_at
            self._waiting.put((received.connection, event))

    def matched(self, form: SignatureForm) -> None:
        """Note how a right signature is written; the log says so once for each form."""
        with self._lock:
            is_new = form not in self._seen.forms
            self._seen.forms.add(form)
            self._seen.wrong_in_a_row = 0
        if is_new:
            _log.info("Visier signs its events: %s of HMAC-SHA256 over the body.", form)

    def refused(self, *, is_signed: bool) -> None:
        """Note a request whose signature is missing or wrong."""
        with self._lock:
            self._seen.wrong_in_a_row += is_signed
            is_news = is_signed and self._seen.wrong_in_a_row == self._wrong_at_least()
        if is_news:
            _log.warning(
                "Events are signed, but not with DASHBOARD_WEBHOOK_KEY in any form known here. It"
                " must be the value of the encryption key that the webhook names."
            )

    @property
    def status(self) -> PushStatus:
        """How far events get; the key does not match where no signature does, or none any more."""
        if not self._is_on:
            return PushStatus.OFF
        with self._lock:
            if self._seen.wrong_in_a_row >= self._wrong_at_least():
                return PushStatus.KEY_DOES_NOT_MATCH
            return PushStatus.RECEIVING if self._seen.forms else PushStatus.WAITING

    def _wrong_at_least(self) -> int:
        return WRONG_IN_A_ROW if self._seen.forms else 1

    def last(self, connection: str) -> datetime | None:
        """Return when this process received the last event of a connection (aware, UTC)."""
        with self._lock:
            return self._seen.last.get(connection)

    def step(self, seconds: float) -> None:
        """Have read what events name, after waiting at most so long for one to come."""
        named = self._next(seconds)
        self._hint(named)
        unread = self._unread | {connection for connection, _ in named}
        self._unread = {connection for connection in unread if self._is_unread(connection)}

    def _work(self) -> None:
        while not self._leaving.is_set():
            self.step(LOOKS_AGAIN)

    def _next(self, seconds: float) -> list[tuple[str, PushedEvent]]:
        found = []
        try:
            found.append(self._waiting.get(timeout=seconds))
            while len(found) < AT_ONCE:
                found.append(self._waiting.get_nowait())
        except queue.Empty:
            pass
        return found

    def _hint(self, named: Iterable[tuple[str, PushedEvent]]) -> None:
        by_connection: dict[str, list[PushedEvent]] = {}
        for connection, event in named:
            by_connection.setdefault(connection, []).append(event)
        for connection, events in by_connection.items():
            self._reader(connection).hint(events)
            try:
                self._ledger().webhook_events.settle([event.event_id for event in events])
            except LedgerTrouble:
                # They are handed on again after a restart, which costs a call.
                _log.warning("Pushed events could not be marked as handed on.")

    def _is_unread(self, connection: str) -> bool:
        try:
            return self._reader(connection).read()
        except (visier.VisierError, UnexpectedResponse, LedgerTrouble) as error:
            # Polling goes on, and tells on a screen why it cannot read.
            _log.warning("What an event names could not be read: %s", type(error).__name__)
            return False
