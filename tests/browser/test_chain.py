"""A bad delivery taken out by clicks: exclude, disable, process, follow, verify, one chain."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from services.sandbox.population.scenario import BAD_BATCH
from tests.browser.conftest import OnSandbox, no_error
from tests.browser.driving import click_apply, number_in, open_page

pytestmark = pytest.mark.browser

HOURS = 3600.0
VERBS = ("Exclude data uploads", "Disable data versions", "Start processing jobs")
WHY = "The delivery of the night was bad"


def next_step(page: Page, words: str) -> Locator:
    """Return the first button of the result that is shown, once it is this one."""
    first = page.locator(".st-key-operation-panel [data-testid=stButton] button").first
    expect(first).to_have_text(re.compile(words))
    return first


def applied(page: Page, verb: str, reason: str = "") -> int:
    """Confirm the plan that is open, with its reason; return of how many items."""
    expect(page.get_by_role("heading", name=verb)).to_be_visible()
    count = number_in(page, r"^[1-9]\d* items? will change")
    field = page.get_by_label("Reason")
    if reason:
        field.fill(reason)
        field.press("Enter")
    expect(field).to_have_value(WHY)
    click_apply(page, "deliveries", count)
    expect(page.get_by_text(f"✓ {count} Succeeded", exact=True)).to_be_visible()
    return count


@pytest.mark.slow
def test_a_bad_delivery_is_taken_out_from_excluding_to_verified_by_one_press_after_another(
    page: Page, workbench: OnSandbox
) -> None:
    open_page(page, f"{workbench.url}/deliveries?del_open=receiving:{BAD_BATCH}", "Deliveries")
    page.get_by_role("button", name=re.compile(r"^Exclude \d+ uploads…")).click()
    tenants = applied(page, "Exclude data uploads", WHY)

    next_step(
        page, r"Disable \d+ data versions? made from these \(\d+ uploads? ha(s|ve) none\)…"
    ).click()
    disabled = applied(page, "Disable data versions")
    assert 0 < disabled < tenants

    next_step(page, f"Reprocess {tenants} tenants…").click()
    expect(page.get_by_label("Reason")).to_have_value(WHY)
    typed = page.get_by_label(f"Type {tenants} to confirm")
    if tenants > 25:
        typed.fill(str(tenants))
        typed.press("Enter")
    start = page.get_by_role("button", name=f"Start processing jobs ({tenants})")
    expect(start).to_be_enabled()
    start.click()

    expect(page.get_by_text("No processing job is listed yet")).to_be_visible()
    workbench.sandbox.advance(2 * HOURS)
    ended = re.compile(rf"\d+ of {tenants} jobs succeeded")
    expect(page.get_by_text(ended).first).to_be_visible()
    no_error(page)

    page.get_by_role("button", name=re.compile(r"^Verify \(")).click()
    confirmed = page.get_by_test_id("stMetric").filter(has_text="✓ Confirmed")
    expect(confirmed).to_be_visible()
    assert int(confirmed.get_by_test_id("stMetricValue").inner_text()) > 0
    no_error(page)
    for name in ("exclude_data_uploads", "disable_dv", "adhoc_processing_jobs"):
        assert len(workbench.sandbox.requests(name)) == 1

    chain = page.locator("[class*='st-key-chain-']")
    chain.get_by_role("link", name="1 Exclude data uploads").click()
    expect(page.get_by_role("heading", name="Activity", exact=True)).to_be_visible()
    for number, verb in enumerate(VERBS, 1):
        expect(chain.get_by_role("link", name=f"{number} {verb}")).to_be_visible()
    expect(page.get_by_text(f"Why: {WHY}")).to_be_visible()
    no_error(page)
