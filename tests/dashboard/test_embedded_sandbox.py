from collections.abc import Iterator

import psutil
import pytest
import streamlit as st

from dashboard import bootstrap, embedded_sandbox
from dashboard.settings import Settings
from services import visier


@pytest.fixture(autouse=True)
def unconfigured(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("DASHBOARD_SANDBOX_TENANTS", "6")
    bootstrap.settings.cache_clear()
    st.cache_resource.clear()
    yield
    st.cache_resource.clear()
    bootstrap.settings.cache_clear()


def test_it_answers_when_it_is_started_and_leaves_when_it_is_stopped() -> None:
    sandbox = embedded_sandbox.start(Settings())
    credentials = visier.Password(
        embedded_sandbox.API_KEY,
        embedded_sandbox.USERNAME,
        embedded_sandbox.PASSWORD,
        embedded_sandbox.VANITY_NAME,
    )
    client = visier.connect(sandbox.url, credentials, visier.RateLimiter())
    client.close()
    sandbox.stop()
    assert not sandbox.is_running
    assert sandbox.process.returncode == 0


def test_it_is_told_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    secrets = {
        "VISIER_PASSWORD": "canary",
        "STREAMLIT_SERVER_COOKIE_SECRET": "canary",
        "DASHBOARD_LEDGER_URL": "postgresql://ann:canary@db/ledger",
        "AWS_SECRET_ACCESS_KEY": "canary",
        "PGPASSWORD": "canary",
    }
    for name, value in secrets.items():
        monkeypatch.setenv(name, value)
    sandbox = embedded_sandbox.start(Settings())
    told = psutil.Process(sandbox.process.pid).environ()
    sandbox.stop()
    assert "PATH" in told
    assert not set(told) & set(secrets)
    assert "canary" not in " ".join(told.values())


def test_one_that_has_ended_is_started_again_and_connected_to() -> None:
    before = bootstrap.sandbox_connection(None)
    sandbox = bootstrap.sandbox()
    sandbox.process.kill()
    sandbox.stop()
    after = bootstrap.sandbox_connection(None)
    assert after.identity.base_url != before.identity.base_url
    after.client.sign_in()
