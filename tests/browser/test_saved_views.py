"""*Views* as only a browser shows it: by keyboard, by a link in another browser, over the page."""

import re

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import OnSandbox, a_page, no_error
from tests.browser.driving import open_page

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def views(page: Page) -> Locator:
    return page.locator(".st-key-over-views")


def panel(page: Page) -> Locator:
    return views(page).get_by_test_id("stExpanderDetails")


def save_by_keyboard(page: Page, name: str) -> None:
    views(page).locator("summary").focus()
    page.keyboard.press("Enter")
    field = panel(page).get_by_role("textbox", name="Name")
    expect(field).to_be_visible()
    while not field.evaluate("(node) => node === document.activeElement"):
        page.keyboard.press("Tab")
    page.keyboard.type(name)
    page.keyboard.press("Enter")
    expect(views(page).locator("summary")).to_contain_text(name)
    no_error(page)


def test_a_long_list_is_saved_by_keyboard_and_its_link_works_in_another_browser(
    page: Page, workbench: OnSandbox, browser: Browser
) -> None:
    open_page(page, f"{workbench.url}/data_versions", "Data versions")
    pasted = " ".join(["WFF_j1r~e1a", *(f"WFF_j1r~n0t{number:05}" for number in range(600))])
    field = page.locator(".st-key-dv_tenant input")
    field.fill(pasted)
    field.press("Enter")
    expect(field).to_have_value(re.compile("^601 tenants WFF_j1r~e1a… #"))
    save_by_keyboard(page, "One of *many*")
    assert "view=" in page.url
    with a_page(browser) as other:
        open_page(other, page.url, "Data versions")
        expect(other.get_by_text("1 of 60 tenants")).to_be_visible()
        expect(views(other).locator("summary")).to_contain_text("One of *many*")
        # From the sidebar it opens with its filters alone.
        open_page(other, f"{workbench.url}/data_versions?dv_state=overdue", "Data versions")
        other.get_by_role("link", name="One of *many*").first.click()
        expect(other).to_have_url(page.url)
        expect(other.get_by_text("1 of 60 tenants")).to_be_visible()


def test_views_lies_within_a_narrow_page_also_once_its_name_wraps(
    page: Page, workbench: OnSandbox
) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    open_page(page, f"{workbench.url}/jobs?job_window=3d&job_state=failed", "Jobs")
    save_by_keyboard(page, "On a narrow page")
    box = panel(page).bounding_box()
    assert box
    assert 0 <= box["x"] <= box["x"] + box["width"] <= 390


def test_views_lies_within_the_page_and_folds_once_one_is_opened(
    page: Page, workbench: OnSandbox
) -> None:
    open_page(page, f"{workbench.url}/jobs?job_window=3d&job_type=receiving", "Jobs")
    save_by_keyboard(page, "Received")
    page.keyboard.press("Escape")
    expect(panel(page)).not_to_be_visible()
    page.locator(".st-key-job_tenant input").fill("e1a")
    page.keyboard.press("Enter")
    expect(views(page).locator("summary")).to_contain_text("Received (changed)")
    page.set_viewport_size({"width": 1240, "height": 900})
    views(page).locator("summary").click()
    box = panel(page).bounding_box()
    assert box
    assert box["x"] + box["width"] <= 1240
    panel(page).get_by_role("link", name="Received").click()
    expect(panel(page)).not_to_be_visible()
    expect(views(page).locator("summary")).not_to_contain_text("(changed)")
    expect(page.locator(".st-key-job_tenant input")).to_have_value("")
