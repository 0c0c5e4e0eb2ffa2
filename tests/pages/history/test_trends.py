"""Trends: what the nights came to, one after the other, and where nothing is known."""

from datetime import time

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from dashboard import bootstrap
from pages.history import trend_charts, trend_series
from pages.history.trend_charts import Series
from services.clock import CLOCK
from services.monitoring.watch import NightFacts
from services.monitoring.watch.observation import (
    DeliverySizes,
    FailureKind,
    Failures,
    JobDurations,
)
from services.monitoring.watch.trends import Share, Totals
from services.notifications.rules import Daily, Deadline, Rule, written
from tests.pages.conftest import Open, operations
from tests.pages.history.recording import DAY, WHOLE, loaded, place_of, record, tonight
from tests.pages.reading import texts
from tests.sandboxes import Sandbox

LATE = {"late_at": "2026-01-01T00:00:00Z"}
TITLES = ["Failed jobs by kind", "Duration of processing jobs", "Uploads per delivery"]


@pytest.fixture
def with_nights(sandbox: Sandbox, open_page: Open) -> AppTest:
    """A page of three nights that are over, one of them not on record, and of the one under way."""
    app = open_page("history")
    for days in (3, 1):
        night = tonight() - days * DAY
        record(app, night, {"t1": loaded(night, 5), "t2": loaded(night, 8), "t3": LATE, "t4": {}})
    record(app, tonight(), {"t1": {}}, is_complete=False)
    sandbox.control.clear_requests()
    return app


def headers(app: AppTest) -> list[str]:
    return [each.value for each in app.header]


def test_without_a_deadline_the_share_that_loaded_is_shown_and_says_so(
    with_nights: AppTest, open_page: Open, sandbox: Sandbox
) -> None:
    app = open_page("history", hist_view="trends")
    assert not app.exception
    assert headers(app) == ["Loaded in the night", *TITLES]
    told = texts(app)
    assert "No deadline is set on Watch" in told
    assert "3 nights, without the one under way" in told
    assert "116 of 138 failures: [DP510002] Unexpected exception" in told
    last = tonight() - DAY
    assert f"Night to {last:%d %b}: Median 3m 12s, nine in ten within 10m (40 jobs)" in told
    assert f"Night to {last:%d %b}: Median 15, nine in ten at most 20" in told
    assert operations(sandbox) == []


def test_with_a_deadline_the_share_that_kept_it_is_shown(
    with_nights: AppTest, open_page: Open
) -> None:
    rule = Rule(Deadline(Daily(time(6), "UTC")))
    rules = bootstrap.whole_ledger().rules
    rules.add(place_of(with_nights), written(rule), "Ann", CLOCK.now())
    app = open_page("history", hist_view="trends")
    assert headers(app)[0] == "Fresh by the deadline"
    assert "By 06:00 UTC, all tenants" in texts(app)


def test_a_search_narrows_what_was_loaded_and_says_what_it_does_not(
    with_nights: AppTest, open_page: Open
) -> None:
    app = open_page("history", hist_view="trends", hist_tenant="t1")
    assert "Loaded in the night: 1 of 4 tenants, all else: all tenants" in texts(app)
    nobody = open_page("history", hist_view="trends", hist_tenant="nobody")
    assert "No tenant matches the filter" in texts(nobody)


def test_before_the_first_night_is_over_there_is_no_trend(
    sandbox: Sandbox, open_page: Open
) -> None:
    record(open_page("history"), tonight(), {"t1": {}}, is_complete=False)
    app = open_page("history", hist_view="trends")
    assert "No night is over yet" in texts(app)
    assert not headers(app)


def test_what_no_night_has_on_record_is_said_instead_of_drawn(
    sandbox: Sandbox, open_page: Open
) -> None:
    night = tonight() - DAY
    record(open_page("history"), night, {"t1": loaded(night, 5)}, NightFacts())
    app = open_page("history", hist_view="trends")
    assert texts(app).count("Not recorded of any night yet.") == 3


NIGHTS = [tonight() - days * DAY for days in (3, 2, 1)]
THREE = [
    Totals(
        NIGHTS[0],
        Share(1, 2),
        WHOLE.failures,
        JobDurations("processing", 40, 192.0, 600.0),
        WHOLE.deliveries,
    ),
    Totals(NIGHTS[1]),
    Totals(
        NIGHTS[2],
        Share(0, 0),
        Failures(),
        JobDurations("processing", 0, 0.0, 0.0),
        DeliverySizes(),
    ),
]
TRENDS = {
    "fresh": (trend_series.fresh(THREE, {}), [0.5, None, None]),
    "failures": (trend_series.failures(THREE), [58, None, 0]),
    "durations": (trend_series.durations(THREE), [3.2, None, None]),
    "deliveries": (trend_series.deliveries(THREE), [15.0, None, None]),
}


@pytest.mark.parametrize("name", TRENDS)
def test_a_night_that_was_not_observed_is_a_gap_and_one_without_anything_is_none(
    name: str,
) -> None:
    trend, values = TRENDS[name]
    assert list(trend.series[0].values) == values
    assert list(trend.is_known) == [True, False, True]
    draw = trend_charts.bars if trend.is_stacked else trend_charts.lines
    gaps, first, *_ = draw(NIGHTS, trend.series, trend.is_known, **trend.axis).data
    assert [value == 1 for value in gaps.y] == [False, True, False]
    assert gaps.text[1].endswith("<br>Not known")
    drawn = [None if np.isnan(value) else value for value in first.y]
    assert drawn == values
    assert first.customdata[2][0] == NIGHTS[2].isoformat()


def test_words_of_a_mark_say_the_figure_and_of_how_many() -> None:
    assert TRENDS["fresh"][0].series[0].words[0] == "50% loaded: 1 of 2 tenants"
    failures = TRENDS["failures"][0]
    assert [each.name for each in failures.series] == ["DP510002", "Other kinds"]
    assert failures.series[0].words[0] == "58 of 69 failures: [DP510002] Unexpected exception"
    assert failures.series[1].words[0] == "11 of 69 failures: other kinds"
    assert TRENDS["deliveries"][0].series[0].words[2] == "Nothing was delivered"


def test_words_of_visier_are_no_markup_in_a_chart() -> None:
    kind = FailureKind("k", "<b>Lost</b>", "processing", "failed", "", 1, 1)
    trend = trend_series.failures([Totals(NIGHTS[0], failures=Failures(1, (kind,)))])
    assert "<b>" not in trend.series[0].name + trend.series[0].words[0]


def test_of_several_deadlines_each_is_a_line_and_the_export_has_them_all() -> None:
    shares = {f"0{hour}:00 UTC, all tenants": {NIGHTS[0]: Share(1, 4)} for hour in range(5)}
    trend = trend_series.fresh(THREE, shares)
    assert len(trend.series) == trend_charts.SERIES_AT_MOST
    assert trend.told == "The first 3 of 5 deadlines; the export has all"
    rows = trend_series.exported(THREE, shares)
    assert rows["share by 04:00 UTC, all tenants"].tolist()[0] == 0.25
    assert rows["failed_jobs"].tolist()[0] == 69
    assert rows.iloc[1].drop("night").isna().all()


def test_lines_are_told_apart_without_colour() -> None:
    each = Series("x", [1.0], [""])
    drawn = trend_charts.lines(NIGHTS[:1], [each, each, each], [True]).data[1:]
    assert len({line.line.dash for line in drawn}) == len({line.marker.symbol for line in drawn})
    assert len({line.line.dash for line in drawn}) == 3
