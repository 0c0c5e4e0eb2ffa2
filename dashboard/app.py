"""The server: an `st.App` over main.py. `streamlit run dashboard/app.py` starts it."""

import gc
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

# `streamlit run dashboard/app.py` puts only this folder on the path, not the root.
ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

import plotly.graph_objects  # noqa: F401 - loaded before the first visitor waits for it
import streamlit as st
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from dashboard import access, bootstrap, script_errors
from dashboard.security_headers import SecurityHeaders


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[None]:
    """Start the sandbox when the dashboard is to open on it, and end it with the dashboard."""
    access.warn_of_settings()
    sandbox = None if bootstrap.settings().names_a_visier else bootstrap.sandbox()
    # What is loaded by now stays for good, so the collector need not walk it after every rerun.
    gc.collect()
    gc.freeze()
    yield
    if sandbox is not None:
        sandbox.stop()


async def healthz(_: Request) -> PlainTextResponse:
    """Answer that the process serves requests."""
    return PlainTextResponse("ok")


app = st.App(
    ROOT / "dashboard" / "main.py",
    lifespan=lifespan,
    routes=[Route("/healthz", healthz)],
    middleware=[Middleware(SecurityHeaders)],
    on_script_error=script_errors.log_and_show,
)
