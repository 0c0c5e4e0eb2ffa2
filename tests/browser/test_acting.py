"""Acting as an administrator does: by box, by tick, with things changing under the hands."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import has_run, no_error, running_dashboard
from tests.browser.driving import (
    click_apply,
    number_in,
    open_page,
    place_of,
    place_of_table,
    sandbox_of,
    select_all,
    show_whole_chart,
)
from tests.sandboxes import Control, ask, signed_in

pytestmark = pytest.mark.browser

UPLOADS = "uploads?up_tenant=WFF_j1r~a..WFF_j1r~d"


def box_select(page: Page, picture: Locator) -> None:
    """Draw a box over the lower right part of a picture: the newest marks of most rows."""
    box = place_of(picture)
    right, bottom = box["x"] + box["width"], box["y"] + box["height"]
    page.mouse.move(right - 200, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(right - 100, box["y"] + 100, steps=5)
    page.mouse.move(right - 5, bottom - 5, steps=5)
    page.mouse.up()


def test_uploads_are_boxed_excluded_and_put_back(page: Page, dashboard_url: str) -> None:
    open_page(page, f"{dashboard_url}/{UPLOADS}", "Uploads")
    show_whole_chart(page)
    box_select(page, page.locator(".st-key-up-timeline .nsewdrag").first)
    count = number_in(page, r"^[1-9]\d* uploads? selected")
    excluded = page.locator(".st-key-up-timeline path.point[style*='fill: none']")
    expect(excluded).to_have_count(0)

    page.locator(".st-key-up-exclude button").click()
    expect(page.get_by_text(re.compile(f"^{count} items? will change"))).to_be_visible()
    click_apply(page, "uploads", count)
    expect(page.get_by_text(f"✓ {count} Succeeded", exact=True)).to_be_visible()
    expect(excluded).to_have_count(count)

    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text(re.compile(f"^{count} items? will change"))).to_be_visible()
    click_apply(page, "uploads", count)
    expect(page.get_by_text(f"✓ {count} Succeeded", exact=True)).to_be_visible()
    expect(excluded).to_have_count(0)
    no_error(page)


@pytest.mark.slow
def test_a_tick_drafts_a_change_and_sends_nothing(page: Page, dashboard_url: str) -> None:
    open_page(page, f"{dashboard_url}/{UPLOADS}", "Uploads")
    control = Control(sandbox_of(page))
    before = len(control.requests("exclude_data_uploads"))
    box = place_of_table(page)
    # The column before the last, in the first row.
    page.mouse.click(box["x"] + box["width"] * 0.706, box["y"] + 50)
    expect(page.get_by_text("1 change, not sent yet")).to_be_visible()
    page.get_by_role("button", name="Review 1 exclusion…").click()
    expect(page.get_by_text(re.compile("^1 item will change"))).to_be_visible()
    assert len(control.requests("exclude_data_uploads")) == before
    page.get_by_role("button", name="Discard the draft").click()
    expect(page.get_by_text("1 change, not sent yet")).to_have_count(0)


@pytest.mark.slow
def test_a_plan_is_filled_in_and_closed_by_keyboard_and_loses_nothing_typed(
    page: Page, dashboard_url: str
) -> None:
    open_page(page, f"{dashboard_url}/data_versions?dv_tenant=WFF_j1r~m", "Data versions")
    select_all(page)
    page.get_by_role("button", name=re.compile(r"^Disable \d")).press("Enter")
    plan = page.locator(".st-key-plan-panel")
    expect(plan.get_by_role("heading", level=2)).to_be_focused()
    reason = plan.get_by_label("Reason")
    for _ in range(3):
        page.keyboard.press("Tab")
        if reason.evaluate("field => field === document.activeElement"):
            break
    expect(reason).to_be_focused()
    page.keyboard.type("a bad file")
    page.keyboard.press("Escape")
    has_run(page)
    expect(reason).to_have_value("a bad file")
    reason.blur()
    page.keyboard.press("Escape")
    expect(plan).to_have_count(0)


@pytest.mark.slow
def test_a_reload_says_once_that_the_plan_is_gone_and_closing_it_says_nothing(
    page: Page, dashboard_url: str
) -> None:
    open_page(page, f"{dashboard_url}/data_versions?dv_tenant=WFF_j1r~m", "Data versions")
    lost = page.get_by_text("The plan that was under review was not applied.")

    def review() -> Locator:
        select_all(page)
        page.get_by_role("button", name=re.compile(r"^Disable \d")).click()
        plan = page.locator(".st-key-plan-panel")
        expect(plan.get_by_role("heading", level=2)).to_be_visible()
        has_run(page)
        return plan

    plan = review()
    page.reload()
    expect(lost).to_be_visible()
    expect(plan).to_have_count(0)
    page.get_by_test_id("stToast").get_by_role("button").click()
    expect(lost).to_have_count(0)
    review().get_by_role("button", name="Close").click()
    expect(plan).to_have_count(0)
    has_run(page)
    page.reload()
    no_error(page)
    expect(lost).to_have_count(0)


@pytest.mark.slow
def test_a_version_that_drifts_under_the_hands_is_not_touched(
    page: Page, dashboard_url: str
) -> None:
    open_page(
        page, f"{dashboard_url}/data_versions?dv_tenant=WFF_j1r~m&dv_state=On+time", "Data versions"
    )
    select_all(page)
    count = number_in(page, r"^[1-9]\d* data versions? selected")
    assert count > 1
    page.get_by_role("button", name=re.compile(r"^Disable \d")).click()
    expect(page.get_by_text(re.compile(f"^{count} items will change"))).to_be_visible()

    drifting = page.get_by_test_id("glide-cell-2-0").first.inner_text()
    _disable_the_latest(sandbox_of(page), drifting)
    click_apply(page, "data_versions", count)
    outcome = f"✓ {count - 1} Succeeded  ≠ 1 Changed since plan"
    expect(page.get_by_text(outcome)).to_be_visible()
    no_error(page)


def _disable_the_latest(sandbox: str, tenant_code: str) -> None:
    """Do what a colleague might do in the same minute."""
    answer = ask(
        "PUT",
        f"{sandbox}/v1/op/data-versions/disable",
        headers=signed_in(sandbox),
        json={"model": {"dataVersionObjects": [{"tenantCode": tenant_code}]}},
    )
    assert answer.json()["totalSuccess"] == 1


@pytest.mark.slow
def test_a_reload_in_the_middle_of_five_thousand_items_loses_nothing(
    page: Page, tmp_path: Path
) -> None:
    with running_dashboard(tmp_path, tenants=5000) as url:
        address = f"{url}/uploads?up_state=Included&up_window=7+days"
        open_page(page, address, "Uploads")
        select_all(page)
        count = number_in(page, r"^[1-9][\d,]* uploads selected")
        assert count >= 5000
        Control(sandbox_of(page)).fault("exclude_data_uploads", "latency", seconds=1, times=0)
        page.locator(".st-key-up-exclude button").click()
        click_apply(page, "uploads", count)
        expect(page.get_by_text(re.compile(r"^Running: [\d,]+ of [\d,]+ items"))).to_be_visible()

        page.reload()
        running = page.get_by_role("link", name=re.compile("Running: Exclude data uploads"))
        running.click()
        expect(page.get_by_role("heading", name="Activity", exact=True)).to_be_visible()
        # In the open panel: the cells of the table are drawn on a canvas.
        outcome = page.get_by_test_id("stText").filter(has_text=f"✓ {count:,} Succeeded")
        expect(outcome.first).to_be_visible(timeout=120_000)
        sent = Control(sandbox_of(page)).requests("exclude_data_uploads")
        times = [
            (one["tenantCode"], time)
            for request in sent
            for one in request["body"]["uploads"]
            for time in one["uploadTimes"]
        ]
        assert len(times) == len(set(times)) == count
        page.goto("about:blank")
