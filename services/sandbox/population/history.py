"""Writing the past: jobs, uploads and versions of the last ten days, and older remains.

For 50,000 tenants: one pass per tenant, in the order of time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from services.sandbox.models.jobs import Job, Kind, Order, Status
from services.sandbox.models.tenants import ALL_FILES, DataVersion, Tenant, Upload
from services.sandbox.rules.extraction import COMPLETED
from services.sandbox.rules.processing import OUT_OF_TIME, UNEXPECTED
from services.sandbox.times import DAY, MINUTE, SECOND, iso

if TYPE_CHECKING:
    from services.sandbox.world import World

# Only one message of Visier's is published (UNEXPECTED): these are invented.
OTHER_FAILURES = (
    "[SIM0003] File Employee.csv has {n} columns where 15 were expected.",
    "[SIM0004] {n} rows of Compensation.csv name an employee that does not exist.",
)
# Cumulative probabilities.
RECEIVING_ENDS = ((0.97, Status.SUCCEEDED), (0.995, Status.FAILED), (1.0, Status.CANCELLED))
PROCESSING_ENDS = (
    (0.91, Status.SUCCEEDED),
    (0.97, Status.FAILED),
    (0.98, Status.ERROR),
    (0.99, Status.ROLLED_BACK),
    (1.0, Status.CANCELLED),
)
NEVER_PROCESSED = ((1.0, Status.FAILED),)
ARCHIVED_STEP = 7 * DAY


@dataclass(frozen=True, slots=True)
class Delivery:
    """One delivery of one tenant's data, `at` epoch milliseconds; without a parent it has no job.

    `named_for` is the tenant code in the names of its files, if they have one.
    """

    at: float
    parent: Job | None = None
    faulty: bool = False
    named_for: str = ""


class Scribe:
    """Writes the past of a world whose state machine does not run yet."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.random = world.random
        self.now = world.clock.now()
        self.jobs: list[Job] = []

    def job(
        self,
        kind: Kind,
        tenant: str,
        at: float,
        status: Status,
        *,
        order: Order | None = None,
        parent: Job | None = None,
        job_id: str = "",
    ) -> Job:
        """Add a job that began at this epoch time, with its parent's order by default."""
        order = order or (parent.order if parent else Order(self.world.primary_category))
        job = Job(job_id or self.world.new_id(), kind, tenant, iso(at), status, order, parent)
        # Long listed, unlike a job that has just begun.
        job.visible_at = float("-inf")
        if parent:
            parent.adopt(job)
        self.jobs.append(job)
        return job

    def archive(self, tenant: Tenant, newest: float) -> None:
        """Add three to five weekly deliveries up to this time, without their jobs."""
        count = 3 + int(self.random.random() * 3)
        for week in range(count - 1, -1, -1):
            at = newest - week * ARCHIVED_STEP
            upload = Upload(iso(at), self.world.new_id())
            tenant.uploads.append(upload)
            self.version(tenant, at + 20 * MINUTE, self.world.new_id(), upload)

    def version(self, tenant: Tenant, at: float, job_id: str, upload: Upload) -> DataVersion:
        """Add an enabled data version of the primary category."""
        # Numbers repeat across tenants, as at Visier: they are unique within a tenant only.
        tenant.last_number += 1 + int(self.random.random() * 7)
        version = DataVersion(
            str(tenant.last_number), iso(at), self.world.primary_category, job_id,
            faulty=upload.faulty, built_from=(upload.time,),
        )  # fmt: skip
        tenant.versions.append(version)
        return version

    def deliver(
        self,
        tenant: Tenant,
        delivery: Delivery,
        ends: tuple[tuple[float, Status], ...] = PROCESSING_ENDS,
    ) -> None:
        """Add a receiving job, its upload, and the processing job after it."""
        parent = delivery.parent
        if parent is None:
            return
        draw = self.random.random
        # A bad delivery arrives at each of its tenants.
        end = _draw(RECEIVING_ENDS, draw()) if not delivery.faulty else Status.SUCCEEDED
        receiving = self.job(Kind.RECEIVING, tenant.code, delivery.at, end, parent=parent)
        if end is not Status.SUCCEEDED:
            return
        upload = Upload(
            iso(delivery.at + 20 * SECOND),
            receiving.id,
            ALL_FILES,
            delivery.faulty,
            delivery.named_for,
        )
        tenant.uploads.append(upload)
        begin = delivery.at + MINUTE + draw() * 10 * MINUTE
        of_batch = parent.kind is Kind.RECEIVING
        self.process(tenant, begin, upload, parent if of_batch else receiving, ends)

    def process(
        self,
        tenant: Tenant,
        at: float,
        upload: Upload,
        parent: Job,
        ends: tuple[tuple[float, Status], ...] = PROCESSING_ENDS,
    ) -> Job:
        """Add a processing job and, if it succeeded, its data version."""
        end = _draw(ends, self.random.random())
        job = self.job(Kind.PROCESSING, tenant.code, at, end, parent=parent)
        if end is Status.SUCCEEDED:
            done = at + (3 + self.random.random() * 9) * MINUTE
            job.data_version = self.version(tenant, done, job.id, upload).number
        elif end is Status.FAILED:
            job.message = self._failure()
        elif end is Status.ERROR:
            job.message = OUT_OF_TIME.format(code=tenant.code, minutes=31)
        return job

    def _failure(self) -> str:
        chance = self.random.random()
        if chance < 0.6:
            return UNEXPECTED
        return OTHER_FAILURES[chance < 0.8].format(n=2 + int(chance * 20))

    def extract(
        self, tenant: Tenant, at: float, dispatch: Job, end: Status = Status.SUCCEEDED,
        stage: str = COMPLETED,
    ) -> Job:  # fmt: skip
        """Add an extraction and, if it succeeded, the delivery after it."""
        job = self.job(Kind.EXTRACTION, tenant.code, at, end, parent=dispatch)
        job.stage = stage
        if end is Status.SUCCEEDED:
            self.deliver(tenant, Delivery(at + 4 * MINUTE, job))
        return job

    def close(self) -> None:
        """Add all jobs to the world, but those of all tenants only where any came of them."""
        admin = self.world.admin.code
        self.world.jobs.add_history(
            [job for job in self.jobs if job.tenant != admin or job.children]
        )


def _draw(ends: tuple[tuple[float, Status], ...], chance: float) -> Status:
    return next(end for bound, end in ends if chance < bound)
