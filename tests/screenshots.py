"""The pictures of the documents. `python -m tests.screenshots` makes docs/pictures anew."""

import re
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

from dashboard.components import chart_strip
from services.monitoring.watch.history import NIGHTS
from tests.browser import cells, chromium
from tests.browser.conftest import PATIENCE_MS, no_error, running_dashboard
from tests.browser.driving import click_apply, number_in, place_of_table

PICTURES = Path(__file__).resolve().parents[1] / "docs" / "pictures"
SIZE = ViewportSize(width=1440, height=900)
SEED = "7"
BAD_DELIVERY = "3b43817a-d0de-4dec-ae94-5467ddea5b83"
REASON = "Rerun of the monthly file, headcount a ninth of what it was"

BATCH = "40bfd838-ad5f-40d9-9000-65c75bcf5f8b"
SOME = "WFF_j1r~c..WFF_j1r~g"
CHOSEN = "&".join(f"con_tenants=WFF_j1r~{each}" for each in ("e1a", "i1o", "c2u", "d1z", "e3j"))

Theme = Literal["light", "dark"]
Action = Callable[[Page], None]


def _nothing(_: Page) -> None:
    """Leave a screen as its link shows it."""


def _expand(page: Page) -> None:
    page.get_by_role("button", name="Expand all").click()
    # A parent that began before the window is a row too, and no job of it.
    expect(page.get_by_text(re.compile(r"^[\d,]+ jobs, [\d,]+ shown$"))).to_be_visible()
    _scroll_to(page, ".st-key-job_view", "start")


def _look_at_the_view(page: Page) -> None:
    _scroll_to(page, ".st-key-job_view", "start")


def _name_tenants(page: Page) -> None:
    field = page.get_by_role("textbox", name="Tenants", exact=True)
    field.fill("WFF_j1r~c0p, WFF_j1r~c2u, WFF_j1r~c7p")
    field.press("Control+Enter")
    expect(page.get_by_text("3 tenants named, all listed.")).to_be_visible()


def _plan(page: Page) -> None:
    page.get_by_role("button", name=re.compile("^Select all ")).click()
    page.get_by_role("button", name=re.compile(r"^Exclude [1-9]\d* uploads")).click()
    expect(page.get_by_text(re.compile(r"^\d+ items will change"))).to_be_visible()
    reason = page.get_by_label("Reason")
    reason.fill(REASON)
    reason.press("Enter")


def _apply(page: Page) -> None:
    """Apply the plan, and open what was done on Activity."""
    _plan(page)
    count = number_in(page, r"^\d+ items will change")
    click_apply(page, "uploads", count)
    expect(page.get_by_text(f"✓ {count} Succeeded", exact=True)).to_be_visible()
    page.get_by_role("link", name="Activity", exact=True).click()
    expect(page.get_by_role("heading", name="Activity", exact=True)).to_be_visible()
    _settle(page)
    place = place_of_table(page)
    # The first cell of the first row opens it.
    page.mouse.click(place["x"] + 18, place["y"] + 50)
    # In the open panel: the table above it tells the same.
    opened = page.get_by_test_id("stText").filter(has_text=f"✓ {count} Succeeded")
    expect(opened).to_be_visible()


def _make_a_rule(page: Page) -> None:
    """Make the rule that the form begins with, and begin another one."""
    page.get_by_role("button", name="Add rule").click()
    expect(page.get_by_text("1 of 1 rule", exact=True)).to_be_visible()
    page.get_by_role("button", name="New rule").click()
    expect(page.get_by_role("button", name="Add rule")).to_be_visible()


def _scroll_to(page: Page, selector: str, block: Literal["start", "end"]) -> None:
    page.locator(selector).evaluate("(it, block) => it.scrollIntoView({block})", block)


class Picture(NamedTuple):
    """A screen as a link shows it, and what is done there before it is taken."""

    name: str
    address: str
    action: Action = _nothing
    theme: Theme = "light"


