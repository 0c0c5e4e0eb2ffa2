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
    """Gives requests access to their connection, so that a fault can cut it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # asyncio declares a wider type than it passes
        """Put the transport into `request.state.transport`."""
        # asyncio sets TCP_NODELAY only on sockets whose listener names TCP. Without it each body
        # waits 40 ms, until the client has acknowledged the head.
        connected: socket.socket = transport.get_extra_info("socket")
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}


class Server(uvicorn.Server):
    """A server that reports when it is ready, and does not wait for clients when it ends."""

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
                # A request that a fault holds would keep the process for as long.
                timeout_graceful_shutdown=1,
            )
        )
        self._when_ready = when_ready
        self.ends_with_parent = False

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to listen, then report it."""
        await super().startup(sockets)
        if self.started:
            self._when_ready()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """End on a signal, unless the server ends with its parent.

        Ctrl-C and service managers signal all processes of a group: the parent's last requests must
        still be answered.
        """
        if not self.ends_with_parent:
            super().handle_exit(sig, frame)

    def end(self) -> None:
        """End without waiting for requests in flight."""
        # Nobody is left to read an answer.
        self.should_exit = self.force_exit = True


def address(listener: socket.socket) -> str:
    """Return the URL of a listening socket."""
    host, port = listener.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{port}"


def announce(listener: socket.socket) -> None:
    """Print the address and the credentials to standard output."""
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
    """End the server when its standard input ends, as it does when its parent has ended."""
    server.ends_with_parent = True

    def wait() -> None:
        while sys.stdin.buffer.read(1):
            pass
        server.end()

    threading.Thread(target=wait, daemon=True).start()
