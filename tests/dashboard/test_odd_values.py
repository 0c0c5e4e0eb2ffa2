"""Every figure and every table's columns are made of whatever an answer holds."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import plotly.graph_objects as go
import plotly.io as pio
import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit import dataframe_util

from dashboard import exports
from dashboard.charts import data_versions, jobs, uploads
from dashboard.charts import overview as overview_charts
from dashboard.ui import states
from services.frames import data_versions as version_frames
from services.frames import job_tree
from services.frames.stages import stages
from services.ledger import nothing_seen
from services.watching import durations, failures, overview
from tests import odd_values
from tests.odd_values import PAGES, with_value
from tests.services.frames.resources import RESOURCES

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
ZONES = [ZoneInfo(name) for name in ("UTC", "Europe/Berlin", "America/New_York", "Pacific/Apia")]
Drawn = list[go.Figure | pd.DataFrame]


def of_versions(versions: pd.DataFrame, zone: ZoneInfo) -> Drawn:
    rows = versions.dropna(subset="tenant_code").assign(tenant_name="Ä", key="k")
    latest = version_frames.latest(rows)
    bands = overview.age_bands(latest["data_version_date"], NOW, [pd.Timedelta(days=1)])
    colors = ["#000000"] * len(bands)
    return [
        data_versions.timeline(rows, zone, NOW, {"k"}),
        data_versions.freshness(latest, NOW),
        overview_charts.freshness(bands, colors, colors),
        overview.attention(latest, NOW),
    ]


def of_uploads(found: pd.DataFrame, zone: ZoneInfo) -> Drawn:
    rows = found.dropna(subset="tenant_code").assign(tenant_name="Ä", key="k")
    return [uploads.timeline(rows, zone, {"k"}), uploads.density(rows, zone)]


def of_jobs(found: pd.DataFrame, zone: ZoneInfo) -> Drawn:
    tree = job_tree.roll_up(job_tree.with_missing_parents(found)).assign(tenant_name="Ä")
    none = durations.courses(nothing_seen())
    known = none.set_index("job_id").reindex(tree["job_id"]).set_index(tree.index)
    seen = tree.join(known[["changed_at", "last_live_at", "ended_at", "seconds"]])
    seen = seen.assign(end_seen=False)
    marks = durations.marks(tree, none, durations.usual(none), NOW)
    return [
        *(jobs.timeline(seen, zone, NOW, {"job0"}, by) for by in ("job_type", "tenant_code")),
        *(jobs.density(seen, zone, NOW, by) for by in ("job_type", "tenant_code")),
        seen.assign(state=states.labels(tree), **marks),
        failures.groups(tree),
        stages(tree),
    ]


def no_picture(_rows: pd.DataFrame, _zone: ZoneInfo) -> Drawn:
    return []


DRAW: dict[str, Callable[[pd.DataFrame, ZoneInfo], Drawn]] = {
    "data_versions": of_versions,
    "uploads": of_uploads,
    "job_status": of_jobs,
    "extraction_jobs": of_jobs,
    "receiving_job": of_jobs,
}


def sent(drawn: go.Figure | pd.DataFrame) -> None:
    """Make of it what goes to the browser and into a file."""
    if isinstance(drawn, go.Figure):
        pio.to_json(drawn, validate=False)
        return
    dataframe_util.convert_pandas_df_to_arrow_bytes(drawn)
    exports.to_csv(drawn)
    exports.to_json(drawn)


@pytest.mark.parametrize("name", RESOURCES)
@odd_values.examples(4)
@given(data=st.data())
def test_whatever_is_told_is_drawn(name: str, data: st.DataObject) -> None:
    frame = RESOURCES[name].read([strewn(PAGES[name], data)])
    sent(frame)
    zone = data.draw(st.sampled_from(ZONES))
    for drawn in DRAW.get(name, no_picture)(frame, zone):
        sent(drawn)


def strewn(page: Any, data: st.DataObject) -> Any:
    """Put a few odd values into a page, one a field."""
    singles = [path for path in odd_values.places(page) if odd_values.is_value(page, path)]
    for path in data.draw(st.lists(st.sampled_from(singles), min_size=1, max_size=6, unique=True)):
        page = with_value(page, path, data.draw(odd_values.values))
    return page


ENDS = ("9999-12-31T23:59:59.999Z", "0001-01-01T00:00:00Z")


@pytest.mark.parametrize("zone", ZONES, ids=str)
@pytest.mark.parametrize("end", ENDS)
def test_a_mark_at_an_end_of_the_calendar_is_left_out(zone: ZoneInfo, end: str) -> None:
    page = with_value(PAGES["uploads"], ("tenants", 0, "uploads", 0, "uploadTime"), end)
    rows = RESOURCES["uploads"].read([page])
    timeline, density = of_uploads(rows, zone)
    assert rows["upload_time"].notna().all()
    assert sum(len(trace.x) for trace in timeline.data) == len(rows) - 1
    days = density.data[1].x
    assert days.max() - days.min() < pd.Timedelta(days=10)
