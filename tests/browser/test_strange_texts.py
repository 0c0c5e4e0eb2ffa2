"""Texts of the API that look like markup are shown as they came, on every page and panel."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from typing import TypeAlias
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from dashboard.operations.start_wording import STARTS
from services.sandbox.strange_texts import HOSTILE, HOSTILE_ID
from tests.browser.conftest import (
    PATIENCE_MS,
    OnSandbox,
    dashboard_on_sandbox,
    has_run,
    no_error,
)
from tests.browser.driving import (
    DISPATCHING_JOB,
    choose,
    click_apply,
    number_in,
    open_page,
    place_of,
    place_of_table,
    sandbox_of,
    select_all,
    start_processing_of_all,
)
from tests.browser.policy import EXPECTED, Ear, listen
from tests.sandboxes import Control

pytestmark = pytest.mark.browser

Strange: TypeAlias = Callable[[str], OnSandbox]

VIEWS = ("Tree", "Timeline", "Stages", "Failures")
# What each of the texts would become if anything took it for markup.
MADE_OF_IT = ", ".join(
    [
        "img[src='hostile']",
        "a:has-text('hostilelink'):not(:has-text('[hostilelink]'))",
        ":is(strong, b):has-text('hostilebold')",
        "s:has-text('hostile')",
        "span:text-is('hostilered')",
        "tspan[style*='bold']:has-text('hostile')",
    ]
)


class Visitor:
    """Goes about a dashboard whose Visier says strange things, and looks at what comes of it."""

    def __init__(self, page: Page, url: str, mark: str) -> None:
        self.page = page
        self.url = url
        self.mark = mark
        self.ear: Ear = listen(page)

    def go(self, place: str, heading: str) -> None:
        self.page.goto(f"{self.url}/{place}")
        expect(self.page.get_by_role("heading", name=heading, exact=True)).to_be_visible()
        self.settle()

    def settle(self) -> None:
        """Wait until the script has run, then look."""
        has_run(self.page)
        self.look()

    def look(self) -> None:
        expect(self.page.get_by_text(re.compile("Internal error"))).to_have_count(0)
        expect(self.page.locator(MADE_OF_IT)).to_have_count(0)
        assert self.ear.dialogs == []

    def reads(self, raw: str = "") -> None:
        """Find the text as it came, drawn or in a cell of a table."""
        expect(self.page.get_by_text(raw or self.mark).first).to_be_attached()


@pytest.fixture(scope="module")
def strange(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Strange]:
    """Give the dashboard of a fault: what was read by one is kept for the next who signs in."""
    with ExitStack() as stack:

        @cache
        def made(fault: str) -> OnSandbox:
            folder = tmp_path_factory.mktemp(fault)
            return stack.enter_context(dashboard_on_sandbox(folder, tenants=30))

        yield made


def visiting(page: Page, strange: Strange, fault: str, mark: str) -> Visitor:
    made = strange(fault)
    made.sandbox.clear_faults()
    made.sandbox.reset()
    made.sandbox.fault("*", fault, times=0)
    return Visitor(page, made.url, mark)


def overview(visitor: Visitor) -> None:
    visitor.go("?ov_since=7+days&ov_all=true", "Overview")
    visitor.reads()


def versions(visitor: Visitor) -> None:
    visitor.go("data_versions", "Data versions")
    visitor.reads()


def uploads(visitor: Visitor) -> None:
    visitor.go("uploads", "Uploads")
    visitor.reads()
    point_at_the_picture(visitor)


def jobs(visitor: Visitor) -> None:
    visitor.go("jobs?job_window=7+days", "Jobs")
    visitor.reads()
    for view in VIEWS:
        choose(visitor.page, "job_view", view)
        visitor.settle()
        if view == "Tree":
            visitor.page.get_by_role("button", name="Expand all").click()
            visitor.settle()
        if view == "Timeline":
            point_at_the_picture(visitor)


def point_at_the_picture(visitor: Visitor) -> None:
    """Point at marks, row by row: what hovers over them is drawn by plotly, which reads HTML."""
    box = place_of(visitor.page.locator(".nsewdrag").first)
    drawn = visitor.page.locator(".hoverlayer").locator(MADE_OF_IT)
    for part in range(1, 20):
        visitor.page.mouse.move(box["x"] + box["width"] * part / 20, box["y"] + part * 12)
        expect(drawn).to_have_count(0)
    visitor.look()


def forms(visitor: Visitor) -> None:
    visitor.go("start_jobs", "Start jobs")
    for kind in STARTS.values():
        choose(visitor.page, "start_kind", kind)
        visitor.settle()


def connections(visitor: Visitor) -> None:
    for place in ("connectors", "credentials"):
        visitor.go(place, place.capitalize())
        visitor.reads()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fault", "mark"),
    [
        pytest.param("strange_text", HOSTILE, marks=pytest.mark.slow),
        ("strange_everything", HOSTILE_ID),
    ],
)
def test_no_page_takes_a_text_for_markup(
    page: Page, strange: Strange, fault: str, mark: str
) -> None:
    visitor = visiting(page, strange, fault, mark)
    for go_round in (overview, versions, uploads, jobs, forms, connections, drawer):
        go_round(visitor)
    assert set(visitor.ear.refused) <= {EXPECTED}
    assert visitor.ear.errors == []


def drawer(visitor: Visitor) -> None:
    for job in (DISPATCHING_JOB, DISPATCHING_JOB + visitor.mark):
        visitor.go(f"jobs?job_window=7+days&job={quote(job, safe='')}", "Jobs")
        drawn = visitor.page.get_by_role("dialog")
        expect(drawn.get_by_text(job, exact=True).first).to_be_visible()
        for answer in drawn.get_by_text(re.compile("^GET ")).all():
            answer.click()
        visitor.settle()


def exclude(visitor: Visitor) -> None:
    page = visitor.page
    visitor.go("uploads?up_tenant=WFF_j1r~c7o,WFF_j1r~e1a&up_window=Everything", "Uploads")
    select_all(page)
    count = number_in(page, r"^[1-9]\d* uploads? selected")
    visitor.settle()
    page.locator(".st-key-up-exclude button").click()
    visitor.settle()
    Control(sandbox_of(page)).fault("exclude_data_uploads", "partial_failure", every=2)
    click_apply(page, "uploads", count)
    expect(page.get_by_text(re.compile(r"✓ \d+ Succeeded")).first).to_be_visible()
    visitor.reads()
    visitor.settle()


def reopen(visitor: Visitor) -> None:
    """Open the newest operation of Activity."""
    visitor.go("activity", "Activity")
    box = place_of_table(visitor.page)
    visitor.page.mouse.click(box["x"] + 14, box["y"] + 53)
    events = visitor.page.get_by_text(re.compile("and other events$"))
    events.click()
    visitor.reads()
    visitor.settle()


def disable(visitor: Visitor) -> None:
    visitor.go("data_versions", "Data versions")
    select_all(visitor.page)
    visitor.page.get_by_role("button", name=re.compile(r"^Disable [1-9]")).click()
    expect(visitor.page.get_by_text(re.compile(r"^\d+ items? will change"))).to_be_visible()
    visitor.settle()


def cancel(visitor: Visitor) -> None:
    visitor.go("jobs", "Jobs")
    visitor.page.get_by_role("button", name=re.compile("^Cancel .* in this filter")).click()
    expect(visitor.page.get_by_text(re.compile(r"^\d+ items? will change"))).to_be_visible()
    visitor.settle()


def start(visitor: Visitor) -> None:
    start_processing_of_all(visitor.page, visitor.url)
    visitor.reads()
    visitor.settle()


def recover(visitor: Visitor) -> None:
    page = visitor.page
    visitor.go("recovery?rec_by=Tenants&rec_tenant=WFF_j1r~i1o,WFF_j1r~e1a", "Recovery")
    expect(page.get_by_role("heading", name="Impact")).to_be_visible(timeout=PATIENCE_MS)
    visitor.reads()
    for view in ("Data versions", "Uploads", "Tenants"):
        page.locator(".st-key-rec_view").get_by_text(view, exact=True).click()
        visitor.settle()
    page.get_by_role("button", name=re.compile("^Begin the recovery of ")).click()
    expect(page.locator(".st-key-rec-save")).to_be_visible(timeout=PATIENCE_MS)
    visitor.settle()
    page.locator(".st-key-rec-save button").click()
    will_change = page.get_by_text(re.compile(r"^\d+ items? will change"))
    expect(will_change).to_be_visible(timeout=PATIENCE_MS)
    visitor.settle()
    for stage in ("Impact", "Report"):
        page.get_by_text(re.compile(f"{stage}$")).first.click()
        visitor.settle()


def refusal(visitor: Visitor) -> None:
    control = Control(sandbox_of(visitor.page))
    control.fault("data_connectors", "403", value=visitor.mark)
    visitor.go("connectors", "Connectors")
    visitor.reads()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fault", "mark", "rounds"),
    [
        ("strange_text", HOSTILE, [exclude, reopen, disable, cancel, recover, refusal]),
        pytest.param("strange_everything", HOSTILE_ID, [disable, start], marks=pytest.mark.slow),
    ],
)
def test_no_panel_takes_a_text_for_markup(
    page: Page,
    strange: Strange,
    fault: str,
    mark: str,
    rounds: list[Callable[[Visitor], None]],
) -> None:
    visitor = visiting(page, strange, fault, mark)
    for go_round in rounds:
        go_round(visitor)
    assert set(visitor.ear.refused) <= {EXPECTED}
    assert visitor.ear.errors == []


def test_half_a_character_in_a_field_does_not_silence_the_page(
    page: Page, dashboard_url: str
) -> None:
    open_page(page, f"{dashboard_url}/data_versions", "Data versions")
    field = page.locator(".st-key-dv_tenant input")
    field.focus()
    page.evaluate("document.execCommand('insertText', false, 'a\\ud83d')")
    expect(field).to_have_value("a\N{REPLACEMENT CHARACTER}")
    field.press("Enter")
    expect(page.get_by_text("No tenant matches the filter")).to_be_visible()
    field.fill("")
    field.press("Enter")
    expect(page.get_by_text("No tenant matches the filter")).to_have_count(0)
    no_error(page)
