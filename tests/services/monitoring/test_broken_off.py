"""Reading jobs that breaks off goes on with what is missing, and says how far it came."""

from datetime import timedelta

import pytest

from services.frames import JobType
from services.monitoring import fetch_cache
from services.sandbox.models.jobs import Kind
from services.visier import RateLimited, ServerTrouble
from tests.services.monitoring.conftest import DAY, WEEK, Post

DISPATCHED = "extraction_job_and_status"


def starts(post: Post, operation: str) -> list[str]:
    """Give where each request of a list began, in order."""
    asked = post.sandbox.control.requests(operation)
    post.sandbox.control.clear_requests()
    return [each["query"].get("startTime", each["query"].get("start", "")) for each in asked]


def break_off(post: Post, fault: str) -> None:
    """Let three days be read, and then none until the fault is cleared."""
    post.sandbox.control.fault("job_status", "latency", seconds=0, times=3)
    post.sandbox.control.fault("job_status", fault, retry_after=3600, times=3)


@pytest.mark.parametrize("fault", ["429", "500"])
def test_days_that_were_read_are_not_read_again(post: Post, fault: str) -> None:
    break_off(post, fault)
    with pytest.raises((RateLimited, ServerTrouble)) as caught:
        post.monitor.snapshot(post.client, WEEK)
    if fault == "429":
        assert caught.value.message.endswith("3 of 7 days of jobs have been read and are kept.")
    tried = starts(post, "job_status")
    assert len(set(tried)) == 4
    post.sandbox.control.clear_faults()
    post.client.try_now()
    snapshot = post.monitor.snapshot(post.client, WEEK)
    went_on = starts(post, "job_status")
    # The day that failed is asked for again, and no other; the newest may end in a new one.
    assert set(tried) & set(went_on) == {tried[-1]}
    assert len(went_on) in {4, 5}
    every = post.monitor.refresh(post.client, WEEK, than=post.now(), whole=True)
    assert len(starts(post, "job_status")) == 7
    assert set(snapshot.jobs["job_id"]) == set(every.jobs["job_id"])


def test_a_refresh_that_broke_off_goes_on_too(post: Post) -> None:
    before = post.monitor.snapshot(post.client, WEEK)
    starts(post, "job_status")
    break_off(post, "429")
    with pytest.raises(RateLimited):
        post.monitor.refresh(post.client, WEEK, than=before.as_of, whole=True)
    tried = starts(post, "job_status")
    assert post.monitor.snapshot(post.client, WEEK) is before
    post.sandbox.control.clear_faults()
    post.client.try_now()
    post.monitor.refresh(post.client, WEEK, than=before.as_of, whole=True)
    assert set(tried) & set(starts(post, "job_status")) == {tried[-1]}


def test_what_the_newest_day_told_stays_until_it_is_read_again(post: Post) -> None:
    before = post.monitor.snapshot(post.client, DAY)
    post.sandbox.control.fault("job_status", "500", times=3)
    with pytest.raises(ServerTrouble):
        post.monitor.refresh(post.client, DAY, than=post.now())
    job_id = before.jobs["job_id"].iloc[0]
    assert len(post.monitor.fetch(post.client, DAY, [job_id]).listed) == len(before.listed)


def test_pages_of_a_list_below_a_job_are_not_read_again(post: Post) -> None:
    top = post.job(Kind.DISPATCHING, running=False).id
    post.monitor.snapshot(post.client, DAY)
    post.asked()
    post.sandbox.control.fault("receiving_job_and_status", "429", retry_after=3600)
    with pytest.raises(RateLimited):
        post.monitor.read_below(post.client, DAY, [top])
    before = post.asked()
    assert before[:2] == ["dispatching_job_status", DISPATCHED]
    post.client.try_now()
    post.sandbox.control.clear_faults()
    snapshot = post.monitor.read_below(post.client, DAY, [top])
    assert post.asked() == ["receiving_job_and_status", "processing_job_and_status"]
    below = snapshot.jobs[snapshot.jobs["root_job_id"] == top]
    assert set(below["job_type"]) > {JobType.DISPATCHING}


def test_what_broke_off_long_ago_is_read_anew(post: Post) -> None:
    top = post.job(Kind.DISPATCHING, running=False).id
    post.monitor.snapshot(post.client, DAY)
    post.sandbox.control.fault("receiving_job_and_status", "500", times=3)
    with pytest.raises(ServerTrouble):
        post.monitor.read_below(post.client, DAY, [top])
    post.asked()
    post.pass_time(seconds=(fetch_cache.BEGUN_KEPT + timedelta(seconds=1)).total_seconds())
    post.monitor.read_below(post.client, DAY, [top])
    assert {"dispatching_job_status", DISPATCHED} <= set(post.asked())
