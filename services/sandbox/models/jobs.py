from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from dataclasses import dataclass, field
from enum import StrEnum
from operator import attrgetter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class Kind(StrEnum):
    """The job types. Only UPLOAD_JOB and PROCESSING_JOB are published by Visier."""

    DISPATCHING = "DISPATCHING_JOB"
    EXTRACTION = "EXTRACTION_JOB"
    RECEIVING = "UPLOAD_JOB"
    PROCESSING = "PROCESSING_JOB"
    CONSOLIDATED = "CONSOLIDATED_ANALYTICS_JOB"

    @property
    def noun(self) -> str:
        """The type as it is written in the message of a cancellation."""
        return "".join(word.capitalize() for word in self.value.split("_"))


class Status(StrEnum):
    """The published job statuses."""

    PENDING = "Pending"
    RUNNING = "Running"
    SUCCEEDED = "Succeeded"
    FAILED = "Failed"
    ERROR = "Error"
    CANCELLING = "Cancelling"
    CANCELLED = "Cancelled"
    ROLLED_BACK = "RolledBack"
    RESCHEDULING = "Rescheduling"
    RESCHEDULED = "Rescheduled"


LIVE = frozenset({Status.PENDING, Status.RUNNING, Status.CANCELLING, Status.RESCHEDULING})


@dataclass(frozen=True, slots=True)
class Order:
    """The options of a start, shared by every job that comes of it."""

    category: str
    run_processing: bool = False
    skip_data_load: bool = False
    disable_artifacts: bool = False
    to_sql: bool = False
    connector_ids: tuple[str, ...] = ()


@dataclass(slots=True, eq=False)
class Job:
    """One job. `turn` grows with every external change, such as a cancellation: events scheduled
    before it are dropped.
    """

    id: str
    kind: Kind
    tenant: str
    start_time: str
    status: Status
    order: Order
    parent: Job | None = None
    stage: str = ""
    data_version: str = ""
    message: str = ""
    visible_at: float = 0.0
    turn: int = 0
    children: Sequence[Job] = ()

    def adopt(self, child: Job) -> None:
        """Add a child."""
        # A list of its own only once it is needed: of 50,000 tenants most jobs have no child.
        if not self.children:
            self.children = []
        if isinstance(self.children, list):
            self.children.append(child)

    def descendants(self) -> Iterator[Job]:
        """Yield all jobs below, each child followed by its own children."""
        for child in self.children:
            yield child
            yield from child.descendants()


_start_time = attrgetter("start_time")


@dataclass(slots=True)
class JobBook:
    """All jobs, by id and by start time."""

    by_id: dict[str, Job] = field(default_factory=dict)
    by_start: list[Job] = field(default_factory=list)

    def add(self, job: Job) -> None:
        """Add one job."""
        self.by_id[job.id] = job
        # Nearly at the end: jobs come in the order of their start.
        insort(self.by_start, job, key=_start_time)

    def add_history(self, jobs: list[Job]) -> None:
        """Add many jobs at once, in any order."""
        self.by_id.update((job.id, job) for job in jobs)
        self.by_start.extend(jobs)
        self.by_start.sort(key=_start_time)

    def started_between(self, first: str, last: str) -> list[Job]:
        """Return the jobs that start in this closed interval, oldest first."""
        begin = bisect_left(self.by_start, first, key=_start_time)
        end = bisect_right(self.by_start, last, key=_start_time)
        return self.by_start[begin:end]
