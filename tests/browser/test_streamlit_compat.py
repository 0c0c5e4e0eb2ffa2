"""What the server mends of Streamlit, on pages that have nothing else."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.cable import cable_to
from tests.browser.conftest import a_page
from tests.browser.driving import is_connected, middle_of, open_plain_page

pytestmark = pytest.mark.browser


def test_a_press_out_of_a_field_acts_on_what_was_typed_last(page: Page, plain_url: str) -> None:
    open_plain_page(page, plain_url).get_by_label("Word").fill("last")
    page.mouse.click(*middle_of(page, "Act"))
    expect(page.get_by_text("Done: acted on last", exact=True)).to_be_visible()


def test_a_browser_that_lost_the_server_and_finds_it_is_no_person(
    browser: Browser, plain_url: str
) -> None:
    with cable_to(plain_url) as cable, a_page(browser) as page:
        open_plain_page(page, cable.url)
        cable.pull()
        is_connected(page, yes=False)
        cable.put_in()
        expect(page.get_by_text("Runs: 2, by a person: 1", exact=True)).to_be_visible()
        page.get_by_role("button", name="Press").click()
        expect(page.get_by_text("Runs: 3, by a person: 2", exact=True)).to_be_visible()
