"""Jobs in one schema, from any of the seven endpoints that list them.

A job is identified by its type and its id: Visier's own samples use one id for jobs of several
types, so that equal ids alone mean nothing.
"""

from collections.abc import Iterable

import pandas as pd

from services.frames.answers import Record, as_text, find, listed, members, objects, unique
from services.frames.membership import is_among
from services.frames.schema import (
    TEXT,
    Field,
    Schema,
    Values,
    build,
    categories,
    count,
    frame,
    job_type,
    status,
    text,
    time,
)
from services.frames.words import JobType

_JOB_ID = ("jobId", "extractionJobId", "receivingJobId", "processingJobId")
_JOB_TYPE = categories(JobType)
_PREFIXES = {kind: f"{kind.name.lower()}:" for kind in JobType}

SCHEMA: Schema = (
    Field("job_id", _JOB_ID, text),
    Field("tenant_code", ("tenantCode", "tenant"), text),
    Field("job_type", ("jobType",), job_type),
    Field("job_type_word", ("jobType",), text),
    Field("status", ("status", "jobStatus"), status),
    Field("status_word", ("status", "jobStatus"), text),
    Field("start_time", ("startTime",), time),
    Field("parent_job_id", ("parentJobId",), text),
    # No field of the API: the type of the job above a list is known from the list's endpoint.
    Field("parent_job_type", ("parentJobType",), job_type),
    Field("parent_tenant_code", ("parentTenantCode",), text),
    Field("stage", ("currentStage",), text),
    Field("data_version", ("dataVersion",), text),
    Field("message", ("message",), text),
    Field("total_jobs_dispatched", ("totalJobsDispatched",), count),
)
"""The columns of every frame of jobs, which also has job_key str of type and id (`key_of`).

job_id str, tenant_code str, job_type category (JobType), job_type_word str, status category
(Status), status_word str, start_time datetime64[ms, UTC], parent_job_id str, parent_job_type
category (JobType; Other where only the parent's id is known), parent_tenant_code str (the tenant
that owns the parent, which need not be the job's own), stage str, data_version str, message str,
total_jobs_dispatched Int64. A field that an endpoint does not have is missing; a status never is
(Unknown), nor a job type (Other).
"""


def key_of(kind: JobType, job_id: str) -> str:
    """Return the job_key of a job: `extraction:36ac4635-…`."""
    return _PREFIXES[kind] + job_id


def kind_and_id(name: str) -> tuple[JobType, str]:
    """Return the type and the id in a key; a bare id is of type Other."""
    for kind, prefix in _PREFIXES.items():
        if name.startswith(prefix):
            return kind, name.removeprefix(prefix)
    return JobType.OTHER, name


def are_named(jobs: pd.DataFrame, names: Iterable[str]) -> "pd.Series[bool]":
    """Return which jobs these keys and bare ids name; a bare id may name several.

    A key names its job before its type is known and after: links and selections outlive a look.
    """
    wanted = set(names)
    exactly = is_among(jobs["job_key"], wanted) | is_among(jobs["job_id"], wanted)
    left = wanted.difference(jobs.loc[exactly, "job_key"], jobs.loc[exactly, "job_id"])
    parts = [kind_and_id(name) for name in left]
    is_untyped = is_among(jobs["job_id"], [id_ for kind, id_ in parts if kind is JobType.OTHER])
    is_typed = is_among(jobs["job_id"], [id_ for kind, id_ in parts if kind is not JobType.OTHER])
    return exactly | is_untyped | (is_typed & (jobs["job_type"] == JobType.OTHER))


