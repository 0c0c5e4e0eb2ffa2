"""Watch in a browser: from a selection to a rule, a test that arrives, and an incident's life."""

import json
import os
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from queue import SimpleQueue

import pytest
from playwright.sync_api import Browser, Page, expect

from services.visier.endpoints import ENDPOINTS
from tests.browser.axe import clean
from tests.browser.conftest import (
    PATIENCE_MS,
    ROOT,
    SIZE,
    a_page,
    address_of_child,
    on_a_sandbox,
    running_dashboard,
    started_app,
)
from tests.browser.driving import choose, place_of_table, rows_shown, select_all
from tests.sandboxes import Control, ask, signed_in
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


TENANT = "WFF_j1r~e1a"


@dataclass
class Watched:
    """A dashboard that watches its sandbox; the clocks of both are moved together."""

    url: str
    sandbox: Control
    ahead: Path

    def go_to(self, hour: int, minute: int) -> None:
        """Move both clocks on to that time of a day, in UTC."""
        now = datetime.now(UTC) + timedelta(seconds=float(self.ahead.read_text()))
        then = now.replace(hour=hour, minute=minute, second=0)
        self.go_on((then - now) % timedelta(days=1))

    def go_on(self, by: timedelta) -> None:
        self.sandbox.advance(by.total_seconds())
        self.ahead.write_text(str(float(self.ahead.read_text()) + by.total_seconds()))


@pytest.fixture
def watched(hook: HttpReceiver, tmp_path: Path) -> Iterator[Watched]:
    ahead = tmp_path / "ahead"
    ahead.write_text("0")
    settings = os.environ | on_a_sandbox(tmp_path, tenants=60)
    settings["DASHBOARD_DESTINATIONS"] = json.dumps({"hook": hook.address})
    module = ["tests.browser.scripts.ahead", str(ahead)]
    with started_app(module, tmp_path, settings, ROOT) as (url, process):
        yield Watched(url, Control(address_of_child(process.pid)), ahead)


@pytest.mark.slow  # a dashboard of its own, and two nights
def test_an_incident_is_told_acknowledged_and_closes_by_itself(
    browser: Browser, watched: Watched, hook: HttpReceiver
) -> None:
    arrived: SimpleQueue[dict[str, str]] = SimpleQueue()
    hook.hold = lambda: arrived.put(hook.got[-1])
    # A night begins at noon: what was loaded before is no load of it.
    watched.go_to(12, 1)
    # The past of the sandbox comes after the first look, and with it what a rule would have said.
    with a_page(browser) as page:
        page.goto(f"{watched.url}/data_versions?dv_tenant={TENANT}..{TENANT}")
        select_all(page)
        page.get_by_role("button", name="Make a rule…").click()
        form = page.get_by_role("dialog")
        for day in ("Sat", "Sun"):
            form.get_by_role("button", name=day).click()
        sentence = f"{TENANT} must have loaded by 07:00 UTC, warned 1 h before."
        expect(form.get_by_text(sentence)).to_be_visible()
        expect(form.get_by_text(re.compile(r"^On \d+ of \d+ recorded nights"))).to_be_visible()
        form.get_by_role("button", name="Add rule").click()
        expect(page.get_by_text("1 of 1 rule", exact=True)).to_be_visible()
        watched.go_to(7, 1)
        assert arrived.get(timeout=60)["title"].endswith(" 07:00 UTC")

        choose(page, "wa_view", "Incidents")
        expect(page.get_by_text("1 of 1 incident", exact=True)).to_be_visible()
        open_row(page)
        incident = page.get_by_role("dialog")
        incident.get_by_label("Note").fill("The file comes later today")
        incident.get_by_role("button", name="Acknowledge", exact=True).click()
        expect(incident.get_by_text(re.compile("^Acknowledged by .* until "))).to_be_visible()
        # Streamlit draws what a button explains outside of all landmarks.
        page.mouse.move(0, 0)
        expect(page.get_by_role("tooltip")).to_have_count(0)
        clean(page)
        incident.get_by_role("button", name="Close").click()
        expect(incident).to_have_count(0)
        expect(page.get_by_role("radio", name=re.compile("^Acknowledged 1$"))).to_be_visible()

        load(watched)
        resolved = arrived.get(timeout=60)
        # It says so by itself.
        expect(page.get_by_role("radio", name=re.compile("^Resolved 1$"))).to_be_visible()
        assert resolved["title"].startswith("Visier loads: resolved: ")
        assert re.search(rf"\({TENANT}\): version \d+", resolved["message"])
        choose(page, "wa_state", "Resolved")
        open_row(page)
        expect(incident.get_by_text(resolved["message"].splitlines()[1])).to_be_visible()


def load(watched: Watched) -> None:
    """Load the tenant: start an extraction and processing, and let both end."""
    # The first extraction of this world fails, whoever starts it.
    body = {"tenants": [TENANT], "runProcessingJob": True}
    url = watched.sandbox.url
    start = f"{url}{ENDPOINTS['adhoc_extraction_job'].path}"
    for _ in range(2):
        ask("POST", start, json=body, headers=signed_in(url)).raise_for_status()
        watched.go_on(timedelta(hours=1))


def open_row(page: Page) -> None:
    """Open the first row of a table by its button, which stands behind the boxes."""
    at = place_of_table(page)
    page.mouse.click(at["x"] + 20, at["y"] + 50)
