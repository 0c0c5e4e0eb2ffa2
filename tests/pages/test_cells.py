"""What is clicked in a picture is what is counted there."""

import json
import re
from collections.abc import Iterator
from typing import NamedTuple

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.conftest import Open, jobs_beside
from tests.sandboxes import Sandbox


class Cell(NamedTuple):
    """What the pointer says on a cell, and by what a click on it filters.

    A lane of a delivery is filtered by that alone; `more` is the delivery, or whether it is odd.
    """

    counted: int
    first: str | None
    last: str | None
    begin: str | None
    end: str | None
    more: str | bool = ""


def cells(app: AppTest) -> Iterator[Cell]:
    (figure,) = [json.loads(chart.proto.spec) for chart in app.get("plotly_chart")]
    points = figure["data"][1]
    for text, carried in zip(points["text"], points["customdata"], strict=True):
        number = re.search(r"<br>([\d,]+) ", text)
        assert number
        yield Cell(int(number[1].replace(",", "")), *carried)


def fullest(app: AppTest, at_most: int = 4) -> list[Cell]:
    """Return the fullest cells, and those at the ends of what is shown."""
    drawn = [*dict.fromkeys(cell for cell in cells(app) if cell.counted)]
    by_time = sorted(drawn, key=lambda cell: cell.begin or "")
    return [*sorted(drawn, key=lambda cell: -cell.counted)[:at_most], by_time[0], by_time[-1]]


def rows(app: AppTest) -> int:
    assert not app.exception
    counted = re.search(r"^([\d,]+) of [\d,]+ ", "\n".join(t.value for t in app.text), re.MULTILINE)
    assert counted
    return int(counted[1].replace(",", ""))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("page", "prefix", "filtered"),
    [
        ("uploads", "up", {}),
        pytest.param(
            "uploads",
            "up",
            {"up_window": "7 days", "up_state": "Included"},
            marks=pytest.mark.slow,
        ),
        ("uploads", "up", {"up_tenant": "a|e"}),
        ("data_versions", "dv", {}),
        ("data_versions", "dv", {"dv_tenant": "a|e"}),
    ],
)
def test_a_cell_leads_to_as_many_rows_as_it_says(
    sandbox: Sandbox, open_page: Open, page: str, prefix: str, filtered: dict[str, str]
) -> None:
    app = open_page(page, tz="Asia/Kolkata", **filtered)
    jobs_beside(app).wait(30)
    for cell in fullest(app.run()):
        query = {**filtered}
        if isinstance(cell.more, str) and cell.more:
            query["up_delivery"] = cell.more
        if cell.first is not None:
            query[f"{prefix}_codes"] = f"{cell.first}..{cell.last}"
        if cell.begin and cell.end:
            query |= {f"{prefix}_from": cell.begin, f"{prefix}_to": cell.end}
        elif page == "data_versions":
            query["dv_state"] = "None enabled"
        assert rows(open_page(page, tz="Asia/Kolkata", **query)) == cell.counted
