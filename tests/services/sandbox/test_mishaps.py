"""How jobs end badly, with the odds turned against them."""

from collections import Counter
from dataclasses import replace

import pytest

from services.sandbox.config import Odds
from services.sandbox.models.jobs import LIVE, Job, Kind, Order, Status
from services.sandbox.rules import cancelling, dispatching, extraction, processing, receiving
from services.sandbox.world import World
from tests.services.sandbox.conftest import NO_MISHAPS, Wall, still_world

DAY = 86_400


def let_pass(world: World, seconds: float) -> None:
    world.clock.advance(seconds)
    world.engine.settle()


def run_extractions(world: World, count: int = 3) -> Job:
    """Run extractions of some tenants that have their credentials to the end."""
    order = Order(world.primary_category, run_processing=True)
    ready = [t for t in world.listed if world.connections.ready(t.code, ())]
    job = dispatching.start(world, world.admin, order, ready[:count], extraction.start)
    let_pass(world, DAY)
    return job


@pytest.mark.parametrize(
    ("odds", "end", "stages"),
    [
        (Odds(extraction_failed=1), Status.FAILED, "Retrieve"),
        (Odds(extraction_failed=0, extraction_error=1), Status.ERROR, "Retrieve"),
        (
            Odds(extraction_failed=0, extraction_error=0, extraction_rolled_back=1),
            Status.ROLLED_BACK,
            "Publish",
        ),
    ],
)
def test_an_extraction_that_ends_badly_keeps_its_stage_and_spawns_nothing(
    wall: Wall, odds: Odds, end: Status, stages: str
) -> None:
    world = still_world(wall, odds=odds)
    job = run_extractions(world)
    assert {child.status for child in job.children} == {end}
    assert all(child.stage.startswith(stages) for child in job.children)
    assert not any(child.children for child in job.children)
    assert job.status is Status.SUCCEEDED


def test_a_rescheduled_extraction_gets_a_successor_under_the_same_parent(wall: Wall) -> None:
    rescheduled = replace(NO_MISHAPS, extraction_rescheduled=0.5)
    world = still_world(wall, odds=rescheduled)
    job = run_extractions(world, count=10)
    ends = Counter(child.status for child in job.children)
    assert set(ends) == {Status.RESCHEDULED, Status.SUCCEEDED}
    assert ends[Status.SUCCEEDED] == 10
    tenants = Counter(c.tenant for c in job.children if c.status is Status.RESCHEDULED)
    assert all(
        sum(child.tenant == tenant for child in job.children) == times + 1
        for tenant, times in tenants.items()
    )


def test_a_batch_succeeds_even_when_all_its_children_fail(wall: Wall) -> None:
    world = still_world(wall, odds=replace(NO_MISHAPS, receiving_failed=1))
    before = [len(tenant.uploads) for tenant in world.listed]
    order = Order(world.primary_category)
    job = receiving.start_batch(world, world.admin, order, world.listed[:5], readable=True)
    let_pass(world, DAY)
    assert job.status is Status.SUCCEEDED
    assert [child.status for child in job.children] == [Status.FAILED] * 5
    assert [len(tenant.uploads) for tenant in world.listed] == before


@pytest.mark.parametrize(
    ("odds", "end", "message"),
    [
        (
            replace(NO_MISHAPS, processing_failed=1),
            Status.FAILED,
            "[DP510002] Unexpected exception in data load process in the event stream loader "
            "stage. Please contact Visier Support.",
        ),
        (replace(NO_MISHAPS, processing_error=1), Status.ERROR, "[SIM0002] "),
    ],
)
def test_a_processing_job_that_ends_badly_says_why_and_makes_no_version(
    wall: Wall, odds: Odds, end: Status, message: str
) -> None:
    world = still_world(wall, odds=odds)
    tenant = world.listed[2]
    before = len(tenant.versions)
    job = processing.start(world, tenant, Order("Talent_Acquisition"))
    let_pass(world, DAY)
    assert job.status is end
    assert job.message.startswith(message)
    assert job.data_version == ""
    assert len(tenant.versions) == before


def test_a_cancellation_may_come_too_late(wall: Wall) -> None:
    world = still_world(wall, odds=replace(NO_MISHAPS, cancel_overtaken=1))
    tenant = world.listed[2]
    job = processing.start(world, tenant, Order("Talent_Acquisition"))
    let_pass(world, 30)
    assert cancelling.cancel(world, job)
    assert [job.status] == [Status.CANCELLING]
    let_pass(world, 60)
    assert [job.status] == [Status.SUCCEEDED]
    assert tenant.versions[-1].number == job.data_version


def test_a_version_is_built_from_the_uploads_included_when_its_job_leaves_pending(
    wall: Wall,
) -> None:
    world = still_world(wall)
    tenant = world.tenants["WFF_j1r~i1o"]
    job = processing.start(world, tenant, Order("Talent_Acquisition"))
    let_pass(world, 30)
    assert job.status is Status.RUNNING
    tenant.uploads[-1].flags = 0
    let_pass(world, DAY)
    (version,) = [version for version in tenant.versions if version.job == job.id]
    assert version.built_from == tuple(f"2019-10-{day:02}T20:35:21.420Z" for day in (9, 10, 11, 12))


def test_no_more_jobs_run_at_once_than_there_are_workers(wall: Wall) -> None:
    world = still_world(wall)
    let_pass(world, DAY)
    order = Order(world.primary_category)
    dispatching.start(world, world.admin, order, world.listed, processing.start)
    busiest = 0
    for _ in range(60):
        let_pass(world, 5)
        running = [j for j in world.jobs.by_start if j.status is Status.RUNNING]
        busiest = max(busiest, sum(job.kind is Kind.PROCESSING for job in running))
    assert busiest == 6


def test_everything_under_way_at_the_start_comes_to_an_end_but_the_stuck_extraction(
    wall: Wall,
) -> None:
    world = still_world(wall, tenants=200, odds=Odds())
    let_pass(world, 3 * DAY)
    alive = [job.id for job in world.jobs.by_start if job.status in LIVE]
    assert alive == ["4dfe8794-d3b0-40a7-bafc-cd2586a902c1"]


def test_the_same_seed_and_clock_give_the_same_course(wall: Wall) -> None:
    def course(seed: int) -> list[tuple[str, str, str, str]]:
        world = still_world(wall, tenants=80, seed=seed, odds=Odds())
        let_pass(world, 1_000)
        run_extractions(world)
        return [(j.id, j.tenant, j.status, j.start_time) for j in world.jobs.by_start]

    assert course(7) == course(7)
    assert course(7) != course(8)
