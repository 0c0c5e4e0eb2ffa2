"""The scripts and styles of Streamlit's page, compressed once for everybody.

Streamlit serves them as they are (4.9 MB for a first visit) and says why: its own middleware would
compress them anew for every visitor. They never change while the process lives, so each is
compressed when it is first asked for, and kept.
"""

import asyncio
import gzip
import posixpath
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Final

import brotli
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

STATIC = "/static/"
# Not HTML: for a file that is not there Streamlit answers with its page, under any name.
KINDS = re.compile(r"(text|application)/(javascript|css|json|wasm)|image/svg")
WEIGHT = re.compile(r"0(\.\d{0,3})?|1(\.0{0,3})?")
# What is smaller fits one packet as it is.
WORTH_IT = 1_000
# What a browser may take, best first. Beyond 9 brotli takes 20 times as long for a tenth less.
ENCODERS: Final[Mapping[str, Callable[[bytes], bytes]]] = {
    "br": partial(brotli.compress, quality=9),
    "gzip": partial(gzip.compress, mtime=0),
}


class CompressedFiles:
    """ASGI middleware that sends a browser the compressed copy of a static file.

    Validators, cache headers and errors are Streamlit's own; a part of a file, and a file for who
    takes none of `ENCODERS`, are sent as they are.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        # All of Streamlit's files are 7 MB compressed.
        self._copies: dict[tuple[str, str], bytes] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and compress the file that comes back."""
        if encoding := _encoding(scope):
            # A file is found by many a path (`//`, `/./`), and would be kept once for each.
            path = posixpath.normpath(scope["path"])
            send = _Answer(path, encoding, send, self._copies).send
        await self.app(scope, receive, send)


def _encoding(scope: Scope) -> str:
    """Return how the answer to a request is to be compressed; "" for not at all."""
    if scope["type"] != "http" or scope["method"] != "GET" or STATIC not in scope["path"]:
        return ""
    asked = Headers(scope=scope)
    return "" if "range" in asked else best_of(",".join(asked.getlist("accept-encoding")))


def best_of(accepted: str) -> str:
    """Return the best of `ENCODERS` by an Accept-Encoding header (RFC 9110, 12.5.3), "" for none.

    That is the one of the highest weight, of several the first; none where it is liked less than
    the file as it is. A weight that cannot be read is taken for 0.
    """
    weights: dict[str, float] = {}
    for each in accepted.lower().split(","):
        name, *parameters = (part.strip() for part in each.split(";"))
        given = [part[2:].strip() for part in parameters if part.startswith("q=")]
        weights[name] = _weight(given[-1] if given else "1")
    any_other = weights.get("*", 0.0)
    best = max(ENCODERS, key=lambda name: weights.get(name, any_other))
    weight = weights.get(best, any_other)
    return best if weight > 0 and weight >= weights.get("identity", 0.0) else ""


def _weight(text: str) -> float:
    return float(text) if WEIGHT.fullmatch(text) else 0.0


@dataclass
class _Answer:
    """One answer on its way: its head waits until its compressed body is known."""

    path: str
    encoding: str
    to_browser: Send
    copies: dict[tuple[str, str], bytes]
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
        copy = self.copies.get((self.path, self.encoding))
        if copy is None:
            copy = await asyncio.to_thread(ENCODERS[self.encoding], bytes(self.body))
            self.copies[self.path, self.encoding] = copy
        headers["Content-Encoding"] = self.encoding
        headers["Content-Length"] = str(len(copy))
        # The same file in other bytes, and a weak tag says so.
        headers["ETag"] = f"W/{headers['etag']}"
        headers.add_vary_header("Accept-Encoding")
        await self.to_browser(head)
        await self.to_browser({"type": "http.response.body", "body": copy})


def _is_worth_it(head: Message) -> bool:
    headers = Headers(raw=head["headers"])
    return (
        head["status"] == 200
        and "etag" in headers
        and KINDS.match(headers.get("content-type", "")) is not None
        and int(headers.get("content-length", 0)) >= WORTH_IT
    )
