"""Cancelling: only what can be cancelled is sent, and claimed only when Visier says so."""

import pandas as pd
import pytest

from dashboard.operations.change_words import of_plan
from dashboard.operations.warning_words import warning
from services.frames import JobType, Status, job_tree
from services.frames.jobs import key_of, keyed
from services.ledger import AlreadyApplied, Outcome
from services.monitoring import sample_endpoints
from services.operations import Verb, look_up, plan_cancel_jobs, retry_plan
from services.operations.engine.matching import match
from services.operations.verbs.cancelling import CANCEL, CancelKey, job_id_in, job_named_by
from services.sandbox.models.jobs import Job
from tests.services.operations.conftest import ACTOR, ADA, Desk
from tests.services.operations.exclusions import after_first
from tests.services.operations.job_lists import listed


def unfinished(desk: Desk) -> pd.DataFrame:
    found = listed(desk)
    return found[found["status"].isin([Status.PENDING, Status.RUNNING])]


def inside(desk: Desk, job_id: str) -> Job:
    return desk.sandbox.inside.world.jobs.by_id[job_id]


def cancelled_ids(desk: Desk) -> list[list[str]]:
    return [each["body"]["jobIds"] for each in desk.sandbox.control.requests("cancel_jobs")]


def test_what_can_be_cancelled_is_sent_once_and_everything_else_says_why(desk: Desk) -> None:
    every = listed(desk)
    plan = plan_cancel_jobs(every["job_id"], every)
    assert plan.verb is Verb.CANCEL_JOBS
    assert 1 < plan.count < len(every)
    reasons = every["job_id"].map(
        of_plan(plan)[~plan.items["eligible"]].set_index("what")["reason"]
    )
    dispatching = every["job_type"] == JobType.DISPATCHING
    assert reasons[dispatching].str.contains("dispatching job cannot be cancelled").all()
    ended = every["status"] == Status.SUCCEEDED
    assert set(reasons[ended & ~dispatching]) == {"Already finished."}
    assert (reasons.dropna() != "").all()

    desk.sandbox.control.clear_requests()
    id_ = desk.apply(plan)
    with pytest.raises(AlreadyApplied):
        desk.runner.apply(plan, desk.client, ACTOR, identity="ada", permissions=ADA)

    assert sorted(cancelled_ids(desk)[0]) == sorted(of_plan(plan)[plan.items["eligible"]]["what"])
    assert len(desk.sandbox.control.requests()) == plan.calls
    assert desk.progress(id_).counts[Outcome.SUCCEEDED] == plan.count
    for job_id in of_plan(plan)[plan.items["eligible"]]["what"]:
        assert inside(desk, job_id).status in {"Cancelled", "Cancelling"}
    assert {"Visier says: Cancelled", "Visier says: Cancelling"} >= {
        message for message in desk.messages(id_) if message.startswith("Visier says")
    }


def test_a_running_receiving_job_is_not_sent(desk: Desk) -> None:
    every = listed(desk)
    receiving = every[(every["job_type"] == JobType.RECEIVING)]
    pending = receiving[receiving["status"] == Status.PENDING]["job_id"].iloc[0]
    desk.sandbox.control.advance(40)
    now = listed(desk)
    assert now.set_index("job_id").loc[pending, "status"] == Status.RUNNING
    (reason,) = of_plan(plan_cancel_jobs([pending], now))["reason"]
    assert reason == "A receiving job that is running cannot be cancelled."


def test_what_began_to_run_since_the_plan_is_cancelled_all_the_same(desk: Desk) -> None:
    every = unfinished(desk)
    processing = every[every["job_type"] == JobType.PROCESSING]
    pending = processing.loc[processing["status"] == Status.PENDING, "job_id"]
    plan = plan_cancel_jobs(pending, every)
    desk.sandbox.control.advance(60)
    now = listed(desk).set_index("job_id")["status"]
    started = [job_id for job_id in pending if now[job_id] == Status.RUNNING]
    assert started
    id_ = desk.apply(plan)
    items = {job_id_in(item.key): item.outcome for item in desk.ledger.items(id_)}
    assert {items[job_id] for job_id in started} == {Outcome.SUCCEEDED}
    assert all(inside(desk, job_id).status == "Cancelling" for job_id in started)


