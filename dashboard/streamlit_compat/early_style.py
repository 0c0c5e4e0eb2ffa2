"""The style sheet as early as Streamlit can have it.

`st.html` draws it, and Streamlit's page asks for the script behind `st.html` only when it comes to
draw it: with an empty cache a person would see the first screen without its style until then.
"""

from pathlib import Path

import streamlit
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SCRIPTS = Path(streamlit.__file__).parent / "static" / "static" / "js"
# What `st.html` is drawn by, and what that imports; a Streamlit that calls them otherwise goes
# without.
NEEDED = ("Html.*.js", "purify.es.*.js")


def links(scripts: Path) -> str:
    """Return the value of a `Link` header that has a browser load what `st.html` needs."""
    names = [script.name for each in NEEDED for script in sorted(scripts.glob(each))]
    # The page finds its own scripts by the same address, also below a base path.
    return ", ".join(f'<./static/js/{name}>; rel="modulepreload"; crossorigin' for name in names)


class EarlyStyle:
    """ASGI middleware that puts the links on every page."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.links = links(SCRIPTS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and put the links on a page that comes back."""

        async def send_with_links(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if self.links and headers.get("content-type", "").startswith("text/html"):
                    headers["Link"] = self.links
            await send(message)

        await self.app(scope, receive, send_with_links)
