"""The clock of this computer, passed to whatever dates, measures or waits.

tests/simulation passes another one, whose time advances only when all threads wait.
"""

import threading
import time
from datetime import UTC, datetime
from typing import Final


class Clock:
    """The wall clock, the monotonic clock, and waiting."""

    def now(self) -> datetime:
        """Return the time in UTC; it can jump, as when a machine resumes."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return monotonic seconds, for durations and deadlines."""
        return time.monotonic()

    def wait(self, event: threading.Event, seconds: float) -> bool:
        """Wait for an event, at most these seconds; return whether it is set."""
        return event.wait(seconds)


CLOCK: Final = Clock()
LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)
