"""A browser speaks to the server from the dashboard's own page, or not at all.

Streamlit's own check looks at host and port alone, lets in every page of this computer, and where
it still does not know it asks an address outside for this computer's own, with the event loop
standing still. It never gets that far: what is refused here does not reach it, and what passes has
the host of its origin.
"""

import logging
import os
import re
from typing import NamedTuple

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocketClose
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

# A host and perhaps a port, as in RFC 6454 (Origin) and RFC 9110 (Host): no user, no path.
_AUTHORITY = re.compile(
    r"(?P<host>\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(?P<port>[0-9]{1,5}))?", re.IGNORECASE
)
_DEFAULT_PORTS = {"http": 80, "https": 443}
_SAFE_METHODS = ("GET", "HEAD")
_TRUSTED_BY_DEFAULT = "127.0.0.1,::1"  # uvicorn's own
# Close code of a WebSocket, RFC 6455, section 7.4.1.
_POLICY_VIOLATION = 1008
_log = logging.getLogger("dashboard")


class Origin(NamedTuple):
    """Scheme, host in lower case, and port: what makes two addresses those of one page."""

    scheme: str
    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.scheme}://{self.host}:{self.port}"


def origin(scheme: str, authority: str) -> Origin | None:
    """Return the origin of a scheme and a host with or without a port; None when it is none."""
    found = _AUTHORITY.fullmatch(authority)
    if found is None or scheme.lower() not in _DEFAULT_PORTS:
        return None
    port = found["port"] or _DEFAULT_PORTS[scheme.lower()]
    return Origin(scheme.lower(), found["host"].lower(), int(port))


class SameOrigin:
    """ASGI middleware that refuses what the page of another origin asks.

    That is every WebSocket, and every request that is no mere read. Who names no origin is no
    browser: Streamlit's own token has to do there.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        trusted = os.environ.get("FORWARDED_ALLOW_IPS", _TRUSTED_BY_DEFAULT)
        self._proxies = ProxyHeadersMiddleware(app, trusted).trusted_hosts  # type: ignore[arg-type] # Starlette and uvicorn type ASGI apart

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on when it comes from the dashboard's own page, or from no page."""
        theirs = Headers(scope=scope).get("origin") if _is_guarded(scope) else None
        if theirs is None:
            await self.app(scope, receive, send)
            return
        ours = self._own(scope)
        scheme, _, authority = theirs.partition("://")
        if ours is None or origin(scheme, authority) != ours:
            await _refuse(theirs, ours, scope, receive, send)
            return
        # The same host can be written in several ways, Streamlit compares the text.
        MutableHeaders(scope=scope)["host"] = authority
        await self.app(scope, receive, send)

    def _own(self, scope: Scope) -> Origin | None:
        """Return where the browser takes this server to be, as far as the proxy may say so."""
        headers = Headers(scope=scope)
        forwarded = headers.get("x-forwarded-host") if self._is_by_proxy(scope) else None
        # uvicorn has put the scheme of a trusted proxy in place of its own.
        scheme = scope["scheme"].replace("ws", "http")
        return origin(scheme, forwarded or headers.get("host", ""))

    def _is_by_proxy(self, scope: Scope) -> bool:
        """Return whether the peer is one of FORWARDED_ALLOW_IPS.

        By now uvicorn has put the visitor's address in place of such a peer's: with port 0, which
        the peer of a socket never has.
        """
        host, port = scope.get("client") or (None, None)
        return host in self._proxies or port == 0


def _is_guarded(scope: Scope) -> bool:
    return scope["type"] == "websocket" or (
        scope["type"] == "http" and scope["method"] not in _SAFE_METHODS
    )


async def _refuse(
    theirs: str, ours: Origin | None, scope: Scope, receive: Receive, send: Send
) -> None:
    _log.warning(
        "Refused a request from a page of %.200r: this server is %s. Behind a proxy, see "
        "FORWARDED_ALLOW_IPS in docs/deployment.md.",
        theirs,
        ours or "an unknown host",
    )
    refusal: ASGIApp = PlainTextResponse("Cross-origin request refused", 403)
    if scope["type"] == "websocket":
        refusal = WebSocketClose(_POLICY_VIOLATION)
    await refusal(scope, receive, send)
