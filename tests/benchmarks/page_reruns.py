"""A rerun of a page at 5,000 tenants beside the least a page can be with the same content.

Measured over the WebSocket a browser would use: from asking for a rerun to "script finished".
"""

import os
import pickle
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pandas as pd
import requests
import tenacity
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from dashboard.charts import data_versions as version_charts
from dashboard.charts import uploads as upload_charts
from services import visier
from services.frames import data_versions, tenants, uploads
from tests.benchmarks.ratios import Ratio, side_by_side

ROOT = Path(__file__).parents[2]
TENANTS = 5000
ROUNDS = 30
AT_MOST = 1.5


def measure() -> Iterator[Ratio]:
    """Yield one ratio per page."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        sandbox = stack.enter_context(_sandbox())
        dashboard = stack.enter_context(_streamlit("dashboard/app.py", [], _signed_in_to(sandbox)))
        for name, path, content in _contents(sandbox):
            file = folder / f"{path or 'data_versions'}.pickle"
            file.write_bytes(pickle.dumps(content))
            bare = stack.enter_context(
                _streamlit("tests/benchmarks/scripts/bare_page.py", [str(file)], os.environ.copy())
            )
            ours = stack.enter_context(_browser_of(dashboard, path))
            reference = stack.enter_context(_browser_of(bare, ""))
            (result,) = side_by_side(ours.rerun, reference.rerun, rounds=ROUNDS)
            yield Ratio(f"rerun of {name}, {TENANTS:,} tenants / bare page", *result, AT_MOST)


Content = tuple[pd.DataFrame, npt.NDArray[np.int32]]


def _contents(sandbox: str) -> Iterator[tuple[str, str, Content]]:
    """Yield name, path, and the frame and cells that the page shows when it is opened."""
    credentials = visier.Password("sandbox-key", "sandbox@example.com", "sandbox", "sandbox")
    governor = visier.Governor(assumed_per_minute=None)
    client = visier.Client(sandbox, credentials, governor)
    known = tenants.to_frame(islice(client.iter_tenants(), 1))
    names = known.set_index("tenant_code")["display_name"]
    now = pd.Timestamp.now("UTC").to_pydatetime()

    latest = data_versions.latest(data_versions.to_frame(client.iter_latest_enabled_dv()))
    heatmap = version_charts.freshness(latest, now).data[0]
    yield "Data versions", "", (_shown(latest, names, "data_version_date"), heatmap.z)

    zone = ZoneInfo("UTC")
    every = uploads.to_frame(client.iter_retrieve_data_uploads())
    recent = every[every["upload_time"] >= pd.Timestamp(now) - pd.Timedelta(days=30)]
    heatmap = upload_charts.density(recent, zone).data[0]
    yield "Uploads", "uploads", (_shown(recent, names, "upload_time"), heatmap.z)
    client.close()


def _shown(rows: pd.DataFrame, names: pd.Series, time: str) -> pd.DataFrame:
    age = (pd.Timestamp.now("UTC") - rows[time]).dt.total_seconds().round()
    return rows.assign(tenant_name=rows["tenant_code"].map(names).fillna(""), age=age)


class _Browser:
    """What a browser says and hears, without drawing."""

    def __init__(self, socket: ClientConnection, page_hash: str) -> None:
        self._socket = socket
        self._page = page_hash

    def rerun(self) -> str:
        """Ask for a rerun and wait until the script has finished; return the page's hash."""
        ask = BackMsg()
        ask.rerun_script.page_script_hash = self._page
        self._socket.send(ask.SerializeToString())
        while True:
            told = ForwardMsg.FromString(self._socket.recv(timeout=120, decode=False))
            if told.WhichOneof("type") == "new_session":
                self._page = told.new_session.page_script_hash or self._page
            if told.WhichOneof("type") == "script_finished":
                return self._page


@contextmanager
def _browser_of(address: str, path: str) -> Iterator[_Browser]:
    url = f"{address.replace('http', 'ws', 1)}/_stcore/stream"
    with connect(url, max_size=None, subprotocols=[Subprotocol("streamlit")]) as open_socket:
        opened = BackMsg()
        opened.rerun_script.page_name = path
        open_socket.send(opened.SerializeToString())
        browser = _Browser(open_socket, "")
        _until_finished(open_socket, browser)
        yield browser


def _until_finished(open_socket: ClientConnection, browser: _Browser) -> None:
    while True:
        told = ForwardMsg.FromString(open_socket.recv(timeout=120, decode=False))
        kind = told.WhichOneof("type")
        if kind == "navigation":
            browser._page = told.navigation.page_script_hash
        if kind == "script_finished":
            return


@contextmanager
def _sandbox() -> Iterator[str]:
    options = ["--port=0", f"--tenants={TENANTS}", "--rate-limit=0", "--speed=0"]
    process = subprocess.Popen(
        [sys.executable, "-m", "services.sandbox", *options, "--exit-with-parent"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    try:
        yield process.stdout.readline().split()[-1]
    finally:
        process.terminate()
        process.wait()


def _signed_in_to(sandbox: str) -> dict[str, str]:
    return os.environ | {
        "VISIER_HOST": sandbox,
        "VISIER_VANITY": "sandbox",
        "VISIER_APIKEY": "sandbox-key",
        "VISIER_USERNAME": "sandbox@example.com",
        "VISIER_PASSWORD": "sandbox",
    }


@contextmanager
def _streamlit(script: str, arguments: list[str], environment: dict[str, str]) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", script, f"--server.port={port}"]
    process = subprocess.Popen(
        [*command, "--", *arguments],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://localhost:{port}"
    try:
        _wait_until_up(address)
        yield address
    finally:
        process.terminate()
        process.wait()


@tenacity.retry(wait=tenacity.wait_fixed(0.2), stop=tenacity.stop_after_delay(60), reraise=True)
def _wait_until_up(address: str) -> None:
    requests.get(f"{address}/_stcore/health", timeout=5).raise_for_status()
