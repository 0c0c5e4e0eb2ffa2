"""A process that is told to end: the request under way ends, the rest is for any other process."""

import subprocess
import sys
import threading
from functools import partial
from pathlib import Path

import pytest

from services.ledger import Ledger, Outcome, State
from services.operations import VERBS, Plan, Runner, Threads
from services.operations.credentials.submission import creation, submit
from services.operations.starts.request import processing, start
from services.visier.providers import PROVIDERS, filled_in
from tests.sandboxes import Sandbox
from tests.services.operations.conftest import ACTOR, ADA, LONG_ENOUGH, Desk, MakeClient
from tests.services.operations.exclusions import after_first, chosen_uploads, exclusion, sent
from tests.services.visier.clock import Clock as RateLimiterClock

DONE, PLANNED = Outcome.SUCCEEDED, Outcome.PLANNED
ROOT = Path(__file__).parents[3]
UKG = PROVIDERS["UKG"]


def leave_at(desk: Desk, monkeypatch: pytest.MonkeyPatch, method: str, plan: Plan) -> str:
    """Apply a plan in a process that is told to end right after the ledger's method was called."""
    reached, told = threading.Event(), threading.Event()

    def wait(_operation_id: str) -> None:
        reached.set()
        assert told.wait(LONG_ENOUGH)

    after_first(monkeypatch, desk.ledger, method, wait)
    id_ = desk.runner.apply(plan, desk.client, ACTOR, identity="ada", permissions=ADA)
    assert reached.wait(LONG_ENOUGH)
    desk.runner.threads.leave(0)
    told.set()
    assert desk.runner.wait(id_, LONG_ENOUGH)
    return id_


def finish_elsewhere(desk: Desk, id_: str) -> None:
    other = Runner(desk.ledger, VERBS, now=desk.clock)
    other.finish_interrupted(id_, desk.client, ADA)
    assert other.wait(id_, LONG_ENOUGH)


def test_the_request_under_way_is_finished_and_the_rest_is_interrupted(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = exclusion(desk)
    id_ = leave_at(desk, monkeypatch, "intend", plan)
    assert sorted(desk.outcomes(id_)) == [PLANNED] * 4 + [DONE] * 2
    assert [each.id for each in desk.ledger.interrupted("ada")] == [id_]

    finish_elsewhere(desk, id_)
    assert desk.outcomes(id_) == [DONE] * 6
    assert sorted(sent(desk)) == sorted(chosen_uploads(plan))


def test_what_rests_is_interrupted_at_once(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    plan, paused = exclusion(desk), threading.Event()
    after_first(monkeypatch, desk.ledger, "intend", partial(desk.runner.pause, permissions=ADA))
    after_first(monkeypatch, desk.ledger, "set_state", lambda _id: paused.set())
    desk.runner.apply(plan, desk.client, ACTOR, identity="ada", permissions=ADA)
    assert paused.wait(LONG_ENOUGH)
    desk.runner.threads.leave(LONG_ENOUGH)
    assert desk.progress(plan.id).state is State.INTERRUPTED
    assert sorted(desk.outcomes(plan.id)) == [PLANNED] * 4 + [DONE] * 2


def test_what_waits_for_budget_is_interrupted_and_has_sent_nothing(
    desk: Desk, make_client: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    time, plan = RateLimiterClock(), exclusion(desk)
    rate_limiter = time.rate_limiter(2)  # one call is kept for clicks, signing in takes the other
    waits, told = threading.Event(), threading.Event()

    def wait(_condition: threading.Condition, seconds: float) -> None:
        waits.set()
        assert told.wait(LONG_ENOUGH)
        time.now += seconds

    monkeypatch.setattr(rate_limiter, "_wait", wait)
    desk.runner.apply(plan, make_client(rate_limiter), ACTOR, identity="ada", permissions=ADA)
    assert waits.wait(LONG_ENOUGH)
    desk.runner.threads.leave(0)
    told.set()
    assert desk.runner.wait(plan.id, LONG_ENOUGH)
    assert desk.progress(plan.id).state is State.INTERRUPTED
    assert sent(desk) == []


def test_what_is_done_before_the_end_is_finished(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    id_ = leave_at(desk, monkeypatch, "intend", exclusion(desk, items=2))
    assert desk.progress(id_).state is State.FINISHED
    assert desk.outcomes(id_) == [DONE] * 2


def test_a_start_that_has_not_left_by_then_does_not_leave_any_more(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    workers, what = Threads(), processing(tenants=["WFF_j1r~e1a"])
    after_first(monkeypatch, desk.ledger, "note", lambda _id: workers.leaving.set())
    of_ada = partial(start, identity="ada", permissions=ADA, threads=workers)
    of_ada(desk.ledger, desk.client, what, ACTOR).join(LONG_ENOUGH)
    assert desk.progress(what.id).state is State.FINISHED
    assert desk.outcomes(what.id) == [Outcome.FAILED]
    assert desk.messages(what.id) == ["Not sent yet."]
    assert desk.sandbox.control.requests(what.operation) == []


@pytest.mark.parametrize(("method", "created"), [("note", 0), ("intend", 1)])
def test_of_a_credential_for_several_tenants_what_has_left_is_created_and_no_more(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, method: str, created: int
) -> None:
    workers, params = Threads(), filled_in(UKG, UKG.parameters[0], {"password": "x"})
    what = creation(params, tenants=["WFF_j1r~e1a", "WFF_j1r~c7o"], display_name="Name")
    after_first(monkeypatch, desk.ledger, method, lambda _id: workers.leaving.set())
    of_ada = partial(submit, identity="ada", permissions=ADA, threads=workers)
    of_ada(desk.ledger, desk.client, what, ACTOR).join(LONG_ENOUGH)
    assert desk.progress(what.id).state is State.STOPPED
    assert desk.outcomes(what.id) == [DONE] * created + [PLANNED] * (2 - created)
    assert len(desk.sandbox.control.requests("create_connector_credential")) == created


START = """
import sys
from services.ledger import Actor, Ledger
from services.operations import Permissions
from services.operations.starts.request import processing, start
from services.visier import Client, RateLimiter, Password

url, database = sys.argv[1:]
credentials = Password("sandbox-key", "sandbox@example.com", "sandbox", "sandbox")
client = Client(url, credentials, RateLimiter(assumed_per_minute=None))
what = processing(tenants=["WFF_j1r~i1o"])
ada = Actor("ada", "WFF_j1r", "x")
may = Permissions(ada)
start(Ledger.open(database), client, what, ada, identity="ada", permissions=may)
sys.stdout.write(what.id)
"""


def test_a_process_does_not_end_before_the_answer_to_a_start(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    database = f"sqlite:///{tmp_path / 'ledger.sqlite3'}"
    sandbox.control.fault("adhoc_processing_jobs", "latency", seconds=0.5)
    command = [sys.executable, "-c", START, sandbox.url, database]
    id_ = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    ledger = Ledger(database)
    assert ledger.operation(id_).state is State.FINISHED
    assert [item.outcome for item in ledger.items(id_)] == [Outcome.SUCCEEDED]
    ledger.close()
