"""What a browser that comes for the first time asks for, and in which order."""

import re
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Page, Response

from dashboard.streamlit_compat import cut_fonts, subset_fonts
from tests.browser.conftest import has_run, running_dashboard
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


def test_the_first_screen_does_not_wait_for_what_draws_charts(
    page: Page, dashboard_url: str
) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    open_page(page, dashboard_url, "Overview")
    page.get_by_text("Ages of latest versions", exact=True).wait_for()
    has_run(page)
    assert any("/DataFrame." in url for url in asked)
    assert not any("Plotly" in url for url in asked)


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


@pytest.mark.slow
def test_the_fonts_come_small_and_every_icon_is_drawn(page: Page, tmp_path: Path) -> None:
    if not subset_fonts.folder().is_dir():
        cut_fonts.make(subset_fonts.folder())
    fonts: list[Response] = []
    page.on("response", lambda came: fonts.append(came) if ".woff2" in came.url else None)
    with running_dashboard(tmp_path) as url:
        open_page(page, url, "Overview")
        page.evaluate("document.fonts.ready")
        widths = page.evaluate(
            """() => [...document.querySelectorAll('[data-testid=stIconMaterial]')].map((icon) =>
                icon.scrollWidth / parseFloat(getComputedStyle(icon).fontSize))"""
        )
        # Where the font lacks an icon, its name stands there.
        assert len(widths) > 15
        assert max(widths) < 1.5
        assert sum(len(font.body()) for font in fonts) < 150_000
        answer = requests.get(fonts[0].url, timeout=30)
        # Under the same name it has other icons one day.
        assert answer.headers["Cache-Control"] == "no-cache"
        known = {"If-None-Match": answer.headers["ETag"]}
        assert requests.get(fonts[0].url, headers=known, timeout=30).status_code == 304
