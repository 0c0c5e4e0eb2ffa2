"""Jobs, in one shape from whichever of the seven endpoints they were read."""

from collections.abc import Iterable
from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from services.frames.answers import Record, Rows, find, listed, members, objects, unique
from services.frames.membership import is_among
from services.frames.schema import (
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
from services.frames.words import ENDED, JobType

_JOB_ID = ("jobId", "extractionJobId", "receivingJobId", "processingJobId")
_JOB_TYPE = categories(JobType)

Mask: TypeAlias = NDArray[np.bool_]

SCHEMA: Schema = (
    Field("job_id", _JOB_ID, text),
    Field("tenant_code", ("tenantCode", "tenant"), text),
    Field("job_type", ("jobType",), job_type),
    Field("job_type_word", ("jobType",), text),
    Field("status", ("status", "jobStatus"), status),
    Field("status_word", ("status", "jobStatus"), text),
    Field("start_time", ("startTime",), time),
    Field("parent_job_id", ("parentJobId",), text),
    Field("stage", ("currentStage",), text),
    Field("data_version", ("dataVersion",), text),
    Field("message", ("message",), text),
    Field("total_jobs_dispatched", ("totalJobsDispatched",), count),
)
"""The columns of every frame of jobs.

job_id str, tenant_code str, job_type category (JobType), job_type_word str, status category
(Status), status_word str, start_time datetime64[ms, UTC], parent_job_id str, stage str,
data_version str, message str, total_jobs_dispatched Int64. What an endpoint does not tell is
missing; a status never is (Unknown), nor a job type (Other).
"""


def from_job_status(payload: object) -> pd.DataFrame:
    """Return the jobs of a window, in the order listed, with the columns of SCHEMA.

    Raises OddAnswer. Data and Job Handling API, GET /v1/op/job-status/jobs. The shape of older
    versions, a receiving job with those it spawned, is read as well.
    """
    if not isinstance(payload, dict) or find(payload, ("jobId",)) is None:
        return _jobs(listed([payload], "jobStatus"))
    if find(payload, ("receivingJobs",)) is None:
        return _jobs([payload])
    return from_receiving_job([payload])


def from_job_id_status(payload: object) -> pd.DataFrame:
    """Return one job, as a bare list or a single object, with the columns of SCHEMA.

    Raises OddAnswer. Data and Job Handling API, GET /v1/op/job-status/jobs/{jobId}.
    """
    return from_job_status(payload)


def from_dispatching_job(payload: object) -> pd.DataFrame:
    """Return one dispatching job with the columns of SCHEMA.

    Raises OddAnswer. Data and Job Handling API, GET /v1/op/jobs/dispatching-jobs/{jobId}.
    """
    return _jobs(objects([payload], "jobId"), JobType.DISPATCHING)


def from_extraction_jobs(pages: Iterable[object]) -> pd.DataFrame:
    """Return the extraction jobs of a dispatching job with the columns of SCHEMA.

    Raises OddAnswer. Data and Job Handling API,
    GET /v1/op/jobs/dispatching-jobs/{jobId}/extraction-jobs.
    """
    return _jobs(_children(pages, "extractionJobs"), JobType.EXTRACTION)


def from_receiving_jobs(pages: Iterable[object]) -> pd.DataFrame:
    """Return the receiving jobs of a dispatching job with the columns of SCHEMA.

    The dispatching job stands as parent of each, the extraction in between is not told; see
    `restore_flattened`. Raises OddAnswer. Data and Job Handling API,
    GET /v1/op/jobs/dispatching-jobs/{jobId}/receiving-jobs.
    """
    return _jobs(_children(pages, "receivingJobs"), JobType.RECEIVING)


def from_processing_jobs(pages: Iterable[object]) -> pd.DataFrame:
    """Return the processing jobs of a dispatching or receiving job with the columns of SCHEMA.

    Raises OddAnswer. Data and Job Handling API,
    GET /v1/op/jobs/dispatching-jobs/{jobId}/processing-jobs (flattened, like receiving jobs) and
    GET /v1/op/jobs/processing-jobs/{receivingJobId}.
    """
    return _jobs(_children(pages, "processingJobs"), JobType.PROCESSING)


def from_receiving_job(pages: Iterable[object]) -> pd.DataFrame:
    """Return a receiving job, then those it spawned, with the columns of SCHEMA.

    The tenant of the first is not told, only that of its parent. Raises OddAnswer.
    Data and Job Handling API, GET /v1/op/jobs/receiving-jobs/{receivingJobId}.
    """
    answers = objects(pages, "jobId", "receivingJobs")
    jobs = unique([job for job in answers if find(job, ("jobId",)) is not None], "jobId")
    spawned = [
        child
        for job in answers
        for child in _of_parent(members(job, "receivingJobs"), find(job, ("jobId",)))
    ]
    return _jobs(jobs + unique(spawned, *_JOB_ID), JobType.RECEIVING)


def from_sightings(seen: pd.DataFrame) -> pd.DataFrame:
    """Return each job as it was seen last, with the columns of SCHEMA.

    `seen` are sightings, oldest first, with the columns of services.ledger.Sightings.of.
    """
    newest, empty = seen.drop_duplicates("job_id", keep="last"), _jobs([])
    known = newest.reindex(columns=empty.columns).astype(empty.dtypes.to_dict())
    return known.reset_index(drop=True)


def combine(frames: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Return one row per job id, in the order first seen, with the columns of SCHEMA.

    Frames come oldest reading first. In each column the last known value counts, but a live
    status does not undo an ended one, a status that is not told and a type Other do not undo what
    is known, and a parent that dispatches gives way to a nearer one. Rows without an id all stay.
    """
    readings = pd.concat([_jobs([]), *frames], ignore_index=True)
    codes, ids = pd.factorize(readings["job_id"])
    nameless = codes < 0
    codes[nameless] = len(ids) + np.arange(nameless.sum())
    order = np.argsort(np.unique(codes, return_index=True)[1])
    preferred = _preferred(readings)
    columns = {}
    for name in readings.columns:
        worth = preferred.get(name, [readings[name].notna()])
        best = np.full(len(order), -1)
        for rows in map(np.flatnonzero, worth):
            best[codes[rows]] = rows  # of several rows of one job, the last is what stays
        columns[name] = readings[name].array.take(best[order], allow_fill=True)
    return frame(columns)


def restore_flattened(jobs: pd.DataFrame) -> pd.DataFrame:
    """Return the jobs with the parents restored that a dispatching job's lists leave out.

    Those lists name the dispatching job as parent of receiving and processing jobs too. Where
    one extraction and one tenant belong together, the receiving job is put below the extraction,
    and the processing job below the receiving job or, without a single one, the extraction.
    """
    groups = jobs.groupby(["parent_job_id", "tenant_code"]).ngroup()
    families = groups.fillna(-1).to_numpy().astype(np.intp)
    kinds = {kind: (jobs["job_type"] == kind).to_numpy() & (families >= 0) for kind in JobType}
    extraction = _only_one(families, kinds[JobType.EXTRACTION])
    receiving = _only_one(families, kinds[JobType.RECEIVING])
    above = np.where(
        kinds[JobType.PROCESSING] & (receiving >= 0) & (extraction >= 0), receiving, extraction
    )
    moved = (kinds[JobType.RECEIVING] | kinds[JobType.PROCESSING]) & (above >= 0)
    parents = jobs["parent_job_id"].array.copy()
    parents[moved] = jobs["job_id"].array.take(above[moved])
    return jobs.assign(parent_job_id=parents)


def window(payload: object) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Return the first and the last moment job-status says it answers for, in UTC, or NaT.

    Data and Job Handling API, GET /v1/op/job-status/jobs, queryStartTime and queryEndTime.
    """
    page = payload if isinstance(payload, dict) else {}
    times = Values([find(page, ("queryStartTime",)), find(page, ("queryEndTime",))])
    start, end = pd.Series(time(times))
    return start, end


def _jobs(records: list[Record], of_type: JobType | None = None) -> pd.DataFrame:
    jobs = frame(build(SCHEMA, records))
    if of_type is None:
        return jobs
    return jobs.assign(job_type=pd.Categorical([of_type.value] * len(jobs), dtype=_JOB_TYPE))


def _children(pages: Iterable[object], name: str) -> list[Record]:
    """Return the jobs listed on the pages, each with the parent its page tells for all."""
    children: list[Record] = []
    for page in pages:
        parent = find(page, ("parentJobId",)) if isinstance(page, dict) else None
        children += _of_parent(listed([page], name), parent)
    return unique(children, *_JOB_ID)


def _of_parent(jobs: list[Record], parent: object) -> list[Record]:
    return [
        job if find(job, ("parentJobId",)) is not None else job | {"parentJobId": parent}
        for job in jobs
    ]


def _preferred(readings: pd.DataFrame) -> dict[str, list["pd.Series[bool]"]]:
    """Return for some columns which rows to believe, each mask more than the ones before it."""
    everywhere = pd.Series(True, index=readings.index)
    told = readings["status_word"].notna()
    status_rows = [everywhere, told, readings["status"].isin(ENDED)]
    dispatching = readings.loc[readings["job_type"] == JobType.DISPATCHING, "job_id"]
    parent = readings["parent_job_id"]
    return {
        "status": status_rows,
        "status_word": status_rows,
        "job_type": [everywhere, readings["job_type"] != JobType.OTHER],
        "parent_job_id": [parent.notna(), parent.notna() & ~is_among(parent, dispatching)],
    }


def _only_one(families: Rows, chosen: Mask) -> Rows:
    """Return for each row the one chosen row of its family, or -1 for none or several."""
    rows = np.flatnonzero(chosen)
    size = families.max(initial=-1) + 2
    member = np.full(size, -1)
    member[families[rows]] = rows
    member[np.bincount(families[rows], minlength=size) != 1] = -1
    return member[families]