def test_what_has_ended_since_the_plan_is_left_alone(desk: Desk) -> None:
    every = unfinished(desk)
    processing = every.loc[every["job_type"] == JobType.PROCESSING, "job_id"]
    plan = plan_cancel_jobs(processing, every)
    desk.sandbox.control.advance(24 * 3600)
    id_ = desk.apply(plan)
    assert set(desk.outcomes(id_)) == {Outcome.CHANGED_SINCE_PLAN}
    assert any("now “Succeeded processing job”." in text for text in desk.messages(id_))
    assert cancelled_ids(desk) == []


def test_a_receiving_job_that_starts_under_the_hands_is_refused_in_visiers_words(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    every = unfinished(desk)
    receiving = every[every["job_type"] == JobType.RECEIVING]
    pending = receiving.loc[receiving["status"] == Status.PENDING, "job_id"]
    plan = plan_cancel_jobs(pending, every)
    assert plan.count
    # It stands as planned when it is read again; the request itself comes too late.
    after_first(monkeypatch, desk.ledger, "intend", lambda _: desk.sandbox.control.advance(100))
    id_ = desk.apply(plan)
    refused = desk.ledger.items(id_, {Outcome.FAILED})
    assert refused
    for item in refused:
        assert item.message.startswith(f"UploadJob [{job_id_in(item.key)}] with status [")
    again = retry_plan(desk.ledger, id_, listed(desk), now=desk.clock)
    assert set(of_plan(again)["what"]) == {job_id_in(item.key) for item in refused}
    assert again.count == 0


@pytest.mark.parametrize(("when", "fate"), [("after", Outcome.SUCCEEDED), ("before", None)])
def test_a_lost_answer_is_looked_up_and_never_sent_again(
    desk: Desk, when: str, fate: Outcome | None
) -> None:
    every = unfinished(desk)
    plan = plan_cancel_jobs(every["job_id"].head(3), every)
    desk.sandbox.control.fault("cancel_jobs", "cut", when=when)
    id_ = desk.apply(plan)
    if fate is None:
        assert set(desk.outcomes(id_)) == {Outcome.UNCERTAIN}
        desk.clock.advance(minutes=3)
        look_up(desk.ledger, desk.client, id_)
        assert Outcome.SUCCEEDED not in desk.outcomes(id_)
    else:
        assert set(desk.outcomes(id_)) == {fate}
    assert len(cancelled_ids(desk)) == 1


@pytest.mark.slow
def test_no_request_holds_more_than_five_hundred(desk: Desk) -> None:
    every = unfinished(desk)
    one = every[every["job_type"] == JobType.PROCESSING].head(1)
    many = keyed(
        pd.concat([one.assign(job_id=f"{n:08x}-0000") for n in range(CANCEL.batch_size + 1)])
    )
    plan = plan_cancel_jobs(many["job_id"], many)
    assert [len(chunk) for chunk in plan.batches] == [CANCEL.batch_size, 1]


def test_jobs_left_below_are_warned_of(desk: Desk) -> None:
    every = unfinished(desk)
    parent = every[every["job_type"] == JobType.EXTRACTION].head(1)
    child = every[every["job_type"] == JobType.PROCESSING].head(1)
    child = child.assign(parent_job_id=parent["job_id"].iloc[0])
    both = job_tree.roll_up(pd.concat([parent, child], ignore_index=True))
    (concern,) = plan_cancel_jobs(parent["job_id"], both).warnings
    assert "does not cancel its child jobs" in warning(concern)
    assert list(concern.rows["job_id"]) == list(child["job_id"])
    assert plan_cancel_jobs(both["job_id"], both).warnings == ()


def test_without_job_status_the_trees_are_read_again(desk: Desk) -> None:
    """What the sample endpoints tell has no start times: the trees themselves are read."""
    desk.sandbox.control.fault("job_status", "403", times=0)
    desk.sandbox.control.fault("job_id_status", "403", times=0)
    top = next(
        job
        for job in desk.sandbox.inside.world.jobs.by_id.values()
        if job.kind.value == "DISPATCHING_JOB"
        and any(each.status == "Running" for each in job.descendants())
    )
    tree = job_tree.roll_up(sample_endpoints.read_tree(desk.client, top.id).jobs)
    running = tree[tree["status"].isin([Status.PENDING, Status.RUNNING])]
    going = running[running["job_type"] != JobType.DISPATCHING]
    plan = plan_cancel_jobs(going["job_id"], tree)
    assert plan.count
    id_ = desk.apply(plan)
    assert desk.progress(id_).counts[Outcome.SUCCEEDED] == plan.count


def shared(desk: Desk) -> tuple[Job, Job]:
    """Give a running extraction and a running processing job the same id, as the samples have."""
    book = desk.sandbox.inside.world.jobs
    live = [job for job in book.by_start if job.status == "Running"]
    extraction, processing = (
        next(job for job in live if job.kind.value == kind)
        for kind in ("EXTRACTION_JOB", "PROCESSING_JOB")
    )
    processing.id = extraction.id
    return extraction, processing


def test_an_id_of_two_jobs_is_said_and_sent_once_and_each_has_its_own_outcome(desk: Desk) -> None:
    extraction, processing = shared(desk)
    every = listed(desk)
    keys = [key_of(kind, extraction.id) for kind in (JobType.EXTRACTION, JobType.PROCESSING)]
    plan = plan_cancel_jobs(keys, every)
    assert plan.count == 2
    (concern,) = plan.warnings
    assert "cancels by id alone" in warning(concern)
    assert sorted(concern.rows["job_type"]) == ["extraction", "processing"]
    id_ = desk.apply(plan)
    assert cancelled_ids(desk) == [[extraction.id]]
    # The sandbox has found the extraction: nothing is concluded of the processing job.
    outcomes = dict(zip(map(job_named_by, plan.items["key"]), desk.outcomes(id_), strict=True))
    assert outcomes == {keys[0]: Outcome.SUCCEEDED, keys[1]: Outcome.NO_RESULT}
    assert processing.status == "Running"


def test_cancelling_one_of_two_jobs_of_an_id_warns_of_the_other(desk: Desk) -> None:
    extraction, _ = shared(desk)
    every = listed(desk)
    (concern,) = plan_cancel_jobs([key_of(JobType.EXTRACTION, extraction.id)], every).warnings
    assert "cancels by id alone" in warning(concern)
    assert set(concern.rows["job_id"]) == {extraction.id}
    # The bare id means neither.
    assert plan_cancel_jobs([extraction.id], every).count == 0


def answered(*results: dict[str, str]) -> pd.DataFrame:
    return CANCEL.answer.to_frame([{"jobCancellationResults": list(results)}])


def result(job_id: str, kind: str, **more: str) -> dict[str, str]:
    return {"tenantCode": "t", "jobId": job_id, "jobType": kind, **more}


@pytest.mark.parametrize(
    ("item", "kind", "outcome"),
    [
        ("extraction:a", "EXTRACTION_JOB", Outcome.SUCCEEDED),
        ("extraction:a", "NEW_KIND", Outcome.SUCCEEDED),
        ("other:a", "PROCESSING_JOB", Outcome.SUCCEEDED),
        ("a", "PROCESSING_JOB", Outcome.SUCCEEDED),
        ("extraction:a", "PROCESSING_JOB", Outcome.NO_RESULT),
    ],
)
def test_a_result_about_a_job_of_another_type_is_not_the_items(
    item: str, kind: str, outcome: Outcome
) -> None:
    done = answered(result("a", kind, cancelStatus="CANCEL_SUCCEEDED", jobStatus="Cancelled"))
    (found,) = match(CANCEL, [CancelKey("t", item)], done).results
    assert found.outcome == outcome


def test_an_unrecognized_id_has_failed_for_every_job_of_it() -> None:
    unknown = answered(result("a", "UNRECOGNIZED", message="Unrecognized job [a]."))
    found = match(
        CANCEL, [CancelKey("t", "extraction:a"), CancelKey("t", "processing:a")], unknown
    ).results
    assert [each.outcome for each in found] == [Outcome.FAILED] * 2


def test_of_no_jobs_there_is_nothing_to_cancel(desk: Desk) -> None:
    plan = plan_cancel_jobs([], listed(desk))
    assert plan.count == 0
    assert not plan.warnings
