from __future__ import annotations

from typing import TYPE_CHECKING

from services.sandbox.models.jobs import Job, Kind, Order, Status
from services.sandbox.models.tenants import Upload
from services.sandbox.rules import processing
from services.sandbox.rules.spreading import spread
from services.sandbox.world import World

if TYPE_CHECKING:
    from services.sandbox.models.tenants import Tenant


def start_batch(
    world: World, owner: Tenant, order: Order, tenants: list[Tenant], readable: bool
) -> Job:
    """Start the receiving job of a batch, which spawns one receiving job per tenant.

    It succeeds if the archive is `readable`, even if its children fail.
    """
    job = world.create_job(Kind.RECEIVING, owner.code, order)
    world.later(job, world.between(2, 30), _run_batch, tenants, readable)
    return job


def _run_batch(world: World, job: Job, tenants: list[Tenant], readable: bool) -> None:
    seconds = world.between(15, 90)
    found = tenants if readable else []
    spread(world, job, found, seconds, lambda tenant: start(world, tenant, job.order, job))


def start(world: World, tenant: Tenant, order: Order, parent: Job) -> Job:
    """Start the receiving job of one tenant, under a batch or an extraction."""
    job = world.create_job(Kind.RECEIVING, tenant.code, order, parent)
    world.later(job, world.between(2, 30), World.queue, job.id, _begin)
    return job


def _begin(world: World, job: Job) -> None:
    job.status = Status.RUNNING
    world.later(job, world.between(15, 90), _end, world.date())


def _end(world: World, job: Job, began: str) -> None:
    tenant = world.tenant(job.tenant)
    if tenant is None or world.random.random() < world.config.odds.receiving_failed:
        world.finish(job, Status.FAILED)
        return
    tenant.uploads.append(Upload(began, job.id))
    uploaded = {"tenantCode": tenant.code, "uploadTime": began}
    world.webhooks.happened("dataUploadNotification", uploaded, world.engine.date())
    world.finish(job, Status.SUCCEEDED)
    # Of a batch, processing belongs to the batch's own job, not to that of the tenant.
    from_batch = job.parent is not None and job.parent.kind is Kind.RECEIVING
    if from_batch and not job.order.skip_data_load:
        processing.start(world, tenant, job.order, job.parent)
    elif not from_batch and job.order.run_processing:
        processing.start(world, tenant, job.order, job)
