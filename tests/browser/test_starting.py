"""Starting work in a real browser: typed, confirmed, sent once, followed to its tree."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import no_error
from tests.browser.driving import open_form, sandbox_of
from tests.sandboxes import Control

pytestmark = pytest.mark.browser


@pytest.mark.slow
def test_an_extraction_for_all_tenants_ends_in_its_tree(page: Page, dashboard_url: str) -> None:
    open_form(page, f"{dashboard_url}/start_jobs?start_kind=Extract&tz=America%2FVancouver")
    control = Control(sandbox_of(page))
    control.clear_requests()
    page.get_by_role("radio", name="All tenants").click()
    since = page.locator(".st-key-start_extraction-override_last_extraction_timestamp")
    since.get_by_role("spinbutton").first.click()
    page.keyboard.type("202112130000")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    # The field for the confirmation belongs to what the summary says: it comes with its last word.
    expect(page.locator(".st-key-start-summary")).to_contain_text("epoch 1639382400000")
    no_error(page)
    start = page.get_by_role("button", name="Start extraction jobs (all)")
    expect(start).to_be_disabled()
    confirmation = page.get_by_label("Type “all” to confirm")
    confirmation.fill("all")
    confirmation.press("Enter")
    expect(start).to_be_enabled()
    start.dblclick()

    expect(page.get_by_text("Not listed yet.")).to_be_visible()
    expect(page.get_by_text(re.compile("^Dispatching job, 0 dispatched so far"))).to_be_visible()
    control.advance(20)
    expect(page.get_by_role("heading", name="Jobs", exact=True)).to_be_visible()
    expect(page).to_have_url(re.compile("job_view=tree.*job_id=|job_id=.*job_view=tree"))
    expect(page.get_by_text(re.compile(r"^1 of [\d,]+ jobs match"))).to_be_visible()
    no_error(page)
    (request,) = control.requests("start_extraction")
    assert request["body"]["allTenants"] is True
    assert request["body"]["overrideLastExtractionTimestamp"] == 1639382400000


def test_what_was_typed_is_there_after_a_look_at_another_page(
    page: Page, dashboard_url: str
) -> None:
    open_form(page, f"{dashboard_url}/start_jobs?start_kind=Consolidate")
    choice = page.get_by_role("combobox", name="Consolidated analytics tenant")
    choice.fill("WFF_j1r~c7o")
    choice.press("Enter")
    expect(page.get_by_text("is not a consolidated analytics tenant")).to_be_visible()
    page.get_by_role("link", name="Uploads", exact=True).click()
    expect(page.get_by_role("heading", name="Uploads", exact=True)).to_be_visible()
    page.get_by_role("link", name="Start jobs", exact=True).click()
    page.get_by_role("radio", name="Consolidate").click()
    expect(page.get_by_text("is not a consolidated analytics tenant")).to_be_visible()
    no_error(page)
