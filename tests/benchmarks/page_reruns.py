"""A rerun of a page at 5,000 tenants beside the least a page can be with the same content.

Measured over the WebSocket a browser would use: from asking for a rerun to "script finished".
"""

import os
import pickle
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from itertools import cycle, islice
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

from pages.data_versions import charts as version_charts
from pages.jobs.tree import ROWS_AT_MOST
from pages.uploads import charts as upload_charts
from services import visier
from services.frames import data_versions, job_readings, job_tree, tenants, uploads
from services.monitoring import Recent, listing
from tests import options
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
        for number, (name, path, presses, content) in enumerate(_contents(sandbox)):
            file = folder / f"{number}.pickle"
            file.write_bytes(pickle.dumps(content))
            bare = stack.enter_context(
                _streamlit("tests/benchmarks/scripts/bare_page.py", [str(file)], os.environ.copy())
            )
            ours = stack.enter_context(_browser_of(dashboard, path))
            reference = stack.enter_context(_browser_of(bare, ""))
            press = ours.pressing(presses) if presses else ours.rerun
            (result,) = side_by_side(press, reference.rerun, rounds=ROUNDS)
            yield Ratio(f"{name} / bare page", *result, AT_MOST)


Content = tuple[list[pd.DataFrame], npt.NDArray[np.int32] | None]
Case = tuple[str, str, tuple[str, ...], Content]


def _contents(sandbox: str) -> Iterator[Case]:
    """Yield name, path, the buttons pressed in turn, and the frames and cells that are shown."""
    credentials = visier.Password("sandbox-key", "sandbox@example.com", "sandbox", "sandbox")
    rate_limiter = visier.RateLimiter(assumed_per_minute=None)
    client = visier.Client(sandbox, credentials, rate_limiter)
    known = tenants.to_frame(islice(client.iter_tenants(), 1))
    names = known.set_index("tenant_code")["display_name"]
    now = pd.Timestamp.now("UTC").to_pydatetime()

    latest = data_versions.latest(data_versions.to_frame(client.iter_latest_enabled_dv()))
    heatmap = version_charts.freshness(latest, now).data[0]
    shown = [_shown(latest, names, "data_version_date")]
    yield f"rerun of Data versions, {TENANTS:,} tenants", "data_versions", (), (shown, heatmap.z)

    path = "?ov_since=24+hours&ov_live=false"
    worst = _shown(latest.head(10), names, "data_version_date")
    yield f"rerun of Overview, {TENANTS:,} tenants", path, (), ([worst], None)

    zone = ZoneInfo("UTC")
    every = uploads.to_frame(client.iter_retrieve_data_uploads())
    recent = every[every["upload_time"] >= pd.Timestamp(now) - pd.Timedelta(days=30)]
    heatmap = upload_charts.density(recent, zone).figure.data[0]
    shown = [_shown(recent, names, "upload_time")]
    yield f"rerun of Uploads, {TENANTS:,} tenants", "uploads", (), (shown, heatmap.z)
    yield from _of_jobs(client, names)
    client.close()


def _of_jobs(client: visier.Client, names: pd.Series) -> Iterator[Case]:
    now = pd.Timestamp.now("UTC").to_pydatetime()
    pieces: list[listing.Piece] = []
    listing.read_window(client, Recent(timedelta(days=7)), pieces, now)
    tree = job_tree.roll_up(job_readings.combine(piece.jobs for piece in pieces))
    columns = ["job_id", "tenant_code", "job_type", "status", "start_time", "parent_job_id"]
    every = _shown(tree[columns].astype({"status": "str"}), names, "start_time")
    count = f"{len(every):,} jobs"
    path = "jobs?job_window=7+days&job_live=false"
    yield f"rerun of Jobs as a table, {count}", path, (), ([every], None)
    collapsed, expanded = every[tree["depth"] == 0], every.head(ROWS_AT_MOST)
    yield (
        f"a toggle of Jobs as a tree, {count}",
        f"{path}&job_view=Tree",
        ("Expand all", "Collapse all"),
        ([expanded, collapsed], None),
    )


def _shown(rows: pd.DataFrame, names: pd.Series, time: str) -> pd.DataFrame:
    age = (pd.Timestamp.now("UTC") - rows[time]).dt.total_seconds().round()
    return rows.assign(tenant_name=rows["tenant_code"].map(names).fillna(""), age=age)


class _Browser:
    """What a browser says and hears, without drawing."""

    def __init__(self, socket: ClientConnection, page_hash: str) -> None:
        self._socket = socket
        self._page = page_hash
        self._buttons: dict[str, str] = {}
        self._query = ""

    def open(self, path: str) -> None:
        """Open a page by its path and query, and wait until it is drawn."""
        name, _, self._query = path.partition("?")
        ask = BackMsg()
        ask.rerun_script.page_name = name
        ask.rerun_script.query_string = self._query
        self._send(ask)

    def rerun(self) -> None:
        """Ask for a rerun and wait until the script has finished."""
        self._send(self._again())

    def pressing(self, labels: Sequence[str]) -> Callable[[], None]:
        """Return what presses these buttons, one after the other with each call."""
        turn = cycle(labels)

        def press() -> None:
            ask = self._again()
            pressed = ask.rerun_script.widget_states.widgets.add()
            pressed.id = self._buttons[next(turn)]
            pressed.trigger_value = True
            self._send(ask)

        return press

    def _again(self) -> BackMsg:
        ask = BackMsg()
        ask.rerun_script.page_script_hash = self._page
        ask.rerun_script.query_string = self._query
        return ask

    def _send(self, ask: BackMsg) -> None:
        self._socket.send(ask.SerializeToString())
        while True:
            told = ForwardMsg.FromString(self._socket.recv(timeout=120, decode=False))
            match told.WhichOneof("type"):
                case "new_session":
                    self._page = told.new_session.page_script_hash or self._page
                case "navigation":
                    self._page = told.navigation.page_script_hash
                case "delta" if told.delta.new_element.HasField("button"):
                    button = told.delta.new_element.button
                    self._buttons[button.label] = button.id
                case "script_finished":
                    return


@contextmanager
def _browser_of(address: str, path: str) -> Iterator[_Browser]:
    url = f"{address.replace('http', 'ws', 1)}/_stcore/stream"
    with connect(url, max_size=None, subprotocols=[Subprotocol("streamlit")]) as open_socket:
        browser = _Browser(open_socket, "")
        browser.open(path)
        yield browser


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
        "DASHBOARD_WATCH": "false",
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
        env={**environment, **options.AT_HOME},
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
