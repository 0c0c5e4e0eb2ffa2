"""What an operator sees of a running dashboard: health, log, figures, and what it refuses."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest
import tenacity
from playwright.sync_api import Page, expect

from tests.browser.conftest import ROOT, free_port, running_dashboard
from tests.browser.driving import start_processing_of_all
from tests.sandboxes import ask

pytestmark = pytest.mark.browser


@dataclass(frozen=True)
class Running:
    """A dashboard with its figures served and its log in JSON."""

    url: str
    figures_url: str
    log: Path

    def figures(self) -> str:
        return ask("GET", f"{self.figures_url}/metrics").text

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.read_text().splitlines()]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder, port = tmp_path_factory.mktemp("operated"), free_port()
    told = {"DASHBOARD_LOG_FORMAT": "json", "DASHBOARD_METRICS_PORT": str(port)}
    with running_dashboard(folder, tenants=30, environment=told) as url:
        yield Running(url, f"http://127.0.0.1:{port}", folder / "log.txt")


def figure(figures: str, name: str) -> float:
    found = re.search(rf"^{re.escape(name)} (\S+)$", figures, re.MULTILINE)
    assert found, f"{name} in {figures}"
    return float(found[1])


def sandboxes_of(url: str) -> list[psutil.Process]:
    """Find the sandbox a dashboard has started."""
    port = url.rpartition(":")[2]
    for process in psutil.process_iter(["cmdline"]):
        if f"--server.port={port}" in (process.info["cmdline"] or []):
            children: list[psutil.Process] = process.children()
            return children
    return []


@tenacity.retry(wait=tenacity.wait_fixed(0.05), stop=tenacity.stop_after_delay(30), reraise=True)
def no_longer_ready(url: str) -> dict[str, str]:
    """Ask until a process that was killed is gone, which takes it a moment."""
    answer = ask("GET", f"{url}/readyz")
    assert answer.status_code == 503
    told: dict[str, str] = answer.json()
    return told


def test_it_is_ready_and_says_so(running: Running) -> None:
    assert ask("GET", f"{running.url}/healthz").text == "ok"
    ready = ask("GET", f"{running.url}/readyz")
    assert (ready.status_code, ready.json()) == (200, {"ledger": "ok", "sandbox": "ok"})
    assert ready.headers["cache-control"] == "no-store"


def test_it_is_not_ready_without_its_sandbox_and_starts_it_again(running: Running) -> None:
    assert ask("GET", f"{running.url}/readyz").ok
    (sandbox,) = sandboxes_of(running.url)
    sandbox.kill()
    told = no_longer_ready(running.url)
    assert told["sandbox"] == "It was not running and has been restarted."
    assert ask("GET", f"{running.url}/readyz").ok
    assert len(sandboxes_of(running.url)) == 1


@pytest.mark.slow
def test_it_is_not_ready_without_its_ledger(tmp_path: Path) -> None:
    no_database = tmp_path / "letter.txt"
    no_database.write_text("Dear Ann, " * 500)
    told = {"DASHBOARD_LEDGER_URL": f"sqlite:///{no_database}", "VISIER_VANITY": "jupiter"}
    with running_dashboard(tmp_path, environment=told) as url:
        answer = ask("GET", f"{url}/readyz")
        assert answer.status_code == 503
        assert answer.json() == {
            "ledger": (
                "The ledger's file is damaged or not a ledger. Stop the dashboard, keep the "
                "file and restore the newest backup."
            )
        }
        assert ask("GET", f"{url}/healthz").ok


def test_figures_and_log_tell_of_requests_by_operation_and_hold_no_key(
    running: Running, page: Page
) -> None:
    before = running.figures()
    page.goto(f"{running.url}/uploads")
    expect(page.get_by_test_id("stDataFrame").first).to_be_visible()
    after = running.figures()
    requests = (
        'visier_requests_total{connection="",operation="retrieve_data_uploads",outcome="answered"}'
    )
    assert requests not in before
    assert figure(after, requests) == 1
    seconds = 'visier_request_seconds_count{connection="",operation="retrieve_data_uploads"}'
    assert figure(after, seconds) == 1
    assert figure(after, 'dashboard_reruns_total{page="Uploads"}') >= 1
    assert figure(after, "dashboard_sessions") == 1
    assert ask("GET", f"{running.url}/download/canary-of-a-ticket").status_code == 404
    assert re.search(
        r'^visier_calls_left\{key="[0-9a-f]{8}",window="minute"\} ', after, re.MULTILINE
    )

    (line,) = [each for each in running.lines() if each.get("operation") == "retrieve_data_uploads"]
    assert line["logger"] == "services.visier"
    assert line["level"] == "INFO"
    assert (line["method"], line["path"], line["status"]) == ("GET", "/v1/op/data/uploads", 200)
    assert line["time"].endswith("+00:00")
    for told in (after, running.log.read_text()):
        assert "sandbox-key" not in told
        assert "sandbox@example.com" not in told
        assert "canary-of-a-ticket" not in told


@pytest.mark.slow
def test_an_operation_is_counted_by_its_verb_and_how_it_ended(running: Running, page: Page) -> None:
    start_processing_of_all(page, running.url)
    counted = 'dashboard_operations_total{outcome="started",verb="start_processing"}'
    items = 'dashboard_operation_items_total{outcome="started",verb="start_processing"}'
    figures = running.figures()
    assert figure(figures, counted) == figure(figures, items) == 1
    lines = [line for line in running.lines() if "operation_id" in line]
    assert len({line["operation_id"] for line in lines}) == 1
    assert lines[-1]["outcome"] == "started"


@pytest.mark.slow
def test_figures_are_not_served_unless_asked_for(tmp_path: Path) -> None:
    with running_dashboard(tmp_path, environment={"VISIER_VANITY": "jupiter"}) as url:
        assert ask("GET", f"{url}/metrics").headers["content-type"].startswith("text/html")
        (dashboard,) = [
            each
            for each in psutil.net_connections("tcp")
            if each.status == psutil.CONN_LISTEN
            and [*each.laddr][1:] == [int(url.rpartition(":")[2])]
        ]
        assert dashboard.pid
        listening = psutil.Process(dashboard.pid).net_connections("tcp")
        assert len([each for each in listening if each.status == psutil.CONN_LISTEN]) == 1


def ended_at_its_start(folder: Path, *options: str) -> str:
    """Return what a dashboard says that does not start from a folder."""
    ended = subprocess.run(
        [sys.executable, "-m", "dashboard", f"--server.port={free_port()}", *options],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT), "DASHBOARD_SANDBOX_TENANTS": "6"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode != 0
    return ended.stderr


@pytest.mark.slow
def test_it_does_not_start_with_an_option_that_opens_it(tmp_path: Path) -> None:
    said = ended_at_its_start(tmp_path, "--client.showErrorDetails=full", "--server.enableCORS=0")
    assert "do not override these options: client.showErrorDetails, server.enableCORS." in said
    assert "Traceback" not in said
