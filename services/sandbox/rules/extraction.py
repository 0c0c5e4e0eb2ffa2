from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from services.sandbox.models.jobs import Job, Kind, Order, Status
from services.sandbox.rules import receiving
from services.sandbox.world import World

if TYPE_CHECKING:
    from services.sandbox.models.tenants import Tenant

# The published stages in their order, with assumed shares of the duration in percent.
STAGES = {
    "Initialize": 3,
    "Retrieve Main Subject": 30,
    "Retrieve Secondary Subjects": 20,
    "Retrieve Custom Subjects": 7,
    "Process Records": 25,
    "Publish Artifacts": 5,
    "Publish Records": 10,
}
COMPLETED = "Completed"


@dataclass(frozen=True, slots=True)
class _StagePlan:
    """The course of an extraction: its stages in seconds, and its end."""

    stages: list[tuple[str, float]]
    end: Status


def start(world: World, tenant: Tenant, order: Order, parent: Job | None = None) -> Job:
    """Start the extraction of one tenant; Pending until a worker is free."""
    job = world.create_job(Kind.EXTRACTION, tenant.code, order, parent)
    world.later(job, world.between(1, 5), World.queue, job.id, _begin)
    return job


def _begin(world: World, job: Job) -> None:
    job.status = Status.RUNNING
    job.stage = next(iter(STAGES))
    # Without a connector or a credential there is nothing to extract with.
    if not world.connections.ready(job.tenant, job.order.connector_ids):
        world.later(job, 0, _end, Status.FAILED)
        return
    plan = _draw_stages(world, job.order)
    world.later(job, plan.stages[0][1], _next_stage, plan, 1)


def _draw_stages(world: World, order: Order) -> _StagePlan:
    total = world.about(180, 60, 600)
    stages = [
        (name, total * weight / 100)
        for name, weight in STAGES.items()
        if not (order.disable_artifacts and name == "Publish Artifacts")
    ]
    end = _draw_end(world)
    if end is Status.SUCCEEDED:
        return _StagePlan(stages, end)
    # Only what is being published can be rolled back.
    room = "Publish" if end is Status.ROLLED_BACK else "Retrieve"
    last = world.random.choice([i for i, (name, _) in enumerate(stages) if name.startswith(room)])
    return _StagePlan(stages[: last + 1], end)


def _draw_end(world: World) -> Status:
    odds = world.config.odds
    chance = world.random.random()
    for share, end in (
        (odds.extraction_failed, Status.FAILED),
        (odds.extraction_error, Status.ERROR),
        (odds.extraction_rolled_back, Status.ROLLED_BACK),
        (odds.extraction_rescheduled, Status.RESCHEDULED),
    ):
        if chance < share:
            return end
        # The shares are parts of one probability.
        chance -= share
    return Status.SUCCEEDED


def _next_stage(world: World, job: Job, plan: _StagePlan, step: int) -> None:
    if step < len(plan.stages):
        job.stage, seconds = plan.stages[step]
        world.later(job, seconds, _next_stage, plan, step + 1)
    else:
        _end(world, job, plan.end)


def _end(world: World, job: Job, end: Status) -> None:
    if end is Status.SUCCEEDED:
        complete(world, job)
    elif end is Status.RESCHEDULED:
        job.status = Status.RESCHEDULING
        world.later(job, world.between(10, 60), _reschedule)
    else:
        world.finish(job, end)


def _reschedule(world: World, job: Job) -> None:
    world.finish(job, Status.RESCHEDULED)
    tenant = world.tenant(job.tenant)
    if tenant:
        start(world, tenant, job.order, job.parent)


def complete(world: World, job: Job) -> None:
    """End in success: the data goes to a receiving job."""
    job.stage = COMPLETED
    world.finish(job, Status.SUCCEEDED)
    tenant = world.tenant(job.tenant)
    # With the output target SQL nothing goes to receiving.
    if tenant and not job.order.to_sql:
        receiving.start(world, tenant, job.order, job)
