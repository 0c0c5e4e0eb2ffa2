"""A cookie that tells one browser from another, so that what one has asked for goes to no other.

It is random, of no use but to be compared, and no script can read it.
"""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from typing import Final

import streamlit as st
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

NAME: Final = "dashboard_browser"
# Streamlit keeps the sign-in by OpenID Connect in these: who signs out is no longer meant.
SIGN_IN: Final = "_streamlit_user"


def of_session() -> str:
    """Return the mark of this browser session's browser, "" when it takes no cookies."""
    return of(st.context.cookies.to_dict())


def of(cookies: Mapping[str, str]) -> str:
    """Return one text for the browser, and who is signed in there, behind these cookies."""
    if not cookies.get(NAME):
        return ""
    own = {name: cookies[name] for name in cookies if name == NAME or name.startswith(SIGN_IN)}
    return hashlib.sha256(repr(sorted(own.items())).encode()).hexdigest()


def is_same(one: str, other: str) -> bool:
    """Return whether two marks are those of one browser; no mark is nobody's."""
    return bool(one) and hmac.compare_digest(one, other)


class BrowserMark:
    """ASGI middleware that gives a browser its mark with the first page it gets."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and put the cookie on a page that comes back."""

        async def send_with_mark(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if headers.get("content-type", "").startswith("text/html"):
                    headers.append("Set-Cookie", _new(is_secure=scope["scheme"] == "https"))
            await send(message)

        is_known = scope["type"] != "http" or HTTPConnection(scope).cookies.get(NAME)
        await self.app(scope, receive, send if is_known else send_with_mark)


def _new(*, is_secure: bool) -> str:
    # HttpOnly: no script reads it. Lax: a link from elsewhere opens with it. Secure where it can
    # be.
    token = secrets.token_urlsafe(32)
    return f"{NAME}={token}; Path=/; HttpOnly; SameSite=Lax" + ("; Secure" if is_secure else "")
