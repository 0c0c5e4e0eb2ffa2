"""What else last night may have been than a bad one, and how that can be told."""

from collections import Counter
from datetime import datetime, timedelta

import pytest

from services.sandbox.clock import Clock
from services.sandbox.config import Config, Scenario
from services.sandbox.models.jobs import Job, Kind
from services.sandbox.models.tenants import Upload
from services.sandbox.population import build
from services.sandbox.population.nights import GOOD_BATCH, SECOND_BATCH
from services.sandbox.population.scenario import BAD_BATCH
from services.sandbox.rules.files import source_files
from services.sandbox.times import iso
from services.sandbox.world import World
from tests.services.sandbox.api import Api
from tests.services.sandbox.conftest import Wall

OTHERS = [scenario for scenario in Scenario if scenario != Scenario.BAD_DELIVERY]


def told(scenario: Scenario, tenants: int = 500) -> World:
    return build(Config(tenants, speed=0, rate_limit=0, scenario=scenario), Clock(0, Wall()))


@pytest.fixture(scope="module")
def worlds() -> dict[Scenario, World]:
    return {scenario: told(scenario) for scenario in Scenario}


def came_with(world: World, job_id: str) -> list[str]:
    """Give the tenants whose data a batch received."""
    batch = world.jobs.by_id[job_id]
    return [job.tenant for job in batch.children if job.kind is Kind.RECEIVING]


def last_uploads(world: World) -> list[Upload]:
    since = iso(world.clock.now() - 9 * 3_600_000)
    return [upload for each in world.listed for upload in each.uploads if upload.time >= since]


def nightly(world: World) -> list[int]:
    """Give how many tenants the batches of the nine nights before brought."""
    batches = [
        job
        for job in world.jobs.by_start
        if job.kind is Kind.RECEIVING and job.parent is None and job.children
    ]
    return [len(came_with(world, job.id)) for job in batches if job.id != GOOD_BATCH][-9:]


@pytest.mark.parametrize("scenario", OTHERS)
def test_nothing_else_is_unusual_then(worlds: dict[Scenario, World], scenario: Scenario) -> None:
    world = worlds[scenario]
    assert BAD_BATCH not in world.jobs.by_id
    assert not any(upload.faulty for upload in last_uploads(world))
    day_ago = iso(world.clock.now() - 86_400_000)
    roots = {job.id for job in world.jobs.started_between(day_ago, "9") if job.parent is None}
    samples = {"5571a6a5-6f72-44d8-b180-9508dfc81b89", "1ec9fc64-9e2a-4dab-be98-86d6572a9281"}
    kinds = Counter(world.jobs.by_id[job_id].kind for job_id in roots - samples)
    two = scenario in (Scenario.DELIVERED_TWICE, Scenario.OVERLAPPING_BATCHES)
    assert kinds == {Kind.RECEIVING: 3 if two else 2, Kind.CONSOLIDATED: 1}


def test_a_quiet_night_brings_what_every_night_does(worlds: dict[Scenario, World]) -> None:
    world = worlds[Scenario.QUIET_NIGHT]
    others = nightly(world)
    assert 0.8 * min(others) < len(came_with(world, GOOD_BATCH)) < 1.2 * max(others)


@pytest.mark.parametrize(
    ("scenario", "share"), [(Scenario.HALF_DELIVERY, 0.5), (Scenario.HOLIDAY, 0.2)]
)
def test_only_some_of_the_tenants_come(
    worlds: dict[Scenario, World], scenario: Scenario, share: float
) -> None:
    quiet = len(came_with(worlds[Scenario.QUIET_NIGHT], GOOD_BATCH))
    found = len(came_with(worlds[scenario], GOOD_BATCH))
    assert found == pytest.approx(share * quiet, rel=0.25)
    assert min(nightly(worlds[scenario])) > 0.8 * quiet


def begins(job: Job) -> datetime:
    return datetime.fromisoformat(job.start_time)


def test_twice_brings_the_same_tenants_again(worlds: dict[Scenario, World]) -> None:
    world = worlds[Scenario.DELIVERED_TWICE]
    first, second = (set(came_with(world, job_id)) for job_id in (GOOD_BATCH, SECOND_BATCH))
    assert second < first
    assert len(first - second) <= 0.1 * len(first)
    good, again = world.jobs.by_id[GOOD_BATCH], world.jobs.by_id[SECOND_BATCH]
    assert begins(again) - begins(good) == timedelta(minutes=75)


def test_overlapping_batches_run_at_the_same_time(worlds: dict[Scenario, World]) -> None:
    world = worlds[Scenario.OVERLAPPING_BATCHES]
    good, second = world.jobs.by_id[GOOD_BATCH], world.jobs.by_id[SECOND_BATCH]
    assert max(map(begins, good.children)) > min(map(begins, second.children))
    first, other = (set(came_with(world, job_id)) for job_id in (GOOD_BATCH, SECOND_BATCH))
    assert 0 < len(first & other) < 0.2 * len(first | other)
    assert len(first | other) == pytest.approx(
        len(set(came_with(worlds[Scenario.QUIET_NIGHT], GOOD_BATCH))), rel=0.1
    )


def test_only_the_names_of_files_tell_that_they_were_swapped(worlds: dict[Scenario, World]) -> None:
    quiet, swapped = worlds[Scenario.QUIET_NIGHT], worlds[Scenario.SWAPPED_FILES]
    assert [upload.time for upload in last_uploads(swapped)] == [
        upload.time for upload in last_uploads(quiet)
    ]
    of_whom = {
        tenant.short_code: file.name.split("_")[1]
        for tenant in swapped.listed
        for upload in tenant.uploads
        if upload.named_for
        for file in source_files(tenant, upload)
    }
    others = {own: other for own, other in of_whom.items() if own != other}
    assert 0.05 * len(of_whom) < len(others) < 0.4 * len(of_whom)
    assert set(others.values()) <= {tenant.short_code for tenant in swapped.listed}


def test_a_scenario_is_chosen_when_it_starts_over(api: Api) -> None:
    api.sandbox.control.reset(scenario="delivered_twice")
    assert api.sandbox.control.clock()["scenario"] == "delivered_twice"
    spawned = api.get(f"/v1/op/jobs/receiving-jobs/{SECOND_BATCH}", jobs="true")["receivingJobs"]
    assert spawned
    api.sandbox.control.reset(scenario="bad_delivery")
    assert api.get(f"/v1/op/jobs/receiving-jobs/{BAD_BATCH}")["status"] == "Succeeded"


def test_an_unknown_scenario_is_refused(api: Api) -> None:
    with pytest.raises(ValueError, match="no scenario"):
        api.sandbox.control.reset(scenario="no scenario")
