"""Doing without the ledger while it cannot be used: the history of jobs is a comfort."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, TypeVar

from services.clock import LONG_AGO
from services.ledger import LedgerTrouble

# A database that does not answer may take half a minute to say so: not at every poll.
OPEN_FOR: Final = timedelta(minutes=1)
T = TypeVar("T")
_log = logging.getLogger("services.monitoring")


class CircuitBreaker:
    """Asks the ledger, but not again within a minute of its failing.

    `trouble` says why it failed last, and is empty once it answers.
    """

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._open_until = LONG_AGO
        self.trouble = ""

    def ask(self, question: Callable[[], T], instead: T) -> T:
        """Return the answer; `instead` where the ledger cannot be used."""
        now = self._now()
        if now < self._open_until:
            return instead
        try:
            answer = question()
        except LedgerTrouble as trouble:
            _log.warning("Nothing is known of earlier readings of jobs: %s", trouble)
            self.trouble, self._open_until = str(trouble), now + OPEN_FOR
            return instead
        self.trouble = ""
        return answer
