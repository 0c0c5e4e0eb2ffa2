"""The threads of this process that work on operations, and how they end when it is terminated."""

import logging
import threading
from collections.abc import Callable

from services.clock import CLOCK, Clock

_log = logging.getLogger("services.operations")


class Threads:
    """Threads that a terminated process waits for.

    ``leaving`` is then set: each worker finishes the request in flight and begins no other. All
    waits are on ``clock``; ``thread`` creates the threads and their heartbeats.
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
        """Run work in a thread of its own; only work that may never end should be a daemon."""
        thread = self.thread(target=work, name=name, daemon=daemon)
        with self._lock:
            self._threads = [known for known in self._threads if known.is_alive()]
            self._threads.append(thread)
            # Within the lock: `leave` has to see each thread that runs.
            thread.start()
        return thread

    def leave(self, seconds: float) -> None:
        """Interrupt all work, and wait at most so many seconds for the requests in flight."""
        # Before the threads are listed: one that starts meanwhile sees it.
        self.leaving.set()
        with self._lock:
            here = [thread for thread in self._threads if thread.is_alive()]
        if here:
            names = ", ".join(thread.name for thread in here)
            _log.info("Told to end: waiting at most %.0f s for %s", seconds, names)
        until = self.clock.monotonic() + seconds
        for thread in here:
            thread.join(max(0.0, until - self.clock.monotonic()))
