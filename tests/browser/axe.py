"""Have axe look at a page."""

from axe_playwright_python.base import AXE_SCRIPT, AxeResults
from playwright.sync_api import Page, expect

from tests.browser.conftest import no_error


def clean(page: Page) -> None:
    """Look at the page once its script has run; fail with what axe says of it."""
    no_error(page)
    expect(page.locator("[data-testid='stHtml'] style")).to_be_attached()
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    options: dict[str, object] = {"resultTypes": ["violations"]}
    if page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches"):
        # The dark theme is the light one in other colours.
        options["runOnly"] = ["color-contrast"]
    found = AxeResults(page.evaluate("options => axe.run(options)", options))
    assert found.violations_count == 0, f"{page.url}: {found.generate_report()}"
