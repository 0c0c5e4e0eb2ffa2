"""The process dies in the middle of an operation: what may have happened is never done again."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from services.ledger import Ledger, Outcome, State
from services.operations import VERBS, Runner, retry_plan
from tests.sandboxes import Sandbox
from tests.services.operations.conftest import ADA, LONG_ENOUGH, Clock, Desk, MakeClient

ROOT = Path(__file__).parents[3]
EXCLUDE = "exclude_data_uploads"
ITEMS, PER_REQUEST = 12, 4

CHILD = """
import sys
from services.frames import uploads
from services.ledger import Actor, Ledger
from services.operations import VERBS, Permissions, Runner, plan_exclude_uploads
from services.visier import Client, RateLimiter, Password
from tests.services.operations.conftest import in_batches_of

url, database, items, per_request = sys.argv[1:]
credentials = Password("sandbox-key", "sandbox@example.com", "sandbox", "sandbox")
client = Client(url, credentials, RateLimiter(assumed_per_minute=None))
current = uploads.to_frame(client.iter_retrieve_data_uploads())
included = current[current["included"].fillna(False)]
plan = plan_exclude_uploads(included.drop_duplicates("tenant_code").head(int(items)), current)
plan = in_batches_of(int(per_request), plan)
runner = Runner(Ledger.open(database), VERBS)
who = Actor("ada", "WFF_j1r", "sandbox")
permissions = Permissions(who)
runner.apply(plan, client, who, identity="ada", permissions=permissions)
sys.stdout.write(plan.id + "\\n")
sys.stdout.flush()
runner.wait(plan.id)
"""


@contextmanager
def child_at_work(sandbox: Sandbox, database: str) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """Let another process apply a plan; give it and the operation's id."""
    command = [sys.executable, "-c", CHILD, sandbox.url, database, str(ITEMS), str(PER_REQUEST)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as child:
        try:
            assert child.stdout is not None
            yield child, child.stdout.readline().strip()
        finally:
            child.kill()


def wait_for_requests(sandbox: Sandbox, wanted: int) -> None:
    """Ask until so many writes have come; each question takes its time."""
    for _ in range(100_000):
        if len(sandbox.control.requests(EXCLUDE)) >= wanted:
            return
    raise AssertionError("the child did not get that far")


def excluded(sandbox: Sandbox) -> list[tuple[str, str]]:
    """Give every upload that was sent, as often as it was."""
    bodies = [each["body"]["uploads"] for each in sandbox.control.requests(EXCLUDE)]
    return [(item["tenantCode"], *item["uploadTimes"]) for items in bodies for item in items]


@pytest.mark.slow
@pytest.mark.parametrize("when", ["before", "after"])
def test_after_kill_9_nothing_that_may_have_happened_is_repeated(
    sandbox: Sandbox, make_client: MakeClient, tmp_path: Path, clock: Clock, when: str
) -> None:
    database = f"sqlite:///{tmp_path / 'ledger.sqlite3'}"
    sandbox.control.fault(EXCLUDE, "latency")  # the first request passes
    sandbox.control.fault(EXCLUDE, "hang", when=when, seconds=LONG_ENOUGH)
    with child_at_work(sandbox, database) as (child, id_):
        wait_for_requests(sandbox, 2)
        child.send_signal(signal.SIGKILL)
        child.wait(LONG_ENOUGH)

    ledger = Ledger.open(database)
    desk = Desk(sandbox, make_client(), ledger, Runner(ledger, VERBS), clock)
    assert [each.id for each in ledger.interrupted("ada")] == [id_]
    assert ledger.operation(id_).state is State.INTERRUPTED
    assert sorted(desk.outcomes(id_)) == sorted(
        [Outcome.SUCCEEDED] * 4 + [Outcome.INTENDED] * 4 + [Outcome.PLANNED] * 4
    )

    desk.runner.finish_interrupted(id_, desk.client, ADA)
    assert desk.runner.wait(id_, LONG_ENOUGH)

    fate = Outcome.SUCCEEDED if when == "after" else Outcome.UNCERTAIN
    assert sorted(desk.outcomes(id_)) == sorted([Outcome.SUCCEEDED] * 8 + [fate] * 4)
    assert ledger.operation(id_).state is State.FINISHED
    sent = excluded(sandbox)
    assert len(sent) == len(set(sent)) == ITEMS
    really = [desk.included(code, time) for code, time in sent]
    assert really.count(True) == (0 if when == "after" else 4)
    ledger.close()


@pytest.mark.slow
def test_what_was_not_done_can_be_tried_again_once_that_is_certain(
    sandbox: Sandbox, make_client: MakeClient, tmp_path: Path
) -> None:
    database, clock = f"sqlite:///{tmp_path / 'ledger.sqlite3'}", Clock()
    sandbox.control.fault(EXCLUDE, "hang", when="before", seconds=LONG_ENOUGH)
    with child_at_work(sandbox, database) as (child, id_):
        wait_for_requests(sandbox, 1)
        child.send_signal(signal.SIGKILL)
        child.wait(LONG_ENOUGH)

    opened = Ledger.open(database)
    clock.now = opened.operation(id_).state_at
    opened.close()
    clock.advance(minutes=3)
    ledger = Ledger(database, clock=clock, monotonic=clock.monotonic)
    # Only who has watched the clock for as long knows that no request is on its way any more.
    clock.advance(minutes=2)
    desk = Desk(sandbox, make_client(), ledger, Runner(ledger, VERBS, now=clock), clock)
    desk.runner.finish_interrupted(id_, desk.client, ADA)
    assert desk.runner.wait(id_, LONG_ENOUGH)
    assert desk.progress(id_).counts[Outcome.FAILED] == PER_REQUEST

    again = retry_plan(ledger, id_, desk.uploads())
    assert (again.count, again.retry_of) == (PER_REQUEST, id_)
    retried = desk.apply(again)

    assert desk.outcomes(retried) == [Outcome.SUCCEEDED] * PER_REQUEST
    assert not any(desk.included(code, time) for code, time in excluded(sandbox))
    ledger.close()
