"""What the server mends of Streamlit, on pages that have nothing else."""

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from dashboard.streamlit_compat import row_shift_guard
from tests.browser.cable import cable_to
from tests.browser.conftest import ROOT, a_page, has_run, running_app
from tests.browser.driving import is_connected, middle_of, open_plain_page, place_of_table

pytestmark = pytest.mark.browser

HEAD, HALF_A_ROW = 33, 16
# Hold what a table is to tell 150 ms after a touch until `release` is called.
HOLD_WHAT_TABLES_TELL = """() => {
  const { setTimeout: later, clearTimeout: forget } = window;
  const held = new Map();
  window.setTimeout = (act, wait, ...args) => {
    if (wait !== 150) return later(act, wait, ...args);
    held.set(-held.size - 1, () => act(...args));
    return -held.size;
  };
  window.clearTimeout = id => held.delete(id) || forget(id);
  window.isHeld = () => held.size > 0;
  window.release = () => { for (const act of held.values()) act(); held.clear(); };
}"""


def script(name: str, folder: Path) -> AbstractContextManager[str]:
    """Run a page of tests/browser/scripts; give its address."""
    module = ["streamlit", "run", f"tests/browser/scripts/{name}.py"]
    return running_app(module, folder, os.environ | {"PYTHONPATH": str(ROOT)})


@pytest.fixture
def moving_url(tmp_path: Path) -> Iterator[str]:
    with script("moving_page", tmp_path) as url:
        yield url


@pytest.fixture
def patient_url(tmp_path: Path) -> Iterator[str]:
    with script("patient_app", tmp_path) as url:
        yield url


def test_a_press_out_of_a_field_acts_on_what_was_typed_last(page: Page, plain_url: str) -> None:
    open_plain_page(page, plain_url).get_by_label("Word").fill("last")
    page.mouse.click(*middle_of(page, "Act"))
    expect(page.get_by_text("Done: acted on last", exact=True)).to_be_visible()


def test_a_browser_that_lost_the_server_and_finds_it_is_no_person(
    browser: Browser, plain_url: str
) -> None:
    with cable_to(plain_url) as cable, a_page(browser) as page:
        open_plain_page(page, cable.url)
        cable.pull()
        is_connected(page, yes=False)
        cable.put_in()
        expect(page.get_by_text("Runs: 2, by a person: 1", exact=True)).to_be_visible()
        page.get_by_role("button", name="Press").click()
        expect(page.get_by_text("Runs: 3, by a person: 2", exact=True)).to_be_visible()


@pytest.mark.slow
def test_a_tick_that_was_on_its_way_while_rows_moved_by_themselves_selects_none(
    page: Page, moving_url: str
) -> None:
    page.goto(moving_url)
    table = place_of_table(page)
    page.evaluate(HOLD_WHAT_TABLES_TELL)
    page.mouse.click(table["x"] + HALF_A_ROW, table["y"] + HEAD + HALF_A_ROW)
    page.wait_for_function("isHeld()")
    page.get_by_role("button", name="Read again").click()
    expect(page.get_by_text("Rows: new a b c", exact=True)).to_be_visible()
    has_run(page)
    page.evaluate("release()")
    expect(page.get_by_text(row_shift_guard.MOVED)).to_be_visible()
    expect(page.get_by_text("Selected: none", exact=True)).to_be_visible()


@pytest.mark.slow
def test_of_two_presses_right_after_each_other_neither_is_lost(
    page: Page, patient_url: str
) -> None:
    page.goto(patient_url)
    has_run(page)
    for name in ("first_press", "second_press"):
        page.get_by_role("button", name=name).click()
    expect(page.get_by_text("Taken: first_press second_press", exact=True)).to_be_visible()
