"""What is unfolded stays so while the page looks again by itself."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import no_error
from tests.browser.driving import (
    OPEN_IN_JOBS,
    names_are_there,
    open_page,
    place_of_table,
    sandbox_of,
)
from tests.sandboxes import Control

pytestmark = pytest.mark.browser

FIRST_ROW = 50  # pixels below the top of a table


@pytest.mark.slow
def test_visiers_answer_stays_unfolded_in_the_drawer(page: Page, dashboard_url: str) -> None:
    open_page(page, f"{dashboard_url}/jobs?job_state=Running&job_type=Processing", "Jobs")
    sandbox = Control(sandbox_of(page))
    names_are_there(page)
    place = place_of_table(page)
    page.mouse.click(place["x"] + OPEN_IN_JOBS, place["y"] + FIRST_ROW)
    drawer = page.get_by_role("dialog")
    answer = drawer.get_by_test_id("stExpander").last
    expect(answer).to_be_visible()
    # Until the last answer is there, another stands in its place.
    no_error(page)
    answer.locator("summary").click()
    opened = answer.locator("details[open]")
    expect(opened).to_have_count(1)
    no_error(page)
    as_of = page.get_by_text("as of ").first
    before = as_of.inner_text()
    drawer.evaluate("node => { node.isKept = true }")
    sandbox.advance(3600)
    # By the next look all that ran has ended: the page draws everything anew.
    expect(drawer.get_by_text("Running")).to_have_count(0)
    expect(as_of).not_to_have_text(before)
    no_error(page)
    expect(opened).to_have_count(1)
    assert drawer.evaluate("node => node.isKept"), "It was drawn anew."


@pytest.mark.slow  # The page looks again after some seconds, three times.
@pytest.mark.parametrize(("name", "title"), [("jobs", "Jobs"), ("", "Overview")])
def test_a_page_on_which_nothing_happens_says_when_it_looked_last(
    page: Page, dashboard_url: str, name: str, title: str
) -> None:
    open_page(page, f"{dashboard_url}/{name}", title)
    names_are_there(page)
    as_of = page.locator(".st-key-live-as-of")
    for _ in range(3):
        before = as_of.inner_text()
        expect(as_of).not_to_have_text(before)
        no_error(page)
