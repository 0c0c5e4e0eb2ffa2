"""What the starting population is."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from services.sandbox.clock import Clock
from services.sandbox.config import Config, Scenario
from services.sandbox.models.jobs import Job, Kind, Status
from services.sandbox.models.tenants import Tenant
from services.sandbox.population import build
from services.sandbox.population.personas import ADMIN
from services.sandbox.population.scenario import BAD_BATCH
from services.sandbox.times import iso
from services.sandbox.world import World
from tests.services.sandbox.api import Api
from tests.services.sandbox.conftest import Wall, still_world

SIZES = [1, 2, 3, 4, 5, 6, 7, 12, 59, 60, 120, 1_000]


@pytest.fixture(scope="module")
def world() -> World:
    return still_world(Wall(), tenants=120)


def age(world: World, date: str) -> timedelta:
    return datetime.fromisoformat(iso(world.clock.now())) - datetime.fromisoformat(date)


def hit_by_the_bad_batch(world: World) -> list[Tenant]:
    return [tenant for tenant in world.listed if any(u.faulty for u in tenant.uploads)]


@pytest.mark.parametrize("size", SIZES)
def test_there_are_as_many_tenants_as_asked_for_each_with_its_own_code(size: int) -> None:
    world = still_world(Wall(), tenants=size)
    assert len(world.listed) == len({tenant.code for tenant in world.listed}) == size
    assert [t.short_code for t in world.listed[:4]] == ["i1o", "c7o", "e1a", "CAa7s"][:size]


@pytest.mark.parametrize("scenario", Scenario)
@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 6])
def test_of_few_tenants_only_what_concerns_them_has_happened(
    wall: Wall, size: int, scenario: Scenario
) -> None:
    world = build(Config(size, rate_limit=0, scenario=scenario), Clock(0, wall))
    assert {job.tenant for job in world.jobs.by_start} <= {ADMIN, *world.tenants}
    # What all are loaded or dispatched with is there for somebody, or else about to begin.
    for job in world.jobs.by_start:
        assert job.tenant != ADMIN or job.children or job.status is Status.PENDING
    is_bad = scenario == Scenario.BAD_DELIVERY and size > 4
    assert len(hit_by_the_bad_batch(world)) == is_bad
    world.clock.advance(14_400)
    world.engine.settle()
    assert not [job for job in world.jobs.by_start if job.status is Status.PENDING]


@pytest.mark.slow
def test_fifty_thousand_codes_are_all_different() -> None:
    world = still_world(Wall(), tenants=50_000)
    assert len({tenant.code for tenant in world.listed}) == 50_000
    batches = [j for j in world.jobs.by_start if j.kind is Kind.RECEIVING and j.tenant == ADMIN]
    largest = max(sum(c.kind is Kind.RECEIVING for c in batch.children) for batch in batches)
    assert 1_000 < largest <= 5_000


@pytest.mark.parametrize("size", [0, -1, 50_001])
def test_a_population_too_small_or_too_large_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match="tenants must be"):
        Config(tenants=size)


def test_time_and_calls_do_not_run_backwards() -> None:
    with pytest.raises(ValueError, match="speed"):
        Config(speed=-1)
    with pytest.raises(ValueError, match="rate_limit"):
        Config(rate_limit=-1)


@pytest.mark.parametrize(("size", "expected"), [(60, 40), (120, 40), (1_000, 200)])
def test_the_bad_delivery_hit_many_tenants_through_one_batch(size: int, expected: int) -> None:
    world = still_world(Wall(), tenants=size)
    hit = hit_by_the_bad_batch(world)
    assert len(hit) == expected
    batch = world.jobs.by_id[BAD_BATCH]
    brought = {job.id for job in batch.children if job.kind is Kind.RECEIVING}
    for tenant in hit:
        (upload,) = [u for u in tenant.uploads if u.faulty]
        assert upload.receiving_job in brought
        assert timedelta(0) < age(world, batch.start_time) - age(world, upload.time)
        assert age(world, batch.start_time) - age(world, upload.time) < timedelta(minutes=11)


def test_the_bad_delivery_arrived_last_night(world: World) -> None:
    assert age(world, world.jobs.by_id[BAD_BATCH].start_time) == timedelta(hours=9)


def test_the_bad_delivery_made_faulty_versions_and_failures_alike(world: World) -> None:
    processed = [j for j in world.jobs.by_id[BAD_BATCH].children if j.kind is Kind.PROCESSING]
    ends = Counter(job.status for job in processed)
    assert ends[Status.SUCCEEDED] > 30
    assert ends[Status.FAILED] > 0
    faulty = [v for t in world.listed for v in t.versions if v.faulty]
    assert {v.job for v in faulty} == {
        job.id for job in processed if job.status is Status.SUCCEEDED
    }


def metric(api: Api, code: str) -> float:
    value: float = api.get(f"/v1/op/validation/tenants/{code}")["metrics"][0]["value"]
    return value


def test_metric_values_are_off_for_the_bad_delivery_until_it_is_disabled(api: Api) -> None:
    tenant = next(t for t in api.world.listed if t.versions and t.versions[-1].faulty)
    faulty = metric(api, tenant.code)
    item = {"tenantCode": tenant.code, "dataVersion": tenant.versions[-1].number}
    api.put("/v1/op/data-versions/disable", {"dataVersionObjects": [item]})
    assert metric(api, tenant.code) > 8 * faulty


def test_excluding_the_bad_upload_and_processing_anew_mends_a_tenant(api: Api) -> None:
    tenant = next(t for t in api.world.listed if t.versions and t.versions[-1].faulty)
    faulty = metric(api, tenant.code)
    (time,) = [upload.time for upload in tenant.uploads if upload.faulty]
    item = {"tenantCode": tenant.code, "uploadTimes": [time]}
    api.put("/v1/op/data/uploads/exclude", {"uploads": [item]})
    assert metric(api, tenant.code) == faulty
    api.post("/v1alpha/op/jobs/processing-jobs", {"tenants": [tenant.code]})
    api.advance(7_200)
    assert metric(api, tenant.code) > 8 * faulty


def test_some_tenants_are_stale_and_some_have_nothing(world: World) -> None:
    newest = [max((v.date for v in t.versions), default="") for t in world.listed[4:]]
    ages = [age(world, date) for date in newest if date]
    assert sum(old > timedelta(days=29) for old in ages) >= 5
    assert sum(old < timedelta(days=10) for old in ages) > 80
    nothing = [t for t in world.listed if not t.versions and not t.uploads]
    assert len(nothing) >= 3
    unprocessed = [t for t in world.listed[4:] if t.uploads and not t.versions]
    assert unprocessed


def test_an_extraction_has_been_stuck_for_more_than_a_day(world: World) -> None:
    job = world.jobs.by_id["4dfe8794-d3b0-40a7-bafc-cd2586a902c1"]
    assert (job.kind, job.status, job.stage) == (
        Kind.EXTRACTION,
        Status.RUNNING,
        "Process Records",
    )
    assert age(world, job.start_time) > timedelta(hours=25)


def test_jobs_of_every_kind_and_end_are_in_the_past(world: World) -> None:
    jobs = world.jobs.by_start
    assert {job.kind for job in jobs} == set(Kind)
    ended = {job.status for job in jobs}
    assert ended >= {
        Status.SUCCEEDED,
        Status.FAILED,
        Status.ERROR,
        Status.CANCELLED,
        Status.ROLLED_BACK,
        Status.RESCHEDULED,
    }
    assert len({job.message for job in jobs if job.status is Status.FAILED}) > 3


def test_a_rescheduled_extraction_has_a_successor(world: World) -> None:
    (job,) = [j for j in world.jobs.by_start if j.status is Status.RESCHEDULED]
    assert job.parent
    successors = [
        child
        for child in job.parent.children
        if child.tenant == job.tenant and child.start_time > job.start_time
    ]
    assert successors


def test_trees_are_under_way_at_the_start(world: World) -> None:
    under_way = Counter(
        (job.kind, job.status)
        for job in world.jobs.by_start
        if age(world, job.start_time) < timedelta(minutes=14)
    )
    for kind in (Kind.EXTRACTION, Kind.PROCESSING):
        assert under_way[kind, Status.RUNNING]
        assert under_way[kind, Status.PENDING]


def test_history_covers_ten_days(world: World) -> None:
    days = {age(world, job.start_time).days for job in world.jobs.by_start}
    assert days == set(range(10))


def ancestors(job: Job) -> Iterator[Job]:
    while job.parent:
        job = job.parent
        yield job


def test_a_processing_job_may_have_a_processing_parent(world: World) -> None:
    chains = [
        [job.kind, *(parent.kind for parent in ancestors(job))] for job in world.jobs.by_start
    ]
    assert [Kind.PROCESSING, Kind.PROCESSING, Kind.RECEIVING] in chains
    assert [
        Kind.PROCESSING,
        Kind.RECEIVING,
        Kind.EXTRACTION,
        Kind.DISPATCHING,
    ] in chains


@pytest.mark.parametrize("size", [60, 1_000])
def test_the_past_is_in_order(size: int) -> None:
    world = still_world(Wall(), tenants=size)
    now = iso(world.clock.now())
    starts = [job.start_time for job in world.jobs.by_start]
    assert starts == sorted(starts)
    assert starts[-1] <= now
    for tenant in world.listed:
        times = [upload.time for upload in tenant.uploads]
        numbers = [int(version.number) for version in tenant.versions]
        assert times == sorted(set(times))
        assert len(set(numbers)) == len(numbers)
    for job in world.jobs.by_start:
        assert job.parent is None or job in job.parent.children


def test_versions_of_different_tenants_share_numbers(world: World) -> None:
    owners = Counter(number for t in world.listed for number in {v.number for v in t.versions})
    assert owners.most_common(1)[0][1] > 1


def test_some_uploads_are_excluded_and_some_files_only(world: World) -> None:
    uploads = [upload for tenant in world.listed for upload in tenant.uploads]
    assert sum(not upload.included for upload in uploads) >= 4
    assert any(upload.included and upload.flags != -1 for upload in uploads)


def test_names_are_as_varied_as_real_ones(world: World) -> None:
    names = [tenant.name for tenant in world.listed]
    assert len(set(names)) > 100
    assert any(len(name) > 100 for name in names)
    assert any("'" in name for name in names)
    assert any(name.startswith("=") for name in names)
    assert any(ord(character) > 0x3000 for name in names for character in name)
    assert any("é" in name or "ø" in name or "ł" in name for name in names)


def test_credentials_are_inherited_by_some_tenants(world: World) -> None:
    links = [world.connections.of(tenant.code) for tenant in world.listed]
    admin = {credential.id for credential in world.connections.of(ADMIN).credentials}
    assert any(admin & set(link.assigned.values()) for link in links)
    unassigned = [c for link in links for c in link.connectors if c.id not in link.assigned]
    assert unassigned


def test_another_seed_has_the_same_scenario_for_others() -> None:
    first, second = (still_world(Wall(), tenants=120, seed=seed) for seed in (7, 8))
    hit = [{t.code for t in hit_by_the_bad_batch(world)} for world in (first, second)]
    assert len(hit[0]) == len(hit[1]) == 40
    assert hit[0] != hit[1]
