"""Looks: shared, at their own pace, no call too many, and honest about what went wrong."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from services.frames import ENDED, JobType, Status
from services.monitoring import Between, JobsSnapshot, Recent, is_overdue, listing, pace
from services.monitoring.snapshots import FAST, SHARE, SLOW
from services.sandbox.models.jobs import Kind
from services.visier import Budget, NotPermitted, RateLimited
from tests.holding import LONG_ENOUGH, gate_before
from tests.services.monitoring.conftest import DAY, IDENTITY, WEEK, Post

FREE = Budget(None, None, None, None, 0.0)
LISTS = ["dispatching_job_status", "extraction_job_and_status", "receiving_job_and_status"]


def snapshot(post: Post) -> JobsSnapshot:
    return post.monitor.snapshot(post.client, DAY)


def test_a_second_look_costs_nothing_and_a_refresh_one_call(post: Post) -> None:
    first = snapshot(post)
    assert snapshot(post) is first
    assert post.asked() == ["job_status"]
    post.monitor.refresh(post.client, DAY, than=first.as_of)
    assert post.asked() == ["job_status"]


def test_somebody_elses_newer_look_serves_a_refresh(post: Post) -> None:
    first = snapshot(post)
    post.pass_time(seconds=10)
    newer = post.monitor.refresh(post.client, DAY, than=first.as_of)
    assert post.monitor.refresh(post.client, DAY, than=first.as_of) is newer
    assert len(post.asked()) == 2


def test_ten_tabs_cost_what_one_does(post: Post) -> None:
    snapshot(post)
    post.asked()
    for _ in range(3):
        post.pass_time(seconds=FAST.total_seconds() + 1)
        with ThreadPoolExecutor(10) as tabs:
            polls = [tabs.submit(post.monitor.poll, post.client, DAY) for _ in range(10)]
        assert {each.result().trouble for each in polls} == {""}
    assert post.asked() == ["job_status"] * 3


def test_nobody_who_draws_waits_for_who_reads(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    first = snapshot(post)
    post.pass_time(seconds=FAST.total_seconds() + 1)
    gate = gate_before(monkeypatch, listing, "read_window")
    with ThreadPoolExecutor(2) as tabs:
        reading = tabs.submit(post.monitor.poll, post.client, DAY)
        gate.wait_for_somebody()
        try:
            for look in (post.monitor.poll, post.monitor.snapshot):
                assert tabs.submit(look, post.client, DAY).result(LONG_ENOUGH) is first
        finally:
            gate.open()
        assert reading.result().as_of > first.as_of


def test_nobody_looks_again_before_it_is_due(post: Post) -> None:
    snapshot(post)
    post.asked()
    post.pass_time(seconds=FAST.total_seconds() - 2)
    post.monitor.poll(post.client, DAY)
    assert post.asked() == []


def test_looks_are_numbered_by_what_is_new(post: Post) -> None:
    first = snapshot(post)
    same = post.monitor.refresh(post.client, DAY, than=first.as_of)
    assert same.number == first.number
    post.pass_time(minutes=10)
    moved = post.monitor.refresh(post.client, DAY, than=same.as_of)
    assert moved.number == first.number + 1


@pytest.mark.parametrize("calls", [1, 4, 17, 100])
def test_the_pace_keeps_looking_within_a_fifth_of_the_calls(post: Post, calls: int) -> None:
    live = replace(snapshot(post), calls=calls)
    assert live.is_live
    seconds = pace(live, FREE).total_seconds()
    assert 60 / seconds * calls <= SHARE * 100 + 1e-6
    assert pace(live, FREE) >= FAST
    slow_key = Budget(10, 10, 600, 600, 0.0)
    assert pace(live, slow_key) >= pace(live, FREE)


def test_nothing_running_is_looked_at_more_slowly(post: Post) -> None:
    seen = snapshot(post)
    ended = replace(seen, jobs=seen.jobs[seen.jobs["status"].isin(ENDED)])
    assert not ended.is_live
    assert pace(ended, FREE) == SLOW


def test_a_look_is_overdue_once_its_pace_is_over_unless_reading_again_has_failed(
    post: Post,
) -> None:
    seen = snapshot(post)
    wait = pace(seen, FREE)
    assert not is_overdue(seen, FREE, seen.as_of + wait)
    later = seen.as_of + 1.01 * wait
    assert is_overdue(seen, FREE, later)
    assert not is_overdue(replace(seen, trouble="Down for a while."), FREE, later)


def test_a_failed_look_keeps_the_old_one_and_waits_its_turn(post: Post) -> None:
    first = snapshot(post)
    post.sandbox.control.fault("job_status", "500", times=0, value="Down for a while.")
    post.pass_time(seconds=10)
    failed = post.monitor.poll(post.client, DAY)
    assert "Down for a while." in failed.trouble
    assert failed.jobs is first.jobs
    assert failed.as_of == first.as_of
    post.asked()
    post.monitor.poll(post.client, DAY)
    assert post.asked() == []
    post.sandbox.control.clear_faults()
    post.pass_time(seconds=10)
    assert post.monitor.poll(post.client, DAY).trouble == ""


def test_a_first_look_that_fails_says_so(post: Post) -> None:
    post.sandbox.control.fault("job_status", "429", times=0, retry_after=60)
    with pytest.raises(RateLimited):
        snapshot(post)


def test_a_week_is_read_by_day_and_again_only_where_it_moves(post: Post) -> None:
    first = post.monitor.snapshot(post.client, WEEK)
    assert post.asked() == ["job_status"] * 7
    assert first.calls == 7
    ids = first.jobs["job_id"]
    assert ids.is_unique
    # A list is complete only some minutes after its end.
    for minutes in (2, 20):
        post.pass_time(minutes=minutes)
        before = post.monitor.poll(post.client, WEEK)
    post.asked()
    post.pass_time(minutes=2)
    again = post.monitor.poll(post.client, WEEK)
    unsettled = before.jobs[~before.jobs["status"].isin(ENDED) & ~before.jobs["is_missing"]]
    old = unsettled["start_time"] < post.now() - timedelta(days=1, minutes=30)
    assert old.sum() == 1
    assert post.asked() == ["job_status"] * 2
    assert again.calls == 2
    whole = post.monitor.refresh(post.client, WEEK, than=again.as_of, whole=True)
    assert whole.calls == 7


def test_a_parent_outside_the_window_stands_above_its_jobs_and_can_be_fetched(
    post: Post,
) -> None:
    since_the_bad_delivery = Recent(timedelta(hours=8, minutes=55))
    jobs = post.monitor.snapshot(post.client, since_the_bad_delivery).jobs
    missing = jobs[jobs["is_missing"]]
    assert len(missing)
    top = missing["job_id"].iloc[0]
    assert (jobs["parent_job_id"] == top).any()
    assert (missing["depth"] == 0).all()
    post.asked()
    snapshot = post.monitor.fetch(post.client, since_the_bad_delivery, [top])
    fetched = snapshot.jobs.set_index("job_id")
    assert post.asked() == ["job_id_status"]
    assert not fetched.loc[top, "is_missing"]
    assert fetched.loc[top, "status"] == Status.SUCCEEDED


def test_what_the_lists_know_joins_what_job_status_tells(post: Post) -> None:
    top = post.job(Kind.DISPATCHING, running=False).id
    before = snapshot(post).jobs
    post.asked()
    read = post.monitor.read_below(post.client, DAY, [top]).jobs
    assert post.asked() == [*LISTS, "processing_job_and_status"]
    family = read[read["root_job_id"] == top].set_index("job_id")
    processing = family[family["job_type"] == JobType.PROCESSING]
    ended = processing[processing["status"].isin([Status.SUCCEEDED, Status.FAILED])]
    assert len(ended)
    assert (ended["data_version"].notna() | ended["message"].notna()).all()
    assert before.set_index("job_id").loc[family.index, "data_version"].isna().all()
    assert set(family["parent_job_id"]) == set(
        before.set_index("job_id").loc[family.index, "parent_job_id"]
    )


def test_only_what_moves_of_a_followed_tree_is_read_again(post: Post) -> None:
    ended = post.job(Kind.DISPATCHING, running=False).id
    moving = post.job(Kind.DISPATCHING, running=True).id
    snapshot(post)
    post.monitor.read_below(post.client, DAY, [ended, moving])
    post.asked()
    post.pass_time(minutes=2)
    post.monitor.poll(post.client, DAY, follow=ended)
    assert post.asked() == ["job_status"]
    post.pass_time(minutes=2)
    post.monitor.poll(post.client, DAY, follow=moving)
    asked = post.asked()
    assert "dispatching_job_status" in asked
    assert "receiving_job_and_status" not in asked


def test_messages_alone_cost_their_list_alone(post: Post) -> None:
    batch = post.job(Kind.RECEIVING, running=False).id
    snapshot(post)
    post.asked()
    post.monitor.read_below(post.client, DAY, [batch], [JobType.PROCESSING])
    assert post.asked() == ["processing_job_status"]
    assert post.monitor.has_read(batch, [JobType.PROCESSING])
    assert not post.monitor.has_read(batch, [JobType.RECEIVING])


@pytest.mark.parametrize("fault", ["403", "404", "501"])
def test_without_job_status_tracked_jobs_are_read_through_the_sample_endpoints(
    post: Post, fault: str
) -> None:
    for operation in ("job_status", "job_id_status"):
        post.sandbox.control.fault(operation, fault, times=0, value="Not for you.")
    top = post.job(Kind.DISPATCHING, running=True)
    batch = post.job(Kind.RECEIVING, running=False)
    assert snapshot(post).jobs.empty
    assert snapshot(post).refusal.startswith("Not for you.")
    for job in (top, batch):
        post.monitor.track(job.id, "By hand")
    post.asked()
    seen = snapshot(post)
    assert "job_status" not in post.asked()
    assert seen.refusal.startswith("Not for you.")
    ids = set(seen.jobs["job_id"])
    for job in (top, batch):
        assert ids >= {job.id, *(child.id for child in job.descendants())}
    roots = seen.jobs[seen.jobs["depth"] == 0]["job_id"]
    assert set(roots) == {top.id, batch.id}


def test_a_tree_under_way_is_followed_to_its_end_without_job_status(post: Post) -> None:
    post.sandbox.control.fault("job_status", "403", times=0)
    top = post.job(Kind.DISPATCHING, running=True)
    post.monitor.track(top.id, "By hand")
    assert snapshot(post).is_live
    post.pass_time(hours=3)
    ended = post.monitor.poll(post.client, DAY)
    assert not ended.is_live
    known = ended.jobs.set_index("job_id")["status"]
    for job in top.descendants():
        assert known[job.id].replace("_", "") == job.status.value.lower()


def test_another_trouble_is_no_refusal(post: Post) -> None:
    post.sandbox.control.fault("job_status", "401", times=0)
    with pytest.raises(Exception, match=r".") as raised:
        snapshot(post)
    assert not isinstance(raised.value, NotPermitted)


def test_a_tracked_job_is_shown_whatever_the_window(post: Post) -> None:
    every = post.monitor.snapshot(post.client, WEEK).jobs
    oldest = every.sort_values("start_time")["job_id"].iloc[0]
    assert oldest not in set(snapshot(post).jobs["job_id"])
    post.monitor.track(oldest, "By hand")
    assert oldest in set(snapshot(post).jobs["job_id"])
    post.asked()
    post.pass_time(minutes=2)
    post.monitor.poll(post.client, DAY)
    assert "job_id_status" not in post.asked()


def test_a_job_not_listed_yet_is_waited_for(post: Post) -> None:
    job_id = str(uuid4())
    post.monitor.track(job_id, "Started here")
    assert snapshot(post).not_listed == (job_id,)
    post.pass_time(minutes=6)
    assert post.monitor.poll(post.client, DAY).not_listed == ()


def test_what_moves_is_written_down_and_what_had_ended_is_not(post: Post) -> None:
    first = snapshot(post)
    live = first.jobs[~first.jobs["status"].isin(ENDED) & ~first.jobs["is_missing"]]
    since = post.now() - timedelta(days=1)
    seen = post.ledger.job_observations.of(IDENTITY, since=since)
    assert set(seen["job_id"]) == set(live["job_id"])
    post.pass_time(hours=2)
    later = post.monitor.poll(post.client, DAY)
    seen = post.ledger.job_observations.of(IDENTITY, since=since)
    moved = later.jobs.set_index("job_id")["status"].reindex(live["job_id"])
    ended = moved[moved.isin(ENDED)].index
    assert len(ended)
    assert (seen["job_id"].isin(ended)).sum() == 2 * len(ended)


def test_of_a_tracked_job_what_had_ended_below_it_is_written_down_too(post: Post) -> None:
    job = post.job(Kind.DISPATCHING, running=False)
    post.monitor.track(job.id, "Started here")
    snapshot(post)
    below = {job.id, *(each.id for each in job.descendants())}
    seen = post.ledger.job_observations.family(IDENTITY, [job.id])
    assert set(seen["job_id"]) == below
    assert set(seen["status"]) <= ENDED
    post.pass_time(minutes=2)
    post.monitor.poll(post.client, DAY)
    again = post.ledger.job_observations.family(IDENTITY, [job.id])
    assert again["last_seen"].equals(seen["last_seen"]), "what has ended is written down once"


def test_an_end_that_was_seen_gives_a_duration_and_one_that_was_not_does_not(post: Post) -> None:
    snapshot(post)
    for _ in range(12):
        post.pass_time(seconds=60)
        post.monitor.poll(post.client, DAY)
    watched = post.monitor.snapshot(post.client, DAY).jobs
    seen = watched[watched["end_seen"]]
    assert len(seen)
    assert (seen["seconds"] > 0).all()
    nobody_saw = watched[watched["status"].isin(ENDED) & ~watched["end_seen"]]
    assert nobody_saw["seconds"].isna().all()


def test_the_stuck_one_of_the_scenario_is_marked_and_says_why(post: Post) -> None:
    jobs = post.monitor.snapshot(post.client, WEEK).jobs
    stuck = jobs[jobs["mark"] == "stuck"]
    assert "4dfe8794-d3b0-40a7-bafc-cd2586a902c1" in set(stuck["job_id"])
    assert stuck["why"].str.contains("too little history").all()


@pytest.mark.parametrize("fault", ["500", "404", "html", "cut"])
def test_one_tracked_job_that_cannot_be_read_does_not_cost_the_others(
    post: Post, fault: str
) -> None:
    post.sandbox.control.fault("job_id_status", fault, times=0)
    post.monitor.track(str(uuid4()), "By hand")
    seen = snapshot(post)
    assert len(seen.jobs) > 100
    assert bool(seen.trouble) == (fault != "404")
    asked = post.asked().count("job_id_status")
    post.pass_time(seconds=10)
    post.monitor.poll(post.client, DAY)
    assert post.asked().count("job_id_status") == 0
    assert asked >= 1


def test_an_id_that_cannot_be_one_is_not_known(post: Post) -> None:
    post.monitor.track("../../admin", "By hand")
    seen = snapshot(post)
    assert seen.trouble == ""
    assert "../../admin" not in set(seen.jobs["job_id"])


def test_a_tree_that_was_read_once_does_not_grow_old_in_other_windows(post: Post) -> None:
    post.sandbox.control.fault("job_status", "403", times=0)
    top = post.job(Kind.DISPATCHING, running=True)
    post.monitor.track(top.id, "By hand")
    assert len(snapshot(post).jobs) > 1
    post.sandbox.control.clear_faults()
    post.pass_time(hours=2)
    elsewhere = Between(post.now() + timedelta(days=300), post.now() + timedelta(days=301))
    seen = post.monitor.refresh(post.client, elsewhere, than=post.now(), whole=True)
    assert set(seen.jobs["job_id"]) == {top.id}


def test_without_job_status_only_what_is_tracked_is_shown(post: Post) -> None:
    other = post.job(Kind.DISPATCHING, running=False).id
    snapshot(post)
    post.monitor.read_below(post.client, DAY, [other])
    post.sandbox.control.fault("job_status", "403", times=0)
    tracked = post.job(Kind.DISPATCHING, running=True).id
    post.monitor.track(tracked, "By hand")
    seen = post.monitor.refresh(post.client, DAY, than=post.now(), whole=True)
    assert set(seen.jobs.loc[seen.jobs["depth"] == 0, "job_id"]) == {tracked}


def test_a_word_nobody_knows_is_shown_and_invents_no_end(post: Post) -> None:
    for _ in range(10):
        post.pass_time(minutes=1)
        post.monitor.poll(post.client, DAY)
    before = snapshot(post).jobs.set_index("job_id")
    seen = before[before["end_seen"]]
    assert len(seen)
    post.sandbox.control.fault("job_status", "unknown_status", value="Frobnicating")
    glitch = post.monitor.refresh(post.client, DAY, than=post.now()).jobs
    live = before.index[~before["status"].isin(ENDED)]
    words = glitch.set_index("job_id")["status_word"].reindex(live)
    assert set(words) == {"Frobnicating"}
    post.pass_time(minutes=1)
    after = post.monitor.refresh(post.client, DAY, than=post.now()).jobs.set_index("job_id")
    assert after["ended_at"].reindex(seen.index).equals(seen["ended_at"])
    newly = after.index[after["ended_at"].notna()].difference(
        before.index[~before["ended_at"].isna()]
    )
    assert newly.isin([*live, *after.index.difference(before.index)]).all()
