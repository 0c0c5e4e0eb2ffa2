"""The threads of this process that work on operations, and how they end with it."""

import logging
import threading
from collections.abc import Callable

from services.clock import CLOCK, Clock

_log = logging.getLogger("services.operations")


class Threads:
    """Threads that are waited for when their process is told to end.

    ``leaving`` is set then: whoever is at work finishes the request under way and begins no other.
    All that they wait for passes on ``clock``; ``thread`` makes them, and what beats beside them.
    """

    def __init__(
        self, clock: Clock = CLOCK, thread: type[threading.Thread] = threading.Thread
    ) -> None:
        self.clock = clock
        self.thread = thread
        self.leaving = threading.Event()
        self._threads: list[threading.Thread] = []
        self._lock = threading.Lock()

    def start(
        self, work: Callable[[], None], name: str, *, daemon: bool = False
    ) -> threading.Thread:
        """Run some work in a thread of its own; only what may never end is to be a daemon."""
        thread = self.thread(target=work, name=name, daemon=daemon)
        with self._lock:
            self._threads = [known for known in self._threads if known.is_alive()]
            self._threads.append(thread)
            thread.start()
        return thread

    def leave(self, seconds: float) -> None:
        """Break off all that is at work, and wait so long for the requests under way."""
        self.leaving.set()
        with self._lock:
            here = [thread for thread in self._threads if thread.is_alive()]
        if here:
            names = ", ".join(thread.name for thread in here)
            _log.info("Told to end: waiting at most %.0f s for %s", seconds, names)
        until = self.clock.monotonic() + seconds
        for thread in here:
            thread.join(max(0.0, until - self.clock.monotonic()))
