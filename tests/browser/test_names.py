"""Names that arrive while somebody is at work take nothing from their hands."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import no_error, running_dashboard
from tests.browser.driving import open_page, place_of_table, sandbox_of
from tests.sandboxes import Control

pytestmark = pytest.mark.browser

FIRST_ROW, ROW = 50, 33  # pixels below the top of a table, and from one row to the next
SCROLLED = """() => document.querySelector(
    '[data-testid="stDataFrame"] .dvn-scroller').scrollTop"""


@pytest.mark.slow
def test_names_that_arrive_leave_the_selection_the_scroll_and_what_is_typed(
    page: Page, tmp_path: Path
) -> None:
    with running_dashboard(tmp_path) as url:
        # No screen but this makes no call: of the names nothing is read yet.
        page.goto(f"{url}/activity")
        expect(page.get_by_role("heading", name="Activity", exact=True)).to_be_visible()
        sandbox = Control(sandbox_of(page))
        sandbox.fault("tenants", "latency", seconds=20)
        open_page(page, f"{url}/data_versions", "Data versions")
        heads = page.locator("[data-testid='stDataFrame'] th")
        place = place_of_table(page)
        page.mouse.click(place["x"] + 16, place["y"] + FIRST_ROW + ROW)
        expect(page.get_by_text("1 data version selected")).to_be_visible()
        page.mouse.move(place["x"] + 300, place["y"] + 200)
        page.mouse.wheel(0, 60 * ROW)
        expect(page.get_by_test_id("glide-cell-1-62").first).to_be_attached()
        before = page.evaluate(SCROLLED)
        assert before > 0
        field = page.locator(".st-key-dv_tenant input")
        field.press_sequentially("euro")
        assert heads.filter(has_text="Code").count() == 0, "the names are not there yet"
        expect(heads.filter(has_text="Code")).to_have_count(1, timeout=60_000)
        no_error(page)
        expect(page.get_by_text("1 data version selected")).to_be_visible()
        expect(field).to_have_value("euro")
        expect(field).to_be_focused()
        assert page.evaluate(SCROLLED) == before
