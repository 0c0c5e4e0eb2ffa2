"""A bad delivery over forty tenants, recovered from start to finish, by two people."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect

from tests.browser.conftest import a_page, no_error, running_dashboard
from tests.browser.driving import number_in, place_of, place_of_table, sandbox_of
from tests.sandboxes import Control

pytestmark = pytest.mark.browser

BAD_BATCH = "3b43817a-d0de-4dec-ae94-5467ddea5b83"
HOURS = 3600.0
PAPER: ViewportSize = {"width": 1032, "height": 703}  # A4, turned, within its margins
LEFT_OUT_ROW = 20  # pixels below the head of a table: its first row


@pytest.fixture
def colleague(browser: Browser) -> Iterator[Page]:
    """Somebody else at another computer."""
    with a_page(browser, width=1280, color_scheme="dark") as page:
        yield page


def part(page: Page, name: str) -> Locator:
    return page.locator(f".st-key-rec-{name}")


def press(page: Page, name: str) -> None:
    part(page, name).get_by_role("button").first.click()


def confirm(page: Page, count: int, words: str) -> None:
    """Type the number of the step at hand, and press its button."""
    button = page.get_by_role("button", name=f"{words} ({count})")
    expect(button).to_be_visible()
    typed = page.get_by_label(f"Type {count} to confirm")
    typed.fill(str(count))
    typed.press("Enter")
    expect(button).to_be_enabled()
    button.click()


def leave_out_the_first(page: Page, step: str) -> None:
    """Untick the first tenant of a step."""
    box = part(page, f"plan-{step}")
    box.locator("summary").click()
    no_error(page)
    expect(box.get_by_test_id("glide-cell-1-0").first).to_be_attached()
    place = place_of(box.get_by_test_id("stDataFrame").first)
    page.mouse.click(place["x"] + 15, place["y"] + 35 + LEFT_OUT_ROW)
    expect(box.get_by_text("39 tenants of 40")).to_be_visible()
    no_error(page)


def downloaded(page: Page, kind: str) -> bytes:
    with page.expect_download() as download:
        page.get_by_role("button", name=f"Report as {kind}").click()
    return Path(download.value.path()).read_bytes()


@pytest.mark.slow
def test_forty_tenants_are_recovered_from_a_bad_load_by_two_people(
    page: Page, colleague: Page, tmp_path: Path
) -> None:
    with running_dashboard(tmp_path) as url:
        page.goto(f"{url}/recovery?rec_by=Receiving+job")
        field = page.locator(".st-key-rec_job input")
        field.fill(BAD_BATCH)
        field.press("Enter")
        expect(page.get_by_text("40 of 40 tenants")).to_be_visible()
        control = Control(sandbox_of(page))
        page.get_by_role("button", name="Begin the recovery of 40 tenants").click()

        expect(part(page, "plan-exclude")).to_be_visible()
        leave_out_the_first(page, "exclude")
        expect(
            page.get_by_text(re.compile("bad uploads of 1 tenant to reprocess would stay included"))
        ).to_be_visible()
        leave_out_the_first(page, "reprocess")
        expect(page.get_by_text(re.compile("would stay included"))).to_have_count(0)
        press(page, "save")
        versions = number_in(page, r"^\d+ items will change")
        confirm(page, versions, "Disable data versions")
        expect(page.get_by_text(re.compile("^39 items will change"))).to_be_visible()
        no_error(page)
        link = page.url
        page.goto("about:blank")

        # A colleague goes on by the link, where it was left.
        colleague.goto(link)
        confirm(colleague, 39, "Exclude data uploads")
        confirm(colleague, 39, "Start processing jobs")
        expect(colleague.get_by_text("No processing job is listed yet").first).to_be_visible()
        control.advance(2 * HOURS)
        expect(colleague.get_by_text("39 of 39 processing jobs finished")).to_be_visible()
        no_error(colleague)

        press(colleague, "to_verify")
        press(colleague, "verify")
        expect(colleague.get_by_text("40 of 40 tenants")).to_be_visible()
        press(colleague, "to_report")
        told = json.loads(downloaded(colleague, "JSON"))
        html = downloaded(colleague, "HTML").decode()

        by_code = {each["code"]: each for each in told["tenants"]}
        assert len(by_code) == 40
        assert told["summary"]["confirmed"] >= 30
        assert [len(step["left_out"]) for step in told["steps"]] == [0, 1, 1]
        (spared,) = told["steps"][1]["left_out"]
        assert [check["verdict"] for check in by_code[spared]["checks"]][1:] == ["left_out"] * 2
        assert html.count("WFF_j1r~") >= 40
        look_at(colleague, html)

        for name, count in (
            ("disable_dv", 1),
            ("exclude_data_uploads", 1),
            ("adhoc_processing_jobs", 1),
        ):
            assert len(control.requests(name)) == count
        (sent,) = control.requests("adhoc_processing_jobs")
        assert spared not in sent["body"]["tenants"]
        assert len(sent["body"]["tenants"]) == 39


@pytest.mark.slow
def test_the_drawer_of_a_receiving_job_leads_into_recovery(page: Page, dashboard_url: str) -> None:
    page.goto(f"{dashboard_url}/jobs?job={BAD_BATCH}&job_live=false")
    page.get_by_role("dialog").get_by_role("link", name="Recover from this load…").click()
    expect(page.get_by_role("heading", name="Recovery", exact=True)).to_be_visible()
    expect(page.get_by_text("40 of 40 tenants")).to_be_visible()
    expect(page).to_have_url(re.compile(f"/recovery\\?.*rec_job={BAD_BATCH}"))
    expect(page.get_by_role("dialog")).to_have_count(0)
    no_error(page)


@pytest.mark.slow
def test_a_kind_of_failure_leads_into_recovery_and_stands_in_its_address(
    page: Page, dashboard_url: str
) -> None:
    page.goto(f"{dashboard_url}/jobs?job_view=Failures&job_window=3+days&job_live=false")
    no_error(page)
    place = place_of_table(page)
    # The first cell of the first row opens it.
    page.mouse.click(place["x"] + 18, place["y"] + 50)
    page.get_by_role("button", name="Recover from this load…").click()
    expect(page.get_by_role("heading", name="Recovery", exact=True)).to_be_visible()
    expect(page).to_have_url(re.compile("rec_failure=[0-9a-f]+"))
    found = page.get_by_text(re.compile(r"^(\d+) of \1 tenants?$"))
    expect(found).to_be_visible()
    tenants = found.inner_text()
    page.reload()
    expect(page.get_by_text(tenants, exact=True)).to_be_visible()
    no_error(page)


@pytest.mark.slow
def test_what_keeps_why_jobs_failed_from_being_read_stands_below_all_fields(
    page: Page, tmp_path: Path
) -> None:
    with running_dashboard(tmp_path) as url:
        page.goto(f"{url}/recovery?rec_by=Kind+of+failure&rec_within=7+days")
        read = page.get_by_role("button", name=re.compile("^Read why"))
        expect(read).to_be_visible()
        control = Control(sandbox_of(page))
        for step in ("extraction", "receiving", "processing"):
            control.fault(f"{step}_job_and_status", "403", times=0, value="Not these jobs.")
        read.click()
        told = page.get_by_text("Not these jobs.")
        expect(told).to_be_visible()
        drawn = page.get_by_test_id("stElementContainer")
        labels = page.get_by_test_id("stWidgetLabel")
        fields = [
            drawn.filter(has=labels.filter(has_text=label)).bounding_box()
            for label in ("Jobs of the last", "Kind of failure", "Data category")
        ]
        place = told.bounding_box()
        assert place
        assert len({field and field["y"] for field in fields}) == 1
        assert all(field and field["y"] + 60 < place["y"] for field in fields)
        page.goto("about:blank")


def look_at(page: Page, html: str) -> None:
    """Open the report on its own: it draws itself without asking anybody for anything."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.set_content(html)
    expect(page.get_by_role("heading", name="Recovery from a bad load")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="Headcount")).to_have_count(40)
    assert [address for address in asked if not address.startswith("http://localhost")] == []
    width = page.evaluate("[document.body.scrollWidth, document.documentElement.clientWidth]")
    assert width[0] <= width[1]
    # On paper the sentences of what was read back still have room.
    page.set_viewport_size(PAPER)
    page.emulate_media(media="print")
    words = page.get_by_role("columnheader", name="Found").bounding_box()
    assert words
    assert words["width"] > PAPER["width"] / 4
