"""Tickets for downloads: good for one, a minute long, for the browser that asked."""

import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from dashboard import browser_mark
from dashboard.connection import Connection
from services.operations import Permissions
from services.operations.downloads import Wanted

PATH: Final = "/download"
LIFETIME: Final = 60.0  # seconds
# However often somebody presses, the memory is bounded; the oldest goes.
TICKETS_AT_MOST: Final = 1000


@dataclass(frozen=True)
class Ticket:
    """One download that a person has asked for, and what they may do."""

    wanted: Wanted
    connection: Connection = field(repr=False)
    permissions: Permissions = field(repr=False)
    browser: str = field(repr=False)


class Tickets:
    """Tickets by their tokens; ``clock`` gives seconds. Safe to use from any number of threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, tuple[float, Ticket]] = OrderedDict()

    def issue(self, ticket: Ticket) -> str:
        """Keep a ticket and return its token."""
        token, now = secrets.token_urlsafe(32), self._clock()
        with self._lock:
            # In the order of issue, which is the order of expiry.
            while self._kept and (self._oldest() <= now or len(self._kept) >= TICKETS_AT_MOST):
                self._kept.popitem(last=False)
            self._kept[token] = now + LIFETIME, ticket
        return token

    def take(self, token: str, browser: str) -> Ticket | None:
        """Return the ticket of a token, once; whoever else holds the token has spent it."""
        with self._lock:
            until, ticket = self._kept.pop(token, (0.0, None))
        if ticket is None or until <= self._clock():
            return None
        return ticket if browser_mark.is_same(ticket.browser, browser) else None

    def _oldest(self) -> float:
        return next(iter(self._kept.values()))[0]
