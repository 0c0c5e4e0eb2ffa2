"""The words of the API, and the tokens they are read as; people read `dashboard.wording`."""

import re
from enum import StrEnum


class Status(StrEnum):
    """The status of a job. UNKNOWN is any word that is not published, and none at all."""

    PENDING = "pending"
    RUNNING = "running"
    RESCHEDULING = "rescheduling"
    CANCELLING = "cancelling"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    ERROR = "error"
    CANCELLED = "cancelled"
    ROLLED_BACK = "rolled_back"
    RESCHEDULED = "rescheduled"
    UNKNOWN = "unknown"


class JobType(StrEnum):
    """What a job does."""

    DISPATCHING = "dispatching"
    EXTRACTION = "extraction"
    RECEIVING = "receiving"
    PROCESSING = "processing"
    CONSOLIDATED = "consolidated_analytics"
    OTHER = "other"


class TenantStatus(StrEnum):
    """Whether readers can reach a tenant."""

    ENABLED = "enabled"
    DISABLED = "disabled"
    UNKNOWN = "unknown"


class Outcome(StrEnum):
    """The outcome of one item of a write. UNKNOWN is any word not published, and none at all."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    UNKNOWN = "unknown"


LIVE = frozenset({Status.PENDING, Status.RUNNING, Status.RESCHEDULING, Status.CANCELLING})
FAILURES = frozenset({Status.FAILED, Status.ERROR, Status.ROLLED_BACK})
# An unknown word is neither live nor ended: a job with it is followed, but never called done.
ENDED = frozenset(Status) - LIVE - {Status.UNKNOWN}

WORST_FIRST = (
    Status.FAILED,
    Status.ERROR,
    Status.ROLLED_BACK,
    Status.UNKNOWN,
    Status.RUNNING,
    Status.RESCHEDULING,
    Status.CANCELLING,
    Status.PENDING,
    Status.CANCELLED,
    Status.RESCHEDULED,
    Status.SUCCEEDED,
)

# The published list, and the words that samples and prose of the API use for the same: Succeed,
# Completed, Canceled.
_STATUSES = {
    "pending": Status.PENDING,
    "running": Status.RUNNING,
    "rescheduling": Status.RESCHEDULING,
    "cancelling": Status.CANCELLING,
    "canceling": Status.CANCELLING,
    "succeeded": Status.SUCCEEDED,
    "succeed": Status.SUCCEEDED,
    "success": Status.SUCCEEDED,
    "completed": Status.SUCCEEDED,
    "failed": Status.FAILED,
    "error": Status.ERROR,
    "cancelled": Status.CANCELLED,
    "canceled": Status.CANCELLED,
    "rolledback": Status.ROLLED_BACK,
    "rescheduled": Status.RESCHEDULED,
}

# Visier publishes two of the names only, so that parts of a word decide. The first match wins: the
# two that may also name what they start or collect come first.
_JOB_TYPES = (
    ("dispatch", JobType.DISPATCHING),
    ("consolid", JobType.CONSOLIDATED),
    ("process", JobType.PROCESSING),
    ("upload", JobType.RECEIVING),
    ("receiv", JobType.RECEIVING),
    ("extract", JobType.EXTRACTION),
)

_OUTCOMES = {
    Status.SUCCEEDED: Outcome.SUCCEEDED,
    Status.FAILED: Outcome.FAILED,
    Status.ERROR: Outcome.FAILED,
}


def status(word: str | None) -> Status:
    """Return the status of a word in any letter case and spacing."""
    return _STATUSES.get(_letters(word), Status.UNKNOWN)


def job_type(word: str | None) -> JobType:
    """Return the job type of a word, e.g. receiving for `UPLOAD_JOB`."""
    letters = _letters(word)
    return next((kind for part, kind in _JOB_TYPES if part in letters), JobType.OTHER)


def tenant_status(word: str | None) -> TenantStatus:
    """Return whether a tenant is enabled."""
    return {"enabled": TenantStatus.ENABLED, "disabled": TenantStatus.DISABLED}.get(
        _letters(word), TenantStatus.UNKNOWN
    )


def outcome(word: str | None) -> Outcome:
    """Return how an item ended, from `Succeeded`, `Succeed`, `Failed`, `Unknown` and kin."""
    return _OUTCOMES.get(status(word), Outcome.UNKNOWN)


def cancel_outcome(word: str | None) -> Outcome:
    """Return the outcome of a cancellation: anything but `CANCEL_SUCCEEDED` failed.

    The code samples leave cancelStatus out of a failure.
    """
    return Outcome.SUCCEEDED if word == "CANCEL_SUCCEEDED" else Outcome.FAILED


def _letters(word: str | None) -> str:
    return re.sub(r"[^a-z]", "", (word or "").casefold())
