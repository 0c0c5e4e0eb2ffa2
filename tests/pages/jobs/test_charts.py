"""The time line of jobs and the picture of many of them, as plotly is told to draw them."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

from dashboard.components import job_states, states
from dashboard.components.charts import job_bars
from dashboard.wording import JOB_STATES
from pages.jobs import charts
from services import frames

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
ZONE = ZoneInfo("America/Vancouver")
GROUPINGS = ("job_type", "tenant_code")


def ago(minutes: float) -> datetime:
    return NOW - timedelta(minutes=minutes)


def job(job_id: str | None, status: str, started: float | None, **told: Any) -> dict[str, Any]:
    """Give a job that started, was live and had ended that many minutes ago."""
    return {
        "job_id": job_id,
        "tenant_code": "t1",
        "tenant_name": "Tenant 1",
        "job_type": "extraction",
        "status": status,
        "status_word": status,
        "start_time": None if started is None else ago(started),
        "last_live_at": None,
        "ended_at": None,
        "end_seen": False,
        **told,
    }


def listed(*rows: dict[str, Any]) -> pd.DataFrame:
    found = pd.DataFrame(list(rows), columns=list(job("", "failed", 0)))
    times = {
        name: pd.to_datetime(found[name], utc=True).dt.as_unit("ms")
        for name in ("start_time", "last_live_at", "ended_at")
    }
    words = {
        "status": pd.CategoricalDtype([each.value for each in frames.Status]),
        "job_type": pd.CategoricalDtype([each.value for each in frames.JobType]),
    }
    texts = dict.fromkeys(("job_id", "tenant_code", "tenant_name", "status_word"), "str")
    known = found.astype(texts).astype(words).assign(**times)
    return known.assign(job_key=known["job_id"])


SEEN = job("seen", "succeeded", 60, last_live_at=ago(41), ended_at=ago(40), end_seen=True)
LIVE = job("live", "running", 42, last_live_at=ago(1))
UNSEEN = job("unseen", "failed", 50)
HALF_SEEN = job("half", "failed", 50, last_live_at=ago(30), ended_at=ago(2))
ODD = job("odd", "unknown", 55, status_word="Sleeping", last_live_at=ago(20))
ALL = (SEEN, LIVE, UNSEEN, HALF_SEEN, ODD)


def drawn(*rows: dict[str, Any], selected: tuple[str, ...] = (), by: Any = "job_type") -> go.Figure:
    return charts.timeline(listed(*rows), ZONE, NOW, selected, by)


def texts(figure: go.Figure) -> dict[str, list[str]]:
    """Give what is told of each job that can be pointed at and clicked, by its id."""
    told = [
        row for trace in figure.data if trace.customdata is not None for row in trace.customdata
    ]
    return {row[0]: list(row[1:]) for row in told}


def ends(trace: go.Bar) -> list[tuple[float, float]]:
    """Give begin and end of each bar of a trace in minutes before now."""
    here = pd.Timestamp(NOW).tz_convert(ZONE).tz_localize(None)
    begins = [(here - pd.Timestamp(base)).total_seconds() / 60 for base in trace.base]
    return [(begin, begin - x / 60_000) for begin, x in zip(begins, trace.x, strict=True)]


def solid(figure: go.Figure, status: str) -> list[tuple[float, float]]:
    return [
        span
        for trace in figure.data
        if trace.type == "bar" and trace.legendgroup == status and trace.showlegend is None
        for span in ends(trace)
    ]


def fading(figure: go.Figure, status: str) -> tuple[list[tuple[float, float]], list[float]]:
    """Give the steps of what fades, and how opaque each of them is."""
    found = [
        trace
        for trace in figure.data
        if trace.legendgroup == status and job_bars.NOBODY_SAW in (trace.name or "")
    ]
    steps = [span for trace in found for span in ends(trace)]
    colors = [color for trace in found for color in trace.marker.color]
    return steps, [float(color.rstrip(")").rpartition(",")[2]) for color in colors]


def test_an_end_that_was_seen_is_drawn_solid_and_does_not_fade() -> None:
    figure = drawn(SEEN)
    assert solid(figure, "Succeeded") == [(60, 40)]
    assert fading(figure, "Succeeded") == ([], [])
    assert texts(figure)["seen"] == [
        *("Extraction", "Tenant 1 t1", "✓ Succeeded", "24 Nov 2026 03:00:00"),
        "took 20m",
    ]


def test_a_live_job_is_solid_to_now_and_goes_on() -> None:
    figure = drawn(LIVE)
    assert solid(figure, "Running") == [(42, 0)]
    assert texts(figure)["live"][-1] == "at least 42m so far"
    (arrows,) = [
        trace for trace in figure.data if trace.type == "scatter" and trace.mode == "markers"
    ]
    assert arrows.marker.symbol == "triangle-right"
    assert pd.Timestamp(arrows.x[0]) == pd.Timestamp("2026-11-24T04:00")


def test_an_end_that_nobody_saw_fades_out_from_the_start() -> None:
    figure = drawn(UNSEEN)
    assert solid(figure, "Failed") == [(50, 50)]
    steps, opacities = fading(figure, "Failed")
    assert steps[0][0] == 50
    assert opacities == sorted(opacities, reverse=True)
    assert opacities[-1] < 0.2
    assert all(begin == end for (_, end), (begin, _) in pairwise(steps))
    assert texts(figure)["unseen"][-1] == "finished, end time unknown"


def test_one_seen_live_fades_out_from_then() -> None:
    figure = drawn(HALF_SEEN)
    assert solid(figure, "Failed") == [(50, 30)]
    assert fading(figure, "Failed")[0][0][0] == 30
    assert texts(figure)["half"][-1] == "at least 20m, finished, end time unknown"


@pytest.mark.parametrize("known", [{"ended_at": ago(49)}, {}])
def test_nothing_fades_beyond_when_it_is_known_to_have_ended(known: dict[str, Any]) -> None:
    # Without a look that found it ended, it has at least ended by now.
    started = 50.0 if known else 0.1
    steps, _ = fading(drawn(job("a", "failed", started, **known), SEEN), "Failed")
    assert steps[-1][1] == pytest.approx(49 if known else 0, abs=0.001)


def test_a_word_nobody_knows_is_neither_live_nor_ended() -> None:
    figure = drawn(ODD)
    assert texts(figure)["odd"][2:] == [
        *("? Sleeping", "24 Nov 2026 03:05:00"),
        "at least 35m, unknown whether it has ended",
    ]
    assert fading(figure, "Unknown")[0][0][0] == 20


def test_every_state_has_a_mark_a_word_and_a_colour() -> None:
    assert states.STATES is job_states.STATES
    assert set(job_states.STATES) == {each.value for each in frames.Status}
    figure = drawn(*(job(f"{status}", status, 30) for status in job_states.STATES))
    entries = [trace for trace in figure.data if trace.type == "bar" and trace.showlegend is None]
    assert [trace.name for trace in entries] == [
        f"{mark} {JOB_STATES[state]}" for state, (mark, _) in job_states.STATES.items()
    ]
    marks = {
        mark.strip()
        for trace in figure.data
        if trace.type == "scatter" and trace.mode == "text"
        for mark in trace.text
    }
    assert marks == {mark for mark, _ in job_states.STATES.values()}
    assert set(job_states.COLORS) == {color for _, color in job_states.STATES.values()}


def test_selected_jobs_are_outlined_whatever_their_state() -> None:
    figure = drawn(*ALL, selected=("half", "live", "elsewhere"))
    touched = [trace for trace in figure.data if trace.customdata is not None]
    widths = {
        row[0]: width
        for trace in touched
        for row, width in zip(trace.customdata, trace.marker.line.width, strict=True)
    }
    assert {job_id for job_id, width in widths.items() if width} == {"half", "live"}
    assert set(widths) == {"seen", "live", "unseen", "half", "odd"}


def test_jobs_that_overlap_have_lanes_of_their_own() -> None:
    rows = [
        job("a", "succeeded", 60, ended_at=ago(40), end_seen=True),
        job("b", "succeeded", 50, ended_at=ago(30), end_seen=True),
        job("c", "succeeded", 35, ended_at=ago(25), end_seen=True),
    ]
    figure = drawn(*rows)
    lanes = {
        row[0]: y
        for trace in figure.data
        if trace.customdata is not None
        for row, y in zip(trace.customdata, trace.y, strict=True)
    }
    assert lanes["a"] == lanes["c"] != lanes["b"]


def test_groups_are_types_in_their_order_or_tenants_by_code() -> None:
    rows = [
        job("a", "failed", 10, job_type="processing", tenant_code="t2"),
        job("b", "failed", 10, job_type="dispatching", tenant_code=None),
        job("c", "failed", 10, job_type="extraction", tenant_code="<b>t1"),
    ]
    assert list(drawn(*rows).layout.yaxis.ticktext) == ["Dispatching", "Extraction", "Processing"]
    by_tenant = drawn(*rows, by="tenant_code").layout.yaxis
    named = ["Tenant 1 · &lt;b>t1", "no tenant", "Tenant 1 · t2"]
    assert list(by_tenant.ticktext) == named, "two of one name are told apart"
    assert list(by_tenant.tickvals) == sorted(by_tenant.tickvals)
    assert by_tenant.range[0] > by_tenant.range[1]


def test_the_newest_three_hundred_are_drawn_and_those_without_a_start_are_not() -> None:
    rows = [job(f"{number}", "failed", 1_000 - number) for number in range(302)]
    found = texts(drawn(*rows, job("never", "failed", None)))
    assert set(found) == {str(number) for number in range(2, 302)}


def test_what_the_api_says_is_no_markup_in_the_time_line() -> None:
    figure = drawn(job("a", "unknown", 9, status_word="<i>odd", tenant_name="<b>&"))
    assert texts(figure)["a"][1:3] == ["&lt;b>&amp; t1", "? &lt;i>odd"]


@pytest.mark.parametrize("by", GROUPINGS)
def test_no_jobs_make_an_empty_figure(by: Any) -> None:
    assert texts(drawn(by=by)) == {}
    assert all(len(trace.x) == 0 for trace in charts.density(listed(), ZONE, NOW, by).data)


def dense(by: Any) -> go.Figure:
    return charts.density(
        listed(
            job("a", "failed", 31, tenant_code="t2"),
            job("b", "rolled_back", 31.5),
            job("c", "succeeded", 32),
            job("d", "error", 6, job_type="processing", tenant_code=None),
            job("e", "failed", None),
        ),
        ZONE,
        NOW,
        by,
    )


def hover(figure: go.Figure) -> set[str]:
    return {text for text in figure.data[1].text if "<br>0 jobs" not in text}


def test_density_counts_what_started_and_what_failed_of_it() -> None:
    assert hover(dense("job_type")) == {
        "Extraction<br>2 jobs, 1 failed<br>24 Nov 2026 03:28 to 24 Nov 2026 03:29",
        "Extraction<br>1 job, 1 failed<br>24 Nov 2026 03:29 to 24 Nov 2026 03:30",
        "Processing<br>1 job, 1 failed<br>24 Nov 2026 03:54 to 24 Nov 2026 03:55",
    }
    heatmap = dense("job_type").data[0]
    assert sorted(heatmap.z[~np.isnan(heatmap.z)]) == [0.5, 1, 1]
    assert sorted(text for text in heatmap.text.ravel() if text) == ["1", "1", "2"]


def test_density_goes_on_to_now_and_a_cell_is_drawn_over_its_time() -> None:
    figure = dense("job_type")
    start, end = (pd.Timestamp(at) for at in figure.layout.xaxis.range)
    assert (start, end) == (pd.Timestamp("2026-11-24T03:28"), pd.Timestamp("2026-11-24T04:01"))
    assert (pd.Timestamp(figure.data[0].x[0]), pd.Timestamp(figure.data[0].x[-1])) == (start, end)


def test_a_cell_tells_the_time_and_the_tenants_to_zoom_into() -> None:
    figure = dense("tenant_code")
    cells = [tuple(row) for row in figure.data[1].customdata]
    assert ("2026-11-24T11:28:00Z", "2026-11-24T11:29:00Z", "t1", "t1") in cells
    assert {cell[2] for cell in cells} == {"no tenant", "t1", "t2"}
    assert list(figure.data[0].y) == ["no tenant", "t1", "t2"]
    by_type = dense("job_type").data[1].customdata
    assert {tuple(row[2:]) for row in by_type} == {
        ("extraction", "extraction"),
        ("processing", "processing"),
    }


def test_many_tenants_are_drawn_as_bands() -> None:
    rows = [job(f"{n}", "failed", 30, tenant_code=f"t{n:03}") for n in range(100)]
    figure = charts.density(listed(*rows), ZONE, NOW, "tenant_code")
    assert list(figure.data[0].y[:2]) == ["t000 …", "t005 …"]
    assert "t000 to t004<br>5 jobs, 5 failed<br>24 Nov 2026 03:30 to 24 Nov 2026 03:31" in hover(
        figure
    )


def test_thousands_are_set_apart_in_a_cell_and_where_it_is_pointed_at() -> None:
    rows = [job(f"{n}", "failed", 30, tenant_code="t1") for n in range(1200)]
    figure = charts.density(listed(*rows), ZONE, NOW, "tenant_code")
    assert "1,200" in set(figure.data[0].text.ravel())
    assert "t1<br>1,200 jobs, 1,200 failed<br>24 Nov 2026 03:30 to 24 Nov 2026 03:31" in hover(
        figure
    )


def test_an_hour_that_a_clock_change_repeats_or_skips_is_drawn_all_the_same() -> None:
    for change in ("2026-11-01T09:30Z", "2026-03-08T10:30Z"):
        at = pd.Timestamp(change).to_pydatetime()
        rows = listed(
            job("a", "failed", 0, start_time=at - timedelta(hours=1)),
            job("b", "running", 0, start_time=at - timedelta(minutes=50)),
        )
        figure = charts.timeline(rows, ZONE, at + timedelta(hours=1), (), "job_type")
        assert all(x >= 0 for trace in figure.data if trace.type == "bar" for x in trace.x)
        cells = charts.density(rows, ZONE, at + timedelta(hours=1), "job_type").data[1]
        assert all(begin <= end for begin, end, *_ in cells.customdata)


@pytest.mark.parametrize("by", GROUPINGS)
def test_an_hour_is_told_above_its_day_and_a_day_as_everywhere(by: Any) -> None:
    rows = listed(SEEN, job("b", "failed", 600))
    for figure in (
        charts.density(rows, ZONE, NOW, by),
        charts.timeline(rows, ZONE, NOW, (), by),
    ):
        told = [stop.value for stop in figure.layout.xaxis.tickformatstops]
        assert told == ["%H:%M\n%d %b", "%d %b", "%b %Y"]
