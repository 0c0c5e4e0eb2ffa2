"""What came of a start, in words: jobs are counted, and nothing is good above one that is not."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

import pandas as pd
import pytest

from dashboard import wording
from dashboard.operations import start_outcome
from services.clock import CLOCK
from services.frames import Status, job_tree, jobs
from services.ledger import Actor, EventKind, NotedEvent, Operation, Outcome, State
from services.operations import Verb
from services.operations.starts.outcomes import StartOutcome, effective_state
from services.operations.starts.record import NotedStart

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DISPATCHING, PROCESSING = "DISPATCHING_JOB", "PROCESSING_JOB"


def start(
    tree: pd.DataFrame, outcome: Outcome = Outcome.SUCCEEDED, state: State = State.FINISHED
) -> StartOutcome:
    counts = MappingProxyType(dict.fromkeys(Outcome, 0) | {outcome: 1})
    operation = Operation(
        id="one",
        verb=Verb.START_PROCESSING,
        actor=Actor("ada@example.com", "", "sandbox"),
        identity="ada",
        reason="",
        filter_text="",
        undo_of=None,
        retry_of=None,
        part_of=None,
        started_at=NOW,
        state=state,
        state_at=NOW,
        request_count=1,
        item_counts=counts,
    )
    return StartOutcome(NotedStart(operation, ()), tree)


def tree(
    status: str, below: Mapping[str, int], dispatched: int | None, kind: str = DISPATCHING
) -> pd.DataFrame:
    """Give a job of this status above so many of each."""
    listed: list[dict[str, object]] = [{"jobId": "top", "status": status, "jobType": kind}]
    listed[0] |= {} if dispatched is None else {"totalJobsDispatched": dispatched}
    for word, number in below.items():
        listed += [
            {"jobId": f"{word} {each}", "status": word, "parentJobId": "top", "jobType": PROCESSING}
            for each in range(number)
        ]
    found = job_tree.roll_up(jobs.from_job_status({"jobStatus": listed}))
    return found.assign(last_seen=pd.Timestamp(NOW).as_unit("ms"))


@pytest.mark.parametrize(
    ("status", "below", "dispatched", "words", "color"),
    [
        ("Succeeded", {"Succeeded": 3}, 3, "✓ 3 of 3 jobs succeeded", "green"),
        ("Succeeded", {"Succeeded": 1}, 1, "✓ 1 of 1 job succeeded", "green"),
        (
            *("Succeeded", {"Succeeded": 931, "Failed": 69}, 1000),
            *("✕ 931 of 1,000 jobs succeeded, 69 failed", "red"),
        ),
        (
            *("Running", {"Succeeded": 2, "Running": 1}, 3),
            *("▶ 2 of 3 jobs ended when last observed", "blue"),
        ),
        (
            *("Running", {"Succeeded": 2, "Failed": 1}, 3),
            *(
                "✕ 3 of 3 jobs ended, 1 failed, parent job running when last observed",
                "red",
            ),
        ),
        (
            *("Succeeded", {"Succeeded": 409, "Failed": 3, "Running": 588}, 1000),
            *("✕ 412 of 1,000 jobs ended, 3 failed when last observed", "red"),
        ),
        (
            *("Succeeded", {"Succeeded": 2}, 5),
            *("? 2 of 5 jobs succeeded, 3 not listed", "gray"),
        ),
        (
            *("Succeeded", {"Succeeded": 2, "Cancelled": 1}, 3),
            *("⊘ 2 of 3 jobs succeeded, 1 cancelled", "violet"),
        ),
        (
            *("Failed", {"Succeeded": 3}, 3),
            *("✕ 3 of 3 jobs succeeded, parent job failed", "red"),
        ),
        (
            *("Running", {"Succeeded": 3}, None),
            *(
                "▶ 3 of 3 jobs ended, parent job running when last observed",
                "blue",
            ),
        ),
        ("Succeeded", {}, 2, "? 0 of 2 jobs succeeded, 2 not listed", "gray"),
        ("Succeeded", {}, None, "? Job succeeded, no child jobs listed", "gray"),
    ],
)
def test_of_what_was_dispatched_the_jobs_are_counted(
    status: str, below: dict[str, int], dispatched: int | None, words: str, color: str
) -> None:
    told = start(tree(status, below, dispatched))
    assert start_outcome.in_words(told) == words
    assert start_outcome.color(told) == color


def test_what_was_read_just_now_is_not_said_to_be_what_was_last_seen() -> None:
    told = start(tree("Succeeded", {"Succeeded": 2, "Running": 1}, 3))
    assert start_outcome.in_words(told, NOW + timedelta(minutes=1)) == ("▶ 2 of 3 jobs ended")


def test_of_what_started_just_now_it_is_not_said_that_it_came_to_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told = start(tree("Succeeded", {}, 1))
    monkeypatch.setattr(CLOCK, "now", lambda: NOW + timedelta(minutes=1))
    assert start_outcome.in_words(told) == "… Started: 0 of 1 job listed so far"
    monkeypatch.setattr(CLOCK, "now", lambda: NOW + timedelta(hours=1))
    assert start_outcome.in_words(told) == "? 0 of 1 job succeeded, 1 not listed"


def test_what_was_tried_again_is_not_marked_as_what_it_has_come_to() -> None:
    told = start(tree("Succeeded", {"Succeeded": 4}, 4))
    assert start_outcome.before_it_was_retried(told) == "earlier: 4 of 4 jobs succeeded"


def test_a_look_before_what_is_known_takes_nothing_back() -> None:
    seen = start(tree("Running", {"Running": 3}, 3))
    of_job = NotedEvent(kind=EventKind.JOB_ID, text="top", at=NOW)
    now = replace(seen, noted=NotedStart(seen.noted.operation, (of_job,)))
    earlier = tree("Pending", {"Running": 3}, 3)
    then = now.as_listed(earlier, NOW - timedelta(seconds=20))
    assert list(then.jobs["status"]) == [Status.RUNNING] * 4
    assert then.jobs["last_seen"].min() == pd.Timestamp(NOW)


@pytest.mark.parametrize(
    ("status", "below", "dispatched", "words"),
    [
        ("Succeeded", {"Succeeded": 3}, 3, "Finished"),
        ("Succeeded", {"Succeeded": 2, "Failed": 1}, 3, "Finished"),
        ("Failed", {"Cancelled": 3}, 3, "Finished"),
        ("Succeeded", {"Succeeded": 2, "Running": 1}, 3, "Jobs running"),
        ("Succeeded", {"Failed": 2, "Running": 1}, 3, "Jobs running"),
        ("Running", {"Succeeded": 3}, 3, "Jobs running"),
        ("Succeeded", {"Succeeded": 2}, 3, "Started"),
        ("Succeeded", {"Failed": 2}, 3, "Started"),
        ("Succeeded", {}, None, "Started"),
    ],
)
def test_a_start_has_finished_once_all_its_jobs_have_ended_and_not_before(
    status: str, below: dict[str, int], dispatched: int | None, words: str
) -> None:
    told = start(tree(status, below, dispatched))
    assert wording.STATES[effective_state(told.noted.operation, told)] == words


@pytest.mark.parametrize(
    ("outcome", "state", "words"),
    [
        (Outcome.SUCCEEDED, State.FINISHED, "Started"),
        (Outcome.FAILED, State.FINISHED, "Finished"),
        (Outcome.UNCERTAIN, State.FINISHED, "Uncertain"),
        (Outcome.INTENDED, State.RUNNING, "Running"),
        (Outcome.INTENDED, State.INTERRUPTED, "Interrupted"),
    ],
)
def test_where_no_job_was_seen_a_start_has_not_finished(
    outcome: Outcome, state: State, words: str
) -> None:
    told = start(tree("Succeeded", {}, None).iloc[:0], outcome, state)
    assert wording.STATES[effective_state(told.noted.operation, told)] == words


@pytest.mark.parametrize(
    ("status", "words", "color"),
    [
        ("Succeeded", "✓ Job succeeded", "green"),
        ("Failed", "✕ Job failed", "red"),
        ("Running", "▶ Job running when last observed", "blue"),
    ],
)
def test_of_a_lone_job_its_own_state_is_told(status: str, words: str, color: str) -> None:
    told = start(tree(status, {}, None, PROCESSING))
    assert (start_outcome.in_words(told), start_outcome.color(told)) == (words, color)


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        (Outcome.SUCCEEDED, "▷ Started, no jobs observed"),
        (Outcome.FAILED, "✕ Did not start"),
        (Outcome.UNCERTAIN, "? May have started"),
        (Outcome.NO_RESULT, "? May have started"),
        (Outcome.INTENDED, "? May have started"),
        (Outcome.PLANNED, "○ Not sent"),
    ],
)
def test_where_no_job_was_seen_what_is_known_is_said(outcome: Outcome, words: str) -> None:
    told = start(tree("Succeeded", {}, None).iloc[:0], outcome)
    assert (start_outcome.in_words(told), start_outcome.color(told)) == (words, "gray")


def test_while_it_is_sent_nothing_has_come_of_it() -> None:
    told = start(tree("Succeeded", {}, None).iloc[:0], Outcome.INTENDED, State.RUNNING)
    assert start_outcome.in_words(told) == ""
