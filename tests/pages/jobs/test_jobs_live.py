"""Jobs as they are looked at live: what waits, what moves under a tick, what is read anew when."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from unittest.mock import Mock

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import bootstrap, session
from dashboard.components import live
from dashboard.streamlit_compat import row_shift_guard, user_activity
from services.monitoring.snapshots import FAST
from tests.pages.conftest import Open
from tests.pages.jobs import choosing
from tests.pages.jobs.choosing import beats, choose, ticked
from tests.pages.reading import table, texts
from tests.pages.sessions import in_session
from tests.sandboxes import Sandbox


@pytest.mark.slow
def test_new_jobs_wait_while_something_is_selected(own_sandbox: Sandbox, open_page: Open) -> None:
    app = open_page("jobs")
    before = set(table(app)["job_id"])
    choose(app, next(iter(before)))
    own_sandbox.control.advance(300)
    app.button(key="jobs.refresh").click().run()
    assert set(table(app)["job_id"]) == before
    app.button(key="jobs.show_new").click().run()
    assert set(table(app)["job_id"]) > before
    assert not [button for button in app.button if button.key == "jobs.show_new"]


def test_rows_that_no_longer_match_stay_where_they_are_while_something_is_selected(
    own_sandbox: Sandbox, open_page: Open
) -> None:
    app = open_page("jobs", job_state="running")
    before = list(table(app)["job_id"])
    # One that is stuck, so that something stays selected and something matches.
    stuck = table(app)["remark"].str.contains("Stuck")
    choose(app, *table(app).loc[stuck, "job_id"])
    own_sandbox.control.advance(1800)
    app.button(key="jobs.refresh").click().run()
    assert list(table(app)["job_id"]) == before
    assert re.search(r" · \d+ no longer match", texts(app))
    app.button(key="jobs.select_none").click().run()
    app.run()
    assert "no longer match" not in texts(app)
    assert set(before) - set(table(app)["job_id"])


def test_what_was_selected_is_not_any_more_once_it_has_ended(
    own_sandbox: Sandbox, open_page: Open
) -> None:
    app = open_page("jobs", job_type="processing")
    going = table(app).loc[choosing.live(app), "job_id"]
    ended = table(app)["job_id"][~table(app)["job_id"].isin(going)].iloc[0]
    choose(app, *going[:2])
    assert app.button(key="jobs.cancel").label == "Cancel 2 jobs…"
    choose(app, *going[:2], ended)
    assert app.button(key="jobs.cancel").label == "Cancel 2 of 3 jobs…"
    own_sandbox.control.advance(7200)
    app.button(key="jobs.refresh").click().run()
    assert "1 job selected" in texts(app)
    assert "Nothing left to cancel" in texts(app)
    choose(app, *going[:2])
    assert "Nothing left to cancel" in texts(app)


def test_nothing_fades_where_a_page_runs_again_by_itself(sandbox: Sandbox, open_page: Open) -> None:
    def fades(app: AppTest) -> bool:
        styles = [html.proto.body for html in app.get("html")]
        return not any("data-stale" in style and "opacity: 1" in style for style in styles[-1:])

    app = open_page("jobs")
    assert fades(app)
    in_session(app, user_activity.by_itself)
    app.run()
    assert not fades(app)
    app.run()
    assert fades(app)


def tick(app: AppTest, row: int) -> None:
    """Tick a row of the jobs by its number, as a browser does."""
    shown = next(found for found in app.dataframe if found.proto.id.endswith("jobs.table"))
    states = app._tree.get_widget_states()
    told = {"selection": {"rows": [row], "columns": [], "cells": []}}
    states.widgets.add(id=shown.proto.id, string_value=json.dumps(told))
    app._run(states)
    assert not app.exception


@pytest.mark.slow
def test_a_tick_that_was_on_its_way_while_rows_moved_is_not_taken(
    own_sandbox: Sandbox, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(row_shift_guard, "monotonic", lambda: 100.0)
    app = open_page("jobs")
    meant = table(app)["job_id"].iloc[0]
    own_sandbox.control.advance(300)
    open_page("jobs").button(key="jobs.refresh").click().run()
    in_session(app, user_activity.by_itself)
    app.run()
    assert table(app)["job_id"].iloc[0] != meant
    tick(app, 0)
    assert app.toast[0].value == row_shift_guard.MOVED
    assert " selected" not in texts(app)
    assert ticked(app, "jobs.table") == []
    monkeypatch.setattr(row_shift_guard, "monotonic", lambda: 100.5)
    tick(app, 0)
    assert "1 job selected" in texts(app)
    assert ticked(app, "jobs.table") == [table(app)["job_id"].iloc[0]]


def later(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a live page be drawn four minutes after its jobs were read."""
    clock = Mock(now=lambda: datetime.now(UTC) + timedelta(minutes=4))
    monkeypatch.setattr(live, "CLOCK", clock)


def test_what_was_read_long_ago_is_read_anew_soon(
    own_sandbox: Sandbox, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits = beats(monkeypatch, lambda: None)
    app = open_page("jobs")
    later(monkeypatch)
    app.run()
    at_first, soon = waits
    assert at_first >= FAST
    assert soon == live.SOON
    assert soon < FAST


def test_a_page_that_was_in_a_hurry_goes_back_to_its_pace_though_nothing_is_new(
    own_sandbox: Sandbox, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read_by_another_tab() -> None:
        monitor = bootstrap.job_monitor(in_session(app, session.signed_in).identity)
        (view,) = monitor._views._views.values()
        assert view.snapshot
        view.snapshot = replace(view.snapshot, as_of=datetime.now(UTC) + timedelta(minutes=4))

    app = open_page("jobs")
    later(monkeypatch)
    waits = beats(monkeypatch, read_by_another_tab)
    app.run()
    hurried, at_its_pace = waits
    assert hurried == live.SOON
    assert at_its_pace >= FAST
