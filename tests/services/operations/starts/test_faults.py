"""Whatever goes wrong, one start makes one job or none, and nothing is claimed that is not so."""

import subprocess
import sys
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from services.ledger import AlreadyApplied, Ledger, Outcome, State
from services.operations import VERBS, Runner
from services.operations.starts.forms import StartForm
from services.operations.starts.lookup import candidates, claim
from services.operations.starts.record import record_of
from services.operations.starts.request import JobRequest, settle_by_hand
from services.visier import BodyEncoding, Client, Password, RateLimiter
from tests.sandboxes import Sandbox
from tests.services.operations.conftest import ADA, LONG_ENOUGH, Clock, Desk, MakeClient
from tests.services.operations.starts.requests import (
    STARTS,
    Roots,
    an_extraction,
    begin,
    known,
    now,
)
from tests.services.operations.starts.whole_forms import EVERY, whole_form

ROOT = Path(__file__).parents[4]
DONE, FAILED, UNCERTAIN = Outcome.SUCCEEDED, Outcome.FAILED, Outcome.UNCERTAIN
MISSING = Outcome.NO_RESULT


@pytest.fixture
def desk(live_desk: Desk) -> Desk:
    return live_desk


@dataclass(frozen=True)
class Case:
    """A fault, what the start ends as, and how many jobs there are afterwards."""

    fault: str
    outcome: Outcome
    jobs: int
    when: str = ""
    value: str = ""
    times: int = 1
    retry_after: int | None = None

    def __str__(self) -> str:
        return f"{self.fault}-{self.when or self.value}-{self.times}"


CASES = (
    Case("latency", DONE, 1),
    *(Case(fault, UNCERTAIN, 0, "before") for fault in ("500", "502", "504", "cut", "html")),
    *(Case(fault, UNCERTAIN, 1, "after") for fault in ("500", "502", "504", "cut", "html")),
    Case("hang", UNCERTAIN, 0, "before"),
    Case("hang", UNCERTAIN, 1, "after"),
    Case("malformed", UNCERTAIN, 1, "after"),
    Case("malformed", UNCERTAIN, 0, "before"),
    Case("empty", UNCERTAIN, 1, "after"),
    Case("401", DONE, 1, "before"),
    Case("401", FAILED, 0, "before", times=0),
    *(Case(fault, FAILED, 0, "before") for fault in ("400", "403", "404")),
    Case("429", DONE, 1, "before", times=2, retry_after=2),
    Case("429", FAILED, 0, "before", times=0, retry_after=600),
    Case("drop_field", MISSING, 1, value="jobId"),
    Case("null_field", MISSING, 1, value="jobId"),
    Case("capital_job_id", DONE, 1),
    Case("extra_field", DONE, 1),
)


# Each fault of some start, each start under some faults; all of both together when there is time.
CASES_OF_STARTS = [
    pytest.param(
        make,
        case,
        id=f"{make.__name__}-{case}",
        marks=() if (row - column) % len(STARTS) == 0 else pytest.mark.slow,
    )
    for row, case in enumerate(CASES)
    for column, make in enumerate(STARTS)
]


@pytest.mark.parametrize(("make", "case"), CASES_OF_STARTS)
def test_one_start_makes_one_job_or_none_and_says_what_is_so(
    desk: Desk, make: Any, case: Case
) -> None:
    what, roots = make(), Roots(desk.sandbox)
    details = {"value": case.value, "times": case.times, "retry_after": case.retry_after}
    if case.when:
        details["when"] = case.when
    if case.fault == "hang":
        details["seconds"] = LONG_ENOUGH
    desk.sandbox.control.fault(what.operation, case.fault, **details)

    begin(desk, what)
    with pytest.raises(AlreadyApplied):
        begin(desk, what)

    assert len(roots.new()) == case.jobs
    assert desk.outcomes(what.id) == [case.outcome]
    assert desk.ledger.operation(what.id).state is State.FINISHED
    asked = desk.sandbox.control.requests(what.operation)
    assert len([each for each in asked if each["status"] not in {401, 429}]) <= 1
    told = known(desk, what)
    assert told.job_id == (roots.new()[0].id if case.outcome is DONE else "")
    assert told.listed_before is not None

    check_the_look_up(desk, what, roots, case)


def check_the_look_up(desk: Desk, what: JobRequest, roots: Roots, case: Case) -> None:
    """What may have started is among the candidates exactly when it has started."""
    desk.sandbox.control.clear_faults()
    desk.sandbox.control.advance(6)
    if case.outcome in (DONE, FAILED):
        return
    found = candidates(desk.ledger, desk.client, known(desk, what), now() + timedelta(minutes=1))
    assert list(found["job_id"]) == [job.id for job in roots.new()]
    for job_id in found["job_id"]:
        assert claim(desk.ledger, known(desk, what), job_id, ADA)
    if found.empty:
        settle_by_hand(desk.ledger, what.id, ADA, started=False)
    assert desk.outcomes(what.id) == [DONE if case.jobs else FAILED]
    assert len(roots.new()) == case.jobs


