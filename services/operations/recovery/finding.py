"""The impact of a bad load: its uploads, the data versions made since, the later jobs. Pure.

A processing job uses every upload that is included when it begins. Each data version made since a
bad upload arrived is therefore assumed to contain it, unless the job that made it is known to have
begun after all bad uploads of its tenant were excluded.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

import pandas as pd

from services.frames import ENDED, JobType
from services.frames import jobs as job_frames
from services.frames.membership import is_among

UPLOAD_COLUMNS = ["tenant_code", "upload_time", "upload_time_text", "included"]
VERSION_COLUMNS = ["tenant_code", "data_version", "data_version_date"]
# A receiving job lists its uploads within minutes; on a busy night it takes longer.
BROUGHT_WITHIN = timedelta(hours=1)


class By(StrEnum):
    """The ways to find a bad load."""

    DELIVERY = "delivery"
    JOB = "receiving_job"
    WINDOW = "time_window"
    TENANTS = "tenants"
    FAILURE = "failure"


@dataclass(frozen=True, eq=False)
class Impact:
    """The impact of a bad load.

    `uploads` has UPLOAD_COLUMNS, oldest first; `versions` are the enabled ones made since, with
    VERSION_COLUMNS, newest first within a tenant; `fallbacks`, at most one row per tenant, the
    newest enabled version before them. `jobs` has the columns of jobs.SCHEMA: the receiving jobs of
    the uploads, and every later job of these tenants; `knows_jobs` is False where none were read.
    """

    uploads: pd.DataFrame
    versions: pd.DataFrame
    fallbacks: pd.DataFrame
    jobs: pd.DataFrame
    knows_jobs: bool = True

    @property
    def tenants(self) -> list[str]:
        """The codes of the tenants, in order."""
        return sorted(self.uploads["tenant_code"].unique())

    def made_of(self, versions: pd.DataFrame) -> int:
        """Return how many of `versions` contain the bad uploads."""
        names = ["tenant_code", "data_version"]
        return len(self.versions[names].merge(versions[names].drop_duplicates()))

    @property
    def running(self) -> pd.DataFrame:
        """The jobs that have not ended: their data versions may contain the bad uploads too."""
        return self.jobs[~self.jobs["status"].isin(ENDED)]

    @property
    def later_jobs(self) -> pd.DataFrame:
        """The later jobs of these tenants, without receiving jobs."""
        return self.jobs[self.jobs["job_type"] != JobType.RECEIVING]

    @property
    def deliveries(self) -> list[str]:
        """The ids of the topmost receiving jobs of the uploads."""
        receiving = self.jobs[self.jobs["job_type"] == JobType.RECEIVING]
        tops = receiving["parent_job_id"].fillna(receiving["job_id"])
        return [*tops.dropna().unique()]


def listed_uploads(uploads: pd.DataFrame) -> pd.DataFrame:
    """Return the rows that are uploads: a tenant without uploads has a row too."""
    return uploads.loc[uploads["upload_time_text"].notna(), UPLOAD_COLUMNS]


def of_window(
    uploads: pd.DataFrame, since: pd.Timestamp | None, until: pd.Timestamp | None
) -> pd.DataFrame:
    """Return the uploads that arrived between two times, both included; a missing end is open."""
    listed = listed_uploads(uploads)
    inside = listed["upload_time"].notna()
    if since is not None:
        inside &= listed["upload_time"] >= since
    if until is not None:
        inside &= listed["upload_time"] <= until
    return listed[inside]


def of_tenants(uploads: pd.DataFrame, codes: Collection[str]) -> pd.DataFrame:
    """Return the latest upload of each of these tenants."""
    listed = listed_uploads(uploads)
    own = listed[is_among(listed["tenant_code"], codes)]
    return own.sort_values("upload_time", kind="stable").drop_duplicates("tenant_code", keep="last")


def of_failures(uploads: pd.DataFrame, failed: pd.DataFrame) -> pd.DataFrame:
    """Return the latest upload of each tenant before the first of its failed jobs began.

    `failed` has the columns of jobs.SCHEMA.
    """
    began = failed.groupby("tenant_code")["start_time"].min()
    listed = listed_uploads(uploads)
    own = listed[is_among(listed["tenant_code"], [*began.index])]
    before = own["upload_time"] <= _told_of(own["tenant_code"], began)
    return of_tenants(own[before], [*began.index])


def assess_impact(
    bad: pd.DataFrame,
    versions: pd.DataFrame,
    jobs: pd.DataFrame | None,
    excluded_at: "pd.Series[pd.Timestamp] | None" = None,
) -> Impact:
    """Return the impact of bad uploads.

    ``bad`` has UPLOAD_COLUMNS; ``versions`` is the unfiltered frame of
    services.frames.data_versions, and ``jobs`` has the columns of jobs.SCHEMA; None where none were
    read. ``excluded_at`` is when each of ``bad`` was excluded, by its index; missing where unknown.
    """
    if excluded_at is None:
        excluded_at = pd.Series(pd.NaT, bad.index, "datetime64[ms, UTC]")
    # A missing flag counts as included: rather a version too many than one too few.
    out_since = _out_since(bad["tenant_code"], excluded_at.mask(bad["included"].fillna(True)))
    bad = bad.sort_values(["upload_time", "tenant_code"], kind="stable", ignore_index=True)
    arrived = bad.groupby("tenant_code")["upload_time"].min()
    listed = versions.loc[versions["data_version"].notna(), VERSION_COLUMNS]
    listed = listed[is_among(listed["tenant_code"], [*arrived.index])]
    since = listed["data_version_date"] >= _told_of(listed["tenant_code"], arrived)
    found = _jobs_of(job_frames.from_job_status([]) if jobs is None else jobs, arrived)
    began = _processing_began(listed, found)
    # Missing times compare as False: what is not known to be clean counts as bad.
    holds = since & ~(began > _told_of(listed["tenant_code"], out_since))
    return Impact(
        bad[UPLOAD_COLUMNS],
        listed[holds].reset_index(drop=True),
        # Newest first: the first left of each tenant is its fallback.
        listed[~holds].drop_duplicates("tenant_code").reset_index(drop=True),
        found,
        jobs is not None,
    )


def _out_since(
    codes: "pd.Series[str]", excluded_at: "pd.Series[pd.Timestamp]"
) -> "pd.Series[pd.Timestamp]":
    """Return by tenant since when all its bad uploads are excluded; missing where unsure."""
    last = excluded_at.groupby(codes).max()
    return last[~is_among(last.index.to_series(), [*codes[excluded_at.isna()].unique()])]


def _processing_began(versions: pd.DataFrame, jobs: pd.DataFrame) -> "pd.Series[pd.Timestamp]":
    """Return when the last processing job of its tenant before each version began, where known."""
    own = jobs.loc[jobs["job_type"] == JobType.PROCESSING, ["tenant_code", "start_time"]]
    dated = versions[versions["data_version_date"].notna()]
    # By time, each side sorted: the last job that began before the version's date.
    before = pd.merge_asof(
        dated.reset_index().sort_values("data_version_date", kind="stable"),
        own.dropna().sort_values("start_time", kind="stable"),
        left_on="data_version_date",
        right_on="start_time",
        by="tenant_code",
    )
    began: pd.Series[pd.Timestamp] = before.set_index("index")["start_time"]
    return began.reindex(versions.index)


def _jobs_of(jobs: pd.DataFrame, arrived: "pd.Series[pd.Timestamp]") -> pd.DataFrame:
    own = jobs[is_among(jobs["tenant_code"], [*arrived.index])]
    late = own["start_time"] - _told_of(own["tenant_code"], arrived)
    receiving = own["job_type"] == JobType.RECEIVING
    brought = receiving & (late <= timedelta(0)) & (late > -BROUGHT_WITHIN)
    newest = own[brought].sort_values("start_time").drop_duplicates("tenant_code", keep="last")
    # The jobs that brought the uploads, and all that began later.
    found = pd.concat([newest, own[late > timedelta(0)]])
    return found.sort_values("start_time", kind="stable", ignore_index=True)


def by_tenant(impact: Impact) -> pd.DataFrame:
    """Return one row per affected tenant, in the order of their codes.

    Columns: tenant_code str, upload_time datetime64[ms, UTC] (of its first bad upload), uploads
    int64, included int64 (how many of them still are), data_versions str (the numbers made since,
    newest first, separated by `, `; empty when none), falls_back_to str and its date
    falls_back_date datetime64[ms, UTC], missing when no other enabled version is listed, later_jobs
    Int64, missing where no jobs were read.
    """
    uploads = impact.uploads.groupby("tenant_code")
    versions = impact.versions.groupby("tenant_code")["data_version"]
    later = impact.later_jobs.groupby("tenant_code").size()
    rows = pd.DataFrame(
        {
            "upload_time": uploads["upload_time"].min(),
            "uploads": uploads.size(),
            "included": uploads["included"].sum().astype("int64"),
        }
    ).reset_index()
    codes = rows["tenant_code"]
    counts = _told_of(codes, later).fillna(0).astype("Int64")
    fallbacks = impact.fallbacks.set_index("tenant_code")
    return rows.assign(
        data_versions=_told_of(codes, versions.agg(", ".join)).astype("str").fillna(""),
        falls_back_to=_told_of(codes, fallbacks["data_version"]).astype("str"),
        falls_back_date=_told_of(codes, fallbacks["data_version_date"]),
        later_jobs=counts if impact.knows_jobs else counts.mask(counts.notna()),
    )


def _told_of(codes: "pd.Series[str]", by_code: pd.Series) -> pd.Series:
    # Series.map does the same, but makes an empty series one of numbers.
    return by_code.reindex(codes).set_axis(codes.index)
