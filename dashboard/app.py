"""The server: an `st.App` over main.py. `streamlit run dashboard/app.py` starts it."""

import asyncio
import gc
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

# `streamlit run dashboard/app.py` puts only this folder on the path, not the root.
ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

import plotly.graph_objects  # noqa: F401 - loaded before the first visitor waits for it
import streamlit as st
import uvicorn
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse
from starlette.routing import Route

from dashboard import access, bootstrap, downloads, health, logs, metrics, navigation
from dashboard.browser_mark import BrowserMark
from dashboard.same_origin import SameOrigin
from dashboard.security_headers import SecurityHeaders
from dashboard.settings import WrongSetting
from dashboard.streamlit_compat import safe_options, script_errors, whole_callbacks
from dashboard.streamlit_compat.binary_only import BinaryOnly
from dashboard.streamlit_compat.compressed_files import CompressedFiles
from dashboard.streamlit_compat.early_scripts import EarlyScripts
from dashboard.streamlit_compat.subset_fonts import SubsetFonts
from dashboard.watch import notifying, pushed_reader, watching, webhook_endpoint
from dashboard.watch.pushes import ROUTE

# For what is ready to be sent; open tabs find the next server by themselves.
SECONDS_FOR_BROWSERS = 1


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[None]:
    """Start the sandbox, the watch and the metrics of the settings; end them with the server."""
    try:
        safe_options.check()
        end_metrics = _configured()
    except (RuntimeError, WrongSetting):
        # A sentence for whoever starts it: where it is raised tells them no more.
        sys.tracebacklimit = 0
        raise
    access.warn_of_settings()
    sandbox = bootstrap.sandbox() if bootstrap.settings().has_sandbox else None
    notifier = notifying.notifier()
    notifier.start()
    watches = watching.watches()
    watches.start()
    pushed_reader.pushes().start_working()
    server = _server()
    if server is not None:
        # uvicorn would wait without end for a browser that has stopped reading a file, and end the
        # lifespan only then: killed before that, it would lose requests under way.
        server.config.timeout_graceful_shutdown = SECONDS_FOR_BROWSERS
        send_at_once(server)
    # What is loaded by now stays for good, so the collector need not walk it after every rerun.
    gc.collect()
    gc.freeze()
    yield
    watches.tell_to_end()
    # Operations finish the request under way and are interrupted, not lost. What a page still
    # begins is not sent any more.
    bootstrap.threads().leave(bootstrap.LAST_REQUEST_SECONDS)
    watches.leave(watching.LAST_LOOK_SECONDS)
    notifier.leave(notifying.LAST_MESSAGE_SECONDS)
    if sandbox is not None:
        sandbox.stop()
    if end_metrics is not None:
        end_metrics()


def _configured() -> Callable[[], None] | None:
    """Configure the log and serve the metrics when they have a port; return what ends that."""
    settings = bootstrap.settings()
    logs.configure(settings.dashboard_log_format)
    port, address = settings.dashboard_metrics_port, settings.dashboard_metrics_address
    if not port:
        return None
    end, end_count = metrics.serve(port, address), metrics.count_watch(bootstrap.whole_ledger)

    def end_metrics() -> None:
        end_count()
        end()

    return end_metrics


def _server() -> uvicorn.Server | None:
    """Return the server that runs this, None where it is not uvicorn."""
    # Streamlit hands it to nobody; the handler of its signals is bound to it.
    server = getattr(signal.getsignal(signal.SIGTERM), "__self__", None)
    return server if isinstance(server, uvicorn.Server) else None


def send_at_once(server: uvicorn.Server) -> None:
    """Set TCP_NODELAY on each connection, as asyncio does where a listener names TCP."""
    # Streamlit's listener does not: what follows a small message would wait until the browser has
    # acknowledged that, which takes it 40 ms.
    protocol: Any = server.config.http_protocol_class

    class Prompt(protocol):  # type: ignore[misc] # uvicorn chooses it when it is started
        def connection_made(self, transport: asyncio.Transport) -> None:
            connected: socket.socket | None = transport.get_extra_info("socket")
            if connected is not None and connected.family in (socket.AF_INET, socket.AF_INET6):
                connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            super().connection_made(transport)

    server.config.http_protocol_class = Prompt


async def browser_script(_: Request) -> FileResponse:
    """Serve the script of sidebar.IN_THE_BROWSER: of scripts only files may run here."""
    return FileResponse(Path(__file__).parent / "assets" / "browser.js")


async def first_by_name(asked: Request) -> RedirectResponse:
    """Redirect from the name of the first screen to the root, with the whole query."""
    query = asked.url.query
    return RedirectResponse(f"./?{query}" if query else "./")


def own_routes(base: str) -> list[Route]:
    """Return what is served besides Streamlit's own, below the base path where there is one."""
    below = f"/{base.strip('/')}" if base.strip("/") else ""
    return [
        *health.ROUTES,
        Route(f"{below}/browser.js", browser_script),
        Route(f"{below}{downloads.ROUTE}", downloads.hand_over),
        *(
            Route(f"{below}{ROUTE}{end}", webhook_endpoint.receive, methods=["POST"])
            for end in ("", "/{connection}")
        ),
        Route(f"{below}/{navigation.SCREENS[0].name}", first_by_name),
    ]


whole_callbacks.install()
app = st.App(
    ROOT / "dashboard" / "main.py",
    lifespan=lifespan,
    routes=own_routes(st.get_option("server.baseUrlPath") or ""),
    middleware=[
        Middleware(each)
        for each in (
            SecurityHeaders,
            SameOrigin,
            BinaryOnly,
            BrowserMark,
            EarlyScripts,
            CompressedFiles,
            SubsetFonts,
        )
    ],
    on_script_error=script_errors.log_and_show,
)
