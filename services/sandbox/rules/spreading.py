from __future__ import annotations

from typing import TYPE_CHECKING

from services.sandbox.models.jobs import Job, Status

if TYPE_CHECKING:
    from collections.abc import Callable

    from services.sandbox.models.tenants import Tenant
    from services.sandbox.world import World

STEPS = 4


def spread(
    world: World, job: Job, tenants: list[Tenant], seconds: float, start: Callable[[Tenant], object]
) -> None:
    """Start one child per tenant in four steps while the job runs, then let it succeed.

    The job does not wait for its children, as at Visier: a parent may succeed before them.
    """
    size = -(-len(tenants) // STEPS)

    def step(_: World, due: Job, rest: list[Tenant]) -> None:
        for tenant in rest[:size]:
            start(tenant)
        if rest:
            world.later(due, seconds / STEPS, step, rest[size:])
        else:
            world.finish(due, Status.SUCCEEDED)

    step(world, job, tenants)
