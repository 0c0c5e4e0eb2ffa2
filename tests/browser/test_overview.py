"""The overview in a browser: one glance, and every figure leads to what it counts."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Locator, Page, WebSocket, expect
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from tests.browser.conftest import no_error, running_dashboard
from tests.browser.driving import names_are_there, open_page, place_of, rows_shown, visit

pytestmark = pytest.mark.browser

FIGURE = re.compile(r"^(?:All )?([\d,]+)")


def number(text: str) -> int:
    found = FIGURE.search(text)
    assert found
    return int(found[1].replace(",", ""))


def land(page: Page, count: int) -> None:
    """Wait for the screen a figure leads to; it shows that many rows."""
    if not count:
        expect(page.get_by_text(re.compile("matches the filter"))).to_be_visible()
        return
    rows = re.compile(rf"^{count:,} of [\d,]+ (tenant|upload|job)s?$")
    expect(page.get_by_text(rows)).to_be_visible()
    assert rows_shown(page) == count


def figures(page: Page, *, leading_to: str = "") -> Locator:
    # A delivery that stands out is named, not counted.
    link = f"a[href*='{leading_to}']" if leading_to else "a:not([href*='deliveries'])"
    return page.locator(f":is([class*='st-key-figure-'], .st-key-overview-answer) {link}")


def follow(page: Page, figure: Locator) -> None:
    """Click a figure of the overview; there are as many rows as it says where it leads."""
    count = number(figure.locator("strong").inner_text())
    figure.click()
    expect(page.get_by_role("heading", name="Overview", exact=True)).to_have_count(0)
    land(page, count)
    no_error(page)


def test_a_sentence_is_read_whole_on_a_telephone(page: Page, dashboard_url: str) -> None:
    page.set_viewport_size({"width": 360, "height": 900})
    open_page(page, dashboard_url, "Overview")
    expect(page.locator(".st-key-overview-answer a").first).to_be_visible()
    beyond_its_page = """links => links.filter(link => {
        const words = document.createRange();
        words.selectNodeContents(link);
        const page = link.closest("[data-testid=stMainBlockContainer]");
        return words.getBoundingClientRect().right > page.getBoundingClientRect().right;
    }).map(link => link.innerText)"""
    links = page.locator(".st-key-overview-answer a")
    assert links.evaluate_all(beyond_its_page) == []


@pytest.mark.slow
def test_a_figure_leads_to_as_many_rows_on_every_screen(page: Page, dashboard_url: str) -> None:
    open_page(page, dashboard_url, "Overview")
    for screen in ("data_versions", "uploads", "jobs"):
        follow(page, figures(page, leading_to=screen).first)
        visit(page, "Overview")


@pytest.mark.slow
def test_every_figure_leads_to_as_many_rows(page: Page, dashboard_url: str) -> None:
    open_page(page, dashboard_url, "Overview")
    no_error(page)
    assert figures(page).count() >= 9
    for place in range(figures(page).count()):
        follow(page, figures(page).nth(place))
        visit(page, "Overview")


@pytest.mark.slow
def test_a_link_opens_in_another_browser_alike(
    page: Page, browser: Browser, dashboard_url: str
) -> None:
    open_page(page, dashboard_url, "Overview")
    overdue = page.locator(".st-key-figure-overdue a")
    count = number(overdue.locator("strong").inner_text())
    overdue.click()
    expect(page).to_have_url(re.compile(r"/data_versions\?.*dv_state=overdue"))
    other = browser.new_context(timezone_id="UTC").new_page()
    open_page(other, page.url, "Data versions")
    land(other, count)
    other.context.close()


def ends_of_runs(page: Page) -> list[str]:
    """Return the names of the ends of the scripts that run from now on; it grows as they come."""
    told: list[str] = []

    def note(frame: str | bytes) -> None:
        message = ForwardMsg.FromString(frame if isinstance(frame, bytes) else frame.encode())
        if message.WhichOneof("type") == "script_finished":
            told.append(ForwardMsg.ScriptFinishedStatus.Name(message.script_finished))

    def listen(socket: WebSocket) -> None:
        socket.on("framereceived", note)

    page.on("websocket", listen)
    return told


@pytest.fixture(scope="module")
def many_tenants_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a dashboard with more tenants in need than the overview shows at first."""
    with running_dashboard(tmp_path_factory.mktemp("many"), tenants=400) as url:
        yield url


