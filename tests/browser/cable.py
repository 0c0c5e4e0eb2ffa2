"""A cable between a browser and a dashboard that can be pulled, or held up, and put in again."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

CHUNK = 65_536
HOST = "127.0.0.1"


class Cable:
    """Passes on what comes in on a port of its own; while it is pulled, nobody gets through."""

    def __init__(self, url: str) -> None:
        self._to = (HOST, urlsplit(url).port or 80)
        self._listener = socket.create_server((HOST, 0))
        self._is_in = threading.Event()
        self._flows = threading.Event()
        self._ends: set[socket.socket] = set()
        self._is_in.set()
        self._flows.set()
        threading.Thread(target=self._accept, daemon=True).start()
        self.url = f"http://localhost:{self._listener.getsockname()[1]}"

    def pull(self) -> None:
        """Cut every connection, and refuse new ones."""
        self._is_in.clear()
        self._flows.set()
        for end in [*self._ends]:
            _close(end)

    def hold_up(self) -> None:
        """Let nothing through any more, without a sign that nothing gets through."""
        self._flows.clear()

    def put_in(self) -> None:
        """Let everything through again."""
        self._is_in.set()
        self._flows.set()

    def close(self) -> None:
        """End it for good."""
        self._listener.close()
        self.pull()

    def _accept(self) -> None:
        # Pulling the cable closes the sockets under those who wait on them.
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                if not self._is_in.is_set():
                    _close(near)
                    continue
                far = socket.create_connection(self._to)
                self._ends |= {near, far}
                for one, other in ((near, far), (far, near)):
                    threading.Thread(target=self._pass_on, args=(one, other), daemon=True).start()

    def _pass_on(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while content := one.recv(CHUNK):
                self._flows.wait()
                if not self._is_in.is_set():
                    break
                other.sendall(content)
        for end in (one, other):
            self._ends.discard(end)
            _close(end)


def _close(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()


@contextmanager
def cable_to(url: str) -> Iterator[Cable]:
    """Lay a cable to a dashboard."""
    cable = Cable(url)
    try:
        yield cable
    finally:
        cable.close()
