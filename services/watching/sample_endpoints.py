"""Reading what stands below one job through the endpoints of dispatching and receiving jobs.

They tell what job-status does not (stage, data version, message), and they are all there is where
job-status is refused. Data and Job Handling API, GET /v1/op/jobs/dispatching-jobs/{jobId} with
extraction-jobs, receiving-jobs and processing-jobs below it, and
GET /v1/op/jobs/receiving-jobs/{receivingJobId}, GET /v1/op/jobs/processing-jobs/{receivingJobId}.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType

import pandas as pd

from services.frames import JobType, jobs
from services.visier import Client, NotFound, Payload, Refused, UnknownVanityName

Pages = Iterator[Payload]
CALLS_A_TREE = 4
# The last is what a path that leads nowhere looks like: an id that cannot be one.
UNKNOWN_ID = (NotFound, Refused, UnknownVanityName)


@dataclass(frozen=True, eq=False)
class Tree:
    """What was read of one job and of what is below it.

    `jobs` has the columns of services.frames.jobs.SCHEMA, empty when there is no such job; `kind`
    is its type, None when neither endpoint knows it; `calls` is what the reading cost.
    """

    jobs: pd.DataFrame
    kind: JobType | None
    calls: int


@dataclass(frozen=True)
class _List:
    """One list of jobs below another: how it is asked for and read."""

    ask: Callable[[Client, str, str | None], Pages]
    to_frame: Callable[[Iterable[object], str], pd.DataFrame]


def _extraction(client: Client, job_id: str, tenant_code: str | None) -> Pages:
    return client.iter_extraction_job_and_status(job_id, tenant_code=tenant_code)


def _receiving(client: Client, job_id: str, tenant_code: str | None) -> Pages:
    return client.iter_receiving_job_and_status(job_id, tenant_code=tenant_code)


def _processing(client: Client, job_id: str, tenant_code: str | None) -> Pages:
    return client.iter_processing_job_and_status(job_id, tenant_code=tenant_code)


def _received(client: Client, job_id: str, tenant_code: str | None) -> Pages:
    return client.iter_receiving_job_status(job_id, tenant_code=tenant_code)


def _processed(client: Client, job_id: str, tenant_code: str | None) -> Pages:
    return client.iter_processing_job_status(job_id, tenant_code=tenant_code)


_LISTS: Mapping[JobType, Mapping[JobType, _List]] = MappingProxyType(
    {
        JobType.DISPATCHING: {
            JobType.EXTRACTION: _List(_extraction, jobs.from_extraction_jobs),
            JobType.RECEIVING: _List(_receiving, jobs.from_receiving_jobs),
            JobType.PROCESSING: _List(_processing, jobs.from_processing_jobs),
        },
        JobType.RECEIVING: {
            JobType.RECEIVING: _List(_received, jobs.from_receiving_job),
            JobType.PROCESSING: _List(
                _processed, partial(jobs.from_processing_jobs, parent=JobType.RECEIVING)
            ),
        },
    }
)

LISTED_BELOW: Mapping[JobType, frozenset[JobType]] = MappingProxyType(
    {kind: frozenset(lists) for kind, lists in _LISTS.items()}
)
"""The types of job whose lists can be read below a job of a type."""


def read_below(
    client: Client,
    job_id: str,
    kind: JobType,
    wanted: Collection[JobType],
    *,
    tenant_code: str | None = None,
) -> Tree:
    """Read the wanted lists of the jobs below a dispatching or receiving job.

    Of a dispatching job how many jobs it has dispatched is read as well. Raises what reading
    raises.
    """
    frames, answers = [], []
    if kind is JobType.DISPATCHING:
        answers.append(client.dispatching_job_status(job_id))
        frames.append(jobs.from_dispatching_job(answers[0], job_id))
    for child, listed in _LISTS.get(kind, {}).items():
        if child in wanted:
            pages = list(listed.ask(client, job_id, tenant_code))
            answers += pages
            frames.append(listed.to_frame(pages, job_id))
    return Tree(_below(jobs.key_of(kind, job_id), frames, answers), kind, len(answers))


def _below(top: str, frames: Iterable[pd.DataFrame], answers: Iterable[Payload]) -> pd.DataFrame:
    """Return the jobs of the frames below their topmost job, and its tenant where lists tell it."""
    read, tenant = jobs.combine(frames), jobs.tenant_of_parent(answers)
    is_top = (read["job_key"] == top) & read["tenant_code"].isna()
    read["tenant_code"] = read["tenant_code"].mask(is_top, tenant)
    return jobs.restore_flattened(read)


def read_tree(client: Client, job_id: str, kind: JobType | None = None) -> Tree:
    """Read a job and all that is below it, finding out first what it is unless that is known.

    Raises what reading raises, but for NotFound and Refused of an id that neither a dispatching
    nor a receiving job has.
    """
    tried = 0
    for each in (kind,) if kind else (JobType.DISPATCHING, JobType.RECEIVING):
        try:
            tree = read_below(client, job_id, each, LISTED_BELOW[each])
        except UNKNOWN_ID:
            tried += 1
        else:
            return Tree(tree.jobs, each, tree.calls + tried)
    return Tree(jobs.combine([]), None, tried)
