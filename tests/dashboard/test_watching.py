"""The watch as the settings have it: what is watched, what is not, and why."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
from prometheus_client import generate_latest

from dashboard import bootstrap, metrics
from dashboard.settings import Settings
from dashboard.watch import watching
from dashboard.watch.watching import NotWatched
from services.ledger import Ledger
from tests.ledgers import empty_ledger
from tests.sandboxes import Sandbox, running_sandbox

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def unconfigured(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("DASHBOARD_LEDGER_URL", empty_ledger(tmp_path / "ledger.sqlite3"))
    monkeypatch.setenv("DASHBOARD_SANDBOX_TENANTS", "6")
    bootstrap.settings.cache_clear()
    st.cache_resource.clear()
    yield
    st.cache_resource.clear()
    bootstrap.settings.cache_clear()


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with running_sandbox(tenants=6) as running:
        yield running


def credentials(sandbox: Sandbox) -> dict[str, str]:
    return {
        "VISIER_HOST": sandbox.url,
        "VISIER_VANITY": sandbox.vanity_name,
        "VISIER_APIKEY": sandbox.api_key,
        "VISIER_USERNAME": sandbox.username,
        "VISIER_PASSWORD": sandbox.password,
    }


def turn_until_looked(name: str = "") -> None:
    watch = watching.watches().running[name]
    while watch.status.looked_at is None:
        assert watch.turn() < 20


def test_each_connection_with_credentials_is_watched_and_others_say_why_not(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for name, text in credentials(sandbox).items():
        monkeypatch.setenv(name, text)
    monkeypatch.setenv("DASHBOARD_CONNECTIONS__EMEA__VANITY", "jupiter")
    monkeypatch.setenv("DASHBOARD_CONNECTIONS__TRIAL__KIND", "sandbox")
    made = watching.watches()
    assert set(made.running) == {"default", "trial"}
    assert made.status("emea") is NotWatched.NO_CREDENTIALS
    turn_until_looked("default")
    ledger = bootstrap.whole_ledger()
    assert len(ledger.nights.listed(made.running["default"].place)) == 2
    caplog.set_level("INFO")
    monkeypatch.setattr(made.running["default"], "start", lambda: None)
    monkeypatch.setattr(made.running["trial"], "start", lambda: None)
    made.start()
    assert "emea is not watched: its settings hold no API key" in caplog.text


def test_the_embedded_sandbox_is_watched_and_gives_its_past(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DASHBOARD_WATCH_ZONE", "Asia/Tokyo")
    turn_until_looked()
    watch = watching.watches().running[""]
    ledger = bootstrap.whole_ledger()
    while len(ledger.nights.listed(watch.place)) < 4:
        assert watch.turn() < 20


def test_it_follows_an_embedded_sandbox_that_was_started_again() -> None:
    turn_until_looked()
    watch = watching.watches().running[""]
    before, ledger = watch.place, bootstrap.whole_ledger()
    while len(ledger.nights.listed(before)) < 3:
        watch.turn()
    ended = bootstrap.sandbox()
    ended.process.kill()
    ended.stop()
    # Nobody has a tab open: the watch itself starts it again, and looks there.
    while watch.place == before or len(ledger.nights.listed(watch.place)) < 3:
        assert watch.turn() < 20
    assert watch.status.holds_lease
    assert watch.status.crash == ""
    assert bootstrap.sandbox_connection(None).actor.place == watch.place
    # The other had a world of its own, which is gone, and nobody watches there.
    assert ledger.nights.listed(before) == []
    held = [each.name for each in ledger.leases.holders("watch ") if each.is_live]
    assert held == [f"watch {watch.place.host} {watch.place.tenant}"]


def test_it_can_be_turned_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DASHBOARD_WATCH", "false")
    made = watching.watches()
    assert made.running == {}
    assert made.status("") is NotWatched.OFF


def test_metrics_tell_of_the_night_under_way_and_of_the_last_look() -> None:
    turn_until_looked()
    lines = generate_latest(metrics.REGISTRY).decode().splitlines()
    counts = {
        line.partition(" ")[0]: float(line.rpartition(" ")[2])
        for line in lines
        if line.startswith(('dashboard_night_tenants{connection=""', "dashboard_watch_last"))
    }
    told = [value for name, value in counts.items() if name.startswith("dashboard_night")]
    assert sum(told) == 6
    assert 0 <= counts['dashboard_watch_last_look_seconds{connection=""}'] < 600


def alone(environment: dict[str, str]) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "dashboard.watch"],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1", **environment},
        stderr=subprocess.PIPE,
        text=True,
    )


def test_alone_it_watches_until_it_is_told_to_end(sandbox: Sandbox, tmp_path: Path) -> None:
    url = empty_ledger(tmp_path / "own.sqlite3")
    sandbox.control.clear_requests()
    with alone({**credentials(sandbox), "DASHBOARD_LEDGER_URL": url}) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if "retrieve_data_uploads" in line:
                break
        process.send_signal(signal.SIGTERM)
        log = process.stderr.read()
    assert (process.returncode, "Traceback" in log) == (0, False)
    ledger = Ledger(url)
    (holder,) = ledger.leases.holders("watch")
    assert not holder.is_live
    ledger.close()


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"VISIER_VANITY": "jupiter"}, "its settings hold no API key, user name and password"),
        ({"DASHBOARD_WATCH": "false"}, "DASHBOARD_WATCH is false"),
        ({"DASHBOARD_WATCH_ZONE": "Berlin"}, "DASHBOARD_WATCH_ZONE must be a time zone"),
    ],
)
def test_alone_it_says_what_is_missing(told: dict[str, str], why: str) -> None:
    with alone(told) as process:
        assert process.stderr is not None
        log = process.stderr.read()
    assert process.returncode == 1
    assert why in log
    assert "Traceback" not in log
