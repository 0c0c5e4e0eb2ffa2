"""The scripts and styles of Streamlit's page, compressed once for everybody.

Streamlit serves them as they are (4.9 MB for a first visit) and says why: its own middleware would
compress them anew for every visitor. They never change while the process lives, so each is
compressed when it is first asked for, and kept.
"""

import asyncio
import gzip
import re
from dataclasses import dataclass, field

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

STATIC = "/static/"
# Not HTML: for a file that is not there Streamlit answers with its page, under any name.
KINDS = re.compile(r"(text|application)/(javascript|css|json|wasm)|image/svg")
# What is smaller fits one packet as it is.
WORTH_IT = 1_000


class CompressedFiles:
    """ASGI middleware that sends a browser that takes gzip the compressed copy of a static file.

    Validators, cache headers and errors are Streamlit's own; a part of a file, and a file for who
    does not take gzip, are sent as they are.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        # All of Streamlit's files are 7 MB compressed.
        self._copies: dict[str, bytes] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and compress the file that comes back."""
        if _takes_a_copy(scope):
            send = _Answer(scope["path"], send, self._copies).send
        await self.app(scope, receive, send)


def _takes_a_copy(scope: Scope) -> bool:
    if scope["type"] != "http" or scope["method"] != "GET" or STATIC not in scope["path"]:
        return False
    asked = Headers(scope=scope)
    return "gzip" in asked.get("accept-encoding", "") and "range" not in asked


@dataclass
class _Answer:
    """One answer on its way: its head waits until its compressed body is known."""

    path: str
    to_browser: Send
    copies: dict[str, bytes]
    head: Message | None = None
    body: bytearray = field(default_factory=bytearray)

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _is_worth_it(message):
            self.head = message
        elif self.head is None or message["type"] != "http.response.body":
            await self.to_browser(message)
        else:
            self.body += message.get("body", b"")
            if not message.get("more_body", False):
                await self._send_compressed(self.head)

    async def _send_compressed(self, head: Message) -> None:
        headers = MutableHeaders(scope=head)
        if self.path not in self.copies:
            copy = await asyncio.to_thread(gzip.compress, bytes(self.body), mtime=0)
            self.copies[self.path] = copy
        headers["Content-Encoding"] = "gzip"
        headers["Content-Length"] = str(len(self.copies[self.path]))
        # The same file in other bytes, and a weak tag says so.
        headers["ETag"] = f"W/{headers['etag']}"
        headers.add_vary_header("Accept-Encoding")
        await self.to_browser(head)
        await self.to_browser({"type": "http.response.body", "body": self.copies[self.path]})


def _is_worth_it(head: Message) -> bool:
    headers = Headers(raw=head["headers"])
    return (
        head["status"] == 200
        and "etag" in headers
        and KINDS.match(headers.get("content-type", "")) is not None
        and int(headers.get("content-length", 0)) >= WORTH_IT
    )
