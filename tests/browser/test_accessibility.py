"""axe finds nothing on any page, in the light and in the dark theme."""

import re

import pytest
from playwright.sync_api import Page, expect

from dashboard import navigation
from dashboard.operations.start_wording import STARTS
from dashboard.shell import tour
from tests.browser.axe import clean
from tests.browser.conftest import no_error
from tests.browser.driving import (
    DISPATCHING_JOB,
    choose,
    place_of_table,
    select_all,
    visit,
)

pytestmark = pytest.mark.browser

# The views of Jobs and the forms of Start jobs have tests of their own.
OTHER_SCREENS = [
    screen
    for screen in (*navigation.SCREENS, navigation.ACTIVITY)
    if screen not in {navigation.OVERVIEW, navigation.JOBS, navigation.START_JOBS}
]
VIEWS = ("Tree", "Timeline", "Stages", "Failures")


@pytest.mark.slow
def test_axe_finds_nothing_on_any_page(page: Page, dashboard_url: str) -> None:
    # While a page looks again by itself, what it draws anew fades in.
    page.goto(f"{dashboard_url}/?ov_live=false")
    expect(page.get_by_role("heading", name="Overview", exact=True)).to_be_visible()
    clean(page)
    for screen in OTHER_SCREENS:
        visit(page, screen.title)
        clean(page)
    page.goto(f"{dashboard_url}/tenant?code=WFF_j1r~e1a")
    expect(page.get_by_role("heading", name="Operations", exact=True)).to_be_visible()
    clean(page)
    visit(page, "Uploads")
    page.locator(".st-key-up_tenant input").fill("nobody-of-this-name")
    page.keyboard.press("Enter")
    expect(page.get_by_text("No upload matches the filter")).to_be_visible()
    clean(page)
    page.locator(".st-key-over-account summary").click()
    expect(page.get_by_role("combobox", name="Time zone")).to_be_visible()
    clean(page)
    page.get_by_role("button", name="Connect to your tenant").click()
    form = page.get_by_role("heading", name="Connect to your tenant", exact=True)
    expect(form).to_be_visible()
    clean(page)


@pytest.mark.slow
def test_axe_finds_nothing_in_any_view_of_jobs(page: Page, dashboard_url: str) -> None:
    page.goto(f"{dashboard_url}/jobs?job_live=false")
    place_of_table(page)
    clean(page)
    for view in VIEWS:
        choose(page, "job_view", view)
        clean(page)


@pytest.mark.slow
def test_axe_finds_nothing_in_any_form_that_starts_jobs(page: Page, dashboard_url: str) -> None:
    page.goto(f"{dashboard_url}/start_jobs")
    expect(page.get_by_text("What will start")).to_be_visible()
    for name in STARTS.values():
        choose(page, "start_kind", name)
        clean(page)


def test_axe_finds_nothing_in_a_plan(page: Page, dashboard_url: str) -> None:
    page.goto(f"{dashboard_url}/data_versions")
    select_all(page)
    page.get_by_role("button", name=re.compile(r"^Disable [1-9]")).click()
    expect(page.get_by_text(re.compile(r"^\d+ items? will change"))).to_be_visible()
    clean(page)


@pytest.mark.slow
def test_axe_finds_nothing_in_what_lies_over_a_page(page: Page, dashboard_url: str) -> None:
    page.goto(f"{dashboard_url}/jobs?job_window=7+days&job_live=false")
    place_of_table(page)
    page.keyboard.press("h")
    drawn = page.get_by_role("dialog")
    expect(drawn.get_by_text("Refreshes the page.")).to_be_visible()
    clean(page)
    page.keyboard.press("Escape")
    expect(drawn).to_have_count(0)
    page.goto(f"{dashboard_url}/jobs?job_window=7+days&job_live=false&job={DISPATCHING_JOB}")
    expect(drawn.get_by_text(DISPATCHING_JOB, exact=True).first).to_be_visible()
    clean(page)


@pytest.mark.slow
def test_axe_finds_nothing_in_the_guided_tour(page: Page, dashboard_url: str) -> None:
    page.goto(f"{dashboard_url}/data_versions?tour=true")
    expect(page.get_by_role("dialog").get_by_role("link").first).to_be_visible()
    clean(page)


@pytest.mark.slow
def test_the_guided_tour_leads_to_its_screens(page: Page, dashboard_url: str) -> None:
    page.goto(f"{dashboard_url}/data_versions?tz=Asia/Tokyo")
    expect(page.get_by_role("heading", name="Data versions")).to_be_visible()
    no_error(page)
    drawn = page.get_by_role("dialog")
    page.get_by_role("button", name="Guided tour").click()
    expect(drawn).to_be_visible()
    page.keyboard.press("Escape")
    expect(drawn).to_have_count(0)
    for step in tour.STEPS:
        page.get_by_role("button", name="Guided tour").click()
        drawn.get_by_role("link", name=step.link).click()
        expect(drawn).to_have_count(0)
        expect(page.get_by_role("heading", name=step.screen.title, exact=True)).to_be_visible()
        no_error(page)
        assert "tz=Asia" in page.url


def test_the_list_of_keys_waits_until_nothing_lies_over_the_page(
    page: Page, dashboard_url: str
) -> None:
    page.goto(f"{dashboard_url}/jobs?job_window=7+days&job_live=false&tour=true")
    drawn = page.get_by_role("dialog")
    expect(drawn).to_be_visible()
    no_error(page)
    keys = page.locator(".st-key-keyboard button").first
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


def test_enter_goes_to_the_first_place_of_what_was_typed(page: Page, dashboard_url: str) -> None:
    page.goto(f"{dashboard_url}/jobs")
    expect(page.get_by_role("heading", name="Jobs", exact=True)).to_be_visible()
    no_error(page)
    page.get_by_label("Tenants", exact=True).focus()
    page.keyboard.press("Control+k")
    expect(page.get_by_role("dialog").get_by_role("textbox")).to_be_focused()
    # As it comes out of another table, with what stands around it.
    page.keyboard.type(" credentials ")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Credentials", exact=True)).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_the_keyboard_alone_goes_to_a_tenant(page: Page, dashboard_url: str) -> None:
    page.goto(dashboard_url)
    expect(page.get_by_role("heading", name="Overview", exact=True)).to_be_visible()
    no_error(page)
    page.keyboard.press("Control+k")
    field = page.get_by_role("dialog").get_by_role("textbox")
    expect(field).to_be_focused()
    page.keyboard.type("europa")
    expect(page.get_by_role("dialog").get_by_role("link")).to_have_count(1)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Europa Health", exact=True)).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)
