"""Headers that keep a browser from doing what the dashboard never needs, and closed addresses."""

import base64
import hashlib
import re
from pathlib import Path

import streamlit
from starlette.datastructures import MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

INDEX = Path(streamlit.__file__).parent / "static" / "index.html"
INLINE_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)

# What Streamlit serves to anybody who asks: its own figures, a run of the script for no browser,
# and a driver of the dashboard for programs. Each of them may stand below a base path.
CLOSED = ("/_stcore/metrics", "/_stcore/script-health-check", "/_stcore/agent/")


def content_security_policy(index: str) -> str:
    """Return the tightest policy Streamlit works under; `index` is the text of its index page.

    The one script in that page is allowed by its digest, so that no other inline script is.
    """
    digests = " ".join(f"'sha256-{_digest(script)}'" for script in INLINE_SCRIPT.findall(index))
    directives = {
        "default-src": "'none'",
        "script-src": f"'self' {digests}",
        # Streamlit's components and plotly write their styles into the page as they draw.
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data: blob:",
        "font-src": "'self' data:",
        "connect-src": "'self'",
        "manifest-src": "'self'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
    }
    return "; ".join(f"{name} {sources}" for name, sources in directives.items())


def _digest(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


HEADERS = {
    "Content-Security-Policy": content_security_policy(INDEX.read_text(encoding="utf-8")),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
# Exports and other files of a session, served to whoever has their address.
MEDIA = "/media/"
# The fonts of Streamlit's page lie below a folder of the same name, and are the same for everybody.
PUBLIC_MEDIA = "/static/media/"
NOT_KEPT = {"Cache-Control": "no-store"}


class SecurityHeaders:
    """ASGI middleware that adds the headers to every HTTP response and closes what is `CLOSED`.

    What is below `MEDIA`, but for fonts, is kept by no browser and no proxy.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and put the headers on what comes back."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        is_private = MEDIA in scope["path"].replace(PUBLIC_MEDIA, "")
        headers = HEADERS | NOT_KEPT if is_private else HEADERS

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(headers)
            await send(message)

        is_closed = any(closed in scope["path"] for closed in CLOSED)
        app = PlainTextResponse("Not found", 404) if is_closed else self.app
        await app(scope, receive, send_with_headers)
