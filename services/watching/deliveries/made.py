"""Which data versions were made of which uploads, and why of some none was; pure.

A processing job takes in every upload that is included when it begins. So a version is known to
hold an upload where its job hangs below the delivery that brought it, or where it was made after
the upload and before the tenant's next one. Versions made later still hold it too, unless it was
excluded by then.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

import numpy as np
import pandas as pd

from services.frames import FAILURES, LIVE, JobType, Status, data_versions
from services.frames.answers import Rows
from services.frames.schema import categories
from services.watching.deliveries.membership import roots

# A version is there when its processing job has ended: after minutes, or hours.
PROCESSED_WITHIN: Final = timedelta(days=1)


class Made(StrEnum):
    """Whether a data version was made of an upload, or why none is known."""

    YES = "made"
    NOT_LISTED = "not_listed"
    """A processing job succeeded; its version is not among the enabled ones that are listed."""
    RUNNING = "running"
    FAILED = "processing_failed"
    CANCELLED = "processing_cancelled"
    EXCLUDED = "excluded"
    """No processing job has come since, and the upload is excluded: the next will leave it out."""
    NOT_STARTED = "not_started"
    """No processing job has come since."""
    UNKNOWN = "unknown"
    """No version is listed, and the jobs that are do not reach back to the upload."""


class Tie(StrEnum):
    """How a version is known to hold an upload, the surest first."""

    BELOW = "job_below"
    """Its processing job hangs in the tree of the delivery."""
    BEFORE_NEXT = "made_before_next_upload"
    """It was made after the upload and before the tenant's next one, by whatever job."""


@dataclass(frozen=True, eq=False)
class Outcomes:
    """What became of uploads; these, and jobs, are named by their rows.

    `made` is aligned to the uploads: category (Made), missing for what is no upload. `versions` has
    one row per upload and version that holds it: upload int64, data_version str, data_version_date
    datetime64[ms, UTC], tie category (Tie). `jobs` has one row per upload and processing job that
    took it in: upload and job int64, is_below bool.
    """

    made: pd.Series
    versions: pd.DataFrame
    jobs: pd.DataFrame


def outcomes(
    uploads: pd.DataFrame,
    root: Rows,
    tree: pd.DataFrame,
    versions: pd.DataFrame | None,
    jobs_since: datetime | None,
) -> Outcomes:
    """Return what became of each upload.

    `root` and `tree` are as `membership` has them, `versions` as services.frames.data_versions
    gives them, None where they were not read; `jobs_since` is the first moment for which jobs are
    listed, None where they cannot be.
    """
    listed = data_versions.to_frame([]) if versions is None else versions
    arrived, worked, known = _matchable(uploads, root, tree, listed)
    jobs = _jobs_of_uploads(arrived, worked)
    held = _versions_of_uploads(arrived, jobs, _with_jobs(known, worked))
    ends = tree["status"].iloc[jobs["job"]].array
    done = jobs["upload"][ends == Status.SUCCEEDED]
    found = {
        Made.YES: held["upload"] if versions is not None else done,
        Made.RUNNING: jobs["upload"][np.isin(ends, [*LIVE, Status.UNKNOWN])],
        Made.NOT_LISTED: done,
        Made.FAILED: jobs["upload"][np.isin(ends, [*FAILURES])],
        Made.CANCELLED: jobs["upload"][ends == Status.CANCELLED],
    }
    return Outcomes(_made(uploads, found, jobs_since), held, jobs)


