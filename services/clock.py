"""Time as this computer has it, given to whatever dates, measures or waits.

Another one, whose time passes only when everybody waits, is what tests/simulation gives.
"""

import threading
import time
from datetime import UTC, datetime
from typing import Final


class Clock:
    """The time, the seconds that pass, and waiting for them."""

    def now(self) -> datetime:
        """Return the time in UTC; it may jump."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return seconds that only ever pass."""
        return time.monotonic()

    def wait(self, event: threading.Event, seconds: float) -> bool:
        """Wait for an event, at most these seconds; say whether it is set."""
        return event.wait(seconds)


CLOCK: Final = Clock()
LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)
