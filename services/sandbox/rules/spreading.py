from __future__ import annotations

from typing import TYPE_CHECKING

from services.sandbox.models.jobs import Job, Status
from services.sandbox.world import World

if TYPE_CHECKING:
    from collections.abc import Callable

    from services.sandbox.models.tenants import Tenant

STEPS = 4


def spread(
    world: World, job: Job, tenants: list[Tenant], seconds: float, start: Callable[[Tenant], object]
) -> None:
    """Run a job that starts one child per tenant in four steps; without a tenant it fails.

    It succeeds without waiting for its children, as at Visier: a parent may succeed before them.
    """
    job.status = Status.RUNNING
    if not tenants:
        world.later(job, seconds, World.finish, Status.FAILED)
        return
    size = -(-len(tenants) // STEPS)

    def step(_: World, due: Job, rest: list[Tenant]) -> None:
        for tenant in rest[:size]:
            start(tenant)
        if rest:
            world.later(due, seconds / STEPS, step, rest[size:])
        else:
            world.finish(due, Status.SUCCEEDED)

    step(world, job, tenants)
