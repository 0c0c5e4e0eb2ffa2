"""The tenants, jobs and data that Visier's published code samples name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.sandbox.models.jobs import Job, Kind, Order, Status
from services.sandbox.models.tenants import DataVersion, Tenant, Upload
from services.sandbox.population.history import Scribe
from services.sandbox.population.nights import GOOD_BATCH
from services.sandbox.rules import processing, receiving
from services.sandbox.rules.extraction import COMPLETED
from services.sandbox.times import DAY, HOUR, MINUTE, iso

if TYPE_CHECKING:
    from services.sandbox.world import World

DISPATCH = "40bfd838-ad5f-40d9-9000-65c75bcf5f8b"
STUCK_EXTRACTION = "4dfe8794-d3b0-40a7-bafc-cd2586a902c1"
EXTRACTIONS = (
    ("", Status.SUCCEEDED, COMPLETED),
    ("36ac4635-5e40-4225-87bf-56e2a2b0a146", Status.SUCCEEDED, COMPLETED),
    (STUCK_EXTRACTION, Status.RUNNING, "Process Records"),
    ("", Status.SUCCEEDED, COMPLETED),
    ("", Status.FAILED, "Retrieve Main Subject"),
)
RECEIVED = (Status.SUCCEEDED, Status.SUCCEEDED, None, Status.FAILED)
PENDING_IN_BATCH = "574beb98-d2bb-4038-b568-a97e13d0e032"
PENDING_PROCESSING = {
    PENDING_IN_BATCH: "e1a",
    "5571a6a5-6f72-44d8-b180-9508dfc81b89": "c7o",
    "1ec9fc64-9e2a-4dab-be98-86d6572a9281": "i1o",
}
PENDING_BATCH = "ab3d49ee-fe0d-4636-9d81-ee7b1d64f67b"
UPLOADS = {
    "i1o": ("2019-10-08", "2019-10-09", "2019-10-10", "2019-10-11", "2019-10-12"),
    "c7o": ("2019-10-12",),
    "e1a": ("2019-10-11", "2019-10-12"),
}
VERSIONS = {
    "i1o": (("121415", "2018-10-02", True), ("123415", "2019-10-02", True)),
    "c7o": (("5166161", "2019-10-02", False),),
    "e1a": (("5166154", "2018-10-02", True), ("5166161", "2019-10-02", True)),
}
TIME_OF_DAY = "T20:35:21.420Z"
VERSION_JOBS = {"5166161": "a3722f30-e02a-458d-8ce6-cbbcb36d0c0f"}


def write_samples(scribe: Scribe) -> None:
    """Write the tenants of the samples as their answers show them, and the jobs they name."""
    world = scribe.world
    for tenant in world.listed[: len(UPLOADS)]:
        _write_data(world, tenant)
    # The one that the samples show as excluded.
    world.tenants[f"{world.admin.code}~i1o"].uploads[0].flags = 0
    _write_dispatch(scribe)
    for tenant in world.listed[len(UPLOADS) : len(UPLOADS) + 1]:
        _write_consolidated(scribe, tenant)
    scribe.archive(world.admin, scribe.now - 12 * DAY)


def _write_data(world: World, tenant: Tenant) -> None:
    days = UPLOADS[tenant.short_code]
    tenant.uploads = [Upload(day + TIME_OF_DAY, world.new_id()) for day in days]
    for number, day, enabled in VERSIONS[tenant.short_code]:
        job = VERSION_JOBS.get(number) or world.new_id()
        version = DataVersion(number, day + TIME_OF_DAY, world.primary_category, job, enabled)
        tenant.versions.append(version)
        tenant.last_number = int(number)


def _write_dispatch(scribe: Scribe) -> None:
    """Write the dispatching job of the samples, with one stuck extraction.

    Its data is not among the tenants' uploads, which stay as the samples list them.
    """
    world = scribe.world
    at = scribe.now - 26 * HOUR
    order = Order(world.primary_category, run_processing=True)
    done = Status.SUCCEEDED
    dispatch = scribe.job(
        Kind.DISPATCHING, world.admin.code, at, done, order=order, job_id=DISPATCH
    )
    tenants = [*world.listed[:3], *world.listed[4:6]]
    extractions = []
    for tenant, (job_id, status, stage) in zip(tenants, EXTRACTIONS, strict=False):
        job = scribe.job(
            Kind.EXTRACTION, tenant.code, at + MINUTE, status, parent=dispatch, job_id=job_id
        )
        job.stage = stage
        extractions.append(job)
    received = [
        scribe.job(Kind.RECEIVING, job.tenant, at + 6 * MINUTE, status, parent=job)
        for job, status in zip(extractions, RECEIVED, strict=False)
        if status
    ]
    at += 8 * MINUTE
    job = scribe.job(Kind.PROCESSING, tenants[0].code, at, Status.FAILED, parent=received[0])
    job.message = processing.UNEXPECTED
    if len(tenants) == 1:
        return
    job = scribe.job(Kind.PROCESSING, tenants[1].code, at, done, parent=received[1])
    job.data_version = "7000013"
    tenants[1].versions.append(
        DataVersion("7000013", iso(at), world.primary_category, job.id, enabled=False)
    )
    tenants[1].last_number = 7_000_013


def _write_consolidated(scribe: Scribe, tenant: Tenant) -> None:
    scribe.archive(tenant, scribe.now - 12 * DAY)
    at = scribe.now - 20 * HOUR
    job = scribe.job(Kind.CONSOLIDATED, tenant.code, at, Status.SUCCEEDED)
    scribe.process(tenant, at + 6 * MINUTE, tenant.uploads[-1], job)


def open_pending(world: World) -> None:
    """Add the pending jobs of the samples, which continue once the state machine runs."""
    order = Order(world.primary_category)
    for job_id, short_code in PENDING_PROCESSING.items():
        if (code := f"{world.admin.code}~{short_code}") not in world.tenants:
            continue
        job = world.create_job(Kind.PROCESSING, code, order)
        _rename(world, job, job_id)
        world.later(job, 45, processing.enqueue)
    parent = world.jobs.by_id.get(GOOD_BATCH)
    child = world.jobs.by_id.get(PENDING_IN_BATCH)
    if parent and child:
        child.parent = parent
        parent.adopt(child)
    batch = receiving.start_batch(world, world.admin, order, world.listed[:3], readable=True)
    _rename(world, batch, PENDING_BATCH)


def _rename(world: World, job: Job, job_id: str) -> None:
    """Set the id that the samples have for a job, and list it from the start."""
    del world.jobs.by_id[job.id]
    job.id = job_id
    job.visible_at = float("-inf")
    world.jobs.by_id[job_id] = job
