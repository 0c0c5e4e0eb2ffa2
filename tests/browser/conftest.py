"""A dashboard on its embedded sandbox, and a browser to look at it with."""

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Literal

import psutil
import pytest
import requests
import tenacity
from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

from tests import options
from tests.browser import chromium
from tests.sandboxes import Control

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_MS = 60_000
SIZE: ViewportSize = {"width": 1440, "height": 1000}
# No page is open for so long that compiling its scripts for speed would pay.
QUICKER = ["--js-flags=--no-opt --no-maglev"]


# While Playwright is there an event loop runs, beside which other tests cannot run one of theirs.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    found = chromium.executable()
    assert found, chromium.ADVICE
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        flags = [*chromium.FLAGS, *QUICKER]
        browser = playwright.chromium.launch(executable_path=found, args=flags)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def dashboard_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a dashboard that nobody has configured."""
    with running_dashboard(tmp_path_factory.mktemp("dashboard")) as url:
        yield url


@pytest.fixture(scope="package")
def window(browser: Browser, dashboard_url: str) -> Iterator[Page]:
    """The first tab of a window that stays open.

    Its other tabs share what its process has compiled of the pages, which costs more than all else.
    """
    context = browser.new_context(viewport=SIZE, timezone_id="UTC", reduced_motion="reduce")
    context.set_default_timeout(PATIENCE_MS)
    first = context.new_page()
    first.goto(f"{dashboard_url}/healthz")
    yield first
    context.close()


@pytest.fixture
def page(window: Page) -> Iterator[Page]:
    """A new tab, in which nothing is known of those before."""
    with window.context.expect_page() as opened:
        window.evaluate("() => { open('about:blank') }")
    yield opened.value
    for tab in window.context.pages:
        if tab is not window:
            tab.close()
    window.context.clear_cookies()
    window.evaluate("localStorage.clear()")


@pytest.fixture(scope="package")
def plain_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A page of Streamlit with one thing of each kind, and no dashboard around it."""
    app = ["streamlit", "run", "tests/browser/scripts/plain_app.py"]
    folder = tmp_path_factory.mktemp("plain")
    with running_app(app, folder, os.environ | {"PYTHONPATH": str(ROOT)}) as address:
        yield address


@dataclass(frozen=True)
class OnSandbox:
    """A dashboard on its embedded sandbox, with its ledger and its log in a folder."""

    url: str
    folder: Path
    sandbox: Control


@pytest.fixture(scope="package")
def _workbench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OnSandbox]:
    with dashboard_on_sandbox(tmp_path_factory.mktemp("workbench"), tenants=60) as made:
        yield made


@pytest.fixture
def workbench(_workbench: OnSandbox) -> OnSandbox:
    """A dashboard for a test that changes something, its sandbox as at its start.

    What was done before is left in its ledger, and what was seen of jobs in its memory.
    """
    _workbench.sandbox.clear_faults()
    _workbench.sandbox.reset()
    _workbench.sandbox.clear_requests()
    return _workbench


@contextmanager
def dashboard_on_sandbox(folder: Path, tenants: int) -> Iterator[OnSandbox]:
    """Run a dashboard of so many tenants whose sandbox can be steered."""
    with started_dashboard(folder, on_a_sandbox(folder, tenants)) as (url, process):
        yield OnSandbox(url, folder, Control(address_of_child(process.pid)))


@tenacity.retry(wait=tenacity.wait_fixed(0.1), stop=tenacity.stop_after_delay(60), reraise=True)
def address_of_child(pid: int) -> str:
    """Return where the sandbox listens that a dashboard has started."""
    (sandbox,) = psutil.Process(pid).children()
    (port,) = (each.laddr.port for each in sandbox.net_connections("tcp") if not each.raddr)
    return f"http://127.0.0.1:{port}"


@contextmanager
def running_dashboard(
    folder: Path,
    tenants: int = 120,
    environment: Mapping[str, str] = MappingProxyType({}),
    *,
    secrets: str = "",
) -> Iterator[str]:
    """Run a dashboard with its ledger and `log.txt` in a folder; on its sandbox unless told.

    `secrets` is the text of its secrets.toml.
    """
    told = on_a_sandbox(folder, tenants) | dict(environment)
    with started_dashboard(folder, told, secrets=secrets) as (url, _):
        yield url


