"""The fonts of Streamlit's page, cut to what this dashboard draws.

Streamlit brings 4,000 icons and a text face for rare scripts: 545 KB, a third of a first visit.
Until smaller ones are made (cut_fonts.py), the whole fonts are sent.
"""

import hashlib
import re
import sys
from collections.abc import Iterable
from pathlib import Path

import streamlit as st
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

ROOT = Path(__file__).resolve().parents[2]
ICON = re.compile(r":material/([a-z0-9_]+):")


def folder() -> Path:
    """Return where the fonts lie that were made for these icons and this Streamlit."""
    made_of = " ".join((st.__version__, *sorted(icons(sources()))))
    digest = hashlib.sha256(made_of.encode()).hexdigest()[:16]
    # Beside the packages they are made of: they go with them into a container.
    return Path(sys.prefix) / "share" / "visier-load-dashboard" / "fonts" / digest


def sources() -> Iterable[Path]:
    """Return the files that name the icons of the dashboard."""
    return (file for room in ("dashboard", "pages") for file in (ROOT / room).rglob("*.py"))


def icons(files: Iterable[Path]) -> set[str]:
    """Return the icons that files name."""
    return {name for file in files for name in ICON.findall(file.read_text(encoding="utf-8"))}


class SubsetFonts:
    """ASGI middleware that answers with the smaller fonts, where they are made."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        made = folder()
        self._names = {file.name for file in made.glob("*.woff2")}
        self._files = StaticFiles(directory=made, check_dir=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer for a font that is made smaller, and pass all else on."""
        asked = scope["path"] if scope.get("method") in ("GET", "HEAD") else ""
        name = asked.rpartition("/")[2]
        if name not in self._names or "/static/" not in asked:
            await self.app(scope, receive, send)
            return
        answer = await self._files.get_response(name, scope)
        answer.headers["Content-Type"] = "font/woff2"
        # Streamlit's own are kept for ever under this name; these have other icons one day.
        answer.headers["Cache-Control"] = "no-cache"
        await answer(scope, receive, send)
