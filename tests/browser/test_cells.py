"""A click on a cell of a picture shows as many rows as the pointer was told there."""

import re
from typing import TypedDict

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import no_error
from tests.browser.driving import rows_shown

pytestmark = pytest.mark.browser

# Where each cell is on the screen, and what it says.
CELLS = """plot => {
  const { x, y, text } = plot._fullData[1];
  const { xaxis, yaxis } = plot._fullLayout;
  const place = plot.querySelector(".nsewdrag").getBoundingClientRect();
  return text.map((text, i) => (
    { text, x: place.x + xaxis.d2p(x[i]), y: place.y + yaxis.d2p(y[i]) }));
}"""


class Cell(TypedDict):
    text: str
    x: float
    y: float


def counted(cell: Cell) -> int:
    number = re.search(r"<br>([\d,]+) ", cell["text"])
    assert number
    return int(number[1].replace(",", ""))


def picture(page: Page, key: str) -> list[Cell]:
    """Bring a picture into view; return its cells."""
    plot = page.locator(f".st-key-{key} .js-plotly-plot")
    plot.scroll_into_view_if_needed()
    expect(plot.locator(".nsewdrag").first).to_be_visible()
    no_error(page)
    cells: list[Cell] = plot.evaluate(CELLS)
    return cells


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("uploads", "up-density"),
        pytest.param("uploads?up_tenant=a|e&tz=Asia/Kolkata", "up-density", marks=pytest.mark.slow),
        ("data_versions", "dv-freshness"),
        ("jobs?job_live=false&job_view=Timeline&job_window=7+days", "jobs-density"),
        pytest.param(
            "jobs?job_live=false&job_view=Timeline&job_window=3+days&job_group=Tenant",
            "jobs-density",
            marks=pytest.mark.slow,
        ),
    ],
    ids=["uploads", "uploads found", "versions", "jobs by type", "jobs by tenant"],
)
def test_what_is_clicked_is_what_is_counted(
    page: Page, dashboard_url: str, address: str, key: str
) -> None:
    page.goto(f"{dashboard_url}/{address}")
    cell = max(picture(page, key), key=counted)
    before = page.url
    page.mouse.click(cell["x"], cell["y"])
    expect(page).not_to_have_url(before)
    no_error(page)
    if key == "jobs-density":
        page.get_by_role("radio", name="Table").click()
        no_error(page)
    assert rows_shown(page) == counted(cell)
