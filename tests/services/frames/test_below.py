"""What is known of everything below a job."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
import pytest

from services.frames import Status, job_tree, jobs
from services.frames.job_tree import Below

UPLOAD, DISPATCH, PROCESSING = "UPLOAD_JOB", "DISPATCHING_JOB", "PROCESSING_JOB"
COUNTS = ["jobs_below", "succeeded_below", "failed_below", "live_below", "cancelled_below"]


def below_parent(
    statuses: Sequence[str], kind: str = UPLOAD, dispatched: int | None = None
) -> "pd.Series[Any]":
    """Return what is known below a job that succeeded, of children in these states."""
    parent = {"jobId": "top", "status": "Succeeded", "jobType": kind}
    children = [
        {"jobId": f"{n}", "parentJobId": "top", "status": status, "jobType": PROCESSING}
        for n, status in enumerate(statuses)
    ]
    listed = jobs.from_job_status({"jobStatus": [parent, *children]})
    told = pd.array([dispatched, *[None] * len(children)], "Int64")
    tree = job_tree.roll_up(listed.assign(total_jobs_dispatched=told))
    return job_tree.below(tree).iloc[0]


@pytest.mark.parametrize(
    ("statuses", "kind", "dispatched", "found"),
    [
        ([], UPLOAD, None, Below.SUCCEEDED),
        (["Succeeded"] * 3, UPLOAD, None, Below.SUCCEEDED),
        (["Succeeded", "Rescheduled", "Succeeded"], UPLOAD, None, Below.SUCCEEDED),
        (["Succeeded", "Failed"], UPLOAD, None, Below.FAILED),
        (["RolledBack", "Running"], UPLOAD, None, Below.FAILING),
        (["Succeeded", "Pending"], UPLOAD, None, Below.LIVE),
        (["Succeeded", "a word of its own"], UPLOAD, None, Below.LIVE),
        (["Succeeded", "Cancelled"], UPLOAD, None, Below.CANCELLED),
        ([], DISPATCH, None, Below.UNLISTED),
        ([], DISPATCH, 0, Below.SUCCEEDED),
        (["Succeeded"], DISPATCH, None, Below.SUCCEEDED),
        (["Succeeded"], DISPATCH, 2, Below.UNLISTED),
        (["Succeeded"], DISPATCH, 1, Below.SUCCEEDED),
        (["Succeeded", "Failed"], DISPATCH, 40, Below.FAILED),
    ],
)
def test_the_worst_that_holds_is_said(
    statuses: list[str], kind: str, dispatched: int | None, found: Below
) -> None:
    assert below_parent(statuses, kind, dispatched)["below"] == found


def test_jobs_below_are_counted_to_any_depth_and_rescheduled_ones_are_others_now() -> None:
    statuses = ["Succeeded"] * 4 + ["Failed", "Error", "Running", "Cancelled", "Rescheduled"]
    told = below_parent(statuses, DISPATCH, 12)
    assert [told[name] for name in COUNTS] == [8, 4, 2, 1, 1]
    assert told["unlisted_below"] == 3
    chain = [
        {"jobId": "a", "status": "Succeeded"},
        {"jobId": "b", "parentJobId": "a", "status": "Succeeded"},
        {"jobId": "c", "parentJobId": "b", "status": "Failed"},
    ]
    tree = job_tree.roll_up(jobs.from_job_status({"jobStatus": chain}))
    assert list(job_tree.below(tree)["failed_below"]) == [1, 1, 0]


def test_every_state_of_a_child_is_in_one_count_but_the_rescheduled() -> None:
    for status in Status:
        told = below_parent([status])
        assert told[COUNTS[1:]].sum() == (status is not Status.RESCHEDULED)


def test_no_jobs_have_the_same_columns() -> None:
    tree = job_tree.roll_up(jobs.from_job_status([]))
    found = job_tree.below(tree)
    assert found.empty
    assert list(found) == ["below", *COUNTS, "unlisted_below"]


@pytest.mark.parametrize("status", ["Failed", "Running", "Pending"])
def test_no_job_counts_as_succeeded_above_one_that_did_not(status: str) -> None:
    listed = [("top", None, "Succeeded"), ("below", "top", status), ("alone", None, "Succeeded")]
    items = [{"jobId": id_, "parentJobId": above, "status": own} for id_, above, own in listed]
    tree = job_tree.roll_up(jobs.from_job_status({"jobStatus": items}))
    counted = dict(zip(tree["job_id"], job_tree.counted_as(tree), strict=True))
    assert counted == {
        "top": job_tree.ABOVE_OTHERS,
        "below": status.lower(),
        "alone": Status.SUCCEEDED,
    }
