"""Jobs under way, watched by as many tabs as you like."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
import tenacity
from playwright.sync_api import Browser, Locator, Page, expect

from services.monitoring.snapshots import FAST
from tests.browser.conftest import PATIENCE_MS, OnSandbox, no_error, running_dashboard
from tests.browser.driving import (
    click_apply,
    number_in,
    open_page,
    place_of_table,
    sandbox_of,
    visit,
)
from tests.sandboxes import Control, ask, signed_in

pytestmark = pytest.mark.browser

TABS = 10
TENANTS = 5000


def start_extraction_of_all(sandbox: str) -> str:
    """Start an extraction over all tenants as a colleague would; return the dispatching job."""
    answer = ask(
        "POST",
        f"{sandbox}/v1/op/data/startExtractAndLoad",
        headers=signed_in(sandbox),
        json={"allTenants": True, "runProcessingJob": True},
    )
    (job_id,) = answer.json().values()
    return str(job_id)


@contextmanager
def open_tabs(browser: Browser, address: str) -> Iterator[list[Page]]:
    contexts = [browser.new_context(timezone_id="UTC") for _ in range(TABS)]
    pages = [context.new_page() for context in contexts]
    try:
        for page in pages:
            page.set_default_timeout(2 * PATIENCE_MS)
            page.goto(address)
        yield pages
    finally:
        for context in contexts:
            context.close()


def looks(control: Control) -> list[datetime]:
    """Return when the sandbox was asked for the list of jobs."""
    return [datetime.fromisoformat(each["time"]) for each in control.requests("job_status")]


@tenacity.retry(wait=tenacity.wait_fixed(1), stop=tenacity.stop_after_delay(120), reraise=True)
def wait_for_looks(control: Control, at_least: int) -> None:
    assert len(looks(control)) >= at_least


@tenacity.retry(wait=tenacity.wait_fixed(1), stop=tenacity.stop_after_delay(60), reraise=True)
def wait_for_quiet(control: Control) -> None:
    assert datetime.now(UTC) - max(looks(control)) > 3 * FAST


@pytest.mark.slow
def test_ten_tabs_cost_what_one_does_and_closing_them_ends_it(
    browser: Browser, page: Page, tmp_path: Path
) -> None:
    with running_dashboard(tmp_path, tenants=TENANTS) as url:
        page.goto(f"{url}/jobs?job_live=false")
        expect(page.get_by_role("heading", name="Jobs", exact=True)).to_be_visible()
        expect(page.locator(".st-key-brand")).to_be_visible()
        sandbox = sandbox_of(page)
        page.goto("about:blank")
        control = Control(sandbox)
        control.set_speed(5)
        job_id = start_extraction_of_all(sandbox)
        watched = f"{url}/jobs?job_view=Tree&job_window=1+hour&job_id={job_id}"
        with open_tabs(browser, watched) as tabs:
            for tab in tabs:
                expect(tab.get_by_text(re.compile(r"of [\d,]+ jobs match"))).to_be_visible()
                no_error(tab)
            control.clear_requests()
            wait_for_looks(control, 4)
            seen = looks(control)
        # One tab alone would look once in every interval; so do ten of them.
        steps = [later - earlier for earlier, later in pairwise(seen)]
        assert all(step >= FAST - timedelta(milliseconds=250) for step in steps), steps
        wait_for_quiet(control)


# All that was ever drawn of what succeeded itself, from now on.
REMEMBER_STATES = """() => {
  window.seen = new Set();
  const look = () => {
    const shown = document.body.innerText.matchAll(
      /^[\\d,]+ of [\\d,]+ tenants · (\\S (?:Running|Succeeded|Child).* · .*)$/gm);
    for (const [, state] of shown) seen.add(state);
  };
  new MutationObserver(look).observe(document.body, {
    subtree: true, childList: true, characterData: true });
  look();
}"""


@pytest.mark.slow
def test_a_parent_is_never_green_while_one_watches_what_becomes_of_all_below(
    page: Page, workbench: OnSandbox
) -> None:
    job_id = start_extraction_of_all(workbench.sandbox.url)
    workbench.sandbox.advance(10)
    page.goto(f"{workbench.url}/jobs?job_view=Stages&job_window=1+hour&job_stage={job_id}")
    under_way = re.compile(r"▶ (Running|Succeeded, child jobs active) · ")
    heading = page.get_by_text(re.compile(rf"^[\d,]+ of [\d,]+ tenants · {under_way.pattern}"))
    expect(heading).to_be_visible()
    page.evaluate(REMEMBER_STATES)
    workbench.sandbox.advance(timedelta(days=1).total_seconds())
    expect(page.get_by_text(re.compile("tenants · ✕ Succeeded, child jobs failed"))).to_be_visible()
    seen = page.evaluate("[...seen]")
    assert under_way.match(seen[0])
    assert not [text for text in seen if text.startswith("✓")]


SAY_WHEN_HELD = """() => addEventListener("click", ({ target }) => {
  if (target.closest(".st-key-rows-hold")) document.body.id = "held";
}, true)"""


def test_rows_are_held_while_the_pointer_is_in_them(page: Page, workbench: OnSandbox) -> None:
    open_page(page, f"{workbench.url}/jobs", "Jobs")
    number = page.get_by_text(re.compile(r"^[\d,]+ of [\d,]+ jobs$"))
    before = number.inner_text()
    place = place_of_table(page)
    page.mouse.move(place["x"] + 300, place["y"] + 200)
    workbench.sandbox.advance(900)
    waiting = page.get_by_role("button", name=re.compile(r"^Show \d+ new"))
    expect(waiting).to_be_visible()
    expect(number).to_have_text(before)
    page.mouse.move(2, 2)
    expect(waiting).to_have_count(0)
    expect(number).not_to_have_text(before)
    no_error(page)


def test_rows_are_held_again_for_who_left_the_screen_out_of_them(
    page: Page, workbench: OnSandbox
) -> None:
    open_page(page, f"{workbench.url}/jobs", "Jobs")
    place = place_of_table(page)
    page.evaluate(SAY_WHEN_HELD)
    page.mouse.move(place["x"] + 300, place["y"] + 200)
    expect(page.locator("body#held")).to_have_count(1)
    # By the keyboard: the pointer stays where it is, and nothing tells that it has left the rows.
    page.keyboard.press("Control+k")
    page.get_by_role("dialog").get_by_role("link", name="Deliveries").press("Enter")
    expect(page.get_by_role("heading", name="Deliveries", exact=True)).to_be_visible()
    no_error(page)
    visit(page, "Jobs")
    page.evaluate("document.body.id = ''")
    page.mouse.move(place["x"] + 300, place["y"] + 200)
    expect(page.locator("body#held")).to_have_count(1)


@pytest.mark.slow
def test_rows_held_before_one_left_move_on_for_who_comes_back_until_held_again(
    page: Page, workbench: OnSandbox
) -> None:
    def go_to(title: str) -> None:
        page.keyboard.press("Control+k")
        page.get_by_role("dialog").get_by_role("link", name=title, exact=True).press("Enter")
        expect(page.get_by_role("heading", name=title, exact=True)).to_be_visible()
        no_error(page)

    def point_at_rows() -> None:
        page.evaluate("document.body.id = ''")
        page.mouse.move(place["x"] + 300, place["y"] + 200)
        expect(page.locator("body#held")).to_have_count(1)
        no_error(page)

    open_page(page, f"{workbench.url}/jobs", "Jobs")
    page.evaluate(SAY_WHEN_HELD)
    number = page.get_by_text(re.compile(r"^[\d,]+ of [\d,]+ jobs$"))
    waiting = page.get_by_role("button", name=re.compile(r"^Show \d+ new"))
    place, held = place_of_table(page), number.inner_text()
    point_at_rows()
    start_extraction_of_all(workbench.sandbox.url)
    workbench.sandbox.advance(20)
    expect(waiting).to_be_visible()
    go_to("Deliveries")
    page.mouse.move(2, 2)
    go_to("Jobs")
    # Who comes back sees what there is, until the pointer is in the rows once more.
    expect(number).not_to_have_text(held)
    expect(waiting).to_have_count(0)
    held = number.inner_text()
    point_at_rows()
    start_extraction_of_all(workbench.sandbox.url)
    workbench.sandbox.advance(20)
    expect(waiting).to_be_visible()
    expect(number).to_have_text(held)
    page.mouse.move(2, 2)
    expect(waiting).to_have_count(0)
    expect(number).not_to_have_text(held)
    no_error(page)


def count(page: Page, title: str) -> Locator:
    """Return how many jobs are in a state, as its filter tells."""
    return page.locator(".st-key-jobs-status").get_by_text(re.compile(rf"^{title} [\d,]+$"))


def start_extraction_for_all(page: Page, url: str) -> None:
    """Start an extraction with processing for all tenants, as a person does, to its tree."""
    page.goto(f"{url}/start_jobs?start_kind=Extract")
    expect(page.get_by_text("What will start")).to_be_visible()
    page.get_by_role("radio", name="All tenants").click()
    page.get_by_text("Then process", exact=True).click()
    expect(page.get_by_text("A processing job follows each extraction")).to_be_visible()
    confirmation = page.get_by_label("Type “all” to confirm")
    # While the form is drawn anew, the field before it may still stand there.
    expect(confirmation).to_have_count(1)
    confirmation.fill("all")
    confirmation.press("Enter")
    start = page.get_by_role("button", name="Start extraction jobs (all)")
    expect(start).to_be_enabled()
    start.click()


def click_cell(page: Page, column_middle: int, row: int = 0) -> None:
    """Click into the first table: cells are drawn on a canvas, so by their place."""
    place = place_of_table(page)
    page.mouse.click(place["x"] + column_middle, place["y"] + 50 + 33 * row)


TICK = 16


def cancel_the_tree(page: Page) -> None:
    """Cancel the job of the first row with all below it, and follow that to its end."""
    click_cell(page, TICK)
    expect(page.get_by_text("1 job selected")).to_be_visible()
    button = page.locator(".st-key-jobs-cancel_below button")
    expect(button).to_be_enabled()
    button.click()
    count = number_in(page, r"^[1-9][\d,]* items? will change")
    click_apply(page, "jobs", count)
    expect(page.get_by_text(re.compile(r"^Cancel requested for [\d,]+ jobs?"))).to_be_visible()


def open_the_worst_failure(page: Page, url: str) -> None:
    page.goto(f"{url}/jobs?job_window=1+hour&job_view=Failures")
    expect(page.get_by_text("Grouped by message pattern.")).to_be_visible()
    read = page.locator(".st-key-jobs-failures-read button")
    if read.count():
        read.click()
    expect(read).to_have_count(0)
    no_error(page)
    click_cell(page, TICK)
    group = page.locator(".st-key-failure-group")
    expect(group).to_contain_text("failed with this message pattern.")
    expect(
        group.get_by_role("button", name=re.compile(r"^Reprocess \d+ tenants?…"))
    ).to_be_visible()


def follow_one_and_cancel_it(page: Page, url: str, control: Control) -> None:
    """Start an extraction, see its jobs come by themselves, cancel all of it, see that settle."""
    start_extraction_for_all(page, url)
    control.set_speed(10)
    expect(page.get_by_role("heading", name="Jobs", exact=True)).to_be_visible()
    matching = page.get_by_text(re.compile(r"^1 of [\d,]+ jobs match, "))
    expect(matching).to_be_visible()
    expect(matching).to_have_text(re.compile(r"match, \d{2,} shown$"), timeout=2 * PATIENCE_MS)
    no_error(page)
    cancel_the_tree(page)
    settled = re.compile(r"^Cancel requested for [\d,]+ jobs?: (?!.*Cancelling)")
    expect(page.get_by_text(settled)).to_be_visible(timeout=2 * PATIENCE_MS)


def follow_one_to_its_end(page: Page, url: str, control: Control, *, others: int) -> None:
    """Start another, let it run beside others that go on, and open what failed in it."""
    start_extraction_for_all(page, url)
    expect(page.get_by_role("heading", name="Jobs", exact=True)).to_be_visible()
    control.set_speed(200)
    page.goto(f"{url}/jobs?job_window=1+hour&job_view=Tree")
    expect(count(page, "Failed")).not_to_have_text("Failed 0", timeout=2 * PATIENCE_MS)
    expect(count(page, "Running")).to_have_text(f"Running {others}", timeout=4 * PATIENCE_MS)
    expect(count(page, "Waiting")).to_have_text("Waiting 0", timeout=4 * PATIENCE_MS)
    open_the_worst_failure(page, url)
    no_error(page)
    page.goto("about:blank")


@pytest.mark.slow
@pytest.mark.parametrize("refused", [False, True], ids=["with job-status", "without job-status"])
def test_an_extraction_is_followed_cancelled_and_its_failures_opened(
    page: Page, tmp_path: Path, refused: bool
) -> None:
    with running_dashboard(tmp_path) as url:
        page.goto(f"{url}/start_jobs")
        expect(page.get_by_text("What will start")).to_be_visible()
        control = Control(sandbox_of(page))
        for operation in ("job_status", "job_id_status") if refused else ():
            control.fault(operation, "403", times=0, value="Not for this user.")
        follow_one_and_cancel_it(page, url, control)
        notice = page.get_by_text("The job list is not available")
        expect(notice).to_have_count(1 if refused else 0)
        # Where jobs are listed, the one that has been stuck since yesterday is there too.
        follow_one_to_its_end(page, url, control, others=0 if refused else 1)
        assert len(control.requests("start_extraction")) == 2


def test_the_tree_opens_and_shows_details_by_keyboard_alone(page: Page, dashboard_url: str) -> None:
    page.goto(f"{dashboard_url}/jobs?job_view=Tree&job_type=Dispatching")
    shown = page.get_by_text(re.compile(r"^\d+ of [\d,]+ jobs match, "))
    expect(shown).to_be_visible()
    before = shown.inner_text()
    place_of_table(page)
    page.keyboard.press("t")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Shift+Space")
    expect(page.get_by_text("1 job selected")).to_be_visible()
    page.get_by_role("button", name="Expand selected").focus()
    page.keyboard.press("Enter")
    expect(shown).not_to_have_text(before)
    page.get_by_role("button", name="Details", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_contain_text("Jobs dispatched")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    no_error(page)
