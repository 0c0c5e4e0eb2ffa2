"""From an upload to the data versions that hold it, through the jobs that are known; pure."""

from datetime import datetime
from typing import Final

import pandas as pd

from services.frames import Status, data_versions
from services.frames.schema import categories
from services.monitoring.deliveries.made import Tie, processed_by, what_was_made
from services.monitoring.deliveries.membership import membership
from services.monitoring.deliveries.ordering import in_order

_TOLD_OF_A_JOB: Final = ("job_key", "job_type", "status", "status_word", "start_time")


def lineage(
    uploads: pd.DataFrame,
    tree: pd.DataFrame,
    versions: pd.DataFrame | None,
    *,
    jobs_since: datetime | None,
    absences: pd.DataFrame | None = None,
    disabled: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return one row per upload whose time is known, newest first.

    What is given is as for `find`. Columns: those of `uploads`; delivery_id str and confidence
    category (Confidence) as of `membership`; of the job that received it, and of the last one that
    processed it (that succeeded, where a listed version holds it), each of job_key, job_type,
    status, status_word and start_time after `receiving_`
    and `processing_`, missing where none is known; data_versions str, the numbers of the listed
    versions that are known to hold it, newest first (missing where there are none); tie category
    (Tie), the least sure of how that is known; made category (Made).
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
    found = arrived.assign(made=made).set_index("upload")
    of_upload = uploads.take(found.index.to_numpy()).set_axis(found.index)
    taken = processed_by(arrived, jobs, absences)
    return (
        of_upload.join(found[["delivery_id", "confidence", "made"]])
        .join(_of_job(tree, found["job"], "receiving"))
        .join(_of_job(tree, _last(_fitting(taken, jobs, held), jobs), "processing"))
        .join(_held(held, versions))
        .sort_values("upload_time", ascending=False, kind="stable", ignore_index=True)
    )


def _fitting(taken: pd.DataFrame, jobs: pd.DataFrame, held: pd.DataFrame) -> pd.DataFrame:
    """Return of what is in a version only the jobs that succeeded: no other has made it."""
    done = jobs.loc[jobs["status"] == Status.SUCCEEDED, "job"]
    return taken[taken["row"].isin(done) | ~taken["upload"].isin(held["upload"])]


def _last(taken: pd.DataFrame, jobs: pd.DataFrame) -> "pd.Series[int]":
    """Return by upload the last job that took it in: what was tried again counts as it ended."""
    began = taken.merge(jobs[["job", "at"]], left_on="row", right_on="job").sort_values("at")
    last: pd.Series[int] = began.drop_duplicates("upload", keep="last").set_index("upload")["row"]
    return last


def _of_job(tree: pd.DataFrame, jobs: "pd.Series[int]", what: str) -> pd.DataFrame:
    """Return columns of a job of the tree by upload, -1 for none."""
    known = jobs[jobs >= 0]
    rows = tree[list(_TOLD_OF_A_JOB)].take(known.to_numpy()).set_axis(known.index)
    return rows.add_prefix(f"{what}_")


def _held(held: pd.DataFrame, versions: pd.DataFrame | None) -> pd.DataFrame:
    """Return by upload the numbers of the versions that hold it, and the least sure tie."""
    listed = data_versions.to_frame([]) if versions is None else versions
    own = held.sort_values("version")
    numbers = listed["data_version"].array.take(own["version"].to_numpy())
    by = own.assign(number=numbers, sure=own["tie"].cat.codes).groupby("upload")
    least = by["sure"].max()
    return pd.DataFrame(
        {
            "data_versions": by["number"].agg(", ".join).astype("str"),
            "tie": pd.Categorical.from_codes(least.astype("int8"), dtype=categories(Tie)),
        }
    )
