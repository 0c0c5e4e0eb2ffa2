"""Deliveries put together: what came with what, what became of it, and what is unusual; pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np
import pandas as pd

from services.frames import FAILURES, LIVE, JobType, Status
from services.frames.order import milliseconds
from services.frames.schema import categories
from services.monitoring.deliveries.arrivals import Arrivals
from services.monitoring.deliveries.made import PROCESSING_FOLLOWS, Made, what_was_made
from services.monitoring.deliveries.membership import Confidence, membership
from services.monitoring.deliveries.ordering import in_order
from services.monitoring.deliveries.unusual import judge

_UPLOAD: Final = [
    "upload", "tenant_code", "delivery_id", "at", "included", "confidence", "made"
]  # fmt: skip
_OF_JOBS: Final = ["receiving_failed", "live_jobs"]
_COUNTED: Final = {
    "made": [Made.YES, Made.NOT_LISTED],
    "disabled": [Made.DISABLED],
    "none": [Made.FAILED, Made.CANCELLED, Made.EXCLUDED, Made.NOT_STARTED],
    "running": [Made.RUNNING],
    "processing_failed": [Made.FAILED],
    "cancelled": [Made.CANCELLED],
    "waiting": [Made.NOT_STARTED],
}


@dataclass(frozen=True, eq=False)
class Deliveries:
    """What was delivered, in four frames.

    `rows` has one row per delivery, newest first; `find` says which columns. `uploads` has one
    row per upload whose time is known, oldest first: upload int64 (its row among those given),
    tenant_code, delivery_id str, at datetime64[ms, UTC], included bool, confidence category
    (Confidence) and made category (Made). `versions` has one row per upload and data version that
    is known to have been made of it: upload and version int64 (their rows among those given), tie
    category (Tie). `reasons` has one row per reason for which a delivery is unusual, that with most
    tenants first: delivery_id str, reason category (Reason), value, out_of, usual, tenants and
    deviations float64 (NaN where a reason has none), other_id str (the delivery that it repeats).
    """

    rows: pd.DataFrame
    uploads: pd.DataFrame
    versions: pd.DataFrame
    reasons: pd.DataFrame

    def uploads_of(self, delivery_id: str) -> "pd.Series[int]":
        """Return the rows of the uploads of a delivery, among those given."""
        rows: pd.Series[int] = self.uploads.loc[
            self.uploads["delivery_id"] == delivery_id, "upload"
        ]
        return rows

    def versions_of(self, delivery_id: str) -> "pd.Series[int]":
        """Return the rows of the versions made of a delivery's uploads, among those given."""
        own = self.versions["upload"].isin(self.uploads_of(delivery_id))
        rows: pd.Series[int] = self.versions.loc[own, "version"].drop_duplicates()
        return rows


def arrived_within(
    rows: pd.DataFrame, since: datetime | None, until: datetime | None = None
) -> "pd.Series[bool]":
    """Return which deliveries arrived between two times, both included; None leaves an end open.

    What was still arriving then belongs to it whenever it began, and so does what brought nothing.
    """
    last = rows["last_upload"].fillna(rows["arrived"])
    inside = pd.Series(True, rows.index)
    if since is not None:
        inside &= last >= since
    if until is not None:
        inside &= rows["arrived"] <= until
    return inside


