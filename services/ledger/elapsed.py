"""How long ago something was, by a wall clock that may jump.

When a machine resumes or its time is set, the wall clock jumps: what was written down a second ago
is years old by it. Only a clock that cannot be set tells how much time has really passed.
"""

import threading
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

# Less than that is no jump: the two clocks are not read at the same instant.
_NOTICED: Final = timedelta(seconds=1)
_LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)


class Elapsed:
    """The wall clock of this process, watched for jumps.

    ``clock`` gives the time with its zone, ``monotonic`` seconds that only ever pass. Any number of
    threads may ask.
    """

    def __init__(self, clock: Callable[[], datetime], monotonic: Callable[[], float]) -> None:
        self._clock = clock
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._seen = clock(), monotonic()
        self._began = self._seen[1]
        # Only the latest count; a clock that jumps at every reading must not fill the memory.
        self._jumps: deque[tuple[float, timedelta]] = deque(maxlen=100)

    def ago(self, span: timedelta) -> datetime:
        """Return a time: what is dated before it is more than ``span`` ago.

        What was dated before a jump forward is dated too early by it, until ``span`` has passed.
        """
        with self._lock:
            now, at = self._clock(), self._monotonic()
            jump = now - self._seen[0] - timedelta(seconds=at - self._seen[1])
            self._seen = now, at
            if jump > _NOTICED:
                self._jumps.append((at, jump))
            lately = (jump for then, jump in self._jumps if at - then <= span.total_seconds())
            return now - span - sum(lately, timedelta(0))

    def surely_ago(self, span: timedelta) -> datetime:
        """Return the same for what another process may have dated before this one began to watch.

        How far the clock jumped before that, nobody knows: until ``span`` has passed since then,
        nothing is known to be that long ago.
        """
        if self._monotonic() - self._began < span.total_seconds():
            return _LONG_AGO
        return self.ago(span)
