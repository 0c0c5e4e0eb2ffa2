"""What is clicked in a picture is what is counted there."""

import json
import re
from collections.abc import Iterator
from typing import NamedTuple

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.conftest import Open
from tests.sandboxes import Sandbox


class Cell(NamedTuple):
    """What the pointer says on a cell, and by what a click on it filters."""

    counted: int
    first: str
    last: str
    begin: str | None
    end: str | None
    is_odd: bool = False


def cells(app: AppTest) -> Iterator[Cell]:
    (figure,) = [json.loads(chart.proto.spec) for chart in app.get("plotly_chart")]
    points = figure["data"][1]
    for text, carried in zip(points["text"], points["customdata"], strict=True):
        number = re.search(r"<br>([\d,]+) ", text)
        assert number
        yield Cell(int(number[1].replace(",", "")), *carried)


def fullest(app: AppTest, at_most: int = 6) -> list[Cell]:
    """Return the fullest cells, and those at the ends of what is shown."""
    drawn = [cell for cell in cells(app) if cell.counted]
    by_time = sorted(drawn, key=lambda cell: cell.begin or "")
    return [*sorted(drawn, key=lambda cell: -cell.counted)[:at_most], by_time[0], by_time[-1]]


def rows(app: AppTest) -> int:
    assert not app.exception
    counted = re.search(r"^([\d,]+) of [\d,]+ ", "\n".join(t.value for t in app.text), re.MULTILINE)
    assert counted
    return int(counted[1].replace(",", ""))


@pytest.mark.parametrize(
    ("page", "prefix", "filtered"),
    [
        ("uploads", "up", {}),
        ("uploads", "up", {"up_window": "7 days", "up_state": "Included"}),
        ("uploads", "up", {"up_tenant": "a|e"}),
        ("data_versions", "dv", {}),
        ("data_versions", "dv", {"dv_tenant": "a|e"}),
    ],
)
def test_a_cell_leads_to_as_many_rows_as_it_says(
    sandbox: Sandbox, open_page: Open, page: str, prefix: str, filtered: dict[str, str]
) -> None:
    app = open_page(page, tz="Asia/Kolkata", **filtered)
    for cell in fullest(app):
        span = {f"{prefix}_from": cell.begin, f"{prefix}_to": cell.end}
        if cell.begin is None:
            span = {"dv_state": "None enabled"}
        query = {f"{prefix}_codes": f"{cell.first}..{cell.last}", **filtered, **span}
        assert rows(open_page(page, tz="Asia/Kolkata", **query)) == cell.counted