def find(
    uploads: pd.DataFrame,
    tree: pd.DataFrame,
    versions: pd.DataFrame | None = None,
    *,
    jobs_since: datetime | None,
    now: datetime,
    absences: pd.DataFrame | None = None,
    disabled: pd.DataFrame | None = None,
) -> Deliveries:
    """Return the deliveries of all uploads that are listed, and of the jobs that bring them.

    `uploads` has the columns of services.frames.uploads, `tree` those of job_tree.roll_up and
    with_missing_parents, without rows where jobs cannot be listed; `versions` those of
    services.frames.data_versions, None where they were not read. `jobs_since` is the first time
    for which jobs are listed, None where they cannot be; `absences` from when until when uploads
    were excluded, as far as that is known: what is processed meanwhile leaves them out. They have
    upload (its row in `uploads`), excluded_at and included_at, missing of what is still out.
    `disabled` are the versions known to have been disabled, with the columns of `versions`.

    The columns of `rows`: delivery_id str, the key of the topmost job or `time:` and the time of
    the first upload; of the topmost job job_id str, job_type category (JobType), status category
    (Status) and began datetime64[ms, UTC], missing where there is none; first_upload, last_upload
    and arrived (the first upload, or when the job began) datetime64[ms, UTC]; confidence category
    (Confidence, the least sure of its uploads); tenants, uploads, excluded, made, disabled, none,
    running and processing_failed int64, of the uploads that are listed; received int64, those its
    jobs tell, which are more where lists do not reach back so far; is_excluded bool, none of its
    uploads is included any more; versions int64, those listed that were made of them;
    receiving_failed int64, jobs that extract or receive; live_jobs int64; those of unusual.judge;
    and reason category (Reason, the one for which most tenants stand out).
    """
    arrived, jobs, known = in_order(uploads, tree, versions, disabled)
    arrived = membership(arrived, jobs)
    held, made = what_was_made(
        arrived,
        jobs,
        known,
        jobs_since=jobs_since,
        absences=absences,
        were_read=versions is not None,
    )
    arrived = arrived.assign(made=made)
    brings = jobs["job_type"].isin([JobType.RECEIVING, JobType.EXTRACTION]) & (jobs["root"] >= 0)
    number, names = pd.factorize(pd.concat([arrived["delivery_id"], jobs["root_key"][brings]]))
    ids = pd.Index(names, dtype="str")
    arrived = arrived.assign(delivery=number[: len(arrived)])
    jobs = jobs.assign(delivery=ids.get_indexer(pd.Index(jobs["root_key"])))
    rows = pd.DataFrame({"delivery_id": ids})
    rows = rows.join(_of_uploads(arrived, held)).join(_of_jobs(tree, jobs))
    rows = _filled(rows)
    # Jobs begin before their first upload arrives; without one, that is all there is.
    rows["arrived"] = rows["first_upload"].fillna(rows["began"])
    arrivals = _arrivals(arrived, jobs, jobs_since)
    rows["is_excluded"] = (rows["uploads"] > 0) & (rows["excluded"] == rows["uploads"])
    rows["received"] = np.bincount(arrivals.delivery, minlength=len(rows))
    judgements, reasons = judge(
        arrivals, milliseconds(rows["arrived"]), _ended(rows, now), _in_milliseconds(now)
    )
    first = reasons.drop_duplicates("delivery").set_index("delivery")["reason"]
    rows = rows.join(judgements).assign(reason=first.reindex(rows.index))
    codes = uploads["tenant_code"].array.take(arrived["upload"].to_numpy())
    return Deliveries(
        rows.sort_values("arrived", ascending=False, kind="stable", ignore_index=True),
        arrived.assign(tenant_code=codes)[_UPLOAD],
        held,
        _named(reasons, ids),
    )


def _named(reasons: pd.DataFrame, ids: pd.Index) -> pd.DataFrame:
    """Return the reasons with the ids of deliveries in the place of their numbers."""
    return reasons.assign(
        delivery_id=ids.array.take(reasons["delivery"].to_numpy()),
        other_id=ids.array.take(reasons["other"].to_numpy(), allow_fill=True),
    ).drop(columns=["delivery", "other"])