def named(jobs: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return the jobs that a key or a bare id names."""
    return jobs[are_named(jobs, [name])]


def keyed(jobs: pd.DataFrame) -> pd.DataFrame:
    """Return the jobs with job_key of type and id; missing where there is no id."""
    prefixes = jobs["job_type"].cat.rename_categories(_PREFIXES).astype("str")
    return jobs.assign(job_key=prefixes + jobs["job_id"])


def from_job_status(payload: object) -> pd.DataFrame:
    """Return the jobs of a window, in the order listed, with the columns of SCHEMA.

    Raises UnexpectedResponse. Data and Job Handling API, GET /v1/op/job-status/jobs. The shape of
    its earlier versions, a receiving job with those it spawned, is read as well.
    """
    if not isinstance(payload, dict) or find(payload, ("jobId",)) is None:
        return _jobs(listed([payload], "jobStatus"))
    if find(payload, ("receivingJobs",)) is None:
        return _jobs([payload])
    return from_receiving_job([payload])


def from_job_id_status(payload: object, job_id: str) -> pd.DataFrame:
    """Return the job asked for, from a bare list or an object, with the columns of SCHEMA.

    A single job is the one asked for, whatever id it echoes. Raises UnexpectedResponse. Data and
    Job Handling API, GET /v1/op/job-status/jobs/{jobId}.
    """
    if isinstance(payload, dict) and find(payload, ("receivingJobs",)) is not None:
        return from_receiving_job([payload], job_id)
    found = from_job_status(payload)
    return keyed(found.assign(job_id=pd.array([job_id], TEXT))) if len(found) == 1 else found


def from_dispatching_job(payload: object, job_id: str) -> pd.DataFrame:
    """Return the dispatching job asked for, with the columns of SCHEMA.

    Raises UnexpectedResponse. Data and Job Handling API, GET /v1/op/jobs/dispatching-jobs/{jobId}.
    """
    # Visier's code sample of this call echoes another id than the one in its path.
    own = [job | {"jobId": job_id} for job in objects([payload], "jobId")]
    return _jobs(own, JobType.DISPATCHING)


def from_extraction_jobs(pages: Iterable[object], job_id: str) -> pd.DataFrame:
    """Return the extraction jobs of the dispatching job `job_id` with the columns of SCHEMA.

    Raises UnexpectedResponse. Data and Job Handling API,
    GET /v1/op/jobs/dispatching-jobs/{jobId}/extraction-jobs.
    """
    below = _children(pages, "extractionJobs", JobType.DISPATCHING, job_id)
    return _jobs(below, JobType.EXTRACTION)


def from_receiving_jobs(pages: Iterable[object], job_id: str) -> pd.DataFrame:
    """Return the receiving jobs of the dispatching job `job_id` with the columns of SCHEMA.

    The parent of each is the dispatching job: the list leaves out the extraction in between; see
    `job_readings.restore_flattened`. Raises UnexpectedResponse. Data and Job Handling API,
    GET /v1/op/jobs/dispatching-jobs/{jobId}/receiving-jobs.
    """
    below = _children(pages, "receivingJobs", JobType.DISPATCHING, job_id)
    return _jobs(below, JobType.RECEIVING)


def from_processing_jobs(
    pages: Iterable[object], job_id: str, parent: JobType = JobType.DISPATCHING
) -> pd.DataFrame:
    """Return the processing jobs of a dispatching or receiving job, with the columns of SCHEMA.

    Raises UnexpectedResponse. Data and Job Handling API,
    GET /v1/op/jobs/dispatching-jobs/{jobId}/processing-jobs (flattened, like receiving jobs) and
    GET /v1/op/jobs/processing-jobs/{receivingJobId}.
    """
    return _jobs(_children(pages, "processingJobs", parent, job_id), JobType.PROCESSING)


def from_receiving_job(pages: Iterable[object], job_id: str | None = None) -> pd.DataFrame:
    """Return a receiving job, then those it spawned, with the columns of SCHEMA.

    It has the id `job_id`, whatever id the answer echoes. The answer names the tenant of its parent
    and not its own. Raises UnexpectedResponse. Data and Job Handling API,
    GET /v1/op/jobs/receiving-jobs/{receivingJobId}.
    """
    answers = [
        answer if job_id is None else answer | {"jobId": job_id}
        for answer in objects(pages, "jobId", "receivingJobs")
    ]
    jobs = unique([job for job in answers if find(job, ("jobId",)) is not None], "jobId")
    spawned = [
        child
        for job in answers
        for child in _of_parent(
            members(job, "receivingJobs"), JobType.RECEIVING, find(job, ("jobId",))
        )
    ]
    return _jobs(jobs + unique(spawned, *_JOB_ID), JobType.RECEIVING)


def tenant_of_parent(answers: Iterable[object]) -> str | None:
    """Return the tenant that owns the job whose children these answers list; None if unknown.

    Answers about a single job are skipped: they name their parent's tenant by the same field. Data
    and Job Handling API, parentTenantCode of the lists of extraction, receiving and processing
    jobs.
    """
    lists = (each for each in answers if isinstance(each, dict) and find(each, ("jobId",)) is None)
    codes = (as_text(find(each, ("parentTenantCode",))) for each in lists)
    return next(filter(None, codes), None)


def window(payload: object) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Return the start and the end of the window that job-status answered for, in UTC, or NaT.

    Data and Job Handling API, GET /v1/op/job-status/jobs, queryStartTime and queryEndTime.
    """
    page = payload if isinstance(payload, dict) else {}
    times = Values([find(page, ("queryStartTime",)), find(page, ("queryEndTime",))])
    start, end = pd.Series(time(times))
    return start, end


def _jobs(records: list[Record], of_type: JobType | None = None) -> pd.DataFrame:
    jobs = frame(build(SCHEMA, records))
    if of_type is not None:
        jobs["job_type"] = pd.Categorical([of_type.value] * len(jobs), dtype=_JOB_TYPE)
    return keyed(jobs)


def _children(pages: Iterable[object], name: str, kind: JobType, job_id: str) -> list[Record]:
    """Return the jobs listed on the pages, with the job asked about as the parent of each."""
    children: list[Record] = []
    for page in pages:
        answer = page if isinstance(page, dict) else {}
        echoed, tenant = (find(answer, (field,)) for field in ("parentJobId", "parentTenantCode"))
        children += _of_parent(listed([page], name), kind, job_id, echoed, tenant)
    return unique(children, *_JOB_ID)


def _of_parent(
    jobs: list[Record], kind: JobType, job_id: object, echoed: object = None, tenant: object = None
) -> list[Record]:
    """Return the jobs with this parent, except those that name another one themselves."""
    parent = {"parentJobId": job_id, "parentJobType": kind.value, "parentTenantCode": tenant}
    return [
        job | parent if find(job, ("parentJobId",)) in (None, "", echoed) else job for job in jobs
    ]
