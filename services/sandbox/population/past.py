"""The past as nobody can list it any more: what happened between two times, up to 130 days ago.

The API lists five uploads and versions of a tenant, and the world has jobs of ten days. What is
older is told here as it would have gone on: each tenant came once a week.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from math import ceil
from random import Random
from typing import TYPE_CHECKING

from services.sandbox.models.jobs import Kind, Status
from services.sandbox.population.history import ARCHIVED_STEP
from services.sandbox.times import DAY, HOUR, MINUTE, SECOND, iso

if TYPE_CHECKING:
    from collections.abc import Iterator

    from services.sandbox.models.jobs import Job
    from services.sandbox.models.tenants import DataVersion, Tenant, Upload
    from services.sandbox.world import World

    Payload = dict[str, object]

OLDEST = 130 * DAY
LATE, UNPROCESSED, BROKEN = 0.02, 0.05, 0.07
"""Of so many a delivery came a day late, was not processed, or was not received (cumulative)."""

OUTAGE, HOLIDAY, BAD = range(24, 26), range(47, 49), range(66, 68)
"""Days ago on which half of what came was not processed, half came a day late, a third was bad."""


@dataclass(frozen=True, slots=True)
class _Came:
    """One delivery of a tenant, `at` epoch milliseconds; `place` counts back from the oldest."""

    tenant: Tenant
    at: float
    place: int
    received: bool = True
    included: bool = True
    processed: bool = True


def between(world: World, since: str, until: str) -> Payload:
    """Return what happened in a half-open span, in the shapes of the API, and all tenants' codes.

    `tenantCodes`; `versions` and `uploads`, the pages of their lists without tenants of which there
    is nothing to tell; `jobs`, the answer of job-status.
    """
    versions: dict[str, list[Payload]] = {}
    uploads: dict[str, list[Payload]] = {}
    jobs = [
        _job(job)
        for job in world.jobs.started_between(since, until)
        if job.start_time < until and job.tenant in world.tenants
    ]
    for tenant in world.listed:
        for version in tenant.enabled_versions(world.primary_category):
            if since <= version.date < until:
                versions.setdefault(tenant.code, []).append(_version(version))
        for upload in tenant.uploads:
            if since <= upload.time < until:
                uploads.setdefault(tenant.code, []).append(_upload(upload))
    for came in _older(world, _milliseconds(since), _milliseconds(until)):
        code = came.tenant.code
        receiving, processing = _jobs_of(came)
        jobs += [receiving, *([processing] if came.received else [])]
        if came.received:
            told = {"uploadTime": iso(came.at + 20 * SECOND), "included": came.included}
            uploads.setdefault(code, []).append(told)
        if came.received and came.included and came.processed:
            number = str(7_000_000 - came.place)
            told = {"dataVersion": number, "dataVersionDate": iso(came.at + 20 * MINUTE)}
            versions.setdefault(code, []).append(told)
    return {
        "tenantCodes": [tenant.code for tenant in world.listed],
        "versions": _page("tenant", "dataVersions", versions),
        "uploads": _page("tenantCode", "uploads", uploads),
        "jobs": {"jobStatus": jobs},
    }


def _older(world: World, since: float, until: float) -> Iterator[_Came]:
    """Yield what came before the oldest upload of each tenant, a week apart."""
    since = max(since, world.began - OLDEST)
    for index, tenant in enumerate(world.listed):
        if not tenant.uploads:
            continue
        oldest = _milliseconds(tenant.uploads[0].time)
        # A day more on either side: it may have come late.
        first = max(1, ceil((oldest - until - DAY) / ARCHIVED_STEP))
        last = int((oldest - since + DAY) // ARCHIVED_STEP)
        for place in range(first, last + 1):
            came = _came(world, tenant, index, place, oldest - place * ARCHIVED_STEP)
            if since <= came.at < until:
                yield came


def _came(world: World, tenant: Tenant, index: int, place: int, at: float) -> _Came:
    # The same whenever it is asked for, and apart from the world's own source of randomness.
    random = Random(f"{world.config.seed} {index} {place}")  # noqa: S311 - repeatable, not secret
    at += (random.random() - 0.5) * HOUR
    days_ago = int((world.began - at) // DAY)
    chance, luck = random.random(), random.random()
    if days_ago in BAD and luck < 1 / 3:
        return _Came(tenant, at, place, included=False)
    if days_ago in OUTAGE and luck < 1 / 2:
        return _Came(tenant, at, place, processed=False)
    if chance < LATE or (days_ago in HOLIDAY and luck < 1 / 2):
        return _Came(tenant, at + DAY * (1 + random.random() / 4), place)
    is_received, is_processed = not UNPROCESSED <= chance < BROKEN, not LATE <= chance < UNPROCESSED
    return _Came(tenant, at, place, received=is_received, processed=is_processed)


def _jobs_of(came: _Came) -> tuple[Payload, Payload]:
    """Return the job that received a delivery, and the one that processed it."""
    name = f"{came.tenant.short_code}-{came.place}"
    received = Status.SUCCEEDED if came.received else Status.FAILED
    processed = Status.SUCCEEDED if came.processed else Status.FAILED
    return (
        _told(f"r-{name}", came.tenant.code, received, Kind.RECEIVING, iso(came.at)),
        _told(f"p-{name}", came.tenant.code, processed, Kind.PROCESSING, iso(came.at + 8 * MINUTE)),
    )


def _job(job: Job) -> Payload:
    return _told(job.id, job.tenant, job.status, job.kind, job.start_time)


def _told(job_id: str, tenant: str, status: Status, kind: Kind, start_time: str) -> Payload:
    return {
        "jobId": job_id,
        "tenant": tenant,
        "status": status.value,
        "jobType": kind.value,
        "startTime": start_time,
    }


def _version(version: DataVersion) -> Payload:
    return {"dataVersion": version.number, "dataVersionDate": version.date}


def _upload(upload: Upload) -> Payload:
    return {"uploadTime": upload.time, "included": upload.included}


def _page(code: str, name: str, of: dict[str, list[Payload]]) -> Payload:
    return {"tenants": [{code: tenant, name: listed} for tenant, listed in of.items()]}


def _milliseconds(time: str) -> float:
    return datetime.fromisoformat(time).timestamp() * 1000
