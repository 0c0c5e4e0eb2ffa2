"""A dashboard on its embedded sandbox, and a browser to look at it with."""

import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Literal

import pytest
import requests
import tenacity
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser import chromium

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_MS = 30_000


# While Playwright is there an event loop runs, beside which other tests cannot run one of theirs.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    found = chromium.executable()
    assert found, chromium.ADVICE
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=chromium.FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def dashboard_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a dashboard that nobody has configured."""
    with running_dashboard(tmp_path_factory.mktemp("dashboard")) as url:
        yield url


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
    told = _on_a_sandbox(folder, tenants) | dict(environment)
    with started_dashboard(folder, told, secrets=secrets) as (url, _):
        yield url


@contextmanager
def started_dashboard(
    folder: Path, settings: Mapping[str, str], *, secrets: str = ""
) -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    """Run a dashboard with these settings, and its log in a folder; give its address and itself."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("VISIER_")}
    environment = kept | {"PYTHONPATH": str(ROOT)} | dict(settings)
    home = _home(folder, secrets) if secrets else ROOT
    with started_app(["dashboard"], folder, environment, home) as started:
        yield started


@contextmanager
def running_app(module: list[str], folder: Path, environment: Mapping[str, str]) -> Iterator[str]:
    """Run a module, with its arguments, that serves a page; its log is `log.txt` in the folder."""
    with started_app(module, folder, environment, ROOT) as (url, _):
        yield url


@contextmanager
def started_app(
    module: list[str], folder: Path, environment: Mapping[str, str], home: Path
) -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    """Run a module that serves a page, from a folder `home`; give its address and itself."""
    port = free_port()
    command = ["-m", *module, f"--server.port={port}"]
    url = f"http://localhost:{port}"
    health = f"{url}/_stcore/health"
    with serving(command, health, folder / "log.txt", environment, home) as process:
        yield url, process


@contextmanager
def serving(
    command: list[str], health: str, log: Path, environment: Mapping[str, str], home: Path
) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a server by Python, from when it answers that it is well until the block ends."""
    with log.open("w") as sink:
        process = subprocess.Popen(
            [sys.executable, *command],
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
        process.wait(timeout=20)


@contextmanager
def a_page(
    browser: Browser, *, width: int = 1440, color_scheme: Literal["light", "dark"] = "light"
) -> Iterator[Page]:
    """Open a page of somebody's own: nothing of it is shared with another."""
    context = browser.new_context(
        viewport={"width": width, "height": 1000}, timezone_id="UTC", color_scheme=color_scheme
    )
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    expect.set_options(timeout=PATIENCE_MS)
    yield page
    context.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with a_page(browser) as page:
        yield page


def _home(folder: Path, secrets: str) -> Path:
    """Return a folder to run a dashboard in, with the configuration of this one and secrets."""
    configuration = folder / ".streamlit"
    configuration.mkdir()
    shutil.copy(ROOT / ".streamlit" / "config.toml", configuration)
    (configuration / "secrets.toml").write_text(secrets)
    return folder


def _on_a_sandbox(folder: Path, tenants: int) -> dict[str, str]:
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


def no_error(page: Page) -> None:
    """Wait until the script has run; fail when the page shows an error of any kind."""
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
    expect(page.get_by_test_id("stStatusWidget")).to_have_count(0)
    expect(page.get_by_test_id("stException")).to_have_count(0)
    expect(page.locator("[class*='st-key-error-']")).to_have_count(0)
    expect(page.get_by_text(re.compile("The dashboard made a mistake"))).to_have_count(0)
