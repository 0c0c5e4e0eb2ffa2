"""Marks of the strip of deliveries: each can be told from the next, and hit."""

from zoneinfo import ZoneInfo

import pandas as pd

from pages.deliveries import charts

TIMES = ("2026-11-24 03:00", "2026-11-29 02:54", "2026-11-29 03:05")


def test_marks_that_would_overlap_are_drawn_one_above_the_other_and_the_open_one_is_ringed() -> (
    None
):
    rows = pd.DataFrame(
        {
            "delivery_id": ["alone", "first", "second"],
            "arrived": pd.to_datetime([*TIMES], utc=True).as_unit("ms"),
            "last_upload": pd.to_datetime([*TIMES], utc=True).as_unit("ms"),
            "unusual": 1.0,
            "tenants": 900,
            "uploads": 900,
            "is_excluded": False,
        }
    )
    _, unusual, ring = charts.marks(rows, rows["delivery_id"], ZoneInfo("UTC"), "second").data
    heights = dict(zip(rows["delivery_id"], unusual.y, strict=True))
    middle = heights["alone"]
    assert heights["first"] < middle < heights["second"]
    assert (ring.customdata.tolist(), list(ring.y)) == ([["second"]], [heights["second"]])
