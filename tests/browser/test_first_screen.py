"""What a browser that comes for the first time asks for, and in which order."""

import re

import pytest
import requests
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


def test_scripts_come_compressed_and_are_the_same(dashboard_url: str) -> None:
    page = requests.get(dashboard_url, timeout=30).text
    (script,) = re.findall(r'src="\./(static/js/index\.[^"]+\.js)"', page)
    url = f"{dashboard_url}/{script}"
    plain = requests.get(url, headers={"Accept-Encoding": "identity"}, timeout=30)
    assert "Content-Encoding" not in plain.headers
    for _ in range(2):
        packed = requests.get(url, headers={"Accept-Encoding": "gzip, br"}, timeout=30)
        assert packed.headers["Content-Encoding"] == "gzip"
        assert packed.headers["Vary"] == "Accept-Encoding"
        assert packed.headers["Cache-Control"] == plain.headers["Cache-Control"]
        assert int(packed.headers["Content-Length"]) < len(plain.content) / 2
        assert packed.content == plain.content
    asked_again = {"Accept-Encoding": "gzip", "If-None-Match": packed.headers["ETag"]}
    assert requests.get(url, headers=asked_again, timeout=30).status_code == 304
    part = {"Accept-Encoding": "gzip", "Range": "bytes=0-99"}
    ranged = requests.get(url, headers=part, timeout=30)
    assert (ranged.status_code, ranged.content) == (206, plain.content[:100])
    head = requests.head(url, headers={"Accept-Encoding": "gzip"}, timeout=30)
    assert int(head.headers["Content-Length"]) == len(plain.content)
    missing = requests.get(f"{dashboard_url}/static/js/missing.js", timeout=30)
    assert "Content-Encoding" not in missing.headers
