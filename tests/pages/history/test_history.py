"""History: what is on record of nights, read without a call."""

from collections import Counter
from datetime import timedelta

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import bootstrap
from dashboard.watch import watching
from services.clock import CLOCK
from tests.pages.conftest import Open, operations
from tests.pages.history.recording import loaded, record, tonight
from tests.pages.reading import counts, table, texts
from tests.sandboxes import Sandbox


@pytest.fixture
def watched(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """A sandbox of which this process has looked at two nights."""
    watch = watching.watches().running[""]
    while watch.status.looked_at is None:
        assert watch.turn() < 20
    sandbox.control.clear_requests()
    return sandbox


def test_nights_on_record_are_shown_without_a_call(watched: Sandbox, open_page: Open) -> None:
    app = open_page("history")
    assert not app.exception
    assert app.title[0].value == "History"
    rows = table(app)
    assert len(rows) == len(watched.inside.world.tenants)
    assert f"{len(rows)} of {len(rows)} tenants · this night is under way" in texts(app)
    assert operations(watched) == []
    figures = counts(app, "hist_state")
    assert figures["All"] == len(rows)
    assert sum(figures.values()) == 2 * len(rows)


def test_a_night_is_opened_with_what_happened_in_it(watched: Sandbox, open_page: Open) -> None:
    last = tonight() - timedelta(days=1)
    app = open_page("history", hist_night=last.isoformat(), hist_state="loaded")
    rows = table(app)
    assert len(rows) == counts(app, "hist_state")["Loaded"] > 0
    assert rows["loaded_at"].notna().all()
    assert (rows["upload_count"] > 0).any()
    assert "this night was observed to its end" in texts(app)
    assert Counter(label for cell in rows["state"] for label in cell) == {"■ Loaded": len(rows)}


def test_metric_values_are_shown_of_nights_that_have_them(
    sandbox: Sandbox, open_page: Open
) -> None:
    night, before = tonight() - timedelta(days=1), tonight() - timedelta(days=2)
    app = open_page("history")
    values = {"metrics": '{"Headcount":2300.0,"Exits":17.5}'}
    record(app, before, {"t1": loaded(before, 5), "t2": {}})
    record(app, night, {"t1": loaded(night, 5) | values, "t2": {}})
    rows = table(open_page("history", hist_night=night.isoformat())).set_index("tenant_code")
    assert rows["metrics"].fillna("").to_dict() == {"t1": "Headcount 2,300 · Exits 17.50", "t2": ""}
    assert "metrics" not in table(open_page("history", hist_night=before.isoformat()))
    both = table(
        open_page(
            "history", hist_view="two", hist_night=night.isoformat(), hist_differs="same_version"
        )
    )
    assert "Headcount 2,300 · Exits 17.50" in both["metrics"].tolist()
    assert "metrics_before" not in both


def test_tenants_are_searched_for_and_filters_cleared(watched: Sandbox, open_page: Open) -> None:
    code = sorted(watched.inside.world.tenants)[7]
    app = open_page("history", hist_tenant=code)
    assert table(app)["tenant_code"].tolist() == [code]
    empty = open_page("history", hist_tenant="nobody")
    assert "No tenant matches the filter" in texts(empty)
    empty.button(key="filter.clear").click().run()
    assert len(table(empty)) > 1


def test_without_a_night_it_says_why(
    sandbox: Sandbox, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DASHBOARD_WATCH", "false")
    bootstrap.settings.cache_clear()
    app = open_page("history")
    assert not app.exception
    assert "No night on record" in texts(app)
    assert "The watch is turned off" in texts(app)


def test_what_the_watch_cannot_read_is_said(watched: Sandbox, open_page: Open) -> None:
    watched.control.fault("job_status", "500", times=0, value="Out of *order*.")
    watch = watching.watches().running[""]
    looked_at = watch.status.looked_at
    watch._next_look = CLOCK.now()
    while watch.status.looked_at == looked_at:
        watch.turn()
    app = open_page("history")
    assert "The watch cannot read jobs: Out of" in texts(app)


def test_overview_and_tenant_show_the_nights_that_are_known(
    watched: Sandbox, open_page: Open
) -> None:
    assert "Last 30 nights" in headers(open_page("overview"))
    code = sorted(watched.inside.world.tenants)[7]
    assert "Last 2 nights" in headers(open_page("tenant", code=code))


def test_without_nights_they_show_none(
    sandbox: Sandbox, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "Last 30 nights" not in headers(open_page("overview"))


def headers(app: AppTest) -> list[str]:
    return [header.value for header in app.header]
