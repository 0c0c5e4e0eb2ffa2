"""Jobs under way, watched by as many tabs as you like."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
import tenacity
from playwright.sync_api import Browser, Page, expect

from services.watching.looks import FAST
from tests.browser.conftest import PATIENCE_MS, no_error, running_dashboard
from tests.browser.test_acting import sandbox_of
from tests.sandboxes import Control, ask, signed_in

pytestmark = pytest.mark.browser

TABS = 10
TENANTS = 5000


def start_extraction_of_all(sandbox: str) -> str:
    """Start an extraction over all tenants as a colleague would; return the dispatching job."""
    answer = ask(
        "POST",
        f"{sandbox}/v1/op/data/startExtractAndLoad",
        headers=signed_in(sandbox),
        json={"allTenants": True, "runProcessingJob": True},
    )
    (job_id,) = answer.json().values()
    return str(job_id)


@contextmanager
def open_tabs(browser: Browser, address: str) -> Iterator[list[Page]]:
    contexts = [browser.new_context(timezone_id="UTC") for _ in range(TABS)]
    pages = [context.new_page() for context in contexts]
    try:
        for page in pages:
            page.set_default_timeout(2 * PATIENCE_MS)
            page.goto(address)
        yield pages
    finally:
        for context in contexts:
            context.close()


def looks(control: Control) -> list[datetime]:
    """Return when the sandbox was asked for the list of jobs."""
    return [datetime.fromisoformat(each["time"]) for each in control.requests("job_status")]


@tenacity.retry(wait=tenacity.wait_fixed(1), stop=tenacity.stop_after_delay(120), reraise=True)
def wait_for_looks(control: Control, at_least: int) -> None:
    assert len(looks(control)) >= at_least


@tenacity.retry(wait=tenacity.wait_fixed(1), stop=tenacity.stop_after_delay(60), reraise=True)
def wait_for_quiet(control: Control) -> None:
    assert datetime.now(UTC) - max(looks(control)) > 3 * FAST


def test_ten_tabs_cost_what_one_does_and_closing_them_ends_it(
    browser: Browser, page: Page, tmp_path: Path
) -> None:
    with running_dashboard(tmp_path, tenants=TENANTS) as url:
        page.goto(f"{url}/jobs?job_live=false")
        expect(page.get_by_role("heading", name="Jobs", exact=True)).to_be_visible()
        expect(page.locator(".st-key-connection-card")).to_be_visible()
        sandbox = sandbox_of(page)
        page.goto("about:blank")
        control = Control(sandbox)
        control.set_speed(5)
        job_id = start_extraction_of_all(sandbox)
        watched = f"{url}/jobs?job_view=Tree&job_window=1+hour&job_id={job_id}"
        with open_tabs(browser, watched) as tabs:
            for tab in tabs:
                expect(tab.get_by_text(re.compile(r"of [\d,]+ jobs match"))).to_be_visible()
                no_error(tab)
            control.clear_requests()
            wait_for_looks(control, 4)
            seen = looks(control)
        # One tab alone would look once in every interval; so do ten of them.
        steps = [later - earlier for earlier, later in pairwise(seen)]
        assert all(step >= FAST - timedelta(milliseconds=250) for step in steps), steps
        wait_for_quiet(control)
