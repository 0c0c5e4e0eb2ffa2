"""Reading what stands below one job through the endpoints of dispatching and receiving jobs.

They tell what job-status does not (stage, data version, message), and they are all there is where
job-status is refused. Data and Job Handling API, GET /v1/op/jobs/dispatching-jobs/{jobId} with
extraction-jobs, receiving-jobs and processing-jobs below it, and
GET /v1/op/jobs/receiving-jobs/{receivingJobId}, GET /v1/op/jobs/processing-jobs/{receivingJobId}.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, MutableMapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from types import MappingProxyType
from typing import TypeAlias

import pandas as pd

from services.clock import CLOCK
from services.frames import JobType, job_readings, jobs
from services.visier import (
    Client,
    InTurn,
    ListFetch,
    NotFound,
    Payload,
    RateLimited,
    Refused,
    UnknownVanityName,
)
from services.visier.list_fetch import PagesOfList

from .phrases import counted

Begun: TypeAlias = MutableMapping[tuple[JobType, JobType], ListFetch[Payload]]
"""Lists under way, by the type of the job they are below and that of the jobs they hold."""

CALLS_A_TREE = 4
# The last is what a path that leads nowhere looks like: an id that cannot be one.
UNKNOWN_ID = (NotFound, Refused, UnknownVanityName)


@dataclass(frozen=True, eq=False)
class Tree:
    """What was read of one job and of what is below it.

    `jobs` has the columns of services.frames.jobs.SCHEMA, empty when there is no such job; `kind`
    is its type, None when neither endpoint knows it; `calls` is what the reading cost; no part of
    it is older than `as_of`.
    """

    jobs: pd.DataFrame
    kind: JobType | None
    calls: int
    as_of: datetime


@dataclass(frozen=True)
class _List:
    """One list of jobs below another: how it is asked for and read."""

    ask: Callable[[str, Client], PagesOfList]
    to_frame: Callable[[Iterable[object], str], pd.DataFrame]


def _dispatching(job_id: str, client: Client) -> PagesOfList:
    return InTurn(client, lambda asked: asked.dispatching_job_status(job_id))


def _extraction(job_id: str, client: Client) -> PagesOfList:
    return client.iter_extraction_job_and_status(job_id)


def _receiving(job_id: str, client: Client) -> PagesOfList:
    return client.iter_receiving_job_and_status(job_id)


def _processing(job_id: str, client: Client) -> PagesOfList:
    return client.iter_processing_job_and_status(job_id)


def _received(job_id: str, client: Client) -> PagesOfList:
    return client.iter_receiving_job_status(job_id)


def _processed(job_id: str, client: Client) -> PagesOfList:
    return client.iter_processing_job_status(job_id)


def _own(pages: Iterable[object], job_id: str) -> pd.DataFrame:
    return job_readings.combine(jobs.from_dispatching_job(page, job_id) for page in pages)


_OWN = _List(_dispatching, _own)
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
    begun: Begun,
    now: datetime,
) -> Tree:
    """Read the wanted lists of the jobs below a dispatching or receiving job.

    Of a dispatching job how many jobs it has dispatched is read as well. `begun` are the lists that
    an earlier try has begun: what was read of them is not read again. Raises what reading raises.
    """
    lists = {child: each for child, each in _LISTS.get(kind, {}).items() if child in wanted}
    if kind is JobType.DISPATCHING:
        lists = {kind: _OWN, **lists}
    frames, answers, as_of = [], list[Payload](), now
    for child, listed in lists.items():
        fetch = begun.setdefault((kind, child), ListFetch(partial(listed.ask, job_id), _as_is, now))
        pages = _whole(client, fetch)
        frames.append(listed.to_frame(pages, job_id))
        answers += pages
        # Of a list that broke off, the first pages are as old as the first try.
        as_of = min(as_of, fetch.as_of)
    below = _below(jobs.key_of(kind, job_id), frames, answers)
    return Tree(below, kind, len(answers), as_of)


def _below(top: str, frames: Iterable[pd.DataFrame], answers: Iterable[Payload]) -> pd.DataFrame:
    """Return the jobs of the frames below their topmost job, and its tenant where lists tell it."""
    read, tenant = job_readings.combine(frames), jobs.tenant_of_parent(answers)
    is_top = (read["job_key"] == top) & read["tenant_code"].isna()
    read["tenant_code"] = read["tenant_code"].mask(is_top, tenant)
    return job_readings.restore_flattened(read)


def _whole(client: Client, fetch: ListFetch[Payload]) -> list[Payload]:
    """Return every page of a list; raises RateLimited where the rest has to wait."""
    # Whoever asks again has waited, or wants to know whether that is still needed.
    fetch.hurry()
    while not fetch.is_complete:
        fetch.go_on(client)
        if fetch.wait:
            pages = counted(len(fetch.parts), "page")
            raise RateLimited(
                f"The rest of a job list has to wait; {pages} of it have been read and are kept.",
                retry_after=fetch.wait,
                asked=client.budget().asked_seconds,
            )
    return fetch.parts


def _as_is(payload: Payload) -> Payload:
    return payload


def read_tree(
    client: Client,
    job_id: str,
    kind: JobType | None = None,
    begun: Begun | None = None,
    now: datetime | None = None,
) -> Tree:
    """Read a job and all that is below it, finding out first what it is unless that is known.

    Raises what reading raises, but for NotFound and Refused of an id that neither a dispatching
    nor a receiving job has.
    """
    tried, begun, now = 0, {} if begun is None else begun, now or CLOCK.now()
    # Nothing says of an id alone what it is: the endpoint that knows it does.
    for each in (kind,) if kind else (JobType.DISPATCHING, JobType.RECEIVING):
        try:
            tree = read_below(client, job_id, each, LISTED_BELOW[each], begun=begun, now=now)
        except UNKNOWN_ID:
            tried += 1
        else:
            return replace(tree, calls=tree.calls + tried)
    return Tree(job_readings.combine([]), None, tried, now)
