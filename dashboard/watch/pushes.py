"""What becomes of the events that Visier pushes: written down, then a hint to whoever reads jobs.

Nothing on a screen comes from an event itself. The jobs it names are read through the API, by the
tabs that are open and, where the settings hold credentials, without any: by the one process of all
at a ledger that holds the lease for it, whichever has received the event.
"""

import logging
import queue
import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Protocol

from services import visier
from services.clock import CLOCK, Clock
from services.frames import UnexpectedResponse
from services.ledger import Lease, Ledger, LedgerTrouble, ReceivedEvent
from services.monitoring import pushed_events
from services.monitoring.pushed_events import PushedEvent
from services.visier.webhook_signatures import SignatureForm

ROUTE: Final = "/webhooks/visier"
"""Below the base path, where events are received; for a named connection, its name follows."""
# What an older event names has been read by polling long since.
READ_WITHIN: Final = timedelta(hours=1)
# While something named is not read yet, and for what other processes receive; the monitor decides
# when that is due.
LOOKS_AGAIN: Final = 1.0  # seconds
AT_ONCE: Final = 200
LEASE: Final = "pushed events"
# Between two renewals of the lease, which lasts three minutes.
RENEWED_EVERY: Final = 20.0  # seconds
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
    """The events of this process, and those of others that it reads; safe to use from any thread.

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
        clock: Clock = CLOCK,
    ) -> None:
        self._clock = clock
        self._ledger = ledger
        self._reader = reader
        self._start = start
        self._leaving = leaving
        self._is_on = is_on
        self._lock = threading.Lock()
        self._seen = _Seen()
        self._arrived = threading.Event()
        self._here: queue.SimpleQueue[ReceivedEvent] = queue.SimpleQueue()
        self._hinted: set[str] = set()
        self._lease: Lease | None = None
        self._asked_at = -RENEWED_EVERY
        self._has_begun = False

    def start_working(self) -> None:
        """Begin to work on events, also on those that other processes have received."""
        with self._lock:
            if not self._is_on or self._has_begun:
                return
            self._has_begun = True
        self._start(self._work)

    def take(self, received: ReceivedEvent) -> None:
        """Write an event down and have what it names read; raises LedgerTrouble.

        One that was received before changes nothing.
        """
        self.start_working()
        if self._ledger().webhook_events.add(received):
            with self._lock:
                self._seen.last[received.connection] = received.received_at
            self._here.put(received)
            self._arrived.set()

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
        """Have read what events name, after waiting at most so long for one to come here.

        Nothing where another process does that. What is read is settled only then: of a process
        that ends before that, the next one reads it.
        """
        self._clock.wait(self._arrived, seconds)
        self._arrived.clear()
        here = [self._here.get_nowait() for _ in range(self._here.qsize())]
        try:
            if not self._reads():
                # The tabs that are open here are told at once, whichever process reads it.
                self._hint(here)
                return
            events, since = self._ledger().webhook_events, self._clock.now() - READ_WITHIN
            left = events.received(since, AT_ONCE)
            self._hint([each for each in left if each.event_id not in self._hinted])
            unread = {name for name in {each.connection for each in left} if self._is_unread(name)}
            read = [each.event_id for each in left if each.connection not in unread]
            self._hinted = {each.event_id for each in left}.difference(read)
            if read:
                events.settle(read)
        except LedgerTrouble as trouble:
            # They are read again, which costs a call.
            _log.warning("Pushed events wait: %s", trouble)
            self._clock.wait(self._leaving, RENEWED_EVERY)

    def _work(self) -> None:
        while not self._leaving.is_set():
            self.step(LOOKS_AGAIN)
        if self._lease is not None:
            with suppress(LedgerTrouble):  # it runs out by itself
                self._ledger().leases.release(self._lease)

    def _reads(self) -> bool:
        """Return whether it is this process that reads what events name."""
        at = self._clock.monotonic()
        if at - self._asked_at >= RENEWED_EVERY:
            self._lease = self._ledger().leases.take(LEASE)
            self._asked_at = at
            if self._lease is None:
                self._hinted = set()
        return self._lease is not None

    def _hint(self, named: Iterable[ReceivedEvent]) -> None:
        by_connection: dict[str, list[PushedEvent]] = {}
        for each in named:
            event = pushed_events.read(each.body.encode(), each.received_at)
            by_connection.setdefault(each.connection, []).append(event)
        for connection, events in by_connection.items():
            self._reader(connection).hint(events)

    def _is_unread(self, connection: str) -> bool:
        try:
            return self._reader(connection).read()
        except (visier.VisierError, UnexpectedResponse, LedgerTrouble) as error:
            # Polling goes on, and tells on a screen why it cannot read.
            _log.warning("What an event names could not be read: %s", type(error).__name__)
            return False