@pytest.mark.parametrize("encoding", BodyEncoding)
@pytest.mark.parametrize(("form", "operation"), EVERY, ids=lambda each: str(each)[:20])
def test_what_is_received_is_what_was_typed(
    desk: Desk, form: type[StartForm], operation: str, encoding: BodyEncoding
) -> None:
    world = desk.sandbox.inside.world
    others = {
        "data_category_id": world.categories[0].id,
        "connector_ids": [*world.connections.definitions],
    }
    filled = whole_form(form, **{name: others[name] for name in others.keys() & form.model_fields})
    sandbox = desk.sandbox
    client = Client(
        sandbox.url,
        Password(sandbox.api_key, sandbox.username, sandbox.password, sandbox.vanity_name),
        RateLimiter(assumed_per_minute=None),
        encoding=encoding,
    )
    what = JobRequest(filled, alternative=operation == form.alternative)
    begin(replace(desk, client=client), what)
    client.close()
    (received,) = sandbox.control.requests(operation)
    assert received["status"] == 200
    body = filled.body
    if encoding is BodyEncoding.OPENAPI:
        # The OpenAPI document has times as text.
        for name in ("overrideLastExtractionTimestamp", "extractToTimeOverride"):
            body |= {name: str(body[name])} if name in body else {}
    assert received["body"] == body


CHILD = """
import sys
from services.ledger import Actor, Ledger
from services.operations import Permissions
from services.operations.starts.request import processing, start
from services.visier import Client, RateLimiter, Password

url, database = sys.argv[1:]
credentials = Password("sandbox-key", "sandbox@example.com", "sandbox", "sandbox")
client = Client(url, credentials, RateLimiter(assumed_per_minute=None))
what = processing(tenants=["WFF_j1r~c7o"])
who = Actor("ada", "WFF_j1r", "sandbox")
permissions = Permissions(who)
ledger = Ledger.open(database)
thread = start(ledger, client, what, who, identity="ada", permissions=permissions)
sys.stdout.write(what.id + "\\n")
sys.stdout.flush()
thread.join()
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    "case",
    [
        ("job_status", "before", Outcome.PLANNED, 0),
        ("adhoc_processing_jobs", "before", Outcome.INTENDED, 0),
        ("adhoc_processing_jobs", "after", Outcome.INTENDED, 1),
    ],
    ids=["before-intended", "before-arrival", "after-arrival"],
)
def test_after_kill_9_it_may_have_started_and_is_not_sent_again(
    sandbox: Sandbox,
    make_client: MakeClient,
    tmp_path: Path,
    case: tuple[str, str, Outcome, int],
) -> None:
    operation, when, outcome, jobs = case
    database, roots = f"sqlite:///{tmp_path / 'killed.sqlite3'}", Roots(sandbox)
    sandbox.control.fault(operation, "hang", when=when, seconds=LONG_ENOUGH)
    command = [sys.executable, "-c", CHILD, sandbox.url, database]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        id_ = child.stdout.readline().strip()
        for _ in range(100_000):
            if sandbox.control.requests(operation):
                break
        child.kill()

    ledger = Ledger.open(database)
    desk = Desk(sandbox, make_client(), ledger, Runner(ledger, VERBS), Clock())
    assert ledger.operation(id_).state is State.INTERRUPTED
    assert desk.outcomes(id_) == [outcome]
    assert len(roots.new()) == jobs
    sandbox.control.clear_faults()
    sandbox.control.advance(6)
    told = record_of(ledger, ledger.operation(id_))
    if outcome is Outcome.INTENDED:
        found = candidates(ledger, desk.client, told, now() + timedelta(minutes=1))
        assert list(found["job_id"]) == [job.id for job in roots.new()]
    if jobs:
        assert claim(ledger, told, roots.new()[0].id, ADA)
    else:
        settle_by_hand(ledger, id_, ADA, started=False)
    assert ledger.operation(id_).state is State.FINISHED
    assert desk.outcomes(id_) == [DONE if jobs else FAILED]
    assert len(sandbox.control.requests("adhoc_processing_jobs")) == (operation != "job_status")
    ledger.close()


def test_nothing_secret_is_written_down(desk: Desk) -> None:
    what = an_extraction()
    begin(desk, what)
    texts = orjson.dumps(
        [[each.text, each.request, each.answer] for each in desk.ledger.events(what.id)]
    ).decode()
    assert what.operation in texts
    for secret in (desk.sandbox.api_key, desk.sandbox.password, "VisierASIDToken"):
        assert secret not in texts.replace(desk.sandbox.username, "")
