"""What the server mends of Streamlit, on pages that have nothing else."""

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.cable import cable_to
from tests.browser.conftest import a_page, running_app
from tests.browser.driving import is_connected, middle_of, open_plain_page

pytestmark = pytest.mark.browser

PATIENT = ["streamlit", "run", "tests/browser/scripts/patient_app.py"]


@pytest.fixture(scope="module")
def patient_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("patient")
    with running_app(PATIENT, folder, os.environ | {"PYTHONPATH": "."}) as address:
        yield address


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


def test_of_two_presses_at_once_neither_is_lost(page: Page, patient_url: str) -> None:
    page.goto(patient_url)
    first, second = (middle_of(page, f"{which}_press") for which in ("first", "second"))
    page.mouse.click(*first)
    page.mouse.click(*second)
    expect(page.get_by_text("Taken: first_press second_press", exact=True)).to_be_visible()
