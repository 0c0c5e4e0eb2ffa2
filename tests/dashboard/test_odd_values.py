"""Every figure and every table's columns are made of whatever an answer holds."""

from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import plotly.graph_objects as go
import plotly.io as pio
import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit import dataframe_util

from dashboard.components import exports
from tests import odd_values
from tests.dashboard.drawing import DRAW
from tests.odd_values import PAGES, with_value
from tests.services.frames.resources import RESOURCES

ZONES = [ZoneInfo(name) for name in ("UTC", "Europe/Berlin", "America/New_York", "Pacific/Apia")]


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
    for drawn in DRAW[name](frame, zone):
        sent(drawn)


def test_every_resource_is_drawn() -> None:
    assert DRAW.keys() == RESOURCES.keys()


def strewn(page: Any, data: st.DataObject) -> Any:
    """Put a few odd values into a page, one a field."""
    singles = [path for path in odd_values.places(page) if odd_values.is_value(page, path)]
    for path in data.draw(st.lists(st.sampled_from(singles), min_size=3, max_size=12, unique=True)):
        page = with_value(page, path, data.draw(odd_values.values))
    return page


ENDS = ("9999-12-31T23:59:59.999Z", "0001-01-01T00:00:00Z")


@pytest.mark.parametrize("zone", ZONES, ids=str)
@pytest.mark.parametrize("end", ENDS)
def test_a_mark_at_an_end_of_the_calendar_is_left_out(zone: ZoneInfo, end: str) -> None:
    page = with_value(PAGES["uploads"], ("tenants", 0, "uploads", 0, "uploadTime"), end)
    rows = RESOURCES["uploads"].read([page])
    timeline, density = DRAW["uploads"](rows, zone)[:2]
    assert rows["upload_time"].notna().all()
    assert sum(len(trace.x) for trace in timeline.data) == len(rows) - 1
    days = density.data[1].x
    assert days.max() - days.min() < pd.Timedelta(days=10)
