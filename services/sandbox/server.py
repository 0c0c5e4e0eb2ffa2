from __future__ import annotations

import socket
import sys
import threading
from typing import TYPE_CHECKING

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from services.sandbox.config import API_KEY, PASSWORD, USERNAME, VANITY_NAME

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable
    from types import FrameType

    from starlette.applications import Starlette

BANNER = """Visier sandbox listening on {address}
API key:     {key}
User:        {user}
Password:    {password}
Vanity name: {vanity}
"""


class Protocol(H11Protocol):
    """Lets a request reach its connection, so that a fault can cut it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # asyncio declares a wider type than it passes
        """Keep the transport where requests find it, in `request.state.transport`."""
        # asyncio does so only where a listener names TCP. Else each body waits 40 ms, until the
        # reader has acknowledged the head.
        connected: socket.socket = transport.get_extra_info("socket")
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}


class Server(uvicorn.Server):
    """A server that says when it is ready and does not wait for anybody when it ends."""

    def __init__(self, app: Starlette, when_ready: Callable[[], None]) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http=Protocol,
                ws="none",
                lifespan="off",
                log_level="warning",
                access_log=False,
                timeout_keep_alive=60,
                timeout_graceful_shutdown=1,
            )
        )
        self._when_ready = when_ready
        self.ends_with_parent = False

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to listen, then say so."""
        await super().startup(sockets)
        if self.started:
            self._when_ready()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """End as signals ask, unless it is the parent that ends this server.

        Ctrl-C and service managers signal all processes of a group: the last requests of the parent
        are still to be answered then.
        """
        if not self.ends_with_parent:
            super().handle_exit(sig, frame)

    def end(self) -> None:
        """End soon, without waiting for answers under way."""
        self.should_exit = self.force_exit = True


def address(listener: socket.socket) -> str:
    """Return the address a listening socket can be reached at."""
    host, port = listener.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{port}"


def announce(listener: socket.socket) -> None:
    """Write the address and the one set of credentials to standard output."""
    sys.stdout.write(
        BANNER.format(
            address=address(listener),
            key=API_KEY,
            user=USERNAME,
            password=PASSWORD,
            vanity=VANITY_NAME,
        )
    )
    sys.stdout.flush()


def end_with_parent(server: Server) -> None:
    """End the server when its standard input ends, as it does when its parent is gone."""
    server.ends_with_parent = True

    def wait() -> None:
        while sys.stdin.buffer.read(1):
            pass
        server.end()

    threading.Thread(target=wait, daemon=True).start()
