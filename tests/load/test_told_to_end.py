"""A process that is told to end, as Ctrl-C and a service manager do it: all its group at once."""

import asyncio
import os
import re
import signal
import socket
import subprocess
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from pathlib import Path

import pytest
import streamlit
import tenacity

from services.ledger import Item, Ledger, Operation, Outcome, State
from tests.browser.conftest import started_dashboard
from tests.load.tab import Answer, Tab, Value, opened
from tests.sandboxes import TIMEOUT, Control

pytestmark = pytest.mark.slow

E1A, C7O = "WFF_j1r~e1a", "WFF_j1r~c7o"
START, CREATE = "adhoc_processing_jobs", "create_connector_credential"
SECONDS = 2


def sandbox_of(answer: Answer) -> Control:
    found = re.search(r"127\.0\.0\.1:\d+", " ".join(map(str, answer.elements())))
    assert found
    return Control(f"http://{found[0]}")


async def start(tab: Tab) -> Control:
    """Start a processing job that Visier is slow to answer."""
    control = sandbox_of(await tab.open("start_jobs?start_kind=Process"))
    control.fault(START, "latency", seconds=SECONDS)
    await tab.set({"start.tenants.chosen": E1A}, bound=False)
    await tab.press("start.go")
    return control


async def create(tab: Tab) -> Control:
    """Create a credential in two tenants, and Visier is slow to answer about the first."""
    page = f"credentials?cred_tenants={E1A}&cred_tenants={C7O}&cred_view=New+credential"
    control = sandbox_of(await tab.open(page))
    control.fault(CREATE, "latency", seconds=SECONDS)
    form = "credential.new.UKG"
    filled: dict[str, Value] = {f"secret.{form}.0.{each}.0": "x" for each in ("apiKey", "password")}
    await tab.set({"credential.new.name": "A name"}, bound=False)
    await tab.set(filled, press=f"{form}.send.0", bound=False)
    return control


@tenacity.retry(wait=tenacity.wait_fixed(0.05), stop=tenacity.stop_after_delay(60), reraise=True)
def wait_for_request(control: Control, operation: str) -> None:
    assert control.requests(operation)


def stalled_browser(url: str) -> socket.socket:
    """Ask for a large file and do not read it, as a browser on a computer that fell asleep."""
    scripts = Path(streamlit.__file__).parent / "static" / "static" / "js"
    large = max(scripts.glob("*.js"), key=lambda script: script.stat().st_size)
    asking = socket.create_connection(("localhost", int(url.rpartition(":")[2])))
    asking.sendall(f"GET /static/js/{large.name} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    return asking


def ended(
    folder: Path,
    act: Callable[[Tab], Awaitable[Control]],
    operation: str,
    told: signal.Signals,
    *,
    beside_a_stalled_browser: bool = False,
) -> tuple[Operation, list[Item]]:
    """Do something, tell the whole group to end at once; return what the ledger says then."""
    ledger_url = f"sqlite:///{folder / 'ledger.sqlite3'}"
    settings = {
        "DASHBOARD_LEDGER_URL": ledger_url,
        "DASHBOARD_SANDBOX_RATE_LIMIT": "0",
        "DASHBOARD_SANDBOX_SPEED": "0",
    }

    async def begin(process: "subprocess.Popen[bytes]") -> None:
        async with opened(url) as tab:
            control = await act(tab)
            await asyncio.to_thread(wait_for_request, control, operation)
            os.killpg(process.pid, told)

    with ExitStack() as stack:
        url, process = stack.enter_context(started_dashboard(folder, settings))
        if beside_a_stalled_browser:
            stack.enter_context(stalled_browser(url))
        asyncio.run(begin(process))
        process.wait(TIMEOUT)
    ledger = Ledger(ledger_url)
    (found,) = ledger.operations()
    items = ledger.items(found.id)
    ledger.close()
    return found, items


@pytest.mark.parametrize(("told", "stalled"), [(signal.SIGTERM, True), (signal.SIGINT, False)])
def test_a_start_under_way_is_answered_and_its_job_written_down(
    tmp_path: Path, told: signal.Signals, *, stalled: bool
) -> None:
    operation, (item,) = ended(tmp_path, start, START, told, beside_a_stalled_browser=stalled)
    assert (operation.state, item.outcome) == (State.FINISHED, Outcome.SUCCEEDED)
    assert re.fullmatch(r"[0-9a-f-]{36}", item.facts["job_id"])


def test_a_credential_under_way_is_created_and_no_other_is(tmp_path: Path) -> None:
    operation, items = ended(tmp_path, create, CREATE, signal.SIGTERM)
    assert operation.state == State.STOPPED
    assert [item.outcome for item in items] == [Outcome.SUCCEEDED, Outcome.PLANNED]
    assert items[0].facts["credential_id"]
