"""What still runs from before a window, and what was touched: known whatever the window."""

from datetime import timedelta
from typing import Any

import pandas as pd
import pytest

from services.frames import Status
from services.monitoring import Between, JobsSnapshot, Recent
from services.visier import Refused
from tests.services.monitoring.conftest import DAY, WEEK, Post

HOUR = Recent(timedelta(hours=1))


def marked(snapshot: JobsSnapshot, mark: str) -> "set[str]":
    listed = snapshot.listed
    return set(listed.loc[listed["mark"] == mark, "job_id"])


def statuses(snapshot: JobsSnapshot) -> "pd.Series[str]":
    return snapshot.jobs.set_index("job_id")["status"].astype("str")


@pytest.mark.parametrize("window", [HOUR, DAY])
def test_what_is_stuck_and_runs_does_not_depend_on_the_window(post: Post, window: Recent) -> None:
    of_a_week = post.monitor.snapshot(post.client, WEEK)
    stuck = marked(of_a_week, "stuck")
    assert stuck
    assert not stuck & marked(post.monitor.snapshot(post.client, window), "stuck")
    snapshot = post.monitor.snapshot(post.client, window, older=True)
    assert snapshot.has_older
    assert marked(snapshot, "stuck") == stuck
    running = statuses(of_a_week) == Status.RUNNING
    assert set(running.index[running]) <= set(snapshot.listed["job_id"])


def test_it_costs_one_call_and_is_shared_by_all_windows(post: Post) -> None:
    post.monitor.snapshot(post.client, DAY, older=True)
    assert post.asked() == ["job_status"] * 2
    assert post.monitor.snapshot(post.client, DAY, older=True).has_older
    assert post.asked() == []
    assert post.monitor.snapshot(post.client, HOUR, older=True).has_older
    assert post.asked() == ["job_status"]


@pytest.mark.slow
def test_it_has_turns_of_its_own_and_as_of_does_not_move_by_them(post: Post) -> None:
    before = post.monitor.snapshot(post.client, HOUR, older=True)
    post.sandbox.control.clear_requests()
    moved = []
    for _ in range(26):
        post.pass_time(seconds=6)
        snapshot = post.monitor.poll(post.client, HOUR, older=True)
        moved.append(snapshot.as_of > before.as_of)
        before = snapshot
    requests = post.sandbox.control.requests("job_status")
    asked = [request["query"].get("status", "") for request in requests]
    assert len(asked) == 26
    assert [not status for status in asked] == moved
    # What runs every minute, and every minute one of the others.
    assert [status for status in asked if status] == [
        *("Running", "Pending"),
        *("Running", "Cancelling"),
    ]


def test_a_past_window_holds_what_started_in_it_and_no_more(post: Post) -> None:
    post.monitor.snapshot(post.client, DAY, older=True)
    now = post.now()
    past = Between(now - timedelta(hours=3), now - timedelta(hours=2))
    snapshot = post.monitor.snapshot(post.client, past, older=True)
    assert (snapshot.listed["start_time"] >= pd.Timestamp(past.since).floor("ms")).all()
    assert not snapshot.has_older


def test_what_cannot_be_told_of_it_takes_no_look_away(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask = post.client.job_status

    def refuses_a_status(**query: Any) -> object:
        if query.get("status"):
            raise Refused("No such status.", operation="job_status")
        return ask(**query)

    monkeypatch.setattr(post.client, "job_status", refuses_a_status)
    snapshot = post.monitor.snapshot(post.client, DAY, older=True)
    assert len(snapshot.listed)
    assert not snapshot.trouble
    assert not snapshot.has_older
    assert "No such status." in snapshot.older_trouble
    monkeypatch.undo()
    post.pass_time(minutes=2)
    post.monitor.poll(post.client, DAY, older=True)
    post.pass_time(minutes=1)
    assert post.monitor.poll(post.client, DAY, older=True).has_older


def test_what_is_shown_as_of_a_moment_holds_nothing_read_later(post: Post) -> None:
    before = post.monitor.snapshot(post.client, HOUR, older=True)
    code = before.listed["tenant_code"].dropna().iloc[0]
    post.client.adhoc_processing_jobs({"tenants": [code]})
    post.pass_time(minutes=2)
    snapshot = post.monitor.poll(post.client, HOUR, older=True)
    assert snapshot.as_of == before.as_of
    assert statuses(snapshot).equals(statuses(before))
    # However slow the pace is, the window has the next turn.
    post.pass_time(minutes=2)
    snapshot = post.monitor.poll(post.client, HOUR, older=True)
    assert snapshot.as_of > before.as_of
    assert len(snapshot.listed) > len(before.listed)


@pytest.mark.slow
def test_a_job_that_was_touched_is_read_again_before_as_of_moves_on(post: Post) -> None:
    snapshot = post.monitor.snapshot(post.client, WEEK)
    running = snapshot.jobs[
        (snapshot.jobs["status"] == Status.RUNNING) & ~snapshot.jobs["is_missing"]
    ]
    job_id = running.sort_values("start_time")["job_id"].iloc[0]
    post.pass_time(seconds=27)
    post.client.cancel_jobs([job_id])
    post.monitor.expect_change([job_id])
    again = post.monitor.snapshot(post.client, WEEK)
    assert again.as_of > snapshot.as_of
    assert statuses(again)[job_id] in {Status.CANCELLING, Status.CANCELLED}
    # It is followed until it has ended.
    for _ in range(20):
        post.pass_time(seconds=6)
        again = post.monitor.poll(post.client, WEEK)
    assert statuses(again)[job_id] == Status.CANCELLED
    post.asked()
    post.pass_time(seconds=6)
    post.monitor.poll(post.client, WEEK)
    assert post.asked() == ["job_status"]


def test_a_touched_job_of_before_the_window_is_read_by_its_id(post: Post) -> None:
    snapshot = post.monitor.snapshot(post.client, HOUR, older=True)
    (stuck,) = marked(snapshot, "stuck")
    post.asked()
    post.client.cancel_jobs([stuck])
    post.monitor.expect_change([stuck])
    again = post.monitor.snapshot(post.client, HOUR)
    assert post.asked() == ["cancel_jobs", "job_status", "job_id_status"]
    assert statuses(again)[stuck] in {Status.CANCELLING, Status.CANCELLED}
