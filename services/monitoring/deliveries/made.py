"""Which data versions were made of which uploads, and why of some none was; pure.

A processing job takes in every upload that is included when it begins. So a version is known to be
made of an upload where its job hangs below the delivery that brought it, where it was the tenant's
first to begin within an hour of the upload, or began before the tenant's next one. Versions made
later hold it too, but for those made while it was excluded.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from services.frames import FAILURES, LIVE, JobType, Status
from services.frames.schema import categories

# A version is there when its processing job has ended: after minutes, or hours.
PROCESSED_WITHIN: Final = timedelta(days=1)
# A processing job follows an upload at once; an upload that has none by then will get none.
PROCESSING_FOLLOWS: Final = timedelta(hours=1)


class Made(StrEnum):
    """Whether a data version was made of an upload, or why none is known."""

    YES = "made"
    NOT_LISTED = "not_listed"
    """A processing job succeeded; its version is not among the enabled ones that are listed."""
    DISABLED = "disabled"
    """Each version made of it that is known was disabled, from here or elsewhere."""
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
    BY_TIME = "made_next"
    """Its job was the first soon after the upload, or began before the tenant's next one."""


def what_was_made(
    arrived: pd.DataFrame,
    jobs: pd.DataFrame,
    versions: pd.DataFrame,
    *,
    jobs_since: datetime | None,
    absences: pd.DataFrame | None,
    were_read: bool,
) -> tuple[pd.DataFrame, "pd.Series[str]"]:
    """Return which enabled versions were made of which uploads, and what became of each upload.

    `versions` is as in `versions_made`, and has is_enabled (bool); `absences` is as of `find`. The
    columns of the first are upload and version int64 and tie category (Tie).
    """
    taken = processed_by(arrived, jobs, absences)
    held = versions_made(arrived, jobs, versions, absences)
    is_enabled = held["version"].isin(versions.loc[versions["is_enabled"], "version"])
    enabled = held[is_enabled].drop(columns="job").reset_index(drop=True)
    gone = held.loc[~is_enabled, ["upload", "job"]]
    if were_read:
        is_gone = taken["row"].isin(_disabled_elsewhere(jobs, versions[versions["is_enabled"]]))
        gone = pd.concat([gone, taken.rename(columns={"row": "job"})[["upload", "job"]][is_gone]])
    made_of = enabled["upload"] if were_read else None
    return enabled, outcomes(arrived, jobs, made_of, jobs_since, taken=taken, disabled=gone)


def _disabled_elsewhere(jobs: pd.DataFrame, enabled: pd.DataFrame) -> "pd.Series[int]":
    """Return the jobs that made a version that is not enabled: those before and after it are.

    Visier lists the newest of a tenant, so it would stand between them.
    """
    is_done = (jobs["job_type"] == JobType.PROCESSING) & (jobs["status"] == Status.SUCCEEDED)
    done, listed = jobs.loc[is_done, ["at", "tenant", "job"]], enabled[["at", "tenant", "version"]]
    before = pd.merge_asof(done, listed, on="at", by="tenant")
    after = pd.merge_asof(done, listed, on="at", by="tenant", direction="forward")
    has_own = done["job"].isin(pd.merge_asof(listed, done, on="at", by="tenant")["job"])
    is_between = before["version"].notna() & after["version"].notna()
    gone: pd.Series[int] = before.loc[is_between & ~has_own.to_numpy(), "job"]
    return gone