def _of_uploads(arrived: pd.DataFrame, held: pd.DataFrame) -> pd.DataFrame:
    """Count the uploads of each delivery and what was made of them."""
    by = arrived.groupby("delivery")
    least = arrived["confidence"].cat.codes.groupby(arrived["delivery"]).max()
    counted = {
        name: arrived["made"].isin(which).groupby(arrived["delivery"]).sum()
        for name, which in _COUNTED.items()
    }
    of_version = held.merge(arrived[["upload", "delivery"]], on="upload")
    return pd.DataFrame(
        {
            "first_upload": by["at"].min(),
            "last_upload": by["at"].max(),
            "confidence": pd.Series(
                pd.Categorical.from_codes(least, dtype=categories(Confidence)), least.index
            ),
            "tenants": by["tenant"].nunique(),
            "uploads": by.size(),
            "excluded": by.size() - by["included"].sum(),
            **counted,
            "versions": of_version.groupby("delivery")["version"].nunique(),
        }
    )


def _of_jobs(tree: pd.DataFrame, jobs: pd.DataFrame) -> pd.DataFrame:
    """Return the topmost job of each delivery, and counts of the jobs below."""
    own = jobs[jobs["delivery"] >= 0]
    by = own.groupby("delivery")
    top = tree.take(by["root"].first().to_numpy()).set_axis(by["root"].first().index)
    brings = own["job_type"].isin([JobType.EXTRACTION, JobType.RECEIVING])
    failed = brings & own["status"].isin(FAILURES)
    return pd.DataFrame(
        {
            "job_id": top["job_id"],
            "job_type": top["job_type"],
            "status": top["status"],
            "began": top["start_time"],
            "receiving_failed": failed.groupby(own["delivery"]).sum(),
            "live_jobs": own["status"].isin(LIVE).groupby(own["delivery"]).sum(),
        }
    )


def _filled(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with 0 where nothing was counted."""
    counts = [*_COUNTED, "tenants", "uploads", "excluded", "versions", *_OF_JOBS]
    # A delivery without a listed upload is known by its jobs alone.
    confidence = rows["confidence"].fillna(Confidence.TOLD)
    return rows.assign(
        confidence=confidence, **{name: rows[name].fillna(0).astype("int64") for name in counts}
    )


def _arrivals(arrived: pd.DataFrame, jobs: pd.DataFrame, jobs_since: datetime | None) -> Arrivals:
    """Return the arrivals of uploads, and those that only receiving jobs show.

    Of who loads daily the API lists the uploads of five days; the jobs that brought earlier ones
    may be listed still.
    """
    received = (jobs["job_type"] == JobType.RECEIVING) & (jobs["status"] == Status.SUCCEEDED)
    received &= (jobs["delivery"] >= 0) & ~jobs["job"].isin(arrived["job"])
    oldest = arrived.drop_duplicates("tenant").set_index("tenant")["at"]
    received &= jobs["at"] < oldest.reindex(jobs["tenant"]).array
    both = pd.concat(
        [frame[["at", "tenant", "delivery"]] for frame in (arrived, jobs[received])],
        keys=[True, False],
    )
    return Arrivals.of(
        milliseconds(both["at"]),
        both["tenant"].to_numpy(),
        both["delivery"].to_numpy(),
        both.index.get_level_values(0).to_numpy(bool),
        np.inf if jobs_since is None else _in_milliseconds(jobs_since),
    )


def _in_milliseconds(time: datetime) -> int:
    return int(time.timestamp() * 1000)


def _ended(rows: pd.DataFrame, now: datetime) -> pd.DataFrame:
    """Return what failed and came to nothing, of what has ended, where jobs are listed."""
    # An upload waits for its processing job for an hour; then none will come (made.py).
    is_through = (rows["live_jobs"] == 0) & (
        rows["arrived"] < pd.Timestamp(now - PROCESSING_FOLLOWS)
    )
    unmade = rows["processing_failed"] + rows["cancelled"] + rows["waiting"] * is_through
    failed = rows["processing_failed"] + rows["receiving_failed"]
    made = rows["made"] + rows["disabled"]
    ended = {
        "failed": failed,
        "tried": failed + made + rows["cancelled"],
        "unmade": unmade,
        "settled": unmade + made,
    }
    return pd.DataFrame(ended).mul(rows["status"].notna(), axis=0)
