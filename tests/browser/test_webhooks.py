"""Webhooks in a browser, by keyboard: created, tested against this very server, and activated."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from dashboard.watch.pushes import ROUTE
from services.sandbox.config import WEBHOOK_KEYS
from tests.browser.axe import clean
from tests.browser.conftest import a_page, running_dashboard
from tests.browser.driving import place_of_table

pytestmark = pytest.mark.browser


@pytest.mark.slow  # a dashboard of its own
def test_a_webhook_is_created_tested_and_activated_by_keyboard(
    browser: Browser, tmp_path: Path
) -> None:
    ((key_name, key),) = WEBHOOK_KEYS.items()
    named = {"DASHBOARD_WEBHOOK_KEY": key}
    with running_dashboard(tmp_path, environment=named) as url, a_page(browser) as page:
        page.goto(f"{url}/watch?wa_view=webhooks")
        expect(page.get_by_text("No event has been received yet.")).to_be_visible()
        new = page.locator(".st-key-webhook-new")
        new.locator("summary").focus()
        page.keyboard.press("Enter")
        for label, typed in (("Address", f"{url}{ROUTE}"), ("Encryption key", key_name)):
            new.get_by_role("textbox", name=label).fill(typed)
            # Not Tab: what explains the next field would lie over the page.
            page.keyboard.press("Enter")
        review = new.get_by_role("button", name="Review…")
        expect(review).to_be_visible()
        clean(page)
        _press(page, review)
        _apply(page, "Create webhooks (1)")
        place = place_of_table(page)
        # The box of the first row opens it.
        page.mouse.click(place["x"] + 18, place["y"] + 50)
        # To this very server, which answers while the page is looked at.
        _press(page, page.get_by_role("button", name="Send it…"))
        _apply(page, "Test webhooks (1)")
        expect(page.get_by_text(re.compile("ago: Job succeeded$"))).to_be_visible()
        _press(page, page.get_by_role("button", name="Activate…"))
        _apply(page, "Activate webhooks (1)")
        expect(page.get_by_role("button", name="Deactivate…")).to_be_visible()
        clean(page)
        assert key not in page.content()


def _press(page: Page, button: Locator) -> None:
    button.focus()
    page.keyboard.press("Enter")


def _apply(page: Page, label: str) -> None:
    """Apply the plan under review, and close its result."""
    _press(page, page.get_by_role("button", name=label))
    expect(page.get_by_text("✓ 1 Succeeded", exact=True)).to_be_visible()
    clean(page)
    page.keyboard.press("Escape")
    expect(page.get_by_text("✓ 1 Succeeded", exact=True)).to_have_count(0)
