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
    """Start one child per tenant in steps while the job runs, then let it succeed.

    The job never waits for its children.
    """
    _step(world, job, tenants, seconds / STEPS, start, -(-len(tenants) // STEPS))


def _step(
    world: World,
    job: Job,
    tenants: list[Tenant],
    pause: float,
    start: Callable[[Tenant], object],
    size: int,
) -> None:
    for tenant in tenants[:size]:
        start(tenant)
    rest = tenants[size:]
    if rest:
        world.later(job, pause, _step, rest, pause, start, size)
    else:
        world.later(job, pause, _succeed)


def _succeed(world: World, job: Job) -> None:
    world.finish(job, Status.SUCCEEDED)