def _matchable(
    uploads: pd.DataFrame, root: Rows, tree: pd.DataFrame, versions: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return uploads, processing jobs and versions by row, number of the tenant and time in order.

    pandas matches by numbers three times as fast as by codes.
    """
    codes = [frame["tenant_code"] for frame in (uploads, tree, versions)]
    tenants = pd.factorize(pd.concat(codes, ignore_index=True))[0]
    of_upload, of_job, of_version = np.split(tenants, np.cumsum([len(uploads), len(tree)]))
    arrived = {"at": uploads["upload_time"], "tenant": of_upload, "root": root}
    worked = {
        "at": tree["start_time"],
        "tenant": of_job,
        "root": roots(tree),
        "is_done": tree["status"] == Status.SUCCEEDED,
        "data_version": tree["data_version"],
    }
    known = {
        "at": versions["data_version_date"],
        "tenant": of_version,
        "data_version": versions["data_version"],
    }
    return (
        _in_order("upload", arrived, uploads["upload_time_text"].notna()),
        _in_order("job", worked, tree["job_type"] == JobType.PROCESSING),
        _in_order("version", known, versions["data_version"].notna()),
    )


def _in_order(row: str, columns: dict[str, Any], wanted: "pd.Series[bool]") -> pd.DataFrame:
    frame = pd.DataFrame(columns).assign(**{row: np.arange(len(wanted))})
    is_told = wanted & frame["at"].notna() & (frame["tenant"] >= 0)
    return frame[is_told].sort_values("at", kind="stable", ignore_index=True)


def _jobs_of_uploads(arrived: pd.DataFrame, worked: pd.DataFrame) -> pd.DataFrame:
    """Return which processing jobs took in which uploads.

    A job took in what its own delivery had brought its tenant, and the newest upload there was.
    """
    own = worked.loc[worked["root"] >= 0, ["at", "tenant", "root", "job"]]
    in_tree = pd.merge_asof(own, arrived, on="at", by=["tenant", "root"], direction="nearest")
    newest = pd.merge_asof(worked[["at", "tenant", "job"]], arrived, on="at", by="tenant")
    both = pd.concat([in_tree.assign(is_below=True), newest.assign(is_below=False)])
    taken_in = both.loc[both["upload"].notna(), ["upload", "job", "is_below"]]
    whole = taken_in.astype({"upload": "int64", "job": "int64"})
    return whole.drop_duplicates(["upload", "job"], ignore_index=True)


def _with_jobs(known: pd.DataFrame, worked: pd.DataFrame) -> pd.DataFrame:
    """Return the versions with the processing job that made each, missing where none is known.

    That is the job that names it, else the last of its tenant to succeed that began before it; of
    two after one job the first was made by it.
    """
    done = worked.loc[worked["is_done"], ["at", "tenant", "data_version", "job"]]
    is_named, pair = done["data_version"].notna(), ["tenant", "data_version"]
    names = done[is_named].drop(columns="at").drop_duplicates(pair, keep="last")
    named = known.merge(names, how="left", on=pair)
    rest, silent = named[named["job"].isna()], done[~is_named]
    after = pd.merge_asof(
        rest.drop(columns="job"),
        silent.drop(columns="data_version"),
        on="at",
        by="tenant",
        tolerance=PROCESSED_WITHIN,
    )
    after["job"] = after["job"].mask(after["job"].duplicated())
    return pd.concat([named[named["job"].notna()], after], ignore_index=True)


def _versions_of_uploads(
    arrived: pd.DataFrame, jobs: pd.DataFrame, known: pd.DataFrame
) -> pd.DataFrame:
    """Return which versions hold which uploads: those of their jobs, and else by their dates."""
    of_jobs = known[known["job"].notna()].astype({"job": "int64"}).merge(jobs, on="job")
    alone = known[known["job"].isna()].drop(columns="job").sort_values("at", kind="stable")
    by_date = pd.merge_asof(alone, arrived, on="at", by="tenant").dropna(subset="upload")
    held = pd.concat([of_jobs, by_date.assign(is_below=False)], ignore_index=True)
    ties = np.where(held["is_below"].to_numpy(bool), 0, 1)
    return pd.DataFrame(
        {
            "upload": held["upload"].astype("int64"),
            "data_version": held["data_version"],
            "data_version_date": held["at"],
            "tie": pd.Categorical.from_codes(ties, dtype=categories(Tie)),
        }
    )


def _made(
    uploads: pd.DataFrame, found: dict[Made, "pd.Series[int]"], jobs_since: datetime | None
) -> pd.Series:
    """Return for each upload the first of what was found, or why nothing was."""
    is_known = uploads["upload_time_text"].notna() & uploads["upload_time"].notna()
    is_reached = False if jobs_since is None else uploads["upload_time"] >= pd.Timestamp(jobs_since)
    rules = {made: np.isin(np.arange(len(uploads)), rows) for made, rows in found.items()}
    rules[Made.EXCLUDED] = uploads["included"].eq(False).fillna(False).to_numpy(bool)
    rules[Made.NOT_STARTED] = np.broadcast_to(is_reached, len(uploads))
    places = [list(Made).index(made) for made in rules]
    code = np.select(list(rules.values()), places, list(Made).index(Made.UNKNOWN))
    made = pd.Categorical.from_codes(np.where(is_known, code, -1), dtype=categories(Made))
    return pd.Series(made, uploads.index)
