"""Two dashboards that share one PostgreSQL ledger and one Visier, a browser at each of them."""

import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
import tenacity
from playwright.sync_api import Browser, Locator, Page, expect

from services.ledger import Ledger, Outcome, State
from services.ledger.reader import SILENCE
from tests.browser.conftest import PATIENCE_MS, a_page, no_error, started_dashboard
from tests.browser.driving import (
    click_apply,
    number_in,
    open_page,
    select_all,
)
from tests.sandboxes import TIMEOUT, Control, ask, signed_in
from tests.services.ledger.postgres import running_postgres
from tests.services.sandbox.own_process import started

pytestmark = [pytest.mark.browser, pytest.mark.slow]

EXCLUDE = "exclude_data_uploads"
TENANTS = 2_400  # several requests of at most a thousand uploads each
UPLOADS = "uploads?up_state=Included&up_window=7+days"
Replica = tuple[str, "subprocess.Popen[bytes]"]


@dataclass(frozen=True)
class Shared:
    """What all replicas share: a ledger, and a Visier."""

    ledger_url: str
    sandbox: Control

    def settings(self) -> dict[str, str]:
        return {
            "DASHBOARD_LEDGER_URL": self.ledger_url,
            "VISIER_HOST": self.sandbox.url,
            "VISIER_VANITY": "sandbox",
            "VISIER_APIKEY": "sandbox-key",
            "VISIER_USERNAME": "sandbox@example.com",
            "VISIER_PASSWORD": "sandbox",
        }

    def sent(self) -> list[tuple[str, str]]:
        """Give every upload that was sent, as often as it was."""
        return [
            (item["tenantCode"], time)
            for request in self.sandbox.requests(EXCLUDE)
            for item in request["body"]["uploads"]
            for time in item["uploadTimes"]
        ]

    def silence(self) -> None:
        """Let more time pass than a working process is ever silent for."""
        with psycopg.connect(self.ledger_url) as connection:
            connection.execute(
                "UPDATE operation_revision SET heartbeat_at = heartbeat_at - %s", [2 * SILENCE]
            )


@pytest.fixture(scope="module")
def shared() -> Iterator[Shared]:
    sandbox = ("--tenants", str(TENANTS), "--speed", "0", "--rate-limit", "0")
    with started(*sandbox) as (_, url), running_postgres() as server:
        yield Shared(server.fresh_url(), Control(url))


@pytest.fixture(autouse=True)
def fresh(shared: Shared) -> None:
    shared.sandbox.reset()
    shared.sandbox.clear_faults()


@contextmanager
def replica(shared: Shared, folder: Path) -> Iterator[Replica]:
    folder.mkdir(exist_ok=True)
    with started_dashboard(folder, shared.settings()) as started_one:
        yield started_one


@pytest.fixture
def first(shared: Shared, tmp_path: Path) -> Iterator[Replica]:
    """A replica that a test may end."""
    with replica(shared, tmp_path / "first") as started_one:
        yield started_one


