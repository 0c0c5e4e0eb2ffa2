"""Any application on a free port, and a browser without pictures that asks it."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import requests

from services.sandbox.server import Server, address

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.applications import Starlette

TIMEOUT = 30


class Browser:
    """Asks one application and keeps its cookies."""

    def __init__(self, url: str, **cookies: str) -> None:
        self.url = url
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.cookies.update(cookies)

    def get(self, path: str, **options: Any) -> requests.Response:
        return self.session.get(self.url + path, timeout=TIMEOUT, **options)

    def head(self, path: str) -> requests.Response:
        return self.session.head(self.url + path, timeout=TIMEOUT)


@contextmanager
def served(app: Starlette) -> Iterator[str]:
    """Serve an application; give its address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        ready = threading.Event()
        server = Server(app, ready.set)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        if not ready.wait(TIMEOUT):
            raise RuntimeError("it did not start")
        try:
            yield address(listener)
        finally:
            server.end()
            thread.join(TIMEOUT)
