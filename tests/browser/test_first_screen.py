"""What a browser that comes for the first time asks for, and in which order."""

import re

import pytest
from playwright.sync_api import Page

from tests.browser.driving import open_page

pytestmark = pytest.mark.browser

DRAWS_THE_STYLE_SHEET = re.compile(r"/static/js/(Html|purify\.es)\.[^/]+\.js$")


@pytest.mark.parametrize("name", ["", pytest.param("data_versions", marks=pytest.mark.slow)])
def test_what_draws_the_style_sheet_is_asked_for_with_the_page_and_once(
    page: Page, dashboard_url: str, name: str
) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    open_page(page, f"{dashboard_url}/{name}", "Data versions" if name else "Overview")
    places = [place for place, url in enumerate(asked) if DRAWS_THE_STYLE_SHEET.search(url)]
    assert len(places) == 2
    assert max(places) < next(place for place, url in enumerate(asked) if "/_stcore/" in url)
