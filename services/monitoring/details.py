"""What Visier can be asked about one job, by what it is and where it belongs."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType

import pandas as pd

from services.frames import JobType, job_readings, jobs
from services.visier import PAGE_SIZE, BodyEncoding, Client, Payload
from services.visier.protocol import Request, build

_PAGE = {"start": 0, "limit": PAGE_SIZE}


@dataclass(frozen=True)
class JobPlace:
    """A job, the topmost one above it, and whether job-status may be asked."""

    job_id: str
    kind: JobType
    tenant_code: str
    root_job_id: str
    root_kind: JobType
    is_listed: bool


@dataclass(frozen=True)
class Question:
    """One read about a job, not sent yet."""

    operation: str
    ids: Mapping[str, str]
    query: Mapping[str, object]
    ask: Callable[[Client], Payload]
    to_frame: Callable[[Payload], pd.DataFrame]

    @property
    def request(self) -> Request:
        """The request as it travels."""
        return build(self.operation, BodyEncoding.SAMPLES, ids=self.ids, query=self.query)


@dataclass(frozen=True, eq=False)
class Answer:
    """What Visier said, and how it was asked."""

    question: Question
    payload: Payload


def questions(place: JobPlace) -> Iterator[Question]:
    """Give what can be asked about a job: job-status first, then its type's endpoints."""
    if place.is_listed:
        yield Question(
            "job_id_status",
            {"job_id": place.job_id},
            {},
            lambda client: client.job_id_status(place.job_id),
            lambda payload: jobs.from_job_id_status(payload, place.job_id),
        )
    if own := _own_question(place):
        yield own


def facts(answers: list[Answer], key: str) -> pd.DataFrame:
    """Return a job as the answers have it, at most one row with the columns of SCHEMA."""
    found = job_readings.combine(answer.question.to_frame(answer.payload) for answer in answers)
    return jobs.named(found, key).head(1)


def _own_question(place: JobPlace) -> Question | None:
    job_id = place.job_id
    if place.kind is JobType.DISPATCHING:
        return Question(
            "dispatching_job_status",
            {"job_id": job_id},
            {},
            lambda client: client.dispatching_job_status(job_id),
            lambda payload: jobs.from_dispatching_job(payload, job_id),
        )
    if place.kind is JobType.RECEIVING:
        return Question(
            "receiving_job_status",
            {"receiving_job_id": job_id},
            {"jobs": True, **_PAGE},
            lambda client: client.receiving_job_status(job_id, jobs=True, start=0, limit=PAGE_SIZE),
            lambda payload: jobs.from_receiving_job([payload], job_id),
        )
    # No endpoint has one extraction or processing job: the list below its topmost job does.
    listed = _LISTS.get((place.kind, place.root_kind))
    return listed.question(place.root_job_id, place.tenant_code) if listed else None


@dataclass(frozen=True)
class _List:
    """A list below a topmost job that tells more of a tenant's jobs than job-status does."""

    operation: str
    id_name: str
    ask: Callable[..., Payload]
    to_frame: Callable[[Iterable[object], str], pd.DataFrame]

    def question(self, root_job_id: str, tenant_code: str) -> Question:
        """Ask for the jobs of one tenant."""
        return Question(
            self.operation,
            {self.id_name: root_job_id},
            {"tenantCode": tenant_code, **_PAGE},
            lambda client: self.ask(client, root_job_id, tenant_code=tenant_code, **_PAGE),
            lambda payload: self.to_frame([payload], root_job_id),
        )


_LISTS: Mapping[tuple[JobType, JobType], _List] = MappingProxyType(
    {
        (JobType.EXTRACTION, JobType.DISPATCHING): _List(
            "extraction_job_and_status",
            "job_id",
            Client.extraction_job_and_status,
            jobs.from_extraction_jobs,
        ),
        (JobType.PROCESSING, JobType.DISPATCHING): _List(
            "processing_job_and_status",
            "job_id",
            Client.processing_job_and_status,
            jobs.from_processing_jobs,
        ),
        (JobType.PROCESSING, JobType.RECEIVING): _List(
            "processing_job_status",
            "receiving_job_id",
            Client.processing_job_status,
            partial(jobs.from_processing_jobs, parent=JobType.RECEIVING),
        ),
    }
)
