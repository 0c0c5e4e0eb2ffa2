from __future__ import annotations

from typing import TYPE_CHECKING

from services.sandbox.models.jobs import Job, Kind, Order, Status
from services.sandbox.models.tenants import DataVersion
from services.sandbox.world import World

if TYPE_CHECKING:
    from services.sandbox.models.tenants import Tenant, Upload

# The only published message of a failed processing job; [SIM…] marks invented ones.
UNEXPECTED = (
    "[DP510002] Unexpected exception in data load process in the event stream loader stage. "
    "Please contact Visier Support."
)
NOTHING_INCLUDED = "[SIM0001] No data upload of tenant {code} is included."
OUT_OF_TIME = (
    "[SIM0002] The data load process of tenant {code} was stopped after {minutes} minutes."
)


def start(world: World, tenant: Tenant, order: Order, parent: Job | None = None) -> Job:
    """Start a processing job; of one tenant and category, one runs at a time."""
    job = world.create_job(Kind.PROCESSING, tenant.code, order, parent)
    world.later(job, world.between(1, 5), enqueue)
    return job


def enqueue(world: World, job: Job) -> None:
    """Queue a Pending job for a worker."""
    world.queue(job, (job.tenant, job.order.category), _begin)


def _begin(world: World, job: Job) -> None:
    job.status = Status.RUNNING
    tenant = world.tenant(job.tenant)
    # The uploads included at this moment: later changes are for the next version.
    used = [upload for upload in tenant.uploads if upload.included] if tenant else []
    # No published rule: without data there is nothing to build a version from.
    if used:
        world.later(job, world.about(240, 60, 900), _end, used)
    else:
        message = NOTHING_INCLUDED.format(code=job.tenant)
        world.later(job, 0, World.finish, Status.FAILED, message)


def _end(world: World, job: Job, used: list[Upload]) -> None:
    odds = world.config.odds
    chance = world.random.random()
    if chance < odds.processing_failed:
        world.finish(job, Status.FAILED, UNEXPECTED)
    elif chance < odds.processing_failed + odds.processing_error:
        message = OUT_OF_TIME.format(code=job.tenant, minutes=world.random.randint(16, 90))
        world.finish(job, Status.ERROR, message)
    else:
        _publish(world, job, used)


def complete(world: World, job: Job) -> None:
    """End in success, with the uploads that are included now."""
    tenant = world.tenant(job.tenant)
    _publish(world, job, [u for u in tenant.uploads if u.included] if tenant else [])


def _publish(world: World, job: Job, used: list[Upload]) -> None:
    tenant = world.tenant(job.tenant)
    if tenant:
        tenant.last_number += world.random.randint(1, 7)
        job.data_version = str(tenant.last_number)
        tenant.versions.append(
            DataVersion(
                number=job.data_version,
                date=world.date(),
                category=job.order.category,
                job=job.id,
                faulty=any(upload.faulty for upload in used),
                built_from=tuple(upload.time for upload in used),
            )
        )
        published = {"tenantCode": tenant.code, "dataVersion": job.data_version}
        world.webhooks.happened("dvPublish", published, world.engine.date())
    world.finish(job, Status.SUCCEEDED)