@pytest.mark.slow
def test_all_that_need_attention_come_alone_and_each_leads_to_its_tenant(
    page: Page, many_tenants_url: str
) -> None:
    told = ends_of_runs(page)
    open_page(page, f"{many_tenants_url}/?ov_live=false", "Overview")
    expect(page.get_by_text(re.compile(r"^40 of \d+ tenants$"))).to_be_visible()
    names_are_there(page)
    told.clear()
    page.locator(".st-key-ov_all label").click()
    expect(page.get_by_text(re.compile(r"^(\d+) of \1 tenants$"))).to_be_visible()
    no_error(page)
    assert {*told} == {"FINISHED_FRAGMENT_RUN_SUCCESSFULLY"}
    table = page.locator(".st-key-table-ov-attention").get_by_test_id("stDataFrame")
    box = place_of(table)
    page.mouse.click(box["x"] + 18, box["y"] + 50)
    expect(page).to_have_url(re.compile(r"/tenant\?.*code=WFF_j1r~"))
    expect(page.get_by_role("heading", name="Overview", exact=True)).to_have_count(0)
    no_error(page)


@pytest.mark.slow
def test_a_bar_leads_to_its_tenants(page: Page, dashboard_url: str) -> None:
    open_page(page, dashboard_url, "Overview")
    page.get_by_text("Ages of latest versions", exact=True).click()
    picture = page.get_by_label(re.compile("Age of the latest enabled version. under 24h: "))
    expect(picture.first).to_be_attached()
    bars = page.locator(".st-key-ov-freshness .barlayer .point")
    expect(bars).to_have_count(6)
    counts = page.locator(".st-key-ov-freshness .bartext").all_text_contents()
    box = place_of(bars.first)
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.get_by_role("heading", name="Data versions", exact=True)).to_be_visible()
    land(page, number(counts[0]))


@pytest.mark.first_is_quick
@pytest.mark.parametrize("path", ["", "overview"])
def test_it_stands_at_the_root_and_under_its_name(
    page: Page, dashboard_url: str, path: str
) -> None:
    open_page(page, f"{dashboard_url}/{path}?ov_since=7+days&tz=Asia/Tokyo", "Overview")
    chosen = page.get_by_role("radio", name="7 days")
    expect(chosen).to_be_checked()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page).to_have_url(f"{dashboard_url}/?ov_since=7+days&tz=Asia/Tokyo")


@pytest.mark.first_is_quick
@pytest.mark.parametrize(
    ("width", "scheme"),
    [
        (1280, "light"),
        (1920, "dark"),
        pytest.param(1280, "dark", marks=pytest.mark.slow),
        pytest.param(1920, "light", marks=pytest.mark.slow),
    ],
)
def test_one_glance_answers(
    page: Page, dashboard_url: str, width: int, scheme: Literal["light", "dark"]
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    open_page(page, dashboard_url, "Overview")
    answer = page.get_by_text(
        re.compile(r"^\d+ of 120 tenants (loaded|have a version made) since yesterday 18:00\b")
    )
    expect(answer).to_be_in_viewport()
    for word in ("overdue", "failed", "stuck", "excluded"):
        expect(page.locator(f".st-key-figure-{word}")).to_be_in_viewport()
    expect(page.get_by_text("Tenants that need attention")).to_be_in_viewport()
    wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    assert not wide


@pytest.mark.slow
def test_of_a_dozen_tenants_in_need_none_is_cut_off(page: Page, tmp_path: Path) -> None:
    with running_dashboard(tmp_path, tenants=42) as url:
        open_page(page, url, "Overview")
        # How many are in need depends on the hour: about a dozen.
        expect(page.get_by_text(re.compile(r"^(\d+) of \1 tenants$"))).to_be_visible()
        place = page.locator(".st-key-table-ov-attention")
        rows = place.get_by_test_id("stDataFrame")
        expect(rows).to_be_visible()
        tall, room = (each.evaluate("box => box.clientHeight") for each in (rows, place))
        assert tall <= room
