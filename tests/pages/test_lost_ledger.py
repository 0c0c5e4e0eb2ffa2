"""The ledger's file is removed while the dashboard runs: what a person reads, and a probe."""

from pathlib import Path

import orjson
from starlette.requests import Request
from streamlit.testing.v1 import AppTest

from dashboard import health
from tests.pages.conftest import Open
from tests.pages.reading import table
from tests.sandboxes import Sandbox
from tests.services.operations.recovery.conftest import BAD_BATCH

GONE = "The ledger's file was removed or replaced while the dashboard ran."
WHATEVER_WAS_READ = ("overview", "jobs", "data_versions", "uploads", "connectors", "credentials")
BY_THE_LEDGER = ("recovery", "start_jobs", "activity", "history")
ADVICE = "Put it back or restart the dashboard. Nothing is sent until then."


def read(app: AppTest) -> list[str]:
    return [element.value for element in (*app.text, *app.caption)]


def test_every_screen_says_what_is_wrong_and_what_to_do(
    sandbox: Sandbox, open_page: Open, tmp_path: Path
) -> None:
    open_page("activity")
    (tmp_path / "ledger.sqlite3").unlink()
    for page in (*WHATEVER_WAS_READ, *BY_THE_LEDGER):
        app = open_page(page)
        assert not app.exception, app.exception[0]
        told = read(app)
        assert f":material/warning: Nothing can be applied. {GONE} {ADVICE}" in told, page
        if page in BY_THE_LEDGER:
            assert {GONE, ADVICE} <= set(told), page
        else:
            assert any(len(shown.value) for shown in app.dataframe), page
    assert len(table(open_page("recovery", rec_job=BAD_BATCH))) == 40


def test_the_dashboard_is_not_ready(sandbox: Sandbox, open_page: Open, tmp_path: Path) -> None:
    probe = Request({"type": "http", "method": "GET", "path": "/readyz", "headers": []})
    assert health.readyz(probe).status_code == 200
    (tmp_path / "ledger.sqlite3").unlink()
    answer = health.readyz(probe)
    assert answer.status_code == 503
    assert orjson.loads(answer.body) == {"ledger": f"{GONE} {ADVICE}"}
