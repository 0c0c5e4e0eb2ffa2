from __future__ import annotations

from typing import TYPE_CHECKING

from services.sandbox.models.jobs import Job, Kind, Order, Status
from services.sandbox.models.tenants import Upload
from services.sandbox.rules import processing

if TYPE_CHECKING:
    from services.sandbox.models.tenants import Tenant
    from services.sandbox.world import World


def start(world: World, tenant: Tenant, order: Order) -> Job:
    """Start the job that collects data of other tenants into a consolidated analytics tenant."""
    job = world.create_job(Kind.CONSOLIDATED, tenant.code, order)
    world.later(job, world.between(1, 5), _begin)
    return job


def _begin(world: World, job: Job) -> None:
    job.status = Status.RUNNING
    world.later(job, world.about(180, 60, 600), _end)


def _end(world: World, job: Job) -> None:
    # Visier publishes nothing on these jobs: the odds are those of an extraction.
    if world.random.random() < world.config.odds.extraction_failed:
        world.finish(job, Status.FAILED)
    else:
        complete(world, job)


def complete(world: World, job: Job) -> None:
    """End in success: the data becomes an upload, and a version if requested."""
    world.finish(job, Status.SUCCEEDED)
    tenant = world.tenant(job.tenant)
    if tenant:
        tenant.uploads.append(Upload(world.date(), job.id))
        if job.order.run_processing:
            processing.start(world, tenant, job.order, job)
