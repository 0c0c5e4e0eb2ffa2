"""Where the cells of a picture stand, and what they say."""

import re
from typing import TypedDict

from playwright.sync_api import Page, expect

from tests.browser.conftest import no_error

# Where each cell is on the screen, and what it says.
CELLS = """plot => {
  const { x, y, text, customdata } = plot._fullData[1];
  const { xaxis, yaxis } = plot._fullLayout;
  const place = plot.querySelector(".nsewdrag").getBoundingClientRect();
  const marks = plot._fullData[4] ?? { x: [], y: [] };
  const marked = new Set(marks.x.map((at, i) => `${at} ${marks.y[i]}`));
  return text.map((text, i) => ({
    text, is_lane: customdata[i][0] === null, is_marked: marked.has(`${x[i]} ${y[i]}`),
    x: place.x + xaxis.d2p(x[i]), y: place.y + yaxis.d2p(y[i]) }));
}"""


class Cell(TypedDict):
    text: str
    is_lane: bool
    is_marked: bool
    x: float
    y: float


def counted(cell: Cell) -> int:
    number = re.search(r"<br>([\d,]+) ", cell["text"])
    assert number
    return int(number[1].replace(",", ""))


def picture(page: Page, key: str) -> list[Cell]:
    """Bring a picture into view, with all that is read beside it; return its cells."""
    plot = page.locator(f".st-key-{key} .js-plotly-plot")
    expect(plot.last).to_be_visible()
    no_error(page)
    expect(page.get_by_text(re.compile("^Reading a week of jobs"))).to_have_count(0)
    no_error(page)
    # While the page runs again, the one before may still stand there.
    expect(plot).to_have_count(1)
    plot.scroll_into_view_if_needed()
    expect(plot.locator(".nsewdrag").first).to_be_visible()
    cells: list[Cell] = plot.evaluate(CELLS)
    return cells


def first_lane(page: Page, key: str) -> Cell:
    """Return the marked cell of the most unusual delivery."""
    return next(cell for cell in picture(page, key) if cell["is_lane"] and cell["is_marked"])
