"""A Visier that sends the first half of a file and, once it is let, the second."""

import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from services.visier import Client, RateLimiter, SecurityToken
from tests.served import TIMEOUT, served
from tests.services.visier.clock import Ticking

CANARY = b"canary-of-a-file"
HALF = b"PK" + CANARY + bytes(200_000)


@dataclass
class Halves:
    """Sends the first half of a file and, once it is let, the second."""

    promised: int = 2 * len(HALF)
    status: int = 200
    behind: int = 1  # as many halves come behind the first
    drips: bool = False  # byte by byte until the second half is let
    second: threading.Event = field(default_factory=threading.Event)
    clock: Ticking = field(default_factory=lambda: Ticking(step=0))  # of who asks it

    async def answer(self, _asked: Request) -> Response:
        if self.status != 200:
            return JSONResponse({"message": "It is not there."}, self.status)
        headers = {"Content-Length": str(self.promised)} if self.promised else {}
        return StreamingResponse(self._body(), media_type="application/zip", headers=headers)

    async def _body(self) -> AsyncIterator[bytes]:
        yield HALF
        while self.drips and not await run_in_threadpool(self.second.wait, 0.001):
            yield b"a"
        await run_in_threadpool(self.second.wait, TIMEOUT)
        for _ in range(self.behind):
            yield HALF


@contextmanager
def asking(halves: Halves) -> Iterator[Client]:
    """Give a client of it; what is still to be sent is sent at the end."""
    with served(Starlette(routes=[Route("/{path:path}", halves.answer)])) as url:
        client = Client(
            url,
            SecurityToken("key", "token"),
            RateLimiter(assumed_per_minute=None),
            clock=halves.clock,
        )
        yield client
        halves.second.set()
        client.close()
