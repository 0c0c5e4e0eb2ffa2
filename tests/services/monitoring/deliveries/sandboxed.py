"""The nights that the sandbox tells, as its lists would give them; without HTTP."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import pandas as pd

from services.frames import data_versions, job_tree, jobs
from services.frames import uploads as uploads_frame
from services.monitoring.deliveries import Deliveries, find
from services.sandbox.clock import Clock
from services.sandbox.config import Config, Scenario
from services.sandbox.population import build
from services.sandbox.times import DAY, iso
from services.sandbox.world import World

NOW = 1_790_000_000
LISTED = timedelta(days=8)
"""So many days of jobs the screen reads."""


@dataclass
class Night:
    """What was found in a sandbox."""

    world: World
    now: pd.Timestamp
    found: Deliveries
    uploads: pd.DataFrame
    tree: pd.DataFrame
    versions: pd.DataFrame
    since: datetime | None

    @property
    def unusual(self) -> pd.DataFrame:
        """The unusual deliveries of the last week, that with most tenants first."""
        rows = self.found.rows
        chosen = rows[(rows["unusual"] > 0) & (rows["arrived"] > self.now - timedelta(days=7))]
        return chosen.sort_values("unusual", ascending=False, kind="stable", ignore_index=True)

    def reasons(self, hours: float = 12) -> set[str]:
        """Give why deliveries of the last hours are unusual."""
        since = self.now - timedelta(hours=hours)
        late = self.unusual.loc[self.unusual["arrived"] > since, "delivery_id"]
        reasons = self.found.reasons
        return set(reasons.loc[reasons["delivery_id"].isin(late), "reason"])


def night(
    scenario: Scenario,
    seed: int,
    tenants: int = 120,
    *,
    knows_jobs: bool = True,
    is_mended: bool = False,
) -> Night:
    """Tell a night, another day of the week for each seed, and find its deliveries.

    Once it `is_mended`, somebody has excluded the faulty uploads.
    """
    wall = NOW + seed * 86_400.0 * 1.37
    world = build(Config(tenants, seed, 0, 0, scenario=scenario), Clock(0, lambda: wall))
    at = pd.Timestamp(iso(world.clock.now()))
    tree = job_tree.roll_up(
        job_tree.with_missing_parents(
            jobs.from_job_status({"jobStatus": [*_listed_jobs(world)] if knows_jobs else []})
        )
    )
    since = (at - LISTED).to_pydatetime() if knows_jobs else None
    now: datetime = at.to_pydatetime()
    for upload in (each for tenant in world.listed for each in tenant.uploads):
        if is_mended and upload.faulty:
            upload.flags = 0
    uploads, versions = _uploads(world), listed_versions(world)
    found = find(uploads, tree, versions, jobs_since=since, now=now)
    return Night(world, at, found, uploads, tree, versions, since)


def _uploads(world: World) -> pd.DataFrame:
    listed = [
        {
            "tenantCode": tenant.code,
            "uploads": [
                {"uploadTime": upload.time, "included": upload.included}
                for upload in tenant.uploads[-5:]
            ],
        }
        for tenant in world.listed
    ]
    return uploads_frame.to_frame([{"tenants": listed}])


def listed_versions(world: World) -> pd.DataFrame:
    """Give the enabled data versions of all tenants, as their list tells them."""
    listed = [
        {
            "tenant": tenant.code,
            "dataVersions": [
                {"dataVersion": version.number, "dataVersionDate": version.date}
                for version in tenant.enabled_versions(world.primary_category)[:5]
            ],
        }
        for tenant in world.listed
    ]
    return data_versions.to_frame([{"tenants": listed}])


def _listed_jobs(world: World) -> Iterator[dict[str, str]]:
    now = world.clock.now()
    for job in world.jobs.started_between(iso(now - LISTED.days * DAY), iso(now)):
        told = {
            "jobId": job.id,
            "tenant": job.tenant,
            "status": job.status.value,
            "jobType": job.kind.value,
            "startTime": job.start_time,
        }
        yield told | ({"parentJobId": job.parent.id} if job.parent else {})