@contextmanager
def started_dashboard(
    folder: Path, settings: Mapping[str, str], *, secrets: str = ""
) -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    """Run a dashboard with these settings, and its log in a folder; give its address and itself."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("VISIER_")}
    # Its calls and its writes would come among those that tests count.
    off = {"DASHBOARD_WATCH": "false"}
    environment = kept | {"PYTHONPATH": str(ROOT)} | off | dict(settings)
    home = _home(folder, secrets) if secrets else ROOT
    with started_app(["dashboard"], folder, environment, home) as started:
        yield started


@contextmanager
def running_app(module: list[str], folder: Path, environment: Mapping[str, str]) -> Iterator[str]:
    """Run a module, with its arguments, that serves a page; its log is `log.txt` in the folder."""
    with started_app(module, folder, {**environment, **options.AT_HOME}, ROOT) as (url, _):
        yield url


@contextmanager
def started_app(
    module: list[str], folder: Path, environment: Mapping[str, str], home: Path
) -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    """Run a module that serves a page, from a folder `home`; give its address and itself."""
    port = free_port()
    command = [sys.executable, "-m", *module, f"--server.port={port}"]
    url = f"http://localhost:{port}"
    health = f"{url}/_stcore/health"
    with serving(command, health, folder / "log.txt", environment, home) as process:
        yield url, process


@contextmanager
def serving(
    command: list[str], health: str, log: Path, environment: Mapping[str, str], home: Path
) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a server, from when it answers that it is well until the block ends."""
    with log.open("w") as sink:
        process = subprocess.Popen(
            command,
            cwd=home,
            env=dict(environment),
            stdout=sink,
            stderr=subprocess.STDOUT,
            # A group of its own: a test may signal all of it, as Ctrl-C does.
            start_new_session=True,
        )
    try:
        _wait_until_up(health, process)
        yield process
    finally:
        process.terminate()
        process.wait(timeout=120)


@contextmanager
def a_page(
    browser: Browser, *, width: int = 1440, color_scheme: Literal["light", "dark"] = "light"
) -> Iterator[Page]:
    """Open a page of somebody's own: nothing of it is shared with another."""
    size: ViewportSize = {"width": width, "height": 1000}
    context = browser.new_context(viewport=size, timezone_id="UTC", color_scheme=color_scheme)
    context.set_default_timeout(PATIENCE_MS)
    yield context.new_page()
    context.close()


def _home(folder: Path, secrets: str) -> Path:
    """Return a folder to run a dashboard in, with secrets."""
    configuration = folder / ".streamlit"
    configuration.mkdir()
    (configuration / "secrets.toml").write_text(secrets)
    return folder


def on_a_sandbox(folder: Path, tenants: int) -> dict[str, str]:
    return {
        # The budget of a minute would otherwise be what the tests wait for.
        "DASHBOARD_SANDBOX_RATE_LIMIT": "0",
        # What moves by itself would drift under the hands of a test.
        "DASHBOARD_SANDBOX_SPEED": "0",
        "DASHBOARD_SANDBOX_TENANTS": str(tenants),
        "DASHBOARD_LEDGER_URL": f"sqlite:///{folder / 'ledger.sqlite3'}",
    }


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@tenacity.retry(wait=tenacity.wait_fixed(0.2), stop=tenacity.stop_after_delay(60), reraise=True)
def _wait_until_up(health: str, process: "subprocess.Popen[bytes]") -> None:
    assert process.poll() is None, "The server ended at its start."
    assert requests.get(health, timeout=5).ok


def has_run(page: Page) -> None:
    """Wait until the script has run and all of it is drawn."""
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
    expect(page.get_by_test_id("stStatusWidget")).to_have_count(0)
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0)


def no_error(page: Page) -> None:
    """Wait until the script has run; fail when the page shows an error of any kind."""
    has_run(page)
    expect(page.get_by_test_id("stException")).to_have_count(0)
    expect(page.locator("[class*='st-key-error-']")).to_have_count(0)
    expect(page.get_by_text(re.compile("Internal error"))).to_have_count(0)
