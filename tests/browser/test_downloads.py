"""A source file is saved by the browser that asked for it, and by no other."""

import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import clean
from tests.browser.conftest import no_error
from tests.browser.driving import open_page
from tests.sandboxes import ask

pytestmark = pytest.mark.browser

UPLOADS = "uploads?up_tenant=WFF_j1r~i1o&up_window=Everything"


@pytest.mark.slow
def test_files_are_saved_by_a_link_that_works_once_in_this_browser(
    page: Page, dashboard_url: str, tmp_path: Path
) -> None:
    page.emulate_media(color_scheme="dark")
    open_page(page, f"{dashboard_url}/{UPLOADS}", "Uploads")
    page.get_by_role("button", name="Select all 5 matching").click()
    page.get_by_text("List the files (1 call)").click()
    page.get_by_role("radio", name="Source").click()
    sources = page.locator(".st-key-up-files_sources input")
    expect(sources).to_be_visible()
    # A list that opens while the page is still being drawn would be closed by it.
    no_error(page)
    sources.click()
    page.keyboard.type("Employee")
    page.get_by_role("option").filter(has_text="Employee").first.click()
    # While the list is open, the rest of the page is hidden from whoever asks by role.
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Download these files…").click()
    link = page.get_by_role("link", name="Save")
    expect(link).to_be_visible()
    clean(page)
    address = f"{dashboard_url}{link.get_attribute('href')}"
    with page.expect_download() as saved:
        link.click()
    saved.value.save_as(tmp_path / "saved.zip")
    assert saved.value.suggested_filename == "WFF_j1r~i1o_source_files.zip"
    assert len(zipfile.ZipFile(tmp_path / "saved.zip").namelist()) == 4

    assert page.request.get(address).status == 404
    page.get_by_role("button", name="Download these files…").click()
    expect(link).not_to_have_attribute("href", address.removeprefix(dashboard_url))
    address = f"{dashboard_url}{link.get_attribute('href')}"
    assert ask("GET", address).status_code == 404
    assert page.request.get(address).status == 404
    no_error(page)
