"""Two processes with one PostgreSQL ledger do the same at the same moment: it is sent once."""

from collections.abc import Iterator
from uuid import uuid4

import pytest

from services.ledger import Ledger, Outcome, State
from tests.sandboxes import Sandbox
from tests.services.ledger.postgres import Postgres, running_postgres
from tests.services.operations.conftest import LONG_ENOUGH
from tests.together import READY, run_together

BEGINNING = """
import sys
from dataclasses import replace
from services.frames import uploads
from services.ledger import Actor, AlreadyApplied, Ledger
from services.operations import VERBS, Permissions, Runner, plan_exclude_uploads
from services.operations.starts.request import processing, start
from services.visier import Client, RateLimiter, Password

url, database, id_ = sys.argv[1:]
credentials = Password("sandbox-key", "sandbox@example.com", "sandbox", "sandbox")
client = Client(url, credentials, RateLimiter(assumed_per_minute=None))
ledger, actor = Ledger.open(database), Actor("ada", "WFF_j1r", "sandbox")
may = Permissions(actor)
"""
PLAN = """
current = uploads.to_frame(client.iter_retrieve_data_uploads())
included = current[current["included"].fillna(False)]
plan = plan_exclude_uploads(included.drop_duplicates("tenant_code").head(20), current)
plan, runner = replace(plan, id=id_), Runner(ledger, VERBS)

def apply():
    runner.apply(plan, client, actor, identity="ada", permissions=may)
    runner.wait(id_)
"""
START = """
what = replace(processing(tenants=["WFF_j1r~i1o"]), id=id_)

def apply():
    start(ledger, client, what, actor, identity="ada", permissions=may).join()
"""
ENDING = """
try:
    apply()
    print("applied")
except AlreadyApplied:
    print("applied already")
"""


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    with running_postgres() as server:
        yield server


@pytest.mark.slow
@pytest.mark.parametrize(
    ("what", "operation"), [(PLAN, "exclude_data_uploads"), (START, "adhoc_processing_jobs")]
)
def test_of_two_replicas_that_apply_the_same_one_sends_it_once(
    sandbox: Sandbox, postgres: Postgres, what: str, operation: str
) -> None:
    database, id_ = postgres.fresh_url(), str(uuid4())
    Ledger.open(database).close()
    run = (BEGINNING + what + READY + ENDING, sandbox.url, database, id_)
    said = run_together(run, run, timeout=LONG_ENOUGH)

    assert sorted(said) == ["applied\n", "applied already\n"]
    assert len(sandbox.control.requests(operation)) == 1
    ledger = Ledger(database)
    assert ledger.operation(id_).state is State.FINISHED
    assert {item.outcome for item in ledger.items(id_)} == {Outcome.SUCCEEDED}
    ledger.close()