def versions_made(
    arrived: pd.DataFrame,
    jobs: pd.DataFrame,
    versions: pd.DataFrame,
    absences: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return which versions hold which uploads.

    `arrived` and `jobs` are as `membership` has them, with what it adds; `versions` has version
    (its row), tenant and at. Columns: upload and version int64, tie category (Tie), and job float64
    (the processing job that made the version, NaN where none is known).
    """
    done = jobs[(jobs["job_type"] == JobType.PROCESSING) & (jobs["status"] == Status.SUCCEEDED)]
    own = done[["at", "tenant", "root", "job"]].assign(began=done["at"])
    within = pd.Timedelta(PROCESSED_WITHIN)
    dated = pd.merge_asof(versions, own, on="at", by="tenant", tolerance=within)
    began = dated.assign(
        at=dated["began"].fillna(dated["at"]), root=dated["root"].fillna(-1).astype("int64")
    )
    held = _taken_in(arrived, began.rename(columns={"version": "row"}), absences)
    ties = pd.Categorical.from_codes(np.where(held["is_below"], 0, 1), dtype=categories(Tie))
    made_by = began.set_index("version")["job"].reindex(held["row"]).array
    return (
        held.rename(columns={"row": "version"})
        .drop(columns="is_below")
        .assign(tie=ties, job=made_by)
    )


def processed_by(
    arrived: pd.DataFrame, jobs: pd.DataFrame, absences: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Return which processing jobs took in which uploads: upload, row (of the job), is_below.

    `arrived` and `jobs` are as in `versions_made`.
    """
    processing = jobs[jobs["job_type"] == JobType.PROCESSING].rename(columns={"job": "row"})
    return _taken_in(arrived, processing[["at", "tenant", "root", "row"]], absences)


def outcomes(
    arrived: pd.DataFrame,
    jobs: pd.DataFrame,
    held: "pd.Series[int] | None",
    jobs_since: datetime | None,
    *,
    taken: pd.DataFrame,
    disabled: pd.DataFrame,
) -> "pd.Series[str]":
    """Return what became of each upload of `arrived`: category (Made).

    `held` names those that a listed version holds, None where versions were not read; `jobs_since`
    is the first time for which jobs are listed, None where they cannot be. `taken` is as of
    `processed_by`, `disabled` has upload and job, that made a version of it that was disabled.
    """
    ends = taken["row"].map(jobs.set_index("job")["status"])
    of = {
        Made.RUNNING: ends.isin([*LIVE, Status.UNKNOWN]),
        Made.NOT_LISTED: (ends == Status.SUCCEEDED) & ~taken["row"].isin(disabled["job"]),
        Made.FAILED: ends.isin(FAILURES),
        Made.CANCELLED: ends == Status.CANCELLED,
    }
    rules = {made: arrived["upload"].isin(taken.loc[which, "upload"]) for made, which in of.items()}
    rules = {
        Made.YES: rules[Made.NOT_LISTED] if held is None else arrived["upload"].isin(held),
        Made.RUNNING: rules[Made.RUNNING],
        Made.NOT_LISTED: rules[Made.NOT_LISTED],
        Made.DISABLED: arrived["upload"].isin(disabled["upload"]),
        **rules,
        Made.EXCLUDED: ~arrived["included"],
    }
    since = pd.Timestamp.max.tz_localize("UTC") if jobs_since is None else pd.Timestamp(jobs_since)
    rules[Made.NOT_STARTED] = arrived["at"] >= since
    places = [list(Made).index(made) for made in rules]
    code = np.select(list(rules.values()), places, list(Made).index(Made.UNKNOWN))
    return pd.Series(pd.Categorical.from_codes(code, dtype=categories(Made)), arrived.index)


def _taken_in(
    arrived: pd.DataFrame, began: pd.DataFrame, absences: pd.DataFrame | None
) -> pd.DataFrame:
    """Return which uploads were taken in by what began at a time: upload, row, is_below.

    That is what its own delivery had brought its tenant, what came shortly before, and the
    newest upload there was; but for what was excluded then.
    """
    began = began.sort_values("at", kind="stable").assign(began=lambda each: each["at"])
    columns = ["at", "tenant", "upload"]
    below = pd.merge_asof(
        began[began["root"] >= 0],
        arrived[[*columns, "root"]],
        on="at",
        by=["tenant", "root"],
        direction="nearest",
    )
    newest = pd.merge_asof(began, arrived[columns], on="at", by="tenant")
    first = pd.merge_asof(
        arrived[columns],
        began[["at", "tenant", "row", "began"]],
        on="at",
        by="tenant",
        direction="forward",
        tolerance=pd.Timedelta(PROCESSING_FOLLOWS),
    )
    by_time = pd.concat([newest, first])
    both = pd.concat([below.assign(is_below=True), by_time.assign(is_below=False)])
    known = both.dropna(subset=["upload", "row"]).astype({"upload": "int64", "row": "int64"})
    if absences is not None:
        known = known[~was_out(known["upload"], known["began"], absences)]
    return known[["upload", "row", "is_below"]].drop_duplicates(
        ["upload", "row"], ignore_index=True
    )


def was_out(
    uploads: "pd.Series[int]", at: "pd.Series[pd.Timestamp]", absences: pd.DataFrame
) -> npt.NDArray[np.bool_]:
    """Return whether each upload, by its row, was excluded at a time of its own: bool."""
    asked = pd.DataFrame({"row": np.arange(len(at)), "upload": uploads.array, "at": at.array})
    spans = asked.merge(absences, on="upload")
    is_out = (spans["excluded_at"] <= spans["at"]) & ~(spans["included_at"] <= spans["at"])
    return np.isin(asked["row"], spans.loc[is_out, "row"])
