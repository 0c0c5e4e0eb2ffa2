"""The clock of the benchmarks in Chromium: a table is there once it is drawn."""

import pytest
from playwright.sync_api import Browser, Page

from tests.benchmarks import browser_clock

pytestmark = pytest.mark.browser

SCREEN = """
<div class="st-key-search"><input></div>
<p data-testid="stText">3 of 9 tenants</p>
<canvas></canvas><table><td>WFF_j1r~a2f</td></table>
"""
# What the clock says once it has had two frames in which to look.
SAID = """() => new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(
    () => Promise.race([window.answer, 'nothing']).then(resolve))))"""


def draw(page: Page, text: str) -> None:
    page.evaluate(
        "text => document.querySelector('canvas').getContext('2d').fillText(text, 0, 9)", text
    )


def test_it_runs_until_a_row_is_drawn_that_was_not_there_before(browser: Browser) -> None:
    wanted = {"line": "3 of 9 tenants", "drawn": ["WFF_j1r~a2f"]}
    with browser_clock.tab(browser) as page:
        page.goto("data:text/html,<html></html>")
        page.set_content(SCREEN)
        draw(page, "WFF_j1r~a2f")
        page.evaluate("wanted => { window.answer = watch(wanted, 'keydown') }", wanted)
        page.locator("input").press("a")
        assert page.evaluate(SAID) == "nothing"
        page.locator("input").press("Enter")
        # What was drawn before Enter is the screen before; what a screen reader finds is no table.
        assert page.evaluate(SAID) == "nothing"
        draw(page, "WFF_j1r~b1k")
        assert page.evaluate(SAID) == "nothing"
        draw(page, "WFF_j1r~a2f")
        assert page.evaluate("() => window.answer") > 0
