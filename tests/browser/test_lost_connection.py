"""A connection that is lost and comes back: what stands in a field is what is acted on."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.cable import Cable, cable_to
from tests.browser.conftest import OnSandbox, a_page, no_error
from tests.browser.driving import (
    is_connected,
    open_page,
    rows_shown,
    select_all,
)

pytestmark = pytest.mark.browser


@pytest.fixture
def cable(workbench: OnSandbox) -> Iterator[Cable]:
    with cable_to(workbench.url) as laid:
        yield laid


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with a_page(browser) as opened:
        yield opened


def cut_while_typing(page: Page, cable: Cable, field: Locator, text: str) -> None:
    field.press_sequentially(text)
    cable.pull()
    is_connected(page, yes=False)


def cut_after_telling(page: Page, cable: Cable, field: Locator, text: str) -> None:
    """Have what is told get lost on the way, and only then the connection."""
    cable.hold_up()
    field.fill(text)
    field.press("Enter")
    cable.pull()
    is_connected(page, yes=False)


def put_in_again(page: Page, cable: Cable) -> None:
    cable.put_in()
    is_connected(page)
    expect(page.get_by_role("dialog")).to_have_count(0)


Lose = Callable[[Page, Cable, Locator, str], None]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("lose", "tenant"),
    [
        (cut_while_typing, "~i1o"),
        pytest.param(cut_after_telling, "~e1a", marks=pytest.mark.slow),
    ],
)
def test_the_reason_on_the_screen_is_the_one_that_is_written_down(
    page: Page, cable: Cable, lose: Lose, tenant: str
) -> None:
    open_page(page, f"{cable.url}/uploads?up_tenant={tenant}&up_window=Everything", "Uploads")
    select_all(page)
    page.locator(".st-key-up-exclude button").click()
    reason = page.locator("[class*='st-key-uploads-reason'] input")
    words = f"Bad delivery, {lose.__name__}"
    expect(reason).to_be_enabled()
    no_error(page)
    lose(page, cable, reason, words)
    put_in_again(page, cable)
    expect(reason).to_have_value(words)
    page.locator("[class*='st-key-uploads-apply-'] button").click()
    expect(page.get_by_text(f"Why: {words}")).to_be_visible()
    no_error(page)


@pytest.mark.slow
@pytest.mark.parametrize("lose", [cut_while_typing, cut_after_telling])
def test_the_rows_on_the_screen_are_those_of_the_filter_in_the_field(
    page: Page, cable: Cable, lose: Lose
) -> None:
    open_page(page, f"{cable.url}/uploads?up_window=Everything", "Uploads")
    every = rows_shown(page)
    field = page.locator(".st-key-up_tenant input")
    lose(page, cable, field, "~i1o")
    put_in_again(page, cable)
    expect(field).to_have_value("~i1o")
    expect(page.get_by_role("button", name="Select all 5 matching")).to_be_visible()
    assert rows_shown(page) == 5 < every
    no_error(page)


@pytest.mark.slow
def test_typing_goes_on_where_it_was_when_the_connection_is_back(page: Page, cable: Cable) -> None:
    open_page(page, f"{cable.url}/uploads?up_window=Everything", "Uploads")
    field = page.locator(".st-key-up_tenant input")
    cut_while_typing(page, cable, field, "WFF_j1r")
    put_in_again(page, cable)
    expect(field).to_be_focused()
    no_error(page)
    field.press_sequentially("~i1o")
    field.press("Enter")
    expect(page.get_by_role("button", name="Select all 5 matching")).to_be_visible()
