"""axe finds nothing on any page, in the light and in the dark theme."""

import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from dashboard.ui import tour
from tests.browser.conftest import a_page, no_error
from tests.browser.driving import DISPATCHING_JOB, PAGES, place_of_table

pytestmark = pytest.mark.browser

THEMES = ("light", "dark")
ADDRESSES = (
    *PAGES,
    *(f"jobs?job_view={view}" for view in ("Tree", "Timeline", "Stages", "Failures")),
    *(f"start_jobs?start_kind={kind}" for kind in ("Load", "Extract", "Process", "Consolidate")),
    "recovery",
    "activity",
    "sign_in",
    "uploads?up_tenant=nobody-of-this-name",
)


@pytest.fixture(params=THEMES)
def themed_page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    with a_page(browser, color_scheme=request.param) as page:
        yield page


def clean(page: Page) -> None:
    """Look at the page once its script has run; fail with what axe says of it."""
    no_error(page)
    expect(page.locator("[data-testid='stHtml'] style")).to_be_attached()
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("address", ADDRESSES)
def test_axe_finds_nothing_on_any_page(themed_page: Page, dashboard_url: str, address: str) -> None:
    # While a page looks again by itself, what it draws anew fades in.
    paused = f"{address}{'&' if '?' in address else '?'}job_live=false&ov_live=false"
    themed_page.goto(f"{dashboard_url}/{paused}")
    expect(themed_page.get_by_role("heading").first).to_be_visible()
    clean(themed_page)


def test_axe_finds_nothing_in_a_plan(themed_page: Page, dashboard_url: str) -> None:
    themed_page.goto(f"{dashboard_url}/data_versions")
    themed_page.get_by_role("button", name=re.compile("^Select all ")).click()
    themed_page.get_by_role("button", name=re.compile(r"^Disable [1-9]")).click()
    expect(themed_page.get_by_text(re.compile(r"^\d+ items? will change"))).to_be_visible()
    clean(themed_page)


def test_axe_finds_nothing_in_what_lies_over_a_page(themed_page: Page, dashboard_url: str) -> None:
    themed_page.goto(f"{dashboard_url}/jobs?job_window=7+days&job_live=false")
    place_of_table(themed_page)
    themed_page.keyboard.press("h")
    drawn = themed_page.get_by_role("dialog")
    expect(drawn.get_by_text("Refreshes what the page shows.")).to_be_visible()
    clean(themed_page)
    themed_page.keyboard.press("Escape")
    expect(drawn).to_have_count(0)
    themed_page.goto(f"{dashboard_url}/jobs?job_window=7+days&job_live=false&job={DISPATCHING_JOB}")
    expect(drawn.get_by_text(DISPATCHING_JOB, exact=True).first).to_be_visible()
    clean(themed_page)


def test_axe_finds_nothing_in_the_guided_tour_which_leads_to_its_screens(
    themed_page: Page, dashboard_url: str
) -> None:
    themed_page.goto(f"{dashboard_url}/data_versions?tz=Asia/Tokyo")
    expect(themed_page.get_by_role("heading", name="Data versions")).to_be_visible()
    no_error(themed_page)
    for step in tour.STEPS:
        themed_page.get_by_role("button", name="Guided tour").click()
        drawn = themed_page.get_by_role("dialog")
        link = drawn.get_by_role("link", name=step.link)
        expect(link).to_be_visible()
        if step is tour.STEPS[0]:
            clean(themed_page)
            themed_page.keyboard.press("Escape")
            expect(drawn).to_have_count(0)
            themed_page.get_by_role("button", name="Guided tour").click()
        link.click()
        expect(drawn).to_have_count(0)
        heading = themed_page.get_by_role("heading", name=step.screen.title, exact=True)
        expect(heading).to_be_visible()
        no_error(themed_page)
        assert "tz=Asia" in themed_page.url


@pytest.mark.parametrize("opened", ["tour=true", f"job={DISPATCHING_JOB}"])
def test_the_list_of_keys_waits_until_nothing_lies_over_the_page(
    page: Page, dashboard_url: str, opened: str
) -> None:
    page.goto(f"{dashboard_url}/jobs?job_window=7+days&job_live=false&{opened}")
    drawn = page.get_by_role("dialog")
    expect(drawn).to_be_visible()
    no_error(page)
    keys = page.locator(".st-key-keyboard button")
    expect(keys).to_be_disabled()
    page.keyboard.press("Escape")
    expect(drawn).to_have_count(0)
    expect(keys).to_be_enabled()


def test_the_keyboard_alone_refreshes_a_page(page: Page, dashboard_url: str) -> None:
    page.goto(f"{dashboard_url}/data_versions")
    place_of_table(page)
    as_of = page.get_by_text(re.compile("^as of "))
    before = as_of.inner_text()
    page.keyboard.press("u")
    expect(as_of).not_to_have_text(before)


def test_the_question_mark_lists_the_keys_unless_something_is_being_typed(
    page: Page, dashboard_url: str
) -> None:
    page.goto(f"{dashboard_url}/connectors")
    # A page that is drawn again, and another one, listen once.
    page.get_by_role("link", name="Data versions", exact=True).click()
    place_of_table(page)
    listed = page.get_by_role("dialog")
    for key in ("?", "h"):
        page.keyboard.press(key)
        expect(listed.get_by_text("Shows this list.")).to_be_visible()
        page.keyboard.press("Escape")
        expect(listed).to_have_count(0)
    field = page.get_by_label("Tenants", exact=True)
    field.press("?")
    field.press("Enter")
    expect(page.get_by_text("No tenant matches the filter")).to_be_visible()
    expect(listed).to_have_count(0)
    no_error(page)
