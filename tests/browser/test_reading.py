"""What only a browser shows: a fresh start on the sandbox, every page, pictures, links."""

import re
from datetime import UTC, datetime, timedelta
from typing import Literal

import pytest
import tenacity
from playwright.sync_api import Browser, Locator, Page, expect

from dashboard.components.charts import layout
from tests.browser.cells import counted, picture
from tests.browser.conftest import no_error
from tests.browser.driving import (
    OPEN_IN_JOBS,
    PAGES,
    account,
    names_are_there,
    open_page,
    place_of_table,
    rows_shown,
    visit,
)

pytestmark = pytest.mark.browser


@pytest.mark.slow
@pytest.mark.parametrize(("path", "title"), PAGES.items())
def test_a_fresh_start_opens_every_page_on_the_sandbox(
    page: Page, dashboard_url: str, path: str, title: str
) -> None:
    open_page(page, f"{dashboard_url}/{path}", title)
    expect(page.locator(".st-key-brand")).to_contain_text("SANDBOX")
    with account(page):
        expect(page.get_by_role("button", name="Connect to your tenant")).to_be_visible()
    assert rows_shown(page) > 0


def test_pages_are_reached_by_the_sidebar(page: Page, dashboard_url: str) -> None:
    open_page(page, dashboard_url, "Overview")
    for title in [*PAGES.values()][1:]:
        visit(page, title)


def test_the_upload_picture_and_table_show_the_population(page: Page, dashboard_url: str) -> None:
    open_page(page, f"{dashboard_url}/uploads?up_state=Excluded&up_window=Everything", "Uploads")
    excluded = rows_shown(page)
    assert excluded > 0
    marks = page.locator(".st-key-up-timeline .scatterlayer .trace path.point")
    expect(marks).to_have_count(excluded)
    cell = page.get_by_test_id("glide-cell-2-0")
    expect(cell).to_have_text(re.compile("^WFF_j1r~"))


@pytest.mark.slow
def test_a_filter_goes_into_the_link_and_comes_back_from_it(
    page: Page, browser: Browser, dashboard_url: str
) -> None:
    open_page(page, f"{dashboard_url}/uploads", "Uploads")
    every = rows_shown(page)
    search = page.locator(".st-key-up_tenant input")
    search.fill("WFF_j1r~c")
    search.press("Enter")
    expect(page).to_have_url(re.compile("up_tenant=WFF_j1r"))
    # The call budget in the sidebar is said in the same way.
    main = page.get_by_test_id("stMain")
    expect(main.get_by_text(re.compile(rf"^(?!{every:,} of )[\d,]+ of "))).to_be_visible()
    found = rows_shown(page)
    assert 0 < found < every
    other = browser.new_context(viewport={"width": 1440, "height": 1000}).new_page()
    open_page(other, page.url, "Uploads")
    assert rows_shown(other) == found
    other.context.close()


def test_a_time_that_is_given_can_be_read_to_its_minutes(page: Page, dashboard_url: str) -> None:
    since = (datetime.now(UTC) - timedelta(days=20)).strftime("%Y-%m-%dT%H:%M")
    open_page(page, f"{dashboard_url}/uploads?up_from={since}", "Uploads")
    page.locator(".st-key-over-filters summary").click()
    field = page.get_by_test_id("stDateTimeInput").first
    expect(field.get_by_role("spinbutton").last).to_have_text(since[-2:])
    hidden = field.get_by_test_id("stDateTimeInputFieldsScroller").evaluate(
        "each => each.scrollWidth - each.clientWidth"
    )
    assert hidden <= 1  # a fraction of a pixel is rounded up


def test_a_click_on_a_band_of_tenants_zooms_into_its_rows(page: Page, dashboard_url: str) -> None:
    open_page(page, f"{dashboard_url}/uploads", "Uploads")
    bands = (cell for cell in picture(page, "up-density") if not cell["is_lane"])
    fullest = max(bands, key=counted)
    page.mouse.click(fullest["x"], fullest["y"])
    expect(page).to_have_url(re.compile(r"up_tenant=WFF_j1r~\w+\.\.WFF_j1r~\w+"))
    expect(page.locator(".st-key-up-timeline")).to_be_visible()


@tenacity.retry(wait=tenacity.wait_fixed(0.1), stop=tenacity.stop_after_delay(60), reraise=True)
def are_coloured(bands: Locator, many: tuple[float, str]) -> None:
    """Wait until the picture is drawn anew: the page lets no text be run as a script."""
    assert bands.evaluate("plot => plot.data?.[0].colorscale.at(-1)") == list(many)


@pytest.mark.first_is_quick
@pytest.mark.parametrize(
    ("scheme", "many"),
    [("light", layout.COUNT_SCALE[-1]), ("dark", layout.COUNT_SCALE_ON_DARK[-1])],
)
def test_the_bands_are_coloured_for_the_theme_of_the_page(
    page: Page, dashboard_url: str, scheme: Literal["light", "dark"], many: tuple[float, str]
) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "light" else "light")
    open_page(page, f"{dashboard_url}/data_versions", "Data versions")
    bands = page.locator(".st-key-dv-freshness .js-plotly-plot")
    expect(bands).to_be_visible()
    page.emulate_media(color_scheme=scheme)
    are_coloured(bands, many)


@pytest.mark.slow
def test_the_tree_opens_by_its_chevron(page: Page, dashboard_url: str) -> None:
    open_page(page, f"{dashboard_url}/jobs?job_view=Tree&job_type=Dispatching", "Jobs")
    count = page.get_by_text(re.compile(r"shown$"))
    before = count.inner_text()
    box = place_of_table(page)
    page.mouse.click(box["x"] + 58, box["y"] + 50)
    expect(count).not_to_have_text(before)


@pytest.mark.parametrize("height", [pytest.param(900, marks=pytest.mark.slow), 2000])
def test_a_long_table_takes_its_share_of_the_screen_and_no_more(
    page: Page, dashboard_url: str, height: int
) -> None:
    page.set_viewport_size({"width": 1440, "height": height})
    open_page(page, f"{dashboard_url}/jobs", "Jobs")
    table = page.locator(".st-key-table-jobs-table")
    place_of_table(page)
    expect(table).to_have_css("height", f"{height - 255}px")
    around = table.locator("xpath=..")
    expect(around).to_have_css("height", f"{height - 255}px")


def test_a_row_opens_its_job_and_has_a_link(page: Page, dashboard_url: str) -> None:
    open_page(page, f"{dashboard_url}/jobs?job_state=Failed", "Jobs")
    # They take the place of codes, and what opens a row moves.
    names_are_there(page)
    box = place_of_table(page)
    details = (box["x"] + OPEN_IN_JOBS, box["y"] + 53)
    page.mouse.click(*details)
    expect(page.get_by_role("dialog")).to_be_visible()
    expect(page).to_have_url(re.compile(r"[?&]job="))
    link = page.url
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page).not_to_have_url(re.compile(r"[?&]job="))
    page.mouse.click(*details)
    expect(page.get_by_role("dialog")).to_be_visible()
    page.goto(link)
    expect(page.get_by_role("dialog")).to_be_visible()
    no_error(page)


def test_nothing_is_fetched_from_elsewhere(page: Page, dashboard_url: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    open_page(page, f"{dashboard_url}/jobs", "Jobs")
    elsewhere = [
        url for url in asked if not url.startswith((dashboard_url, "data:", "blob:", "ws:"))
    ]
    assert elsewhere == []
