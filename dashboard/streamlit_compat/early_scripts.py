"""The scripts of what every screen draws, asked for together with the page.

Streamlit's page asks for the script behind an element only when it comes to draw the first of its
kind: with an empty cache a person would see the first screen without its style sheet until then,
and wait for its table once more after its rows have come.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import streamlit
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

STATIC = Path(streamlit.__file__).parent / "static"
# `st.html` draws the style sheet. A Streamlit that calls them otherwise goes without.
DRAWN = ("Html", "DataFrame", "TextInput", "ButtonGroup", "Selectbox")
_IMPORTED = re.compile(rb'(?:from|import) ?"\./([^"]+\.js)"')
_END = b"</head>"


def links(static: Path) -> bytes:
    """Return links that have a browser load what `DRAWN` needs beyond what the page itself names.

    A browser loads no imports of such a link by itself, so each has one.
    """
    page, scripts = (static / "index.html").read_bytes(), static / "static" / "js"
    first = [script.name for kind in DRAWN for script in sorted(scripts.glob(f"{kind}.*.js"))]
    names = [name for name in _with_imports(scripts, first) if name.encode() not in page]
    # The page finds its own scripts by the same address, also below a base path.
    return "".join(
        f'<link rel="modulepreload" crossorigin href="./static/js/{name}">' for name in names
    ).encode()


def _with_imports(scripts: Path, names: list[str]) -> Iterator[str]:
    left, seen = [*names], {*names}
    while left:
        name = left.pop(0)
        yield name
        imported = [each.decode() for each in _IMPORTED.findall((scripts / name).read_bytes())]
        left += dict.fromkeys(each for each in imported if each not in seen)
        seen.update(imported)


class EarlyScripts:
    """ASGI middleware that puts the links into every page."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.links = links(STATIC)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and put the links into a page that comes back."""
        held: list[Message] = []
        if scope["type"] == "http" and "text/html" in Headers(scope=scope).get("accept", ""):
            # Streamlit compresses the page of some addresses itself.
            scope = {**scope, "headers": [*filter(_is_no_encoding, scope["headers"])]}

        async def send_with_links(message: Message) -> None:
            if held or _is_page(message):
                held.append(message)
                if not _is_last(message):
                    return
                for each in self._linked(held):
                    await send(each)
            else:
                await send(message)

        await self.app(scope, receive, send_with_links)

    def _linked(self, held: list[Message]) -> list[Message]:
        head, *parts = held
        body = b"".join(part.get("body", b"") for part in parts)
        body = body.replace(_END, self.links + _END, 1)
        if body:
            # An answer to HEAD has none, and tells the length of the page as it is on disk.
            MutableHeaders(scope=head)["Content-Length"] = str(len(body))
        return [head, {"type": "http.response.body", "body": body}]


def _is_no_encoding(header: tuple[bytes, bytes]) -> bool:
    return header[0] != b"accept-encoding"


def _is_page(message: Message) -> bool:
    if message["type"] != "http.response.start" or message["status"] != 200:
        return False
    return Headers(raw=message["headers"]).get("content-type", "").startswith("text/html")


def _is_last(message: Message) -> bool:
    return message["type"] == "http.response.body" and not message.get("more_body", False)
