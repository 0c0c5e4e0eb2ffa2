from __future__ import annotations

from typing import TYPE_CHECKING

from services.sandbox.models.jobs import Job, Kind, Status
from services.sandbox.rules import consolidated, extraction, processing

if TYPE_CHECKING:
    from services.sandbox.world import World

COMPLETE = {
    Kind.EXTRACTION: extraction.complete,
    Kind.PROCESSING: processing.complete,
    Kind.CONSOLIDATED: consolidated.complete,
}


def cancel(world: World, job: Job) -> bool:
    """Cancel a job and return whether that is possible; jobs below it continue.

    A Pending job is cancelled at once, a Running one is Cancelling first. Receiving jobs can be
    cancelled only while Pending, dispatching jobs never.
    """
    # An assumption: Visier names processing, receiving and extraction jobs only.
    if job.kind is Kind.DISPATCHING:
        return False
    if job.status is Status.PENDING:
        world.finish(job, Status.CANCELLED)
        return True
    # Running receiving jobs cannot be cancelled (OpenAPI document).
    if job.status is Status.RUNNING and job.kind is not Kind.RECEIVING:
        job.status = Status.CANCELLING
        job.turn += 1
        world.later(job, world.between(5, 60), _settle)
        return True
    return False


def _settle(world: World, job: Job) -> None:
    # A cancellation may come too late: the job completes first.
    if world.random.random() < world.config.odds.cancel_overtaken:
        COMPLETE[job.kind](world, job)
    else:
        world.finish(job, Status.CANCELLED)
