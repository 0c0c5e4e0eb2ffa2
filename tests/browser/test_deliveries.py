"""The bad delivery is seen, and opened by a click on its mark."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from dashboard.components.charts.layout import UNUSUAL
from services.sandbox.population.scenario import BAD_BATCH
from tests.browser.cells import counted, first_lane
from tests.browser.conftest import has_run, no_error, running_dashboard
from tests.browser.driving import open_page, visit

pytestmark = pytest.mark.browser

MARKS = ".st-key-del-marks .scatterlayer .points path"
BARS = ".st-key-del-bars .nsewdrag"


def largest_unusual(page: Page) -> tuple[float, float]:
    """Return where the largest mark is that stands out by its colour."""
    expect(page.locator(MARKS).first).to_be_visible()
    has_run(page)
    color = ", ".join(str(int(UNUSUAL[place : place + 2], 16)) for place in (1, 3, 5))
    boxes = [
        mark.bounding_box()
        for mark in page.locator(MARKS).all()
        if color in str(mark.evaluate("mark => getComputedStyle(mark).fill"))
    ]
    box = max((each for each in boxes if each), key=lambda each: each["width"])
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_two_clicks_lead_to_the_bad_delivery(page: Page, dashboard_url: str) -> None:
    page.goto(dashboard_url)
    visit(page, "Deliveries")
    x, y = largest_unusual(page)
    page.mouse.move(x, y)
    page.mouse.click(x, y)
    expect(page).to_have_url(re.compile(f"del_open=receiving(:|%3A){BAD_BATCH}"))
    expect(page.get_by_role("button", name=re.compile("^Exclude 40 uploads"))).to_be_in_viewport()
    no_error(page)


def test_strip_and_first_rows_are_in_view(page: Page, dashboard_url: str) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})
    open_page(page, f"{dashboard_url}/deliveries", "Deliveries")
    expect(page.locator(BARS)).to_be_visible()
    bars, rows = (
        page.locator(BARS).bounding_box(),
        page.get_by_test_id("stDataFrame").bounding_box(),
    )
    assert bars
    assert rows
    assert bars["y"] < 400
    assert rows["y"] < 560


def test_what_is_open_is_in_view(page: Page, dashboard_url: str) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})
    open_page(page, f"{dashboard_url}/deliveries?del_open=receiving:{BAD_BATCH}", "Deliveries")
    tenants = page.get_by_text("40 of 40 uploads. Select one to open its tenant.")
    expect(tenants).to_be_visible()
    has_run(page)
    head, foot = tenants.bounding_box(), page.get_by_test_id("stBottom").bounding_box()
    assert head
    assert foot
    assert head["y"] + head["height"] < foot["y"]


def test_what_is_drawn_across_the_bars_is_the_time_in_the_address(
    page: Page, dashboard_url: str
) -> None:
    open_page(page, f"{dashboard_url}/deliveries", "Deliveries")
    box = page.locator(BARS).bounding_box()
    assert box
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.8, y)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.95, y, steps=8)
    page.mouse.up()
    expect(page).to_have_url(re.compile("del_from=.*del_to="))
    no_error(page)


@pytest.mark.slow
def test_three_clicks_select_the_bad_delivery_among_5000_tenants(
    page: Page, tmp_path: Path
) -> None:
    with running_dashboard(tmp_path, tenants=5000) as url:
        page.goto(url)
        visit(page, "Uploads")
        lane = first_lane(page, "up-density")
        page.mouse.click(lane["x"], lane["y"])
        expect(page).to_have_url(re.compile(f"up_delivery=receiving(:|%3A){BAD_BATCH}"))
        page.get_by_role("button", name="Select all 1,000 matching").click()
        expect(page.get_by_text("1,000 uploads selected")).to_be_visible()
        assert counted(lane) == 1000
        no_error(page)
        page.goto("about:blank")
