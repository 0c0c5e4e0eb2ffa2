"""kill -9 while the last request of an operation is on the way: nothing stays open for ever."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from services.ledger import Ledger, Outcome, State
from services.operations import look_up
from services.operations.credentials.outcomes import candidates, settle_by_hand
from tests.sandboxes import Sandbox
from tests.services.operations.conftest import ACTOR, ADA, LONG_ENOUGH, MakeClient

ROOT = Path(__file__).parents[3]
BEGINNING = """
import sys
from datetime import UTC, datetime, timedelta
from services.frames import data_versions, jobs
from services.ledger import Actor, Ledger
from services.operations import VERBS, Permissions, Runner
from services.operations import plan_cancel_jobs, plan_disable_data_versions
from services.operations.credentials.submission import creation, submit
from services.visier import Client, RateLimiter, Password

url, database, *who = sys.argv[1:]
credentials = Password("sandbox-key", "sandbox@example.com", "sandbox", "sandbox")
client = Client(url, credentials, RateLimiter(assumed_per_minute=None))
ledger, actor, now = Ledger.open(database), Actor(*who), datetime.now(UTC)
told = {"identity": "ada", "permissions": Permissions(actor)}

def apply(plan):
    runner = Runner(ledger, VERBS)
    runner.apply(plan, client, actor, **told)
    print(plan.id, flush=True)
    runner.wait(plan.id)
"""
DISABLE = """
versions = data_versions.to_frame(client.iter_latest_enabled_dv())
chosen = versions.dropna().drop_duplicates("tenant_code").head(3)
apply(plan_disable_data_versions(chosen[["tenant_code"]], versions, now=now))
"""
CANCEL = """
payload = client.job_status(start_time=now - timedelta(days=1), end_time=now)
listed = jobs.from_job_status(payload)
plan = plan_cancel_jobs(listed["job_id"], listed)
apply(plan)
"""
CREATE = """
params = {"provider": "UKG", "ultimateAuthParams": {"username": "ann", "password": "secret"}}
what = creation(params, tenants=["WFF_j1r~e1a"], display_name="Name")
thread = submit(ledger, client, what, actor, **told)
print(what.id, flush=True)
thread.join()
"""


def killed(sandbox: Sandbox, database: str, script: str, request: str) -> str:
    """Kill a process -9 while this request of its is on the way; return its operation's id."""
    sandbox.control.fault(request, "hang", when="after", seconds=LONG_ENOUGH)
    command = [sys.executable, "-c", BEGINNING + script, sandbox.url, database]
    who = [ACTOR.user, ACTOR.tenant, ACTOR.host]
    with subprocess.Popen([*command, *who], cwd=ROOT, stdout=subprocess.PIPE, text=True) as child:
        try:
            assert child.stdout is not None
            id_ = child.stdout.readline().strip()
            # Each question takes its time.
            while child.poll() is None and not sandbox.control.requests(request):
                pass
            child.send_signal(signal.SIGKILL)
        finally:
            child.kill()
    return id_


@pytest.mark.slow
@pytest.mark.parametrize(
    ("script", "request_"), [(DISABLE, "disable_dv"), (CANCEL, "cancel_jobs")], ids=["dv", "jobs"]
)
def test_a_change_ends_with_the_look_up(
    sandbox: Sandbox, make_client: MakeClient, tmp_path: Path, script: str, request_: str
) -> None:
    database = f"sqlite:///{tmp_path / 'ledger.sqlite3'}"
    id_ = killed(sandbox, database, script, request_)
    ledger = Ledger.open(database)
    assert ledger.operation(id_).state is State.INTERRUPTED
    assert ledger.operation(id_).item_counts[Outcome.INTENDED] > 0

    looked = look_up(ledger, make_client(), id_)

    assert looked.settled > 0
    assert looked.unknown == 0
    assert ledger.operation(id_).state is State.FINISHED
    assert ledger.interrupted("ada") == []
    assert len(sandbox.control.requests(request_)) == 1
    ledger.close()


@pytest.mark.slow
def test_a_creation_ends_with_what_a_person_has_found(
    sandbox: Sandbox, make_client: MakeClient, tmp_path: Path
) -> None:
    database = f"sqlite:///{tmp_path / 'ledger.sqlite3'}"
    id_ = killed(sandbox, database, CREATE, "create_connector_credential")
    ledger = Ledger.open(database)
    assert ledger.operation(id_).state is State.INTERRUPTED

    assert list(candidates(ledger, make_client(), id_)["display_name"]) == ["Name"]
    settle_by_hand(ledger, id_, "WFF_j1r~e1a", ADA, done=True)

    assert ledger.operation(id_).state is State.FINISHED
    assert ledger.interrupted("ada") == []
    assert len(sandbox.control.requests("create_connector_credential")) == 1
    ledger.close()
