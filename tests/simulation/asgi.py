"""An application that answers in this very thread: what of its turns is waited for is virtual."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any
from urllib.parse import unquote, urlsplit

import requests
from starlette.applications import Starlette


class _Cable:
    """What a fault finds as the connection of a request: it can be cut."""

    def abort(self) -> None:
        """Cut it: the answer that is given then has no status."""


def run(app: Starlette, request: requests.PreparedRequest) -> tuple[int, dict[str, str], bytes]:
    """Have the application answer, in as many turns as it takes."""
    parts = urlsplit(str(request.url))
    given = request.body or b""
    body = given if isinstance(given, bytes) else str(given).encode()
    told = [{"type": "http.request", "body": body, "more_body": False}]
    head: dict[str, Any] = {}
    chunks: list[bytes] = []

    async def receive() -> dict[str, Any]:
        return told.pop() if told else {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        head.update(message if message["type"] == "http.response.start" else {})
        chunks.append(message.get("body", b""))

    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": "https",
        "path": unquote(parts.path),
        "raw_path": parts.path.encode(),
        "query_string": parts.query.encode(),
        "root_path": "",
        "headers": [
            (name.lower().encode(), _encoded(value)) for name, value in request.headers.items()
        ],
        "client": ("127.0.0.1", 1),
        "server": ("visier.simulated", 443),
        "state": {"transport": _Cable()},
    }
    _at_once(app(scope, receive, send))  # type: ignore[arg-type] # the messages are plain
    headers = {name.decode(): value.decode() for name, value in head["headers"]}
    return head["status"], headers, b"".join(chunks)


def _encoded(value: str | bytes) -> bytes:
    return value if isinstance(value, bytes) else value.encode()


def _at_once(work: Coroutine[Any, Any, None]) -> None:
    """Run what waits for nothing but virtual time."""
    try:
        work.send(None)
    except StopIteration:
        return
    raise RuntimeError("The sandbox waits for what is not simulated.")
