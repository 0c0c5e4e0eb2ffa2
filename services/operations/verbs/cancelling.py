"""Cancelling jobs, at most 500 a request.

Data and Job Handling API, POST /v1/op/jobs/cancel.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Final, NamedTuple

import pandas as pd
from typing_extensions import override

from services.frames import ENDED, JobType, Outcome, Status, job_readings, job_tree, results
from services.frames.jobs import key_of, kind_and_id, named
from services.frames.membership import is_among
from services.frames.times import parse_one
from services.monitoring import listing, sample_endpoints
from services.monitoring.windows import split_span
from services.visier import Client, Payload, iso_utc

from ..engine.changes import Change, Key, Query, Skip
from ..engine.plan import Plan, PlanningVerb, PlanWarning, WarningKind, evaluate_eligibility
from ..engine.verb_spec import Answer, Source
from ..tokens import Verb

TOLD = ("CANCEL_SUCCEEDED", "CANCEL_FAILED")
# Receiving jobs only while pending (OpenAPI document); of dispatching jobs Visier says nothing.
CANCELLABLE = (Status.PENDING, Status.RUNNING)
CANCELLED = (Status.CANCELLED, Status.CANCELLING)


class CancelKey(NamedTuple):
    """One job by its key, or by its bare id in operations of earlier versions.

    The tenant's code is empty where it is unknown.
    """

    tenant_code: str
    job_key: str


@dataclass(frozen=True)
class JobState:
    """The status and the type of a job; both None where it is not listed."""

    status: Status | None = None
    job_type: JobType | None = None


UNLISTED: Final = JobState()
_OTHERWISE: Final[Mapping[Status | None, Skip]] = {Status.RESCHEDULING: Skip.RESCHEDULED}


def plan_cancel_jobs(names: Iterable[str], listed: pd.DataFrame) -> Plan:
    """Return a plan to cancel jobs, each named by its key, or by its id where only one job has it.

    ``listed`` are all known jobs, with the columns of ``services.frames.jobs.SCHEMA``. Jobs that
    cannot be cancelled are skipped with a reason. Just before, the jobs are read again: in the list
    of the window they started in or, where that is unknown, in the trees of the dispatching and
    receiving jobs above them. Warns of jobs below that continue, and of ids that several jobs have.
    """
    if "root_key" not in listed:
        listed = job_tree.roll_up(listed)
    asked = list(names)
    meant = _meant(asked, listed)
    keys = dict.fromkeys(meant.get(name, key_of(*kind_and_id(name))) for name in asked)
    chosen = pd.DataFrame({"job_key": pd.array(list(keys), dtype="str")})
    known = listed.drop_duplicates("job_key")
    found = chosen.merge(known, how="left", on="job_key", indicator="listed")
    codes = found["tenant_code"].fillna("").astype("str")
    states = zip(_states(found), found["listed"] == "both", strict=True)
    changes = evaluate_eligibility(
        CANCEL,
        [CancelKey(*pair) for pair in zip(codes, keys, strict=True)],
        [state if is_listed else UNLISTED for state, is_listed in states],
    )
    going = found.loc[[place for place, each in enumerate(changes) if each.skip is None]]
    return Plan(CANCEL, changes, warnings=tuple(_warnings(going, listed)), query=_query(going))


def _meant(names: Iterable[str], listed: pd.DataFrame) -> dict[str, str]:
    """Return the job_key of each name that means exactly one job."""
    keys, meant = set(listed["job_key"].dropna()), {}
    for name in names:
        found = [name] if name in keys else [*named(listed, name)["job_key"].unique()]
        if len(found) == 1:
            meant[name] = found[0]
    return meant


def _states(rows: pd.DataFrame) -> list[JobState]:
    pairs = zip(rows["status"].astype(object), rows["job_type"].astype(object), strict=True)
    return [UNLISTED if pd.isna(s) else JobState(Status(s), JobType(kind)) for s, kind in pairs]


def _warnings(going: pd.DataFrame, listed: pd.DataFrame) -> Iterator[PlanWarning]:
    keys, columns = going["job_key"], ["tenant_code", "job_type", "status", "job_id"]
    below = is_among(listed["parent_key"], keys) & ~is_among(listed["job_key"], keys)
    left = listed.loc[below & ~listed["status"].isin(ENDED), columns]
    if len(left):
        yield PlanWarning(WarningKind.JOBS_BELOW_GO_ON, left.reset_index(drop=True))
    # Visier cancels by id: every job that has it.
    alike = listed[is_among(listed["job_id"], going["job_id"])].drop_duplicates("job_key")
    shared = alike.loc[alike["job_id"].duplicated(keep=False), columns]
    if len(shared):
        yield PlanWarning(WarningKind.SHARED_IDS, shared.reset_index(drop=True))


def _query(going: pd.DataFrame) -> Query:
    started = going["start_time"]
    if started.notna().all() and len(started):
        return {"since": iso_utc(started.min()), "until": iso_utc(started.max())}
    # The lists below dispatching and receiving jobs have no start times.
    return {"trees": " ".join(going["root_key"].dropna().unique())}


def _slices(query: Query) -> list[tuple[datetime, datetime]]:
    since, until = parse_one(query.get("since")), parse_one(query.get("until"))
    return split_span(since, until) if since and until else []


def _every(client: Client, query: Query) -> Iterator[Payload | pd.DataFrame]:
    for since, until in _slices(query):
        yield client.job_status(start_time=since, end_time=until)
    for name in query.get("trees", "").split():
        kind, job_id = kind_and_id(name)
        known = kind if kind in sample_endpoints.LISTED_BELOW else None
        yield sample_endpoints.read_tree(client, job_id, known).jobs


def _calls(query: Query) -> int:
    trees = query.get("trees", "").split()
    return len(_slices(query)) + len(trees) * sample_endpoints.CALLS_A_TREE


def _to_frame(pages: Iterable[object]) -> pd.DataFrame:
    read = job_readings.combine(
        page if isinstance(page, pd.DataFrame) else listing.to_frame(page) for page in pages
    )
    return read.assign(tenant_code=read["tenant_code"].fillna(""))


class _Answer(Answer[CancelKey]):
    @override
    def to_frame(self, payloads: Iterable[object]) -> pd.DataFrame:
        answered = results.from_cancel_jobs(payloads)
        # The code samples show a failure by its message, without a cancelStatus. A result with
        # neither of them, or with another word, is no outcome.
        word = answered["status_word"]
        silent = word.isna() & answered["message"].isna()
        strange = word.notna() & ~word.isin(TOLD)
        return answered.assign(outcome=answered["outcome"].mask(silent | strange, Outcome.UNKNOWN))

    @override
    def names(self, key: CancelKey) -> Key:
        return (key_of(*kind_and_id(key.job_key)),)

    @override
    def named_by(self, row: Mapping[str, Any]) -> Key:
        return (key_of(JobType(row["job_type"]), row["job_id"]),)

    @override
    def wholes(self, key: CancelKey) -> tuple[Key, ...]:
        return (_untyped(key),)

    @override
    def others(self, key: CancelKey) -> tuple[Key, ...]:
        kind, job_id = kind_and_id(key.job_key)
        if kind is not JobType.OTHER:
            return (_untyped(key),)
        return tuple((key_of(each, job_id),) for each in JobType)

    @override
    def facts(self, row: Mapping[str, Any]) -> Mapping[str, Any]:
        word = row["job_status_word"]
        return {"status_word": word} if word and row["outcome"] == Outcome.SUCCEEDED else {}


def _untyped(key: CancelKey) -> Key:
    """Return the name that a result of unknown job type has for an item."""
    return (key_of(JobType.OTHER, kind_and_id(key.job_key)[1]),)


class CancelJobs(PlanningVerb[CancelKey, JobState]):
    """Cancel jobs that are pending or running; jobs below them continue."""

    verb: ClassVar = Verb.CANCEL_JOBS
    operation: ClassVar = "cancel_jobs"
    field: ClassVar = "jobIds"
    # The bound of the OpenAPI document.
    batch_size = 500
    key_type: ClassVar = CancelKey
    state_type: ClassVar = JobState
    source = Source(_to_frame, every=_every, calls=_calls)
    answer = _Answer()
    accepts_state_change: ClassVar = True

    @override
    def states(self, frame: pd.DataFrame, keys: Sequence[CancelKey]) -> dict[CancelKey, JobState]:
        found = dict(zip(frame["job_key"], _states(frame), strict=True))
        meant = _meant({key.job_key for key in keys}, frame)
        return {key: found[meant[key.job_key]] for key in keys if key.job_key in meant}

    @override
    def skip(self, state: JobState) -> Skip | None:
        """Return None for pending and running jobs, but for dispatching and running receiving."""
        match state:
            case JobState(None, _):
                return Skip.NOT_LISTED
            case JobState(Status.CANCELLED | Status.CANCELLING, _):
                return Skip.ALREADY_DONE
            # Visier documents cancelling for processing, receiving and extraction jobs only.
            case JobState(_, JobType.DISPATCHING):
                return Skip.DISPATCHING
            # A running receiving job cannot be cancelled (OpenAPI document).
            case JobState(Status.RUNNING, JobType.RECEIVING):
                return Skip.RECEIVING
        if state.status in CANCELLABLE:
            return None
        return Skip.ENDED if state.status in ENDED else _OTHERWISE.get(state.status, Skip.UNKNOWN)

    @override
    def is_done(self, key: CancelKey, state: JobState) -> bool:
        """Return whether it is cancelled or cancelling."""
        return state.status in CANCELLED

    @override
    def goal(self, key: CancelKey, before: JobState) -> JobState:
        return JobState(Status.CANCELLED, before.job_type)

    @override
    def objects(self, keys: Sequence[CancelKey]) -> list[str]:
        """Return each id once: Visier cancels by id alone."""
        return list(dict.fromkeys(kind_and_id(key.job_key)[1] for key in keys))

    @override
    def again(
        self, items: Sequence[Change[JobState]], current: pd.DataFrame, now: datetime
    ) -> Plan:
        return plan_cancel_jobs([item.key[1] for item in items], current)


CANCEL = CancelJobs()


def job_id_in(item_key: str) -> str:
    """Return the job id of an item, as Visier has it."""
    return kind_and_id(CANCEL.read_key(item_key).job_key)[1]


def job_named_by(item_key: str) -> str:
    """Return the job_key, or the bare id, of an item."""
    return CANCEL.read_key(item_key).job_key
