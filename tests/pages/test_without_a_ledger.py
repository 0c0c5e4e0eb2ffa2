"""Reading goes on where the ledger cannot be used: what earlier looks saw is a comfort."""

import pytest

from dashboard import bootstrap
from tests.pages.conftest import Open, operations
from tests.pages.reading import table, texts
from tests.sandboxes import Sandbox

UNUSABLE = "sqlite:////dev/null/ledger.sqlite3"


@pytest.fixture
def without(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    monkeypatch.setenv("DASHBOARD_LEDGER_URL", UNUSABLE)
    bootstrap.settings.cache_clear()
    return sandbox


@pytest.mark.first_is_quick
@pytest.mark.parametrize("page", ["jobs", "data_versions", "uploads", "connectors", "credentials"])
def test_what_is_read_is_shown(without: Sandbox, open_page: Open, page: str) -> None:
    app = open_page(page)
    assert not app.exception
    assert len(table(app)) > 0
    assert "Ledger unavailable" not in texts(app)
    assert "Nothing can be applied." in texts(app)


@pytest.mark.first_is_quick
@pytest.mark.parametrize("view", ["Table", "Tree", "Timeline", "Stages", "Failures"])
def test_jobs_say_what_is_missing(without: Sandbox, open_page: Open, view: str) -> None:
    app = open_page("jobs", job_view=view)
    assert not app.exception
    assert "The job history cannot be read" in texts(app)
    assert "Ledger unavailable" not in texts(app)


@pytest.mark.slow
def test_the_overview_says_it_too(without: Sandbox, open_page: Open) -> None:
    app = open_page("overview")
    assert not app.exception
    assert "The job history cannot be read" in texts(app)
    assert {"job_status", "latest_enabled_dv", "retrieve_data_uploads"} <= set(operations(without))


def test_a_job_that_cannot_be_tracked_is_said_so(without: Sandbox, open_page: Open) -> None:
    app = open_page("jobs")
    app.text_input(key="jobs.track").set_value("931f3042-1269-43b7-bfac-1placeholder").run()
    assert "Ledger unavailable" in texts(app)
    assert app.text_input(key="jobs.track").value == "931f3042-1269-43b7-bfac-1placeholder"
    assert len(table(app)) > 0


@pytest.mark.slow
def test_once_it_can_be_used_again_nothing_is_missing(
    without: Sandbox, open_page: Open, monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    app = open_page("jobs")
    monkeypatch.setenv("DASHBOARD_LEDGER_URL", f"sqlite:///{tmp_path}/ledger.sqlite3")
    bootstrap.settings.cache_clear()
    bootstrap.job_monitor.clear()
    app.run()
    assert "The job history" not in texts(app)
    assert len(table(app)) > 0
