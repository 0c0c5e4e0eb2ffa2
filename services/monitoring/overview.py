"""Whether the loads worked, for everyone: what the screens below count, put together; pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import numpy as np
import pandas as pd

from services.frames import FAILURES, JobType, Status
from services.frames.membership import is_among
from services.monitoring.durations import LATE, STUCK

REASONS: Final = ("load_failed", "none_enabled", "stuck", "overdue", "latest_excluded")
"""Why a tenant needs attention, worst first: columns of `attention`."""

NOTHING_TAKEN_OUT: Final = pd.DataFrame(
    {"awaits_version": [], "would_be_on_time": []}, pd.Index([], dtype="str"), dtype="bool"
)
CLOCKS_APART: Final = timedelta(minutes=10)
"""How far ahead the clock of Visier may be: what is dated later still is dated in the future."""


def is_ahead(dates: "pd.Series[pd.Timestamp]", now: datetime) -> "pd.Series[bool]":
    """Return which of the dates lie in the future, whichever clock is right."""
    return dates > pd.Timestamp(now + CLOCKS_APART)


def age_bands(
    dates: "pd.Series[pd.Timestamp]", now: datetime, ends: Sequence[timedelta]
) -> pd.DataFrame:
    """Return how many of the dates lie in which span of time before now, youngest first.

    `ends` are the ages at which one band ends and the next begins, ascending; the first band holds
    what is younger still, the last but one all that is older, the last what has no date. Columns:
    since and until datetime64[ms, UTC] (until is not part of the band; NaT where it is open, both
    in the last), tenants int64.
    """
    edges = pd.DatetimeIndex([now - end for end in ends]).as_unit("ms")
    older = len(edges)
    places = older - np.searchsorted(edges[::-1], dates.dropna().array, "right")
    counts = np.bincount(places, minlength=older + 1)
    return pd.DataFrame(
        {
            "since": edges.insert(older, pd.NaT).insert(older, pd.NaT),
            "until": edges.insert(0, pd.NaT).insert(older + 1, pd.NaT),
            "tenants": [*counts, int(dates.isna().sum())],
        }
    )


def put_right(jobs: pd.DataFrame, tenants: pd.DataFrame | None = None) -> "pd.Series[bool]":
    """Return which jobs have failed and were put right since.

    That is where a job of the same type has started later for the same tenant and succeeded, or
    where a data version has come since: of new data, unless it was processing that failed. `jobs`
    has the columns of a snapshot, `tenants` tenant_code, data_version_date and, where loads are
    known, loaded_at; None where versions were not read. Of a failed job whose tenant or start is
    missing it cannot be known.
    """
    kind = ["tenant_code", "job_type"]
    failed = jobs.loc[jobs["status"].isin(FAILURES), [*kind, "start_time"]].dropna()
    done = jobs[jobs["status"] == Status.SUCCEEDED]
    done = done.loc[is_among(done["tenant_code"], failed["tenant_code"]), [*kind, "start_time"]]
    latest = done.groupby(kind, observed=True)["start_time"].max()
    later = latest.reindex(pd.MultiIndex.from_frame(failed[kind])).set_axis(failed.index)
    mended = later > failed["start_time"]
    if tenants is not None:
        own = tenants[is_among(tenants["tenant_code"], failed["tenant_code"])]
        of = own.drop_duplicates("tenant_code").set_index("tenant_code")
        made, loaded = (
            of[name].reindex(failed["tenant_code"]).set_axis(failed.index)
            for name in (
                "data_version_date",
                "loaded_at" if "loaded_at" in of else "data_version_date",
            )
        )
        # A version reprocessed of old uploads mends a failed processing job, not a failed load.
        came = made.where(failed["job_type"] == JobType.PROCESSING, loaded)
        mended |= came > failed["start_time"]
    return mended.reindex(jobs.index, fill_value=False).astype(bool)


def failing(jobs: pd.DataFrame) -> "pd.Series[int]":
    """Return how many jobs have failed of each tenant of which one has, by tenant code."""
    failed = jobs[jobs["status"].isin(FAILURES)].dropna(subset="tenant_code")
    return failed.groupby("tenant_code").size()


def attention(
    tenants: pd.DataFrame,
    *,
    jobs: pd.DataFrame | None = None,
    uploads: pd.DataFrame | None = None,
    explained: pd.DataFrame = NOTHING_TAKEN_OUT,
) -> pd.DataFrame:
    """Return the tenants that need attention, worst first.

    `tenants` has one row per tenant with tenant_code, data_version, data_version_date and
    is_overdue (bool: services.monitoring.rhythm says so), and what `put_right` asks for; `jobs` the
    columns of a snapshot, `uploads` those of services.frames.uploads, oldest first within a tenant;
    what could not be read is None.
    What a person has excluded here is no alarm: `explained` is as of `taken_out`.

    Columns: tenant_code str, data_version_date datetime64[ms, UTC], failed_jobs int64 (those that
    were not put right), and one bool for each of REASONS: load_failed (there is such a job),
    none_enabled, stuck (a job of it is stuck or late), overdue (unless it would not be but for
    what was excluded here), latest_excluded (unless from here).
    """
    codes, dates = tenants["tenant_code"], tenants["data_version_date"]
    failed = pd.Series(dtype="int64") if jobs is None else failing(jobs[~put_right(jobs, tenants)])
    count = failed.reindex(codes).fillna(0).astype("int64").set_axis(tenants.index)
    facts = pd.DataFrame(
        {
            "tenant_code": codes,
            "data_version_date": dates,
            "failed_jobs": count,
            "load_failed": count > 0,
            "none_enabled": tenants["data_version"].isna(),
            "stuck": False if jobs is None else is_among(codes, _slow(jobs)),
            "overdue": tenants["is_overdue"]
            & ~is_among(codes, explained.index[explained["would_be_on_time"]]),
            "latest_excluded": False
            if uploads is None
            else is_among(codes, latest_excluded(uploads)["tenant_code"])
            & ~is_among(codes, explained.index),
        }
    )
    needing = facts[facts[[*REASONS]].any(axis=1)]
    return needing.sort_values(
        [*REASONS, "failed_jobs", "data_version_date", "tenant_code"],
        ascending=[*[False] * len(REASONS), False, True, True],
        na_position="first",
        ignore_index=True,
    )


def _slow(jobs: pd.DataFrame) -> "pd.Series[str]":
    return jobs.loc[jobs["mark"].isin([STUCK, LATE]), "tenant_code"].dropna()


def latest_excluded(uploads: pd.DataFrame) -> pd.DataFrame:
    """Return the latest upload of each tenant, where that is excluded."""
    latest = uploads.dropna(subset="upload_time").drop_duplicates("tenant_code", keep="last")
    return latest[latest["included"].eq(False).fillna(False)]


def taken_out(
    uploads: pd.DataFrame, tenants: pd.DataFrame, excluded_here: pd.DataFrame | None, now: datetime
) -> pd.DataFrame:
    """Return the tenants whose latest upload was excluded from here, by tenant code.

    `uploads` is as in `attention`, `tenants` has tenant_code, data_version_date, loaded_at and
    late_at; `excluded_here` are the uploads that were excluded from here (tenant_code,
    upload_time_text or missing for all of the tenant, excluded_at). Columns, both bool:
    awaits_version, whether no version made since is in use, and would_be_on_time, whether the
    tenant would not be overdue had that upload counted as its last load.
    """
    latest = latest_excluded(uploads)
    if excluded_here is None or excluded_here.empty or latest.empty:
        return NOTHING_TAKEN_OUT
    own = latest[["tenant_code", "upload_time", "upload_time_text"]].merge(
        excluded_here, on="tenant_code", suffixes=("", "_excluded")
    )
    one, all_of_it = own["upload_time_text_excluded"], own["upload_time_text_excluded"].isna()
    is_this = (one == own["upload_time_text"]) | (
        all_of_it & (own["upload_time"] <= own["excluded_at"])
    )
    known = own[is_this & own["excluded_at"].notna()]
    found = known.groupby("tenant_code")[["upload_time", "excluded_at"]].max()
    of = tenants.drop_duplicates("tenant_code").set_index("tenant_code").reindex(found.index)
    # The next one is due as long after a load as it was after the last.
    late_at = found["upload_time"] + (of["late_at"] - of["loaded_at"])
    return pd.DataFrame(
        {
            "awaits_version": ~(of["data_version_date"] > found["excluded_at"]),
            "would_be_on_time": late_at >= pd.Timestamp(now),
        }
    )
