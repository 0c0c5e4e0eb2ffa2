"""The chart of Uploads: what is unusual is told beside it, and what is clicked is counted."""

import json
from collections.abc import Mapping
from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.components import fetch_progress
from pages.uploads import filters, views
from pages.uploads.charts import LANES, OTHERS
from services.sandbox.population.scenario import BAD_BATCH
from services.visier import Client
from tests.holding import gate_before
from tests.pages.acting import field
from tests.pages.conftest import Open, jobs_beside, operations
from tests.pages.reading import table, texts
from tests.pages.sessions import in_session
from tests.sandboxes import Sandbox

BAD = f"receiving:{BAD_BATCH}"
READING = "Reading a week of jobs to find deliveries"


def looked(app: AppTest) -> AppTest:
    """Return the page once the jobs are there that it reads beside it, or cannot be read."""
    jobs_beside(app).wait(30)
    return app.run()


def lanes(app: AppTest) -> Mapping[str, int]:
    """Return the deliveries that have a lane, and how many uploads each says it has."""
    (figure,) = [json.loads(chart.proto.spec) for chart in app.get("plotly_chart")]
    points = figure["data"][1]
    carried = zip(points["customdata"], points["text"], strict=True)
    return {
        cell[4]: int(text.split("<br>")[1].split(" ")[0].replace(",", ""))
        for cell, text in carried
        if cell[0] is None
    }


def faulty(sandbox: Sandbox) -> set[str]:
    """Return the tenants of the bad delivery."""
    world = sandbox.inside.world
    return {tenant.code for tenant in world.listed if any(each.faulty for each in tenant.uploads)}


def test_table_and_chart_do_not_wait_for_jobs(
    sandbox: Sandbox, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = gate_before(monkeypatch, Client, "job_status")
    app = open_page("uploads")
    gate.wait_for_somebody()
    assert len(table(app)) > 0
    assert lanes(app) == {}
    assert READING in texts(app)
    gate.open()
    app = looked(app)
    assert READING not in texts(app)
    assert lanes(app)[BAD] == len(faulty(sandbox))


def test_a_choice_in_a_menu_holds_while_the_jobs_are_read_to_their_end(
    sandbox: Sandbox, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = gate_before(monkeypatch, Client, "job_status")
    app = open_page("uploads")
    gate.wait_for_somebody()
    app = app.button(key="uploads.select_all").click().run()
    jobs, shown = jobs_beside(app), fetch_progress.line

    def shown_at_the_end(*args: Any) -> None:
        gate.open()
        jobs.wait(30)
        shown(*args)

    monkeypatch.setattr(fetch_progress, "line", shown_at_the_end)
    app = app.menu_button(key="up.more").click("exclude_all").run()
    assert field(app, "Reason")


@pytest.mark.parametrize("fault", ["403", pytest.param("malformed", marks=pytest.mark.slow)])
def test_jobs_that_cannot_be_read_take_nothing_away_and_are_not_asked_for_again(
    sandbox: Sandbox, open_page: Open, fault: str
) -> None:
    sandbox.control.fault("job_status", fault, times=0)
    app = looked(open_page("uploads"))
    asked = operations(sandbox).count("job_status")
    assert texts(app).count(views.BY_TIMES) == 1
    bad, count = next(iter(lanes(app).items()))
    assert bad.startswith("time:")
    assert set(table(open_filtered(app, bad))["tenant_code"]) == faulty(sandbox)
    assert count == len(faulty(sandbox))
    assert operations(sandbox).count("job_status") == asked
    sandbox.control.clear_faults()
    app.button(key="up.refresh").click().run()
    assert lanes(looked(open_filtered(app, ""))).keys() >= {BAD}
    assert views.BY_TIMES not in texts(app)


@pytest.mark.slow
def test_a_refresh_that_cannot_read_jobs_leaves_the_lanes_and_is_told(
    sandbox: Sandbox, open_page: Open
) -> None:
    app = looked(open_page("uploads"))
    before = lanes(app)
    sandbox.control.fault("job_status", "malformed", times=0)
    app.button(key="up.refresh").click().run()
    # It is told once, by whichever run comes after its end.
    told = texts(app) + texts(looked(app))
    assert told.count(views.NOT_ANEW) == 1
    assert views.BY_TIMES not in told
    assert lanes(app) == before


def open_filtered(app: AppTest, delivery: str) -> AppTest:
    in_session(app, app.session_state.__setitem__, filters.DELIVERY, delivery)
    return app.run()


def test_a_link_to_a_delivery_shows_exactly_its_uploads(sandbox: Sandbox, open_page: Open) -> None:
    app = open_page("uploads", up_delivery=BAD, up_window="Everything")
    assert set(table(app)["tenant_code"]) == faulty(sandbox)
    assert f"{len(faulty(sandbox))} tenants · ◆ Unusual hour" in texts(app)
    nobody = open_page("uploads", up_delivery="receiving:nobody")
    assert "The filtered delivery is no longer listed." in texts(nobody)
    assert "No upload matches the filter" in texts(nobody)


def test_a_click_on_a_lane_shows_what_it_counts_and_one_below_all_others(
    sandbox: Sandbox, open_page: Open
) -> None:
    app = looked(open_page("uploads"))
    every, own = len(table(app)), lanes(app)
    shown = clicked(app, [None, None, None, None, BAD])
    assert len(shown) == own[BAD]
    assert set(shown["tenant_code"]) == faulty(sandbox)
    assert len(clicked(app, [None, None, None, None, OTHERS])) == every - sum(own.values())


def clicked(app: AppTest, cell: list[Any]) -> pd.DataFrame:
    """Click a cell that carries this; return what the table shows then."""
    in_session(app, views.zoom, cell)
    return table(app.run())


@pytest.mark.slow
def test_deliveries_that_have_no_lane_are_told_and_led_to(
    sandbox: Sandbox, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    every = lanes(looked(open_page("uploads")))
    monkeypatch.setattr(filters, "LANES", LANES[:1])
    app = looked(open_page("uploads"))
    assert [*lanes(app)] == [*every][:1]
    more = f"{len(every) - 1:,} more in Deliveries"
    assert more in [link.proto.label for link in app.get("page_link")]
