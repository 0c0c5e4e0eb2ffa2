"""That processing jobs were started is no success: what became of them is what was read back."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pandas as pd

from dashboard.operations import recovery_page
from services.frames import Status
from services.operations.recovery import report, steps, verifying
from services.operations.recovery.incident import Choices, Recovery, Step
from services.operations.recovery.steps import StepStatus
from tests.services.operations.recovery.conftest import PERMITTED, Desk

HOUR = 3600.0


def read_back(desk: Desk, recovery: Recovery, job_id: str, failed: int = 0) -> Recovery:
    """Verify now, all jobs having succeeded but the first few; return the recovery as it stands."""
    read = desk.read_back(job_id)
    status = pd.Series(Status.SUCCEEDED, read.jobs.index, read.jobs["status"].dtype)
    status.iloc[:failed] = Status.FAILED
    read = replace(read, jobs=read.jobs.assign(status=status))
    found = verifying.verify(recovery, read, at=datetime.now(UTC), by="ada@example.com")
    verifying.write_down(desk.ledger, recovery, found, PERMITTED)
    return desk.read(recovery.id)


def told(desk: Desk, recovery: Recovery) -> dict[str, Any]:
    """Return what the report says of the step that starts jobs."""
    written = report.document(desk.ledger, recovery, now=datetime.now(UTC))
    step: dict[str, Any] = written["steps"][-1]
    return step


def page_of(desk: Desk, recovery: Recovery) -> str:
    return recovery_page.to_html(
        report.document(desk.ledger, recovery, now=datetime.now(UTC))
    ).decode()


def test_what_was_started_is_not_carried_out_before_its_jobs_were_read_back(desk: Desk) -> None:
    recovery, job_id = desk.carried_out(Choices())
    assert steps.step_status(recovery, Step.REPROCESS) is StepStatus.STARTED
    assert steps.step_status(recovery, Step.DISABLE) is StepStatus.DONE
    step = told(desk, recovery)
    assert step["standing"] == "started"
    assert step["jobs"] is None
    (operation,) = step["operations"]
    assert operation["items"] == {"started": 1}
    assert operation["state"] == "started"
    desk.sandbox.control.advance(2 * HOUR)
    assert steps.step_status(read_back(desk, recovery, job_id), Step.REPROCESS) is StepStatus.DONE


def test_jobs_that_failed_are_told_in_the_step_and_in_the_report(desk: Desk) -> None:
    recovery, job_id = desk.carried_out(Choices())
    desk.sandbox.control.advance(2 * HOUR)
    recovery = read_back(desk, recovery, job_id, failed=3)
    assert steps.step_status(recovery, Step.REPROCESS) is StepStatus.FAILED
    assert told(desk, recovery)["jobs"] == {
        "jobs": 40,
        "succeeded": 37,
        "not_succeeded": 3,
        "still_to_come": 0,
        "not_told": 0,
    }
    assert told(desk, recovery)["operations"][0]["state"] == "finished"
    assert "37 of 40 jobs succeeded, 3 did not" in page_of(desk, recovery)


def test_jobs_that_go_on_are_told_in_the_step_and_in_the_report(desk: Desk) -> None:
    recovery, job_id = desk.carried_out(Choices())
    read = desk.read_back(job_id)
    found = verifying.verify(recovery, read, at=datetime.now(UTC), by="ada@example.com")
    verifying.write_down(desk.ledger, recovery, found, PERMITTED)
    recovery = desk.read(recovery.id)
    step = told(desk, recovery)
    assert step["operations"][0]["state"] == "started"
    to_come = step["jobs"]["still_to_come"]
    assert f"jobs succeeded, {to_come} pending" in page_of(desk, recovery)


def test_another_start_is_not_told_by_what_was_read_back_before(desk: Desk) -> None:
    recovery, job_id = desk.carried_out(Choices())
    desk.sandbox.control.advance(2 * HOUR)
    recovery = read_back(desk, recovery, job_id, failed=1)
    desk.reprocess(recovery)
    assert steps.step_status(desk.read(recovery.id), Step.REPROCESS) is StepStatus.STARTED
    assert told(desk, desk.read(recovery.id))["jobs"] is None
