"""What a browser that comes for the first time asks for, and in which order."""

import re
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Page, Response

from dashboard.streamlit_compat import cut_fonts, first_rows, subset_fonts
from tests.browser.conftest import has_run, running_dashboard
from tests.browser.driving import open_page, place_of_table

pytestmark = pytest.mark.browser

# What draws the style sheet and the table, and the largest of what they import.
DRAWS_EVERY_SCREEN = re.compile(
    r"/static/js/(Html|purify\.es|DataFrame|arrowFormatUtils|recordbatch)\.[^/]+\.js$"
)


@pytest.mark.parametrize("name", ["", pytest.param("data_versions", marks=pytest.mark.slow)])
def test_what_draws_every_screen_is_asked_for_with_the_page_and_once(
    page: Page, dashboard_url: str, name: str
) -> None:
    asked: list[str] = []
    before: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    # Nothing is known of what the screen draws until there is a connection.
    page.on("websocket", lambda _: before.extend(asked))
    open_page(page, f"{dashboard_url}/{name}", "Data versions" if name else "Overview")
    assert len([*filter(DRAWS_EVERY_SCREEN.search, asked)]) == 5
    assert len([*filter(DRAWS_EVERY_SCREEN.search, before)]) == 5


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


@pytest.mark.slow
def test_a_long_table_comes_with_its_first_rows_first_and_not_with_every_click(
    page: Page, tmp_path: Path
) -> None:
    # Of elements with this key, only the table names its columns.
    tables: list[int] = []

    def note(frame: str | bytes) -> None:
        if isinstance(frame, bytes) and b"-up.table" in frame and b"tenant_code" in frame:
            tables.append(len(frame))

    page.on("websocket", lambda opened: opened.on("framereceived", note))
    with running_dashboard(tmp_path, tenants=400) as url:
        open_page(page, f"{url}/uploads", "Uploads")
        has_run(page)
        first, *_, last = tables
        assert first < last / 5
        grid = page.locator(".st-key-up-table [role=grid]").first
        assert int(grid.get_attribute("aria-rowcount") or 0) > first_rows.LONG
        drawn = len(tables)
        place = place_of_table(page)
        for number, noun in ((1, "upload"), (2, "uploads"), (3, "uploads")):
            page.mouse.click(place["x"] + 16, place["y"] + 50 + 33 * number)
            page.get_by_text(f"{number} {noun} selected", exact=True).wait_for()
        # A new minute may have begun in between: then every age is another.
        assert len(tables) - drawn <= 1


@pytest.mark.parametrize(
    ("taken", "encoding"), [("gzip, br", "br"), ("gzip", "gzip"), ("gzip, br;q=0", "gzip")]
)
def test_scripts_come_compressed_and_are_the_same(
    dashboard_url: str, taken: str, encoding: str
) -> None:
    page = requests.get(dashboard_url, timeout=30).text
    (script,) = re.findall(r'src="\./(static/js/index\.[^"]+\.js)"', page)
    url = f"{dashboard_url}/{script}"
    plain = requests.get(url, headers={"Accept-Encoding": "identity"}, timeout=30)
    assert "Content-Encoding" not in plain.headers
    for _ in range(2):
        packed = requests.get(url, headers={"Accept-Encoding": taken}, timeout=30)
        assert packed.headers["Content-Encoding"] == encoding
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
