"""History in a browser: a newcomer sees the sandbox's nights, and a click opens one."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from dashboard.components import chart_strip
from services.monitoring.watch.history import NIGHTS
from tests.browser.axe import clean
from tests.browser.cells import Cell, picture
from tests.browser.conftest import a_page, no_error, running_dashboard
from tests.browser.driving import open_page, place_of_table, rows_shown

# A dashboard of its own, which takes a night after the other from its sandbox.
pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("watched")
    with running_dashboard(folder, tenants=70, environment={"DASHBOARD_WATCH": "true"}) as url:
        yield url


@pytest.fixture
def history(browser: Browser, watched: str) -> Iterator[Page]:
    with a_page(browser) as page:
        page.goto(f"{watched}/history")
        expect(page.get_by_role("heading", name="History", exact=True)).to_be_visible()
        no_error(page)
        # The first look takes some seconds, and so does the past.
        while not has_all_nights(page):
            page.get_by_role("button", name="Refresh").click()
            no_error(page)
        yield page


def has_all_nights(page: Page) -> bool:
    if not page.locator(".st-key-hist-nights").count():
        return False
    cells = picture(page, "hist-nights")
    return len(cells) >= chart_strip.ROWS * NIGHTS and not any(
        "Not observed" in cell["text"] for cell in cells
    )


def test_the_chart_begins_near_the_top_and_a_cell_opens_what_it_counts(history: Page) -> None:
    expect(history.locator(".js-plotly-plot").first).to_be_visible()
    no_error(history)
    box = history.locator(".js-plotly-plot").first.bounding_box()
    assert box is not None
    assert box["y"] <= 260
    clean(history)
    cell = max(picture(history, "hist-nights"), key=clicked)
    history.mouse.click(cell["x"], cell["y"])
    expect(history).to_have_url(re.compile("hist_night="))
    expect(history.get_by_role("button", name="Night:")).to_be_visible()
    no_error(history)
    assert rows_shown(history) == clicked(cell)


def test_the_line_of_tonight_leads_to_its_tenants_and_leaves_the_table_in_view(
    history: Page, watched: str
) -> None:
    open_page(history, f"{watched}/?ov_live=false", "Overview")
    line = history.locator(".st-key-tonight")
    expect(line.get_by_role("link").first).to_contain_text("tonight")
    table = history.get_by_test_id("stDataFrame").first.bounding_box()
    assert table is not None
    assert table["y"] <= 260
    clean(history)
    link = line.get_by_role("link").filter(has_text=re.compile(r"^[\d,]+ of ")).first
    expect(link).to_be_visible()
    loaded = int(link.inner_text().split()[0].replace(",", ""))
    link.click()
    expect(history.get_by_role("heading", name="History", exact=True)).to_be_visible()
    expect(history.get_by_role("button", name="Tonight: Loaded")).to_be_visible()
    expect(history.locator(".st-key-tonight")).to_be_visible()
    no_error(history)
    assert rows_shown(history) == loaded


def clicked(cell: Cell) -> int:
    """Return how many tenants a click on a cell is to show."""
    number = re.search(r"Click: ([\d,]+) ", cell["text"])
    assert number
    return int(number[1].replace(",", ""))


# Where the newest mark of a line is on the screen, and of which night it is.
MARK = """plot => {
  const { x, y, customdata } = plot._fullData[1];
  const { xaxis, yaxis } = plot._fullLayout;
  const place = plot.querySelector(".nsewdrag").getBoundingClientRect();
  const at = y.findLastIndex(value => Number.isFinite(value));
  return { night: customdata[at][0], x: place.x + xaxis.d2p(x[at]), y: place.y + yaxis.d2p(y[at]) };
}"""


def test_a_mark_of_a_trend_opens_its_night(history: Page, watched: str) -> None:
    # There is no table here.
    history.goto(f"{watched}/history?hist_view=trends")
    plots = history.locator(".js-plotly-plot")
    expect(plots).to_have_count(4)
    no_error(history)
    clean(history)
    mark = plots.first.evaluate(MARK)
    history.mouse.click(mark["x"], mark["y"])
    expect(history).to_have_url(re.compile(f"hist_night={mark['night']}"))
    expect(history).not_to_have_url(re.compile("hist_view="))
    no_error(history)
    assert rows_shown(history) == 70


def test_two_nights_stand_near_the_top_with_their_differences(history: Page, watched: str) -> None:
    open_page(history, f"{watched}/history?hist_view=two", "History")
    no_error(history)
    clean(history)
    assert place_of_table(history)["y"] <= 260
    number = history.get_by_role("radio", name=re.compile("^Any difference "))
    expect(number).to_have_text(f"Any difference {rows_shown(history)}")


def test_a_night_of_the_overview_opens_on_history(history: Page, watched: str) -> None:
    open_page(history, f"{watched}/?ov_live=false", "Overview")
    expect(history.get_by_role("heading", name="Last 30 nights", exact=True)).to_be_visible()
    bars = history.locator(".st-key-nights-all .js-plotly-plot .barlayer .point path")
    tall = max(bars.all(), key=lambda bar: (bar.bounding_box() or {"height": 0})["height"])
    tall.click(force=True)
    expect(history.get_by_role("heading", name="History", exact=True)).to_be_visible()
    assert "hist_night=" in history.url