@pytest.fixture(scope="module")
def second(shared: Shared, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with replica(shared, tmp_path_factory.mktemp("second")) as (url, _):
        yield url


@pytest.fixture
def other_page(browser: Browser) -> Iterator[Page]:
    """The page of somebody else, at the other replica."""
    with a_page(browser) as page:
        yield page


def exclude_all(page: Page, url: str) -> int:
    """Begin to exclude all uploads of a week; return how many they are."""
    open_page(page, f"{url}/{UPLOADS}", "Uploads")
    select_all(page)
    count = number_in(page, r"^[1-9][\d,]* uploads selected")
    page.locator(".st-key-up-exclude button").click()
    click_apply(page, "uploads", count)
    expect(running(page)).to_be_visible()
    return count


def running(page: Page, state: str = "Running") -> Locator:
    return page.get_by_text(re.compile(rf"^{state}: [\d,]+ of [\d,]+ items"))


@tenacity.retry(wait=tenacity.wait_fixed(0.2), stop=tenacity.stop_after_delay(60), reraise=True)
def wait_for_requests(shared: Shared, wanted: int) -> None:
    assert len(shared.sandbox.requests(EXCLUDE)) >= wanted


def finish(shared: Shared, page: Page, count: int) -> None:
    """Finish what broke off, and see that all of it is done, and nothing twice."""
    page.get_by_role("button", name=re.compile("^Look up and finish")).click()
    done = page.get_by_test_id("stText").filter(has_text=f"✓ {count:,} Succeeded")
    expect(done.first).to_be_visible(timeout=2 * PATIENCE_MS)
    no_error(page)
    sent = shared.sent()
    assert len(sent) == len(set(sent)) == count


def test_what_runs_on_one_is_seen_paused_and_stopped_on_the_other(
    shared: Shared, first: Replica, second: str, page: Page, other_page: Page
) -> None:
    shared.sandbox.fault(EXCLUDE, "latency", seconds=8, times=0)
    count = exclude_all(page, first[0])

    open_page(other_page, f"{second}/activity", "Activity")
    other_page.get_by_role("link", name=re.compile("Running: Exclude data uploads")).click()
    other_page.get_by_role("button", name="Pause").click()
    for each in (page, other_page):
        expect(running(each, "Paused")).to_be_visible()
    other_page.get_by_role("button", name="Resume").click()
    expect(running(page)).to_be_visible()
    other_page.get_by_role("button", name="Stop").click()
    for each in (page, other_page):
        expect(each.get_by_text(re.compile("^Stopped · sandbox@example.com"))).to_be_visible()
        no_error(each)
    assert 0 < len(shared.sent()) < count


def test_what_a_killed_one_leaves_is_interrupted_on_the_other_and_finished_there(
    shared: Shared, first: Replica, second: str, page: Page, other_page: Page
) -> None:
    shared.sandbox.fault(EXCLUDE, "latency")  # the first request passes
    shared.sandbox.fault(EXCLUDE, "hang", when="after", seconds=60)
    count = exclude_all(page, first[0])
    wait_for_requests(shared, 2)
    first[1].send_signal(signal.SIGKILL)
    first[1].wait(TIMEOUT)

    shared.silence()
    open_page(other_page, f"{second}/activity", "Activity")
    title = other_page.get_by_text("Interrupted: Exclude data uploads")
    expect(title).to_be_visible()
    finish(shared, other_page, count)


def test_one_that_is_told_to_end_finishes_its_request_and_the_other_goes_on(
    shared: Shared, first: Replica, second: str, page: Page, other_page: Page
) -> None:
    shared.sandbox.fault(EXCLUDE, "latency", seconds=3)
    count = exclude_all(page, first[0])
    wait_for_requests(shared, 1)
    first[1].terminate()
    assert first[1].wait(TIMEOUT) in (0, -signal.SIGTERM)

    assert len(shared.sandbox.requests(EXCLUDE)) == 1
    done = len(shared.sent())
    ledger = Ledger(shared.ledger_url)
    broken = ledger.operations(limit=1)[0]
    ledger.close()
    told = {outcome: number for outcome, number in broken.item_counts.items() if number}
    left = {Outcome.SUCCEEDED: done, Outcome.PLANNED: count - done}
    assert (broken.state, told) == (State.INTERRUPTED, left)

    # Nothing has to be silent for a while first.
    open_page(other_page, f"{second}/activity?act_op={broken.id}", "Activity")
    finish(shared, other_page, count)


def test_what_one_saw_of_jobs_and_tracks_the_other_knows(
    shared: Shared, first: Replica, second: str, page: Page, other_page: Page
) -> None:
    job_id = running_job(shared.sandbox)
    open_page(page, f"{first[0]}/jobs?job={job_id}", "Jobs")
    page.get_by_role("dialog").get_by_role("button", name="Track").click()
    expect(page.get_by_role("button", name="Stop tracking")).to_be_visible()
    shared.sandbox.advance(3600)
    expect(page.get_by_text("End (observed)")).to_be_visible(timeout=2 * PATIENCE_MS)
    seen = first_seen_ended(page)

    open_page(other_page, f"{second}/jobs?job={job_id}", "Jobs")
    expect(other_page.get_by_text("Duration (observed)")).to_be_visible()
    assert first_seen_ended(other_page) == seen
    expect(other_page.get_by_role("button", name="Stop tracking")).to_be_visible()
    no_error(other_page)


def first_seen_ended(page: Page) -> str:
    drawer = page.get_by_role("dialog").inner_text()
    found = re.search(r"End \(observed\)\s+(\d\d? \w{3} \d{4} \d\d:\d\d:\d\d UTC)", drawer)
    assert found
    return found[1]


def running_job(sandbox: Control) -> str:
    """Return a job that runs and will end."""
    answer = ask(
        "GET",
        f"{sandbox.url}/v1/op/job-status/jobs",
        headers=signed_in(sandbox.url),
        params={"status": "Running"},
    )
    return str(answer.json()["jobStatus"][0]["jobId"])