# Of a dashboard that watches its sandbox, and so has its nights on record.
WATCHED = (
    Picture("history", "history"),
    Picture("history_dark", "history", theme="dark"),
    Picture("history_two_nights", "history?hist_view=two"),
    Picture("history_trends", "history?hist_view=trends"),
    Picture("watch", "watch?wa_view=rules&wa_rule=new", _make_a_rule),
)
# What changes something comes last: the pictures before show the sandbox untouched.
UNWATCHED = (
    # Of a whole day: early in the night nothing has failed yet.
    Picture("overview", "?ov_since=24+hours"),
    Picture("overview_dark", "?ov_since=24+hours", theme="dark"),
    Picture("deliveries", "deliveries"),
    Picture("tenant", "tenant?code=WFF_j1r~d8z"),
    Picture("data_versions", f"data_versions?dv_tenant={SOME}"),
    Picture("uploads", "uploads"),
    Picture("uploads_dark", "uploads", theme="dark"),
    Picture("jobs_tree", "jobs?job_view=Tree", _expand),
    Picture(
        "jobs_stages",
        f"jobs?job_window=3+days&job_view=Stages&job_stage={BATCH}",
        _look_at_the_view,
    ),
    Picture("jobs_timeline", "jobs?job_view=Timeline", _look_at_the_view),
    Picture("start_jobs", "start_jobs", _name_tenants),
    Picture("connectors", f"connectors?con_check=true&{CHOSEN}"),
    Picture("recovery", f"recovery?rec_job={BAD_DELIVERY}"),
    Picture("plan", f"uploads?up_job={BAD_DELIVERY}", _plan),
    Picture("activity", f"uploads?up_job={BAD_DELIVERY}", _apply),
)
TAKEN = (*WATCHED, *UNWATCHED)


def main() -> int:
    """Make every picture anew, or those that are named."""
    wanted = sys.argv[1:] or [each.name for each in TAKEN]
    found = chromium.executable()
    if found is None:
        sys.stderr.write(f"{chromium.ADVICE}\n")
        return 1
    PICTURES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        expect.set_options(timeout=PATIENCE_MS)
        browser = playwright.chromium.launch(executable_path=found, args=chromium.FLAGS)
        for pictures, watches in ((WATCHED, True), (UNWATCHED, False)):
            _take_all(browser, [each for each in pictures if each.name in wanted], watches=watches)
        browser.close()
    return 0


def _take_all(browser: Browser, pictures: Sequence[Picture], *, watches: bool) -> None:
    if not pictures:
        return
    told = {"DASHBOARD_SANDBOX_SEED": SEED, "DASHBOARD_WATCH": str(watches).lower()}
    with (
        tempfile.TemporaryDirectory() as folder,
        running_dashboard(Path(folder), environment=told) as url,
    ):
        if watches:
            _wait_for_nights(browser, f"{url}/history")
        for each in pictures:
            _take(browser, url, each)


def _has_all_nights(page: Page) -> bool:
    if not page.locator(".st-key-hist-nights").count():
        return False
    found = cells.picture(page, "hist-nights")
    # The latest are on record first, and the others one by one.
    return len(found) >= chart_strip.ROWS * NIGHTS and not any(
        "Not observed" in cell["text"] for cell in found
    )


def _wait_for_nights(browser: Browser, address: str) -> None:
    """Look again until all nights of the sandbox's past are on record."""
    page = browser.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto(address)
    _settle(page)
    while not _has_all_nights(page):
        page.get_by_role("button", name="Refresh").click()
        _settle(page)
    page.close()


def _take(browser: Browser, url: str, picture: Picture) -> None:
    context = browser.new_context(viewport=SIZE, timezone_id="UTC", color_scheme=picture.theme)
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    # While a page looks again by itself, what it draws anew fades in.
    paused = f"{'&' if '?' in picture.address else '?'}job_live=false&ov_live=false"
    page.goto(f"{url}/{picture.address}{paused}")
    _settle(page)
    picture.action(page)
    _settle(page)
    # Nothing is under the pointer here: no toolbar of a table, no button of the sidebar.
    page.mouse.move(SIZE["width"] / 2, 1)
    page.screenshot(path=PICTURES / f"{picture.name}.png", animations="disabled")
    context.close()


def _settle(page: Page) -> None:
    """Wait until the script has run and what it sent is drawn."""
    expect(page.get_by_role("heading").first).to_be_visible()
    no_error(page)
    # What is read beside a page comes with another run.
    expect(page.get_by_text(re.compile("^Reading a week of jobs"))).to_have_count(0)
    no_error(page)
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0)
    expect(page.locator("[data-stale='true']")).to_have_count(0)
    page.wait_for_load_state("networkidle")


if __name__ == "__main__":
    sys.exit(main())
