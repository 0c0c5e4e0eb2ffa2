"""The ledger's file is removed while the dashboard runs: what a person reads, and a probe."""

from pathlib import Path

import orjson
from starlette.requests import Request
from streamlit.testing.v1 import AppTest

from dashboard import health
from tests.pages.conftest import Open
from tests.sandboxes import Sandbox

GONE = "The ledger's file was removed or replaced while the dashboard was running."
ADVICE = "Put it back, or start the dashboard anew. Nothing is sent meanwhile."


def read(app: AppTest) -> list[str]:
    return [element.value for element in (*app.text, *app.caption)]


def test_every_screen_says_what_is_wrong_and_what_to_do(
    sandbox: Sandbox, open_page: Open, tmp_path: Path
) -> None:
    open_page("activity")
    (tmp_path / "ledger.sqlite3").unlink()
    app = open_page("activity")
    assert {GONE, ADVICE} <= set(read(app))
    for page in ("activity", "uploads", "connectors"):
        told = read(open_page(page))
        assert f":material/warning: Nothing can be applied. {GONE} {ADVICE}" in told


def test_the_dashboard_is_not_ready(sandbox: Sandbox, open_page: Open, tmp_path: Path) -> None:
    probe = Request({"type": "http", "method": "GET", "path": "/readyz", "headers": []})
    assert health.readyz(probe).status_code == 200
    (tmp_path / "ledger.sqlite3").unlink()
    answer = health.readyz(probe)
    assert answer.status_code == 503
    assert orjson.loads(answer.body) == {"ledger": f"{GONE} {ADVICE}"}
