"""Streamlit with what works around it and nothing else: a page of one thing of each kind."""

from pathlib import Path

import streamlit as st
from starlette.requests import Request
from starlette.responses import FileResponse
from starlette.routing import Route

from dashboard.streamlit_compat import whole_callbacks

ROOT = Path(__file__).resolve().parents[3]


async def browser_script(_: Request) -> FileResponse:
    return FileResponse(ROOT / "dashboard" / "assets" / "browser.js")


whole_callbacks.install()
app = st.App(
    Path(__file__).with_name("plain_page.py").resolve(),
    routes=[Route("/browser.js", browser_script)],
)
