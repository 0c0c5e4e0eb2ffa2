"""Deliveries put together: what came with what, what became of it, and what is unusual; pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import numpy as np
import pandas as pd

from services.frames import FAILURES, LIVE, JobType, Status
from services.frames.membership import is_among
from services.frames.order import milliseconds
from services.frames.schema import categories
from services.watching.deliveries import clusters
from services.watching.deliveries.arrivals import Arrivals
from services.watching.deliveries.made import Made, Outcomes, outcomes
from services.watching.deliveries.membership import Grouping, membership
from services.watching.deliveries.numbers import Numbers
from services.watching.deliveries.unusual import judge

_UPLOAD: Final = ["tenant_code", "upload_time", "upload_time_text", "included"]
# A processing job follows an upload at once; an upload that has none by then will get none.
_PROCESSING_FOLLOWS: Final = timedelta(hours=1)
_MADE: Final = [Made.YES, Made.NOT_LISTED]
_NOT_MADE: Final = [Made.FAILED, Made.CANCELLED, Made.EXCLUDED, Made.NOT_STARTED]


@dataclass(frozen=True, eq=False)
class Deliveries:
    """What was delivered, in four frames.

    `rows` has one row per delivery, newest first; its columns are told by `find`. `uploads` is
    aligned to the uploads it was made of: tenant_code, upload_time, upload_time_text, included,
    delivery_id str, grouping category (Grouping) and made category (Made), these three missing for
    what is no upload or has no readable time. `versions` has one row per upload and data version
    that is known to hold it: upload int64 (its row), data_version str, data_version_date
    datetime64[ms, UTC], tie category (Tie). `reasons` has one row per reason for which a delivery
    is unusual, that with most tenants first: delivery_id str, reason category (Reason), value,
    out_of, usual, tenants and deviations float64 (NaN where a reason has none), other_id str (the
    delivery that it repeats).
    """

    rows: pd.DataFrame
    uploads: pd.DataFrame
    versions: pd.DataFrame
    reasons: pd.DataFrame


def find(
    uploads: pd.DataFrame,
    tree: pd.DataFrame,
    versions: pd.DataFrame | None = None,
    *,
    jobs_since: datetime | None,
    now: datetime,
) -> Deliveries:
    """Return the deliveries of all uploads that are listed, and of the jobs that bring them.

    `uploads` has the columns of services.frames.uploads, `tree` those of job_tree.roll_up and
    with_missing_parents, `versions` those of services.frames.data_versions, None where they were
    not read. `jobs_since` is the first moment for which jobs are listed, None where they cannot be.

    The columns of `rows`: delivery_id str, the key of the topmost job or `time:` and the time of
    the first upload; of the topmost job job_id str, job_type category (JobType), status category
    (Status) and began datetime64[ms, UTC], missing where there is none; first_upload and
    last_upload datetime64[ms, UTC]; grouping category (Grouping, the commonest of its uploads, told
    by jobs without any); tenants, uploads, included, excluded and ambiguous (Grouping) int64, of
    what is listed; received int64, the uploads its jobs tell, which are more where lists do not
    reach back so far; versions int64, those listed that hold its uploads; made, not_made, running
    and processing_failed int64, uploads; receiving_failed int64, jobs that extract or receive;
    live_jobs int64; reason category (Reason, the one for which most tenants stand out); and those
    of unusual.Standing.
    """
    members = membership(uploads, tree)
    became = outcomes(uploads, members["root"].to_numpy(), tree, versions, jobs_since)
    numbers = Numbers.of(members, tree)
    arrivals = _arrivals(numbers, uploads, members, tree, jobs_since)
    rows = _tops(numbers, tree).join(_of_uploads(numbers, uploads, members))
    rows = rows.join(_of_jobs(numbers, tree)).join(_of_outcomes(numbers, uploads, became))
    rows["received"] = numbers.count(arrivals.delivery)
    begins = rows["first_upload"].fillna(rows["began"])
    moment = pd.Series([pd.Timestamp(now)], dtype=begins.dtype)
    ended = _ended(rows, numbers, became.made, begins, now)
    standing = judge(arrivals, milliseconds(begins), ended, int(milliseconds(moment)[0]))
    first = standing.reasons.drop_duplicates("delivery").set_index("delivery")["reason"]
    rows = rows.join(standing.rows).assign(reason=first.reindex(rows.index))
    ids = rows["delivery_id"].array
    reasons = standing.reasons.assign(
        delivery_id=ids.take(standing.reasons["delivery"].to_numpy()),
        other_id=ids.take(standing.reasons["other"].to_numpy(), allow_fill=True),
    ).drop(columns=["delivery", "other"])
    own = {name: members[name] for name in ("delivery_id", "grouping")}
    order = np.argsort(-milliseconds(begins), kind="stable")
    return Deliveries(
        rows.take(order).reset_index(drop=True),
        uploads[_UPLOAD].assign(**own, made=became.made),
        became.versions,
        reasons,
    )


def _tops(numbers: Numbers, tree: pd.DataFrame) -> pd.DataFrame:
    """Return the id of each delivery and what is told of its topmost job."""
    told = {"job_id": "job_id", "job_type": "job_type", "status": "status", "start_time": "began"}
    of_top = {
        name: tree[column].array.take(numbers.root, allow_fill=True)
        for column, name in told.items()
    }
    return pd.DataFrame({"delivery_id": numbers.ids, **of_top})


def _of_uploads(numbers: Numbers, uploads: pd.DataFrame, members: pd.DataFrame) -> pd.DataFrame:
    known = numbers.of_upload >= 0
    by = uploads[known].groupby(numbers.of_upload[known])
    times = by["upload_time"].agg(["min", "max"]).reindex(range(len(numbers.ids)))
    groupings = members["grouping"].cat.codes.to_numpy()
    counted = np.stack(
        [numbers.count(numbers.of_upload, groupings == code) for code in range(len(Grouping))]
    )
    included = uploads["included"]
    return pd.DataFrame(
        {
            "first_upload": times["min"],
            "last_upload": times["max"],
            "grouping": pd.Categorical.from_codes(
                counted.argmax(axis=0), dtype=categories(Grouping)
            ),
            "ambiguous": counted[-1],
            "tenants": by["tenant_code"].nunique().reindex(times.index, fill_value=0),
            "uploads": numbers.count(numbers.of_upload),
            "included": numbers.count(numbers.of_upload, included.fillna(False)),
            "excluded": numbers.count(numbers.of_upload, ~included.fillna(True)),
        }
    )


def _of_jobs(numbers: Numbers, tree: pd.DataFrame) -> pd.DataFrame:
    brings = tree["job_type"].isin([JobType.EXTRACTION, JobType.RECEIVING])
    failed = tree["status"].isin(FAILURES)
    return pd.DataFrame(
        {
            "receiving_failed": numbers.count(numbers.of_job, brings & failed),
            "live_jobs": numbers.count(numbers.of_job, tree["status"].isin(LIVE)),
        }
    )


def _of_outcomes(numbers: Numbers, uploads: pd.DataFrame, became: Outcomes) -> pd.DataFrame:
    """Return what became of the uploads of each delivery."""
    held = became.versions[["upload", "data_version"]].assign(
        delivery=numbers.of_upload[became.versions["upload"]],
        tenant=uploads["tenant_code"].array.take(became.versions["upload"]),
    )
    distinct = held.drop_duplicates(["delivery", "tenant", "data_version"])
    counted = {
        "made": _MADE,
        "not_made": _NOT_MADE,
        "running": [Made.RUNNING],
        "processing_failed": [Made.FAILED],
    }
    return pd.DataFrame(
        {
            "versions": numbers.count(distinct["delivery"].to_numpy()),
            **{
                name: numbers.count(numbers.of_upload, became.made.isin(which))
                for name, which in counted.items()
            },
        }
    )


def _arrivals(
    numbers: Numbers,
    uploads: pd.DataFrame,
    members: pd.DataFrame,
    tree: pd.DataFrame,
    jobs_since: datetime | None,
) -> Arrivals:
    """Return the arrivals that uploads tell, and those that receiving jobs tell besides.

    Of who loads daily the API lists the uploads of five days; the jobs that brought earlier ones
    may be listed still.
    """
    is_known = (numbers.of_upload >= 0) & uploads["tenant_code"].notna().to_numpy()
    listed = uploads[is_known]
    oldest = listed.groupby("tenant_code")["upload_time"].min()
    received = (tree["job_type"] == JobType.RECEIVING) & (tree["status"] == Status.SUCCEEDED)
    received &= (numbers.of_job >= 0) & is_among(tree["tenant_code"], listed["tenant_code"])
    received &= ~np.isin(np.arange(len(tree)), members["job"])
    besides = tree[received]
    is_older = besides["start_time"] < oldest.reindex(besides["tenant_code"]).array
    besides = besides[is_older]
    times = [milliseconds(listed["upload_time"]), milliseconds(besides["start_time"])]
    codes = pd.concat([listed["tenant_code"], besides["tenant_code"]], ignore_index=True)
    delivery = [numbers.of_upload[is_known], numbers.of_job[besides.index]]
    return Arrivals.of(
        np.concatenate(times),
        pd.factorize(codes)[0],
        np.concatenate(delivery),
        np.arange(len(codes)) < len(listed),
        np.inf if jobs_since is None else jobs_since.timestamp() * 1000,
    )


def _ended(
    rows: pd.DataFrame, numbers: Numbers, made: pd.Series, begins: pd.Series, now: datetime
) -> pd.DataFrame:
    """Return what failed and came to nothing, of what has ended, where jobs tell it."""
    cancelled = numbers.count(numbers.of_upload, made == Made.CANCELLED)
    waiting = numbers.count(numbers.of_upload, made == Made.NOT_STARTED)
    is_through = (rows["live_jobs"] == 0) & (begins < pd.Timestamp(now - _PROCESSING_FOLLOWS))
    unmade = rows["processing_failed"] + cancelled + waiting * is_through
    failed = rows["processing_failed"] + rows["receiving_failed"]
    ended = {
        "failed": failed,
        "tried": failed + rows["made"] + cancelled,
        "unmade": unmade,
        "settled": unmade + rows["made"],
    }
    return pd.DataFrame(ended) * (numbers.root >= 0)[:, None]


def versions_of(found: Deliveries, delivery_id: str) -> pd.DataFrame:
    """Return what was made of the uploads of a delivery: what disabling it would have to disable.

    One row per upload and version known to hold it, or a row with none, by tenant and time. The
    columns of `Deliveries.uploads`, upload int64 (its row there), and data_version str,
    data_version_date datetime64[ms, UTC] and tie category (Tie), which are missing where there is
    none: `made` says why.
    """
    rows = np.flatnonzero(found.uploads["delivery_id"] == delivery_id)
    own = found.uploads.iloc[rows].assign(upload=rows)
    held = own.merge(found.versions, how="left", on="upload")
    return held.sort_values(["tenant_code", "upload_time"], kind="stable", ignore_index=True)


def named(found: Deliveries, delivery_id: str) -> str | None:
    """Return the id by which a delivery is known now, None when it is not among these.

    The id of a cluster is the time of its first upload, which drops off the API's list one day, or
    turns out to have come with a job: then it is the delivery that holds that time.
    """
    rows = found.rows
    if (rows["delivery_id"] == delivery_id).any():
        return delivery_id
    moment = clusters.time_of(delivery_id)
    if moment is None:
        return None
    same = found.uploads.loc[found.uploads["upload_time"] == moment, "delivery_id"].dropna()
    inside = rows.loc[
        (rows["first_upload"] <= moment) & (rows["last_upload"] >= moment), "delivery_id"
    ]
    return next(iter([*same, *inside]), None)
