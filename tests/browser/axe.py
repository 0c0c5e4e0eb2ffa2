"""Have axe look at a page."""

import re
from typing import Literal

from axe_playwright_python.base import AXE_SCRIPT, AxeResults
from playwright.sync_api import Page, expect

from tests.browser.conftest import no_error

# The dark theme is the light one in other colours.
RULES: dict[Literal["light", "dark"], dict[str, object]] = {
    "light": {},
    "dark": {"runOnly": ["color-contrast"]},
}
READ_BESIDE = re.compile("^Reading a week of jobs")


def clean(page: Page) -> None:
    """Look at the page in both themes once its script has run; fail with what axe says of it."""
    no_error(page)
    expect(page.locator("[data-testid='stHtml'] style").first).to_be_attached()
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    for theme, rules in RULES.items():
        page.emulate_media(color_scheme=theme)
        expect(page.get_by_test_id("stApp")).to_have_css("color-scheme", theme)
        # What is read beside a page comes with another run; what that draws anew is pale first.
        expect(page.get_by_text(READ_BESIDE)).to_have_count(0)
        no_error(page)
        expect(page.locator("[data-stale='true']")).to_have_count(0)
        options = {"resultTypes": ["violations"]} | rules
        found = AxeResults(page.evaluate("options => axe.run(options)", options))
        assert found.violations_count == 0, f"{page.url}, {theme}: {found.generate_report()}"
    page.emulate_media(color_scheme="light")
