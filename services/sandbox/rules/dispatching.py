from __future__ import annotations

from typing import TYPE_CHECKING

from services.sandbox.models.jobs import Job, Kind, Order
from services.sandbox.rules.spreading import spread
from services.sandbox.world import World

if TYPE_CHECKING:
    from collections.abc import Callable

    from services.sandbox.models.tenants import Tenant

    Starter = Callable[[World, Tenant, Order, Job], Job]


def start(
    world: World, owner: Tenant, order: Order, tenants: list[Tenant], start_child: Starter
) -> Job:
    """Start a dispatching job with one child per tenant; it fails without a tenant."""
    job = world.create_job(Kind.DISPATCHING, owner.code, order)
    world.later(job, world.between(1, 5), _run, tenants, start_child)
    return job


def _run(world: World, job: Job, tenants: list[Tenant], start_child: Starter) -> None:
    seconds = world.between(2, 10)
    spread(world, job, tenants, seconds, lambda tenant: start_child(world, tenant, job.order, job))
