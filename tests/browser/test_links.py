"""Where links lead, seen in the address and on the page, whatever screen they stand on."""

from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import no_error
from tests.browser.test_reading import open_page, rows_shown

pytestmark = pytest.mark.browser

ZONE = "Asia/Tokyo"


def asked(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


def test_a_link_to_the_screen_it_stands_on_sets_address_and_filters_until_back_undoes_it(
    page: Page, dashboard_url: str
) -> None:
    open_page(page, f"{dashboard_url}/data_versions?tz={ZONE}&dv_tenant=WFF", "Data versions")
    every = rows_shown(page)
    page.get_by_role("button", name="Guided tour").click()
    tour = page.get_by_role("dialog")
    tour.get_by_role("link", name="Tenants whose latest version is stale").click()
    expect(tour).to_have_count(0)
    no_error(page)
    assert asked(page) == {"tz": [ZONE], "dv_state": ["Stale"]}
    stale = rows_shown(page)
    assert 0 < stale < every

    # It stays so when the page is drawn again.
    page.locator(".st-key-dv_tenant input").fill("WFF_j1r~no such tenant")
    page.keyboard.press("Enter")
    expect(page.get_by_text("No tenant matches the filter")).to_be_visible()
    assert asked(page)["dv_state"] == ["Stale"]
    expect(tour).to_have_count(0)

    page.go_back()
    expect(tour).to_be_visible()
    assert asked(page) == {"tz": [ZONE], "dv_tenant": ["WFF"], "tour": ["true"]}


def test_the_menu_leads_to_the_screen_one_is_on_without_its_filters(
    page: Page, dashboard_url: str
) -> None:
    open_page(page, f"{dashboard_url}/data_versions?dv_state=Stale&tz={ZONE}", "Data versions")
    stale = rows_shown(page)
    page.get_by_role("link", name="Data versions", exact=True).click()
    expect(page.get_by_role("radio", name="Any")).to_be_checked()
    no_error(page)
    assert asked(page) == {"tz": [ZONE]}
    assert rows_shown(page) > stale


def test_a_link_to_the_first_screen_opens_it_in_a_new_tab_too(
    page: Page, dashboard_url: str
) -> None:
    open_page(page, f"{dashboard_url}/jobs?job_live=false", "Jobs")
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Overview", exact=True).click(button="middle")
    expect(opened.value.get_by_role("heading", name="Overview", exact=True)).to_be_visible()
    assert urlsplit(opened.value.url).path == "/"
