"""How a job looks with everything below it."""

import pandas as pd
import pytest

from dashboard.components import states
from dashboard.components.job_states import FACES, face
from dashboard.operations import operation_results
from dashboard.wording import JOB_STATES
from pages.jobs import table
from services.frames import ENDED, FAILURES, Status, job_tree, jobs
from services.frames.job_tree import Below
from services.ledger import Outcome
from services.operations import Verb


def tree(*statuses: str, dispatched: int | None = None) -> pd.DataFrame:
    """Return a dispatching job that succeeded and then its children in these states."""
    parent = {"jobId": "top", "status": "Succeeded", "jobType": "DISPATCHING_JOB"}
    children = [
        {"jobId": f"{n}", "parentJobId": "top", "status": status}
        for n, status in enumerate(statuses)
    ]
    listed = jobs.from_job_status({"jobStatus": [parent, *children]})
    told = pd.array([dispatched, *[None] * len(children)], "Int64")
    return job_tree.roll_up(listed.assign(total_jobs_dispatched=told))


@pytest.mark.parametrize("below", [each for each in Below if each != Below.SUCCEEDED])
def test_no_success_is_green_above_what_is_none(below: Below) -> None:
    assert face(Status.SUCCEEDED).color == "green"
    assert face(Status.SUCCEEDED, below).color != "green"
    assert face(Status.SUCCEEDED, below).mark != face(Status.SUCCEEDED).mark


def test_every_face_has_its_label_in_the_column() -> None:
    assert len({each.label for each in FACES}) == len(FACES)
    shown = {face(state, below).label for state in Status for below in Below}
    assert shown == {each.label for each in FACES}


def test_what_has_not_succeeded_itself_looks_as_it_is() -> None:
    for state in set(Status) - {Status.SUCCEEDED}:
        for below in Below:
            assert face(state, below).color == face(state).color
            assert face(state, below).words.startswith(JOB_STATES[state])
    assert face(Status.RUNNING, Below.FAILED).words == "Running"
    assert all("child jobs" in face(state, Below.FAILED).words for state in FAILURES)
    assert Status.RUNNING not in ENDED


def test_a_parent_of_a_thousand_says_how_many_failed() -> None:
    family = tree(*["Succeeded"] * 931, *["Failed"] * 69, dispatched=1000)
    assert states.labels(family).iloc[0] == ["✕ Succeeded, child jobs failed"]
    assert states.below_in_words(family).iloc[0] == "931 of 1,000 succeeded, 69 failed"
    assert set(states.below_in_words(family).iloc[1:]) == {""}


@pytest.mark.parametrize(
    ("statuses", "dispatched", "words"),
    [
        ([], None, "none listed"),
        ([], 0, ""),
        ([], 3, "0 of 3 succeeded, 3 not listed"),
        (["Succeeded"] * 2, 2, "2 of 2 succeeded"),
        (["Succeeded", "Error", "Running", "Pending"], 5, None),
        (["Rescheduled", "Cancelled", "Succeeded"], None, "1 of 2 succeeded, 1 cancelled"),
    ],
)
def test_what_is_below_is_told_in_words(
    statuses: list[str], dispatched: int | None, words: str | None
) -> None:
    worst = "1 of 5 succeeded, 1 failed, 1 running, 1 pending, 1 not listed"
    assert states.below_in_words(tree(*statuses, dispatched=dispatched)).iloc[0] == (
        worst if words is None else words
    )


def test_what_is_exported_counts_what_is_below() -> None:
    family = tree("Succeeded", "Failed", "Running", dispatched=4)
    named = family.assign(tenant_name="", ended_at=None, seconds=None, mark="", why="")
    exported = table.with_counts_below(named)[table.EXPORT].iloc[0]
    told = {name: exported[name] for name in table.BELOW}
    assert told == {
        "jobs_below": 3,
        "succeeded_below": 1,
        "failed_below": 1,
        "live_below": 1,
        "unlisted_below": 1,
    }


def test_that_a_start_was_taken_is_no_success_of_its_jobs() -> None:
    taken = operation_results.counted({Outcome.SUCCEEDED: 1}, Verb.START_PROCESSING)
    assert taken == "▷ Started"
    assert operation_results.counted({Outcome.FAILED: 1}, Verb.START_PROCESSING) == "✕ 1 Failed"
