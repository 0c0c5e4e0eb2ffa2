import pytest

from services.frames import ENDED, LIVE, WORST_FIRST, JobType, Outcome, Status, TenantStatus, words

STATUSES = {
    "Pending": Status.PENDING,
    "RUNNING": Status.RUNNING,
    "Rescheduling": Status.RESCHEDULING,
    "Cancelling": Status.CANCELLING,
    "Canceling": Status.CANCELLING,
    "Succeeded": Status.SUCCEEDED,
    "Succeed": Status.SUCCEEDED,
    "success": Status.SUCCEEDED,
    "Completed": Status.SUCCEEDED,
    "FAILED": Status.FAILED,
    "Error": Status.ERROR,
    "Cancelled": Status.CANCELLED,
    "canceled": Status.CANCELLED,
    "RolledBack": Status.ROLLED_BACK,
    "ROLLED_BACK": Status.ROLLED_BACK,
    "Rolled back": Status.ROLLED_BACK,
    "Rescheduled": Status.RESCHEDULED,
    "Unsuccessful": Status.UNKNOWN,
    "Almost succeeded": Status.UNKNOWN,
    "": Status.UNKNOWN,
    None: Status.UNKNOWN,
}
JOB_TYPES = {
    "UPLOAD_JOB": JobType.RECEIVING,
    "ReceivingJob": JobType.RECEIVING,
    "PROCESSING_JOB": JobType.PROCESSING,
    "extraction": JobType.EXTRACTION,
    "DISPATCHING_JOB": JobType.DISPATCHING,
    "Dispatch Processing": JobType.DISPATCHING,
    "CONSOLIDATED_ANALYTICS": JobType.CONSOLIDATED,
    "UNRECOGNIZED": JobType.OTHER,
    None: JobType.OTHER,
}
OUTCOMES = {
    "Succeeded": Outcome.SUCCEEDED,
    "Succeed": Outcome.SUCCEEDED,
    "Failed": Outcome.FAILED,
    "Error": Outcome.FAILED,
    "Unknown": Outcome.UNKNOWN,
    "Running": Outcome.UNKNOWN,
    None: Outcome.UNKNOWN,
}
CANCEL_OUTCOMES = {
    "CANCEL_SUCCEEDED": Outcome.SUCCEEDED,
    "CANCEL_FAILED": Outcome.FAILED,
    "Succeeded": Outcome.FAILED,
    None: Outcome.FAILED,
}


@pytest.mark.parametrize(("word", "meant"), STATUSES.items())
def test_status(word: str | None, meant: Status) -> None:
    assert words.status(word) is meant


@pytest.mark.parametrize(("word", "meant"), JOB_TYPES.items())
def test_job_type(word: str | None, meant: JobType) -> None:
    assert words.job_type(word) is meant


@pytest.mark.parametrize(("word", "meant"), OUTCOMES.items())
def test_outcome(word: str | None, meant: Outcome) -> None:
    assert words.outcome(word) is meant


@pytest.mark.parametrize(("word", "meant"), CANCEL_OUTCOMES.items())
def test_a_cancellation_succeeds_only_by_its_own_word(word: str | None, meant: Outcome) -> None:
    assert words.cancel_outcome(word) is meant


def test_tenant_status() -> None:
    said = [words.tenant_status(word) for word in ("ENABLED", "Disabled", "Asleep")]
    assert said == [TenantStatus.ENABLED, TenantStatus.DISABLED, TenantStatus.UNKNOWN]


def test_every_status_is_live_or_ended_or_unknown_and_ranked_once() -> None:
    assert sorted(WORST_FIRST) == sorted(Status)
    assert LIVE | ENDED | {Status.UNKNOWN} == set(Status)
    assert not LIVE & ENDED
