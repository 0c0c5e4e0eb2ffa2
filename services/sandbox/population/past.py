"""The past as nobody can list it any more: what happened between two times, up to 130 days ago.

The API lists five uploads and versions of a tenant, and the world has jobs of ten days. What is
older is told here as it would have gone on: each tenant came once a week.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from math import ceil
from random import Random
from typing import TYPE_CHECKING

from services.sandbox.models.jobs import Kind, Status
from services.sandbox.population.history import ARCHIVED_STEP, OTHER_FAILURES
from services.sandbox.rules.processing import UNEXPECTED
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

OUTAGE, HOLIDAY, BAD = range(40, 42), range(52, 54), range(66, 68)
"""Days ago on which half of what came was not processed, half came a day late, a third was bad."""
BATCH = 6 * HOUR
SLOWER = 3
"""In the outage, what was processed took so many times as long."""


@dataclass(frozen=True, slots=True)
class _Came:
    """One delivery of a tenant, `at` epoch milliseconds; `place` counts back from the oldest.

    In milliseconds it `waited` and then `took` so long to be processed; `message` is why that
    failed.
    """

    tenant: Tenant
    at: float
    place: int
    took: float
    received: bool = True
    included: bool = True
    processed: bool = True
    message: str = ""
    waited: float = 8 * MINUTE

    @property
    def name(self) -> str:
        return f"{self.tenant.short_code}-{self.place}"

    @property
    def is_loaded(self) -> bool:
        return self.received and self.included and self.processed

    @property
    def begun(self) -> str:
        """When it began to be processed."""
        return iso(self.at + self.waited)

    @property
    def ended(self) -> str:
        """When it was processed."""
        return iso(self.at + self.waited + self.took)


def between(world: World, since: str, until: str) -> Payload:
    """Return what happened in a half-open span, in the shapes of the API, and all tenants' codes.

    `tenantCodes`; `versions` and `uploads`, the pages of their lists without tenants of which there
    is nothing to tell; `jobs`, the answer of job-status with the messages of failures; `ends`, by
    id when jobs that succeeded ended.
    """
    versions: dict[str, list[Payload]] = {}
    uploads: dict[str, list[Payload]] = {}
    began = [job for job in world.jobs.started_between(since, until) if job.start_time < until]
    jobs, ends = [_job(job) for job in began], dict[str, str]()
    came: list[_Came] = []
    for tenant in world.listed:
        ends |= {each.job: each.date for each in tenant.versions if each.date >= since}
        for version in tenant.enabled_versions(world.primary_category):
            if since <= version.date < until:
                versions.setdefault(tenant.code, []).append(_version(version))
        for upload in tenant.uploads:
            if since <= upload.time < until:
                uploads.setdefault(tenant.code, []).append(_upload(upload))
                if upload.receiving_job not in world.jobs.by_id:
                    came.append(_without_jobs(tenant, upload))
    for each in _older(world, _milliseconds(since), _milliseconds(until)):
        came.append(each)
        code = each.tenant.code
        if each.received:
            told = {"uploadTime": iso(each.at + 20 * SECOND), "included": each.included}
            uploads.setdefault(code, []).append(told)
        if each.is_loaded:
            told = {"dataVersion": str(7_000_000 - each.place), "dataVersionDate": each.ended}
            versions.setdefault(code, []).append(told)
    batches = {str(batch["jobId"]): batch for batch in (_batch(each, world) for each in came)}
    jobs += [*batches.values(), *(job for each in came for job in _jobs_of(each, world))]
    ends |= {f"p-{each.name}": each.ended for each in came if each.received and each.processed}
    return {
        "tenantCodes": [tenant.code for tenant in world.listed],
        "versions": _page("tenant", "dataVersions", versions),
        "uploads": _page("tenantCode", "uploads", uploads),
        "jobs": {"jobStatus": jobs},
        "ends": {
            str(job["jobId"]): ends[str(job["jobId"])] for job in jobs if job["jobId"] in ends
        },
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
    took = (3 + 9 * random.random()) * MINUTE * (SLOWER if days_ago in OUTAGE else 1)
    came = _Came(tenant, at, place, took)
    if days_ago in BAD and luck < 1 / 3:
        return replace(came, included=False)
    if days_ago in OUTAGE and luck < 1 / 2:
        return replace(came, processed=False, message=UNEXPECTED)
    if chance < LATE or (days_ago in HOLIDAY and luck < 1 / 2):
        return replace(came, at=at + DAY * (1 + random.random() / 4))
    if chance < UNPROCESSED:
        message = (UNEXPECTED, *OTHER_FAILURES)[int(luck * 3)].format(n=2 + int(luck * 20))
        return replace(came, processed=False, message=message)
    return replace(came, received=chance >= BROKEN)


def _without_jobs(tenant: Tenant, upload: Upload) -> _Came:
    """Return one of the uploads of the world, whose jobs it does not have any more."""
    at = _milliseconds(upload.time) - 20 * SECOND
    # Its place among all that came is before those that are older than it.
    place = tenant.uploads.index(upload) - len(tenant.uploads)
    random = Random(upload.receiving_job)  # noqa: S311 - repeatable, not secret
    took = (3 + 9 * random.random()) * MINUTE
    for version in tenant.versions:
        if upload.time in version.built_from:
            return _Came(tenant, at, place, took, waited=_milliseconds(version.date) - took - at)
    return _Came(tenant, at, place, took, processed=False)


def _jobs_of(came: _Came, world: World) -> list[Payload]:
    """Return the job that received a delivery and, if it did, the one that processed it."""
    code, below = came.tenant.code, _below(came, world)
    received = Status.SUCCEEDED if came.received else Status.FAILED
    receiving = _told(f"r-{came.name}", code, received, Kind.RECEIVING, iso(came.at)) | below
    if not came.received:
        return [receiving]
    processed = Status.SUCCEEDED if came.processed else Status.FAILED
    processing = _told(f"p-{came.name}", code, processed, Kind.PROCESSING, came.begun) | below
    return [receiving, processing | ({"message": came.message} if came.message else {})]


def _batch(came: _Came, world: World) -> Payload:
    """Return the job that all belong to that came within the same hours."""
    begun = iso(came.at // BATCH * BATCH)
    batch = str(_below(came, world)["parentJobId"])
    return _told(batch, world.admin.code, Status.SUCCEEDED, Kind.RECEIVING, begun)


def _below(came: _Came, world: World) -> Payload:
    return {
        "parentJobId": f"b-{iso(came.at // BATCH * BATCH)}",
        "parentTenantCode": world.admin.code,
    }


def _job(job: Job) -> Payload:
    told = _told(job.id, job.tenant, job.status, job.kind, job.start_time)
    if job.message:
        told["message"] = job.message
    if job.parent:
        told |= {"parentJobId": job.parent.id, "parentTenantCode": job.parent.tenant}
    return told


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
