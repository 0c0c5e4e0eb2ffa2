"""The dashboard, its clock so many seconds ahead as a file says.

`python -m tests.browser.scripts.ahead FILE`, with options of the dashboard after it.
"""

import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

from dashboard.__main__ import main
from services.clock import Clock

AHEAD = Path(sys.argv.pop(1))
# So soon what waits finds that the clock was moved.
LOOKS_EVERY = 0.2


def now(_: Clock) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=float(AHEAD.read_text()))


def wait(clock: Clock, event: threading.Event, seconds: float) -> bool:
    until = clock.now() + timedelta(seconds=seconds)
    while (left := (until - clock.now()).total_seconds()) > 0:
        if event.wait(min(LOOKS_EVERY, left)):
            return True
    return event.is_set()


if __name__ == "__main__":
    for name, moved in (("now", now), ("wait", wait)):
        setattr(Clock, name, moved)
    main()
