"""What cannot be undone looks like it: a red button, in either theme."""

import re
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import a_page, no_error
from tests.browser.driving import open_page

pytestmark = pytest.mark.browser


def color_of_apply(page: Page, address: str, title: str, act: str, name: str) -> list[int]:
    """Open a plan; return red, green and blue of the button that applies it."""
    open_page(page, address, title)
    page.locator(f".st-key-{name}-select_all button").click()
    page.locator(f".st-key-{act} button").click()
    apply = page.locator(f"[class*='st-key-{name}-apply-'] button")
    expect(apply).to_be_enabled()
    no_error(page)
    color = apply.evaluate("it => getComputedStyle(it).backgroundColor")
    return [int(part) for part in re.findall(r"\d+", color)[:3]]


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_cannot_be_undone_is_confirmed_in_red(
    browser: Browser, dashboard_url: str, scheme: Literal["light", "dark"]
) -> None:
    some = "WFF_j1r~c..WFF_j1r~d"
    with a_page(browser, color_scheme=scheme) as page:
        address = f"{dashboard_url}/data_versions?dv_tenant={some}"
        final = color_of_apply(page, address, "Data versions", "dv-disable", "data_versions")
        address = f"{dashboard_url}/uploads?up_tenant={some}&up_state=Included"
        undone = color_of_apply(page, address, "Uploads", "up-exclude", "uploads")
    red, green, blue = final
    assert red > green + 80
    assert red > blue + 80
    assert undone[2] > undone[0]
