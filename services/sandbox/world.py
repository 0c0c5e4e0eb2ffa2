from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from services.sandbox.engine import Engine, Pool
from services.sandbox.faults import Faults
from services.sandbox.models.jobs import Job, JobBook, Kind, Order, Status
from services.sandbox.models.tenants import Category, Tenant
from services.sandbox.times import SECOND, iso
from services.sandbox.uuids import uuid4
from services.sandbox.webhooks import Webhooks

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from services.sandbox.clock import Clock
    from services.sandbox.config import Config
    from services.sandbox.connections import Connections

POOLS = {Kind.EXTRACTION: 4, Kind.RECEIVING: 8, Kind.PROCESSING: 6}
TENANTS_PER_POOL = 120


class World:
    """The state of the simulated Visier: tenants, jobs, connections, future events."""

    connections: Connections

    def __init__(self, config: Config, clock: Clock, admin: Tenant) -> None:
        self.config = config
        self.clock = clock
        self.began = clock.now()
        self.admin = admin
        self.random = Random(config.seed)  # noqa: S311 - repeatable, not secret
        self.engine = Engine(clock)
        self.jobs = JobBook()
        # Nobody listens while the past is written.
        self.webhooks = Webhooks(Faults())
        self.tenants: dict[str, Tenant] = {}
        self.listed: list[Tenant] = []
        self.categories: tuple[Category, ...] = ()
        # More workers for more tenants: otherwise a batch of thousands is never done.
        scale = max(1.0, config.tenants / TENANTS_PER_POOL)
        self.pools = {kind: Pool(int(workers * scale)) for kind, workers in POOLS.items()}

    @property
    def primary_category(self) -> str:
        """The object name of the primary data category."""
        return self.categories[0].object_name

    def enlist(self, tenants: list[Tenant]) -> None:
        """Add analytic tenants, in the order of lists."""
        self.listed.extend(tenants)
        self.tenants.update((tenant.code, tenant) for tenant in tenants)

    def tenant(self, code: str) -> Tenant | None:
        """Return a tenant by its full code, or None."""
        return self.admin if code == self.admin.code else self.tenants.get(code)

    def new_id(self) -> str:
        """Return a random lower-case UUID of version 4."""
        return uuid4(self.random)

    def date(self) -> str:
        """Return the date of the present event, as Visier writes it."""
        return iso(self.engine.date())

    def create_job(self, kind: Kind, tenant: str, order: Order, parent: Job | None = None) -> Job:
        """Add a Pending job, missing from lists for its first 0 to 5 seconds.

        By Visier's documentation a new job can take minutes to be listed.
        """
        job = Job(self.new_id(), kind, tenant, self.date(), Status.PENDING, order, parent)
        job.visible_at = self.engine.at + self.random.uniform(0, 5) * SECOND
        if parent:
            parent.adopt(job)
        self.jobs.add(job)
        return job

    def later(
        self,
        job: Job,
        seconds: float,
        happen: Callable[..., None],
        *details: object,
    ) -> None:
        """Schedule `happen(world, job, *details)` in so many seconds of the state machine."""
        self.engine.after(seconds * SECOND, job, lambda due: happen(self, due, *details))

    def queue(self, job: Job, key: Hashable, begin: Callable[[World, Job], None]) -> None:
        """Queue a Pending job for a worker; of the jobs of one key, one runs at a time."""
        self.pools[job.kind].submit(job, key, lambda due: begin(self, due))

    def between(self, low: float, high: float) -> float:
        """Return a random number between two bounds."""
        return self.random.uniform(low, high)

    def about(self, median: float, low: float, high: float) -> float:
        """Return a random log-normal number of this median, between two bounds."""
        return min(high, max(low, median * self.random.lognormvariate(0, 0.5)))

    def finish(self, job: Job, status: Status, message: str = "") -> None:
        """End a job with this status and release its worker."""
        job.status = status
        job.message = message
        job.turn += 1
        pool = self.pools.get(job.kind)
        if self.webhooks.is_active:
            self.webhooks.job_ended(job, self.engine.date())
        if pool:
            pool.release(job)
