"""kill -9 while a recovery disables versions: looked up, its later steps can be carried out."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from services.ledger import Ledger, NewOperation, State
from services.operations import look_up
from services.operations.engine.runner import new_items
from services.operations.recovery import incident as incidents
from services.operations.recovery import steps
from services.operations.recovery.incident import Choices, Step
from services.operations.recovery.steps import StepStatus
from tests.services.operations.recovery.conftest import ADA, LONG_ENOUGH, Desk

ROOT = Path(__file__).parents[4]
CHILD = """
import sys
from datetime import UTC, datetime, timedelta
from services.frames import data_versions
from services.ledger import Actor, Ledger
from services.operations import VERBS, Permissions, Runner
from services.operations.recovery import incident, steps
from services.visier import Client, RateLimiter, Password

url, database, recovery_id, *who = sys.argv[1:]
credentials = Password("sandbox-key", "sandbox@example.com", "sandbox", "sandbox")
client = Client(url, credentials, RateLimiter(assumed_per_minute=None))
ledger, actor = Ledger.open(database), Actor(*who)
versions = data_versions.to_frame(client.iter_latest_enabled_dv())
recovery = incident.read(ledger, recovery_id)
plan = steps.plan_disable(recovery, versions, datetime.now(UTC), timedelta(days=7))
runner = Runner(ledger, VERBS)
runner.apply(plan, client, actor, identity="ada", permissions=Permissions(actor))
runner.wait(plan.id)
"""


def step_status(desk: Desk, recovery_id: str, step: Step) -> StepStatus:
    return steps.step_status(desk.read(recovery_id), step)


def test_a_disabling_that_broke_off_in_its_last_request_locks_nothing(desk: Desk) -> None:
    recovery = desk.begin(Choices())
    plan = desk.disable(recovery)
    items = list(new_items(plan))
    part = NewOperation(plan.id, plan.verb, ADA, "ada", part_of=recovery.id)
    desk.ledger.begin(part, items)
    desk.ledger.intend(plan.id, [item.key for item in items])
    plan.spec.send(desk.client, plan.spec.objects([each.key for c in plan.batches for each in c]))
    desk.ledger.set_state(plan.id, State.INTERRUPTED)
    assert step_status(desk, recovery.id, Step.DISABLE) is StepStatus.UNCLEAR

    look_up(desk.ledger, desk.client, plan.id)

    assert step_status(desk, recovery.id, Step.DISABLE) is StepStatus.DONE
    assert steps.may_begin(desk.read(recovery.id), Step.EXCLUDE)


@pytest.mark.slow
def test_after_kill_9_a_look_up_unlocks_the_later_steps(desk: Desk, tmp_path: Path) -> None:
    recovery = desk.begin(Choices())
    desk.sandbox.control.fault("disable_dv", "hang", when="after", seconds=LONG_ENOUGH)
    database = f"sqlite:///{tmp_path / 'ledger.sqlite3'}"
    told = [desk.sandbox.url, database, recovery.id, ADA.user, ADA.tenant, ADA.host]
    with subprocess.Popen([sys.executable, "-c", CHILD, *told], cwd=ROOT) as child:
        # Each question takes its time.
        while child.poll() is None and not desk.sandbox.control.requests("disable_dv"):
            pass
        child.send_signal(signal.SIGKILL)

    again = Ledger.open(database)
    (part,) = incidents.read(again, recovery.id).parts
    assert part.state is State.INTERRUPTED
    assert not steps.may_begin(incidents.read(again, recovery.id), Step.EXCLUDE)

    look_up(again, desk.client, part.id)

    stood = incidents.read(again, recovery.id)
    assert steps.step_status(stood, Step.DISABLE) is StepStatus.DONE
    assert steps.may_begin(stood, Step.EXCLUDE)
    assert len(desk.sandbox.control.requests("disable_dv")) == 1
    again.close()
