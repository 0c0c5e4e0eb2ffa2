"""Jobs that events have named are read by the next poll, and by themselves."""

import pandas as pd
import pytest

from services.monitoring import JobHistory, JobMonitor
from services.sandbox.models.jobs import Job, Kind
from tests.services.monitoring.conftest import DAY, IDENTITY, Post


@pytest.fixture(autouse=True)
def _clock_by_hand(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no time pass but that of a test: whether a poll is due depends on it."""
    begun = post.now()
    monkeypatch.setattr(post, "now", lambda: begun + post.added)
    post.monitor = JobMonitor(JobHistory(lambda: post.ledger, IDENTITY), now=post.now)


def unended(post: Post) -> list[Job]:
    jobs = post.sandbox.inside.world.jobs.by_id.values()
    # Of the newest day, which each poll reads.
    since = (post.now() - pd.Timedelta(hours=12)).isoformat()
    return [job for job in jobs if job.status in {"Running", "Pending"} and job.start_time > since]


def running(post: Post) -> Job:
    return next(job for job in unended(post) if job.kind is Kind.PROCESSING)


def status(post: Post, job: Job) -> str:
    jobs = post.monitor.poll(post.client, DAY).jobs.set_index("job_id")
    return str(jobs.loc[job.id, "status"])


def ended(post: Post) -> Job:
    """Let a job end that was seen to run, without time for the next poll."""
    post.monitor.snapshot(post.client, DAY)
    job = running(post)
    post.pass_time(seconds=4)
    job.status = job.status.SUCCEEDED
    post.asked()
    return job


def test_a_job_that_an_event_names_is_read_alone_and_before_the_next_poll(post: Post) -> None:
    job = ended(post)
    assert status(post, job) == "running"
    assert post.asked() == []
    post.monitor.push([job.id], {})
    assert post.monitor.awaits_pushed(DAY)
    as_of = post.monitor.poll(post.client, DAY).as_of
    assert status(post, job) == "succeeded"
    assert post.asked() == ["job_id_status"]
    assert not post.monitor.awaits_pushed(DAY)
    assert as_of == post.monitor.poll(post.client, DAY).as_of, "the others are as old as before"


def test_when_it_ended_is_what_the_event_says(post: Post) -> None:
    job = ended(post)
    at = post.now() - pd.Timedelta(seconds=2)
    post.monitor.push([job.id], {job.id: at})
    found = post.monitor.poll(post.client, DAY).jobs.set_index("job_id").loc[job.id]
    assert found["end_seen"]
    assert found["ended_at"] == pd.Timestamp(at).round("ms")
    seen = post.ledger.job_observations.of(IDENTITY, since=at, job_ids=[job.id])
    assert list(seen["end_time"].dropna()) == [pd.Timestamp(at).round("ms")]


def test_the_end_of_a_job_that_runs_on_is_not_believed(post: Post) -> None:
    post.monitor.snapshot(post.client, DAY)
    job = running(post)
    post.pass_time(seconds=4)
    post.monitor.push([job.id], {job.id: post.now()})
    found = post.monitor.poll(post.client, DAY).jobs.set_index("job_id").loc[job.id]
    assert found["status"] == "running"
    assert found["ended_at"] is pd.NaT


def test_many_that_are_named_at_once_cost_one_reading_of_the_window(post: Post) -> None:
    post.monitor.snapshot(post.client, DAY)
    post.pass_time(seconds=4)
    post.asked()
    jobs = unended(post)[:4]
    assert len(jobs) == 4
    post.monitor.push([job.id for job in jobs], {})
    post.monitor.poll(post.client, DAY)
    assert post.asked() == [], "no sooner than a poll may be"
    post.pass_time(seconds=2)
    post.monitor.poll(post.client, DAY)
    assert post.asked() == ["job_status"]
    assert not post.monitor.awaits_pushed(DAY)


def test_an_event_named_again_is_read_again_but_never_more_than_polling_may(post: Post) -> None:
    job = ended(post)
    for _ in range(10):
        post.monitor.push([job.id], {})
        post.monitor.poll(post.client, DAY)
    assert post.asked() == ["job_id_status"]


def test_a_job_nobody_knows_costs_a_call_and_changes_nothing(post: Post) -> None:
    before = post.monitor.snapshot(post.client, DAY)
    post.pass_time(seconds=4)
    post.monitor.push(["unknown"], {"unknown": post.now()})
    after = post.monitor.poll(post.client, DAY)
    assert list(after.jobs["job_id"]) == list(before.jobs["job_id"])
    assert not after.trouble


def test_polling_alone_gives_the_same_end(post: Post) -> None:
    job = ended(post)
    post.monitor.push([job.id, "unknown"], {job.id: post.now()})
    post.monitor.poll(post.client, DAY)
    post.pass_time(minutes=1)
    pushed = post.monitor.refresh(post.client, DAY, than=post.now(), whole=True)
    alone = JobMonitor(JobHistory(lambda: post.ledger, "polled"), now=post.now)
    polled = alone.snapshot(post.client, DAY)
    told = ["job_key", "status", "status_word", "data_version", "parent_job_id"]
    # A job may leave the window at its edge between the two.
    since = pd.Timestamp(post.now()) - pd.Timedelta(hours=20)
    ours, theirs = (
        each.jobs.loc[each.jobs["start_time"] > since, told].sort_values(
            "job_key", ignore_index=True
        )
        for each in (pushed, polled)
    )
    pd.testing.assert_frame_equal(ours, theirs)
