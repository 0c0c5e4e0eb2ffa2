"""Hands that are faster than a table, a field or a button, which tell and learn a moment later."""

import re

import pytest
from playwright.sync_api import Locator, Page, WebSocket, expect

from tests.browser.conftest import OnSandbox, no_error
from tests.browser.driving import (
    number_in,
    open_page,
    place_of_table,
    select_all,
)

pytestmark = pytest.mark.browser

HEAD, ROW = 33, 33
SELECTED = "data versions selected"


def place_of_tick(page: Page, row: int) -> tuple[float, float]:
    table = place_of_table(page)
    return table["x"] + 15, table["y"] + HEAD + ROW * row + ROW / 2


def middle_of(page: Page, key: str) -> tuple[float, float]:
    box = page.locator(f".st-key-{key} button").bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


@pytest.fixture
def sockets(page: Page) -> list[WebSocket]:
    """The connections of the page, as it makes them."""
    made: list[WebSocket] = []

    def note(socket: WebSocket) -> None:
        made.append(socket)

    page.on("websocket", note)
    return made


@pytest.fixture
def versions(page: Page, sockets: list[WebSocket], dashboard_url: str) -> Page:
    """Data versions with two rows ticked."""
    open_page(
        page, f"{dashboard_url}/data_versions?dv_tenant=WFF_j1r~a..WFF_j1r~d", "Data versions"
    )
    for row in (0, 1):
        page.mouse.click(*place_of_tick(page, row))
    expect(page.get_by_text(f"2 {SELECTED}")).to_be_visible()
    no_error(page)
    return page


def test_a_tick_just_before_clear_selection_does_not_come_back(versions: Page) -> None:
    tick, clear = place_of_tick(versions, 2), middle_of(versions, "data_versions-select_none")
    versions.mouse.click(*tick)
    versions.mouse.click(*clear)
    expect(versions.locator(".st-key-selection")).to_have_count(0)
    # What the table tells next holds all that is ticked in it.
    versions.mouse.click(*place_of_tick(versions, 3))
    expect(versions.get_by_text("1 data version selected")).to_be_visible()
    no_error(versions)


def test_what_was_just_selected_as_a_whole_is_cleared(page: Page, dashboard_url: str) -> None:
    open_page(page, f"{dashboard_url}/data_versions", "Data versions")
    page.mouse.click(*middle_of(page, "data_versions-select_all"))
    page.locator(".st-key-data_versions-select_none button").click()
    expect(page.locator(".st-key-selection")).to_have_count(0)
    no_error(page)
    expect(page.locator(".st-key-selection")).to_have_count(0)


@pytest.mark.slow
def test_what_was_just_taken_out_is_not_in_the_plan(versions: Page) -> None:
    tick, disable = place_of_tick(versions, 1), middle_of(versions, "dv-disable")
    versions.mouse.click(*tick)
    versions.mouse.click(*disable)
    expect(versions.get_by_text(re.compile("^1 item will change"))).to_be_visible()
    no_error(versions)


def test_rows_ticked_one_after_another_all_stay_ticked(
    versions: Page, sockets: list[WebSocket]
) -> None:
    places = [place_of_tick(versions, row) for row in range(2, 8)]
    for place in places:
        # The table has just told of one, and the answer comes while the next is ticked.
        with sockets[-1].expect_event("framesent"):
            versions.mouse.click(*place)
    expect(versions.get_by_text(f"8 {SELECTED}")).to_be_visible()
    no_error(versions)


def a_plan_to_exclude(page: Page, url: str) -> tuple[int, Locator, Locator]:
    """Return its number of items, the field that number is typed into, and its button."""
    open_page(page, f"{url}/uploads?up_state=Included", "Uploads")
    select_all(page)
    page.locator(".st-key-up-exclude button").click()
    count = number_in(page, r"^[1-9][\d,]* items will change")
    no_error(page)
    typed = page.locator("[class*='st-key-uploads-typed'] input")
    return count, typed, page.locator("[class*='st-key-uploads-apply-'] button")


@pytest.mark.slow
def test_a_press_out_of_the_field_it_waits_for_counts_when_the_number_is_right(
    page: Page, workbench: OnSandbox
) -> None:
    count, typed, apply = a_plan_to_exclude(page, workbench.url)
    for number in (count + 1, count):
        expect(apply).to_be_disabled()
        typed.fill(str(number))
        apply.click(force=True)
        no_error(page)
    expect(page.get_by_text(f"✓ {count:,} Succeeded", exact=True)).to_be_visible()
    no_error(page)


@pytest.mark.slow
def test_a_press_that_came_too_early_is_not_kept_for_what_is_typed_later(
    page: Page, dashboard_url: str
) -> None:
    count, typed, apply = a_plan_to_exclude(page, dashboard_url)
    typed.fill(str(count + 1))
    apply.click(force=True)
    typed.fill(str(count))
    typed.press("Enter")
    expect(apply).to_be_enabled()
    no_error(page)
    expect(apply).to_be_enabled()


@pytest.mark.slow
def test_a_plan_with_a_typed_number_is_applied_by_keyboard(
    page: Page, workbench: OnSandbox
) -> None:
    count, typed, _ = a_plan_to_exclude(page, workbench.url)
    typed.focus()
    page.keyboard.type(str(count))
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text(f"✓ {count:,} Succeeded", exact=True)).to_be_visible()
    no_error(page)
