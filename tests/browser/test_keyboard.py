"""By keyboard: to a table and in it, out of what lies over a page, and to the next place."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import no_error
from tests.browser.driving import names_are_there, open_page, place_of_table, select_all

pytestmark = pytest.mark.browser

CHEVRON, OPEN = 1, 8  # columns of the tree


def test_a_branch_and_a_job_open_in_the_table_and_esc_leads_back_into_it(
    page: Page, dashboard_url: str
) -> None:
    # With the names a table has other columns, and is another one: they are read beforehand.
    open_page(page, f"{dashboard_url}/data_versions", "Data versions")
    names_are_there(page)
    page.goto(f"{dashboard_url}/jobs?job_view=tree&job_type=dispatching&job_live=false")
    shown = page.get_by_text(re.compile(r"^\d+ of [\d,]+ jobs match, "))
    expect(shown).to_be_visible()
    place_of_table(page)
    before = shown.inner_text()
    cell = page.locator("canvas td[aria-selected=true]")
    in_the_table = page.locator("canvas:focus, canvas :focus")
    for key in ("Enter", "Space"):
        page.keyboard.press("t")
        expect(in_the_table).to_have_count(1)
        expect(cell).to_have_attribute("data-testid", f"glide-cell-{CHEVRON}-0")
        page.keyboard.press(key)
        expect(shown).not_to_have_text(before)
        no_error(page)
        page.keyboard.press(key)
        expect(shown).to_have_text(before)
        no_error(page)
        page.get_by_role("button", name="Expand all").focus()
    page.keyboard.press("t")
    for column in range(CHEVRON, OPEN):
        expect(cell).to_have_attribute("data-testid", f"glide-cell-{column}-0")
        page.keyboard.press("ArrowRight")
    expect(cell).to_have_text(":material/open_in_new:")
    page.keyboard.press("Enter")
    job = page.get_by_role("dialog")
    expect(job.get_by_role("heading", level=2)).to_be_focused()
    page.keyboard.press("Escape")
    expect(job).to_have_count(0)
    expect(in_the_table).to_have_count(1)
    no_error(page)


def test_t_is_a_letter_while_one_types(page: Page, dashboard_url: str) -> None:
    open_page(page, f"{dashboard_url}/data_versions", "Data versions")
    field = page.get_by_label("Tenants", exact=True)
    field.press("t")
    expect(field).to_be_focused()
    expect(field).to_have_value("t")


def test_esc_leads_back_to_what_opened_a_plan_or_a_list(page: Page, dashboard_url: str) -> None:
    open_page(page, f"{dashboard_url}/data_versions?dv_tenant=WFF_j1r~m", "Data versions")
    select_all(page)
    disable = page.get_by_role("button", name=re.compile(r"^Disable \d"))
    disable.press("Enter")
    plan = page.locator(".st-key-plan-panel")
    expect(plan.get_by_role("heading", level=2)).to_be_focused()
    no_error(page)
    page.keyboard.press("Escape")
    expect(plan).to_have_count(0)
    expect(disable).to_be_focused()
    views = page.locator(".st-key-over-views summary")
    views.press("Enter")
    expect(page.locator(".st-key-over-views details[open]")).to_have_count(1)
    page.keyboard.press("Tab")
    expect(views).not_to_be_focused()
    page.keyboard.press("Escape")
    expect(views).to_be_focused()


def test_the_list_of_places_opens_again_right_after_it_was_closed(
    page: Page, dashboard_url: str
) -> None:
    open_page(page, f"{dashboard_url}/connectors?con_tenant=WFF_j1r~m", "Connectors")
    field = page.get_by_placeholder("Screen, action, saved view, tenant")
    for _ in range(3):
        page.keyboard.press("Control+k")
        expect(field).to_be_focused()
        page.keyboard.press("Escape")
