"""A click on a cell of a picture shows as many rows as the pointer was told there."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.cells import counted, first_lane, picture
from tests.browser.conftest import no_error
from tests.browser.driving import open_page, rows_shown, show_whole_chart

pytestmark = pytest.mark.browser


@pytest.mark.slow
@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("uploads", "up-density"),
        ("uploads?up_tenant=a|e&tz=Asia/Kolkata", "up-density"),
        ("data_versions", "dv-freshness"),
        ("jobs?job_live=false&job_view=Timeline&job_window=7+days", "jobs-density"),
        (
            "jobs?job_live=false&job_view=Timeline&job_window=3+days&job_group=Tenant",
            "jobs-density",
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


def test_a_delivery_is_in_view_and_boxed_and_clicked_as_it_is_counted(
    page: Page, dashboard_url: str
) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})
    open_page(page, f"{dashboard_url}/uploads", "Uploads")
    lane = first_lane(page, "up-density")
    table = page.get_by_test_id("stDataFrame").first.bounding_box()
    assert table
    assert lane["y"] < 400
    assert table["y"] + 3 * 33 < 900
    show_whole_chart(page)
    by_box = page.get_by_text("Select by box or lasso", exact=True)
    by_box.click()
    lane = first_lane(page, "up-cells")
    page.mouse.move(lane["x"] - 8, lane["y"] - 5)
    page.mouse.down()
    page.mouse.move(lane["x"] + 8, lane["y"] + 5, steps=4)
    page.mouse.up()
    expect(page.get_by_text(f"{counted(lane):,} uploads selected")).to_be_visible()
    by_box.click()
    lane = first_lane(page, "up-density")
    page.mouse.click(lane["x"], lane["y"])
    expect(page).to_have_url(re.compile("up_delivery=receiving"))
    no_error(page)
    assert rows_shown(page) == counted(lane)
