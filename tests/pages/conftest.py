"""The real entry script under AppTest, signed in to a sandbox of the test's own."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from dashboard import bootstrap, data, deliveries, list_load, session, tenant_reads
from dashboard.components import forms, tenants
from services.monitoring import JobMonitor
from tests.holding import ends_of
from tests.ledgers import empty_ledger
from tests.pages.sessions import in_session
from tests.sandboxes import Sandbox, running_sandbox

ROOT = Path(__file__).resolve().parents[2]
MAIN = ROOT / "dashboard" / "main.py"

Open = Callable[..., AppTest]


@pytest.fixture(scope="module")
def module_sandbox() -> Iterator[Sandbox]:
    with running_sandbox(tenants=80) as sandbox:
        yield sandbox


def sign_in_to(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Set what makes the dashboard open signed in to this sandbox."""
    open_for_anyone(sandbox, monkeypatch)
    monkeypatch.setenv("VISIER_APIKEY", sandbox.api_key)
    monkeypatch.setenv("VISIER_USERNAME", sandbox.username)
    monkeypatch.setenv("VISIER_PASSWORD", sandbox.password)


def open_for_anyone(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Set what makes the dashboard ask for credentials of this sandbox."""
    monkeypatch.setenv("VISIER_HOST", sandbox.url)
    monkeypatch.setenv("VISIER_VANITY", sandbox.vanity_name)


def operations(sandbox: Sandbox) -> list[str]:
    """Return what the sandbox was asked, in order."""
    return [request["operation"] for request in sandbox.control.requests()]


def reads(app: AppTest, kind: str) -> tenant_reads.TenantReads:
    """Return what the session of a page has read tenant by tenant."""
    connection = in_session(app, session.signed_in)
    return in_session(app, tenant_reads.of, connection, tenant_reads.TenantResource(kind))


def jobs_beside(app: AppTest) -> list_load.Listed:
    """Return the jobs that a page reads beside it, to tell deliveries."""
    return in_session(app, deliveries.jobs_beside, in_session(app, session.signed_in))


def names(app: AppTest) -> list_load.Listed:
    """Return the display names, which a page reads beside it."""
    return in_session(app, data.load_tenants.of, in_session(app, session.signed_in))


@pytest.fixture(autouse=True)
def _hands_of_a_test(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a form be sent as soon as the one before it was: no hands are as quick as a test's."""
    monkeypatch.setattr(forms, "IMPATIENCE_SECONDS", 0)


@pytest.fixture(autouse=True)
def _names_are_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for names: no timer of an AppTest draws a page anew once they are there."""
    monkeypatch.setattr(tenants, "NAMES_PATIENCE", 5.0)


@pytest.fixture
def sandbox(module_sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """A sandbox nobody has asked anything yet, and a dashboard that opens signed in to it."""
    module_sandbox.control.clear_faults()
    module_sandbox.control.clear_requests()
    sign_in_to(module_sandbox, monkeypatch)
    return module_sandbox


@pytest.fixture
def own_sandbox(sandbox: Sandbox) -> Sandbox:
    """The sandbox as it is at its start, for a test that moves it on."""
    sandbox.control.reset()
    return sandbox


def forget_settings() -> None:
    """Have the settings read again, as a dashboard that is started anew does."""
    bootstrap.settings.cache_clear()
    bootstrap.auth_section.cache_clear()
    bootstrap.ended_sign_ins.cache_clear()


@pytest.fixture(autouse=True)
def nothing_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """All AppTests of a process share one session id, so their caches are emptied in between."""
    monkeypatch.setenv("DASHBOARD_LEDGER_URL", empty_ledger(tmp_path / "ledger.sqlite3"))
    forget_settings()
    st.cache_resource.clear()
    # What a page reads beside it would meet the sandbox and the settings of the next test.
    jobs_are_read = ends_of(monkeypatch, JobMonitor, "refresh")
    yield
    jobs_are_read()
    st.cache_resource.clear()
    forget_settings()


def page_of(page: str = "data_versions", **query: str) -> AppTest:
    """Return a page by its file name, with query parameters, that has not run yet."""
    app = AppTest.from_file(str(MAIN), default_timeout=60)
    # The first screen stands at the root, which is where a browser begins.
    if page != "overview":
        # Streamlit's own way goes by the name of the file, which in a folder is not the address.
        app._page_hash = calc_hash(page)
    for name, value in query.items():
        app.query_params[name] = value
    return app


def opened(page: str = "data_versions", **query: str) -> AppTest:
    """Open a page by its file name, with query parameters."""
    return page_of(page, **query).run()


@pytest.fixture
def open_page() -> Open:
    """Return the function that opens a page."""
    return opened
