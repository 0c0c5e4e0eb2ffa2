"""Watch in a browser: from a selection to a rule, and a test that arrives."""

import json
import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.axe import clean
from tests.browser.conftest import PATIENCE_MS, SIZE, running_dashboard
from tests.browser.driving import place_of_table, rows_shown, select_all
from tests.services.notifications.receivers import HttpReceiver, http_receiver

pytestmark = pytest.mark.browser


@pytest.fixture
def hook() -> Iterator[HttpReceiver]:
    with http_receiver() as receiver:
        yield receiver


@pytest.fixture
def told(browser: Browser, hook: HttpReceiver, tmp_path: Path) -> Iterator[Page]:
    """A tab on a dashboard that has a destination."""
    named = {"DASHBOARD_DESTINATIONS": json.dumps({"hook": hook.address})}
    with running_dashboard(tmp_path, environment=named) as url:
        context = browser.new_context(viewport=SIZE, timezone_id="UTC", reduced_motion="reduce")
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        page.goto(f"{url}/data_versions?dv_tenant=WFF_j1r~c..WFF_j1r~d")
        yield page
        context.close()


@pytest.mark.slow  # a dashboard of its own
def test_a_selection_becomes_a_rule_and_a_test_arrives(told: Page, hook: HttpReceiver) -> None:
    arrived = threading.Event()
    hook.hold = arrived.set
    select_all(told)
    chosen = rows_shown(told)
    told.get_by_role("button", name="Make a rule…").click()
    drawer = told.get_by_role("dialog")
    sentence = f"{chosen} listed tenants must have loaded by 07:00 UTC on working days"
    expect(drawer.get_by_text(re.compile(f"^{sentence}"))).to_be_visible()
    expect(drawer.get_by_text("No night is on record yet.")).to_be_visible()
    clean(told)
    drawer.get_by_role("button", name="Add rule").click()
    expect(drawer).to_have_count(0)
    expect(told.get_by_text("1 of 1 rule", exact=True)).to_be_visible()
    assert place_of_table(told)["y"] <= 260
    told.get_by_text("Messages", exact=True).click()
    told.get_by_role("button", name="Send a test to hook").click()
    assert arrived.wait(30)
    # It says so by itself.
    expect(told.get_by_text(re.compile(r"^Sent \d\d:\d\d$"))).to_be_visible()
    expect(told.get_by_text("1 of 1 message", exact=True)).to_be_visible()
    clean(told)
    assert "S3cret" not in told.content()
