"""The record of a start: the jobs listed before it, its job's id, and the facts of that job."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Final, TypeVar

import orjson
import pandas as pd

from services.frames import JobType, UnexpectedResponse, jobs
from services.ledger import (
    Event,
    EventKind,
    Item,
    ItemResult,
    Ledger,
    NotedEvent,
    Operation,
    Outcome,
    TrackedBy,
)
from services.visier import (
    Client,
    InvalidArgument,
    NotFound,
    NotPermitted,
    Refused,
    UnknownVanityName,
    VisierError,
)

from ..engine import documents
from ..engine.changes import Finding

T = TypeVar("T")
STARTED: Final = "started"

# Clocks differ and lists are late: a job that began so long before the request may be its own.
RECENT: Final = timedelta(minutes=15)
GRACE: Final = timedelta(minutes=5)
"""A new job can take minutes to be listed (Visier's documentation): absence proves nothing yet."""

_TOLD = (EventKind.REQUEST, EventKind.LISTED_BEFORE, EventKind.JOB_ID, EventKind.FOUND_JOB)
# So many keys fit into an event (EXCERPT_LIMIT).
_KEYS_IN_AN_EVENT = 300
# 300,000 jobs without a parent in a quarter of an hour.
_EVENTS_AT_MOST = 1000
_WORD_AT_MOST = 200  # characters of a status or type that people read
_NOT_IMPLEMENTED = 501
_REFUSALS = (NotFound, NotPermitted, Refused, UnknownVanityName)


@dataclass(frozen=True)
class FoundJob:
    """A job as Visier described it: its type, the words for type and status, its tenant.

    ``dispatched`` is the number of jobs a dispatching job has started so far.
    """

    job_type: JobType
    type_word: str
    status_word: str
    tenant_code: str
    dispatched: int | None = None


def job_of(kept: Mapping[str, Any]) -> FoundJob:
    """Return a job from its event; a type unknown to this version is Other."""
    known = {kind.value: kind for kind in JobType}
    return FoundJob(**{**kept, "job_type": known.get(kept["job_type"], JobType.OTHER)})


@dataclass(frozen=True)
class NotedStart:
    """One start by its operation and its ``events``, newest first."""

    operation: Operation
    events: tuple[NotedEvent, ...]

    @cached_property
    def body(self) -> Mapping[str, Any] | None:
        """The body that was sent; None where an earlier version did not keep it whole."""
        kept = self._newest(EventKind.REQUEST)
        if kept is None:
            return {}
        document: Mapping[str, Mapping[str, Any]] | None = documents.read(kept.request)
        return document and document["body"]

    @property
    def job_id(self) -> str:
        """The id of its job, or the empty text."""
        event = self._newest(EventKind.JOB_ID)
        return event.text if event else ""

    @cached_property
    def found(self) -> FoundJob | None:
        """Its job, if it was read."""
        event = self._newest(EventKind.FOUND_JOB)
        document = event and documents.read(event.answer)
        return job_of(document) if document else None

    @property
    def is_for_all(self) -> bool:
        """Whether it is for all tenants, or all but some."""
        return bool((self.body or {}).get("allTenants"))

    @property
    def excluded_tenants(self) -> tuple[str, ...]:
        """The codes of the tenants it excludes from all."""
        return tuple((self.body or {}).get("excludedTenants") or ())

    @property
    def named_tenants(self) -> tuple[str, ...]:
        """The codes of the tenants named in its request."""
        body = self.body or {}
        return tuple(body.get("tenants") or filter(None, [body.get("tenantCode")]))

    def _newest(self, kind: str) -> NotedEvent | None:
        return next((event for event in self.events if event.kind == kind), None)


@dataclass(frozen=True)
class StartRecord(NotedStart):
    """One start with its item."""

    item: Item

    @property
    def looked_from(self) -> datetime:
        """The earliest time at which its job may have begun, by any clock."""
        return self.operation.started_at - RECENT

    @cached_property
    def listed_before(self) -> frozenset[str] | None:
        """The jobs listed before it was sent; None when they could not be read.

        They are job keys, or ids where an earlier version recorded them.
        """
        lists = [
            documents.read(event.answer)
            for event in self.events
            if event.kind == EventKind.LISTED_BEFORE
        ]
        if not lists or None in lists:
            return None
        return frozenset(name for listed in lists for name in listed)

    def grace_left(self, now: datetime) -> timedelta:
        """Return for how long its job may still be missing from Visier's lists."""
        return max(timedelta(0), self.item.at + GRACE - now)


def record_of(ledger: Ledger, operation: Operation) -> StartRecord:
    """Return the record of a start, read from the ledger."""
    (item,) = ledger.items(operation.id, limit=1)
    events = ledger.events(operation.id, _EVENTS_AT_MOST, _TOLD)
    return StartRecord(operation, tuple(events), item)


def without_parent(listed: pd.DataFrame) -> pd.DataFrame:
    """Return the jobs without a parent."""
    return listed[listed["parent_job_id"].fillna("") == ""]


def note_listed(ledger: Ledger, client: Client, operation_id: str) -> None:
    """Record which jobs without a parent are listed now, or that they cannot be read."""
    since = ledger.operation(operation_id).started_at - RECENT
    try:
        payload = client.job_status(start_time=since, end_time=ledger.now())
        keys = [*without_parent(jobs.from_job_status(payload))["job_key"].dropna()]
    except (VisierError, UnexpectedResponse, InvalidArgument) as error:
        answer = orjson.dumps({"error": str(error)}).decode()
        ledger.note(operation_id, Event(kind=EventKind.NOT_LISTED_BEFORE, text="", answer=answer))
        return
    for first in range(0, max(1, len(keys)), _KEYS_IN_AN_EVENT):
        answer = orjson.dumps(keys[first : first + _KEYS_IN_AN_EVENT]).decode()
        ledger.note(operation_id, Event(kind=EventKind.LISTED_BEFORE, text="", answer=answer))


def note_job_id(ledger: Ledger, operation_id: str, job_id: str) -> None:
    """Record the id of a start's job, and track that job."""
    ledger.note(operation_id, Event(kind=EventKind.JOB_ID, text=job_id))
    identity = ledger.operation(operation_id).identity
    ledger.tracked_jobs.add(identity, job_id, ledger.now(), TrackedBy.STARTED_HERE)


def note_found(ledger: Ledger, operation_id: str, found: FoundJob) -> None:
    """Record the facts of a start's job."""
    answer = orjson.dumps(asdict(found)).decode()
    ledger.note(operation_id, Event(kind=EventKind.FOUND_JOB, text="", answer=answer))


def settle(
    ledger: Ledger,
    operation_id: str,
    outcome: Outcome,
    finding: Finding,
    facts: Mapping[str, Any],
) -> None:
    """Record an outcome found out later, with which an interrupted start ends."""
    (item,) = ledger.items(operation_id, limit=1)
    ledger.settle(operation_id, [ItemResult(item.key, outcome, finding, facts)])


def is_refusal(error: VisierError) -> bool:
    """Return whether Visier does not offer this operation here (403, 404, 501)."""
    return isinstance(error, _REFUSALS) or error.status == _NOT_IMPLEMENTED


def unless_refused(read: Callable[[], T]) -> T | None:
    """Return what ``read`` returns; None where Visier does not offer the operation here."""
    try:
        return read()
    except VisierError as error:
        if not is_refusal(error):
            raise
        return None


def find_out(client: Client, job_id: str) -> FoundJob | None:
    """Return the facts of a job, read by at most two calls; None when Visier does not list it yet.

    Which kind of job a start has begun is not in its answer. Data and Job Handling API, GET
    /v1/op/job-status/jobs/{jobId}, and GET /v1/op/jobs/dispatching-jobs/{jobId}. Raises the errors
    of reading.
    """
    by_id = unless_refused(
        lambda: _of_row(jobs.from_job_id_status(client.job_id_status(job_id), job_id), job_id)
    )
    if by_id is not None and by_id.job_type not in (JobType.DISPATCHING, JobType.OTHER):
        return by_id
    # Job-status has no count of the jobs that a dispatching job has begun.
    dispatching = unless_refused(lambda: client.dispatching_job_status(job_id))
    if dispatching is None:
        return by_id
    return _of_row(jobs.from_dispatching_job(dispatching, job_id), job_id) or by_id


def _of_row(listed: pd.DataFrame, job_id: str) -> FoundJob | None:
    rows = listed[listed["job_id"] == job_id]
    if rows.empty:
        return None
    row = rows.astype(object).where(rows.notna(), "").iloc[0]
    dispatched = row["total_jobs_dispatched"]
    return FoundJob(
        JobType(row["job_type"]),
        str(row["job_type_word"])[:_WORD_AT_MOST],
        str(row["status_word"])[:_WORD_AT_MOST],
        str(row["tenant_code"]),
        None if dispatched == "" else int(dispatched),
    )
