"""What the script in the browser mends of Streamlit: each function of its own."""

from collections.abc import Iterator
from typing import Literal
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.cable import Cable, cable_to
from tests.browser.conftest import a_page, has_run
from tests.browser.driving import is_connected, middle_of, open_plain_page, place_of_table

pytestmark = pytest.mark.browser

FIRST_TICK = (15, 50)  # pixels into a table


@pytest.fixture
def plain(page: Page, plain_url: str) -> Page:
    return open_plain_page(page, plain_url)


@pytest.fixture
def cable(plain_url: str) -> Iterator[Cable]:
    with cable_to(plain_url) as laid:
        yield laid


def says(page: Page, words: str) -> None:
    expect(page.get_by_text(words, exact=True)).to_be_visible()


def test_a_question_mark_lists_the_keys_but_not_while_typing(plain: Page) -> None:
    field = plain.get_by_label("Word")
    field.press("?")
    expect(field).to_have_value("?")
    field.press("Enter")
    says(plain, "Word: ?")
    says(plain, "Done: nothing")
    field.blur()
    plain.keyboard.press("?")
    says(plain, "Done: listed")


def test_another_theme_draws_anew(plain: Page) -> None:
    plain.emulate_media(color_scheme="dark")
    says(plain, "Done: drawn in dark")
    plain.emulate_media(color_scheme="light")
    says(plain, "Done: drawn in dark, drawn in light")


def test_half_a_character_is_sent_as_a_sign_for_it(plain: Page) -> None:
    plain.get_by_label("Word").focus()
    plain.evaluate("document.execCommand('insertText', false, 'a\\ud83d')")
    plain.keyboard.press("Enter")
    says(plain, "Word: a\N{REPLACEMENT CHARACTER}")


def test_a_press_right_after_a_tick_knows_of_it(plain: Page) -> None:
    table, press = place_of_table(plain), middle_of(plain, "Press")
    plain.mouse.click(table["x"] + FIRST_TICK[0], table["y"] + FIRST_TICK[1])
    plain.mouse.click(*press)
    says(plain, "Done: pressed with 0")


def test_a_press_that_leaves_the_field_its_button_waits_for_counts(
    browser: Browser, cable: Cable
) -> None:
    with a_page(browser) as page:
        open_plain_page(page, cable.url).get_by_label("Word").fill("right")
        page.mouse.move(*middle_of(page, "Confirm"))
        # What the press tells arrives when it is over.
        cable.hold_up()
        page.mouse.down()
        page.mouse.up()
        cable.put_in()
        says(page, "Done: confirmed")


def test_a_press_that_is_held_until_its_button_is_enabled_counts_once(plain: Page) -> None:
    plain.get_by_label("Word").fill("right")
    plain.mouse.move(*middle_of(plain, "Confirm"))
    plain.mouse.down()
    expect(plain.get_by_role("button", name="Confirm")).to_be_enabled()
    plain.mouse.up()
    says(plain, "Done: confirmed")
    has_run(plain)
    says(plain, "Done: confirmed")


@pytest.mark.parametrize("is_quick", [True, False], ids=["at once", "once it is there"])
def test_tab_out_of_the_field_its_button_waits_for_leads_to_the_button(
    browser: Browser, cable: Cable, *, is_quick: bool
) -> None:
    with a_page(browser) as page:
        field = open_plain_page(page, cable.url).get_by_label("Sure")
        field.fill("yes")
        cable.hold_up()
        page.keyboard.press("Tab")
        if is_quick:
            page.keyboard.press("Enter")
        cable.put_in()
        if not is_quick:
            expect(page.get_by_role("button", name="Apply")).to_be_focused()
            page.keyboard.press("Enter")
        says(page, "Done: applied")


def test_tab_out_of_a_field_whose_button_stays_disabled_moves_on_when_pressed_again(
    plain: Page,
) -> None:
    field = plain.get_by_label("Sure")
    field.fill("no")
    plain.keyboard.press("Tab")
    expect(field).to_be_focused()
    plain.keyboard.press("Tab")
    expect(plain.get_by_role("button", name="Discard")).to_be_focused()
    has_run(plain)
    says(plain, "Done: nothing")


def test_what_stands_in_a_field_is_told_once_the_connection_is_back(
    browser: Browser, cable: Cable
) -> None:
    with a_page(browser) as page:
        field = open_plain_page(page, cable.url).get_by_label("Word")
        field.press_sequentially("lost")
        cable.pull()
        is_connected(page, yes=False)
        cable.put_in()
        is_connected(page)
        says(page, "Word: lost")
        expect(field).to_be_focused()


@pytest.mark.parametrize(("role", "name"), [("link", "Second"), ("button", "Go")])
def test_one_click_is_one_step_in_the_history(
    plain: Page, role: Literal["link", "button"], name: str
) -> None:
    before, address = plain.evaluate("history.length"), plain.url
    plain.get_by_role(role, name=name).click()
    says(plain, "The second page")
    expect(plain).to_have_url(f"{address}second?from={role}&told=here")
    has_run(plain)
    assert plain.evaluate("history.length") == before + 1
    plain.go_back()
    says(plain, "Word: none")
    assert plain.url == address


def test_a_link_to_the_first_page_opens_it_in_a_new_tab(plain: Page) -> None:
    plain.get_by_role("link", name="Second").click()
    says(plain, "The second page")
    for name, query in (("First, bare", ""), ("First", "word=linked")):
        with plain.context.expect_page() as opened:
            plain.get_by_role("link", name=name, exact=True).click(button="middle")
        opened.value.wait_for_url(lambda address: address != "about:blank")
        there = urlsplit(opened.value.url)
        assert (there.path, there.query) == ("/", query)


def test_a_link_that_is_opened_in_a_new_tab_leaves_this_one_as_it_is(plain: Page) -> None:
    address = plain.url
    with plain.context.expect_page() as opened:
        plain.get_by_role("link", name="Second").click(modifiers=["Control"])
    says(opened.value, "The second page")
    has_run(plain)
    assert plain.url == address
    says(plain, "Runs: 1, by a person: 1")


def test_a_link_to_the_page_it_stands_on_sets_address_and_fields(plain: Page) -> None:
    address = plain.url
    plain.get_by_role("link", name="First", exact=True).click()
    says(plain, "Word: linked")
    assert plain.url == f"{address}?word=linked"
    plain.get_by_role("link", name="First, bare").click()
    says(plain, "Word: none")
    assert plain.url == address
