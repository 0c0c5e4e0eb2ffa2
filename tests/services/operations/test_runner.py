"""Operations at work: drift, pauses, stops, waits, breaks, and who may do what with them."""

import threading
from dataclasses import replace
from functools import partial

import pytest

from services.ledger import Ledger, Outcome, State, TakenOver
from services.operations import plan_disable_data_versions, plan_exclude_uploads
from services.operations.engine import worker
from services.sandbox.models.tenants import DataVersion
from services.visier import RateLimiter
from tests.services.operations.conftest import ACTOR, ADA, LONG_ENOUGH, Desk, MakeClient
from tests.services.operations.exclusions import (
    EXCLUDE,
    after_first,
    chosen_uploads,
    exclusion,
    sent,
)
from tests.services.visier.clock import Clock as RateLimiterClock

DONE, PLANNED, DRIFTED = Outcome.SUCCEEDED, Outcome.PLANNED, Outcome.CHANGED_SINCE_PLAN


def test_what_drifted_is_stopped_and_said_and_nothing_else(desk: Desk) -> None:
    plan = exclusion(desk)
    (code, text), (gone_code, gone_text) = chosen_uploads(plan)[1:5:3]
    desk.client.exclude_data_uploads([{"tenantCode": code, "uploadTimes": [text]}])
    tenant = desk.tenant(gone_code)
    tenant.uploads[:] = [each for each in tenant.uploads if each.time != gone_text]
    desk.sandbox.control.clear_requests()

    id_ = desk.apply(plan)

    assert desk.outcomes(id_) == [DONE, DRIFTED, DONE, DONE, DRIFTED, DONE]
    assert desk.messages(id_)[1] == "Planned as “Included”, now “Excluded”."
    assert desk.messages(id_)[4] == "Visier no longer lists it."
    assert sorted(sent(desk)) == sorted(
        set(chosen_uploads(plan)) - {(code, text), (gone_code, gone_text)}
    )


def test_a_version_that_is_no_longer_the_latest_is_not_disabled(desk: Desk) -> None:
    versions = desk.versions()
    chosen = versions.dropna().drop_duplicates("tenant_code").head(3)
    plan = plan_disable_data_versions(chosen[["tenant_code"]], versions, now=desk.clock())
    tenant = desk.tenant(str(chosen["tenant_code"].iloc[1]))
    category = tenant.versions[-1].category
    tenant.versions.append(DataVersion("8000001", "2099-01-01T00:00:00.000Z", category, "job"))

    id_ = desk.apply(plan)

    assert desk.outcomes(id_) == [DONE, DRIFTED, DONE]
    assert "“Latest enabled”" in desk.messages(id_)[1]


def test_a_tenant_the_answer_leaves_out_is_not_called_drifted(desk: Desk) -> None:
    versions = desk.versions()
    chosen = versions.dropna().drop_duplicates("tenant_code").head(1)
    plan = plan_disable_data_versions(chosen[["tenant_code"]], versions, now=desk.clock())
    desk.sandbox.control.clear_requests()
    desk.sandbox.control.fault("latest_enabled_dv", "missing_item", times=0)

    id_ = desk.apply(plan)

    assert desk.outcomes(id_) == [Outcome.FAILED]
    assert desk.messages(id_) == [
        "Not sent: Visier's answer leaves out its tenant, so its state is unknown."
    ]
    assert desk.sandbox.control.requests(plan.spec.operation) == []


def test_an_upload_pushed_out_of_the_five_latest_is_found_through_its_files(desk: Desk) -> None:
    current = desk.uploads()
    code = str(current["tenant_code"].value_counts().index[0])
    oldest = current[(current["tenant_code"] == code) & current["included"]].head(1)
    plan = plan_exclude_uploads(oldest, current)
    newest = desk.tenant(code).uploads[-1]
    later = [replace(newest, time=f"2099-01-0{day}T00:00:00.000Z") for day in range(1, 6)]
    desk.tenant(code).uploads.extend(later)

    id_ = desk.apply(plan)

    assert desk.outcomes(id_) == [DONE]
    assert not desk.included(code, str(oldest["upload_time_text"].iloc[0]))


def test_a_pause_rests_between_requests_and_a_resume_goes_on(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    paused = threading.Event()
    after_first(monkeypatch, desk.ledger, "intend", partial(desk.runner.pause, permissions=ADA))
    after_first(monkeypatch, desk.ledger, "set_state", lambda _id: paused.set())
    plan = exclusion(desk)

    id_ = desk.runner.apply(plan, desk.client, ACTOR, identity="ada", permissions=ADA)
    assert paused.wait(LONG_ENOUGH)

    progress = desk.progress(id_)
    assert (progress.state, progress.done, progress.of) == (State.PAUSED, 2, 6)
    assert progress.is_live
    assert len(sent(desk)) == 2

    desk.runner.resume(id_, ADA)
    assert desk.runner.wait(id_, LONG_ENOUGH)
    assert desk.progress(id_).state is State.FINISHED
    assert sorted(sent(desk)) == sorted(chosen_uploads(plan))


def test_a_stop_leaves_the_rest_planned_and_it_can_be_finished_later(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    after_first(monkeypatch, desk.ledger, "intend", partial(desk.runner.stop, permissions=ADA))
    plan = exclusion(desk)

    id_ = desk.apply(plan)
    assert desk.progress(id_).state is State.STOPPED
    assert sorted(desk.outcomes(id_)) == [PLANNED] * 4 + [DONE] * 2

    desk.runner.finish_interrupted(id_, desk.client, ADA)
    assert desk.runner.wait(id_, LONG_ENOUGH)
    assert desk.outcomes(id_) == [DONE] * 6
    assert desk.progress(id_).state is State.FINISHED
    assert sorted(sent(desk)) == sorted(chosen_uploads(plan))


def test_an_operation_stopped_while_it_waits_for_budget_has_sent_nothing(
    desk: Desk, make_client: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    time, plan = RateLimiterClock(), exclusion(desk)
    rate_limiter = time.rate_limiter(2)  # one call is kept for clicks, signing in takes the other
    seen = []

    def wait(_condition: threading.Condition, seconds: float) -> None:
        seen.append(desk.progress(plan.id).waiting_for_budget)
        time.now += seconds
        desk.runner.stop(plan.id, ADA)

    monkeypatch.setattr(rate_limiter, "_wait", wait)
    desk.runner.apply(plan, make_client(rate_limiter), ACTOR, identity="ada", permissions=ADA)
    assert desk.runner.wait(plan.id, LONG_ENOUGH)

    assert seen == [True]
    assert desk.outcomes(plan.id) == [PLANNED] * 6
    assert desk.progress(plan.id).state is State.STOPPED
    assert sent(desk) == []


def test_limited_calls_are_waited_for_and_no_failure(desk: Desk, make_client: MakeClient) -> None:
    desk.sandbox.control.reset(rate_limit=10)
    plan, time = exclusion(desk, items=20, per_request=1), RateLimiterClock()

    def wait(condition: threading.Condition, seconds: float) -> None:
        time.wait(condition, seconds)
        desk.sandbox.control.advance(seconds)

    client = make_client(RateLimiter(time, wait, jitter=lambda: 0.5))
    desk.runner.apply(plan, client, ACTOR, identity="ada", permissions=ADA)
    assert desk.runner.wait(plan.id, LONG_ENOUGH)

    assert desk.outcomes(plan.id) == [DONE] * 20
    assert sum(time.waits) > 60


def test_an_unforeseen_break_leaves_items_intended_and_the_operation_interrupted(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    plan, settle = exclusion(desk), desk.ledger.settle

    def broken(operation_id: str, results: list[object]) -> None:
        if results:
            raise MemoryError

    monkeypatch.setattr(desk.ledger, "settle", broken)
    id_ = desk.apply(plan)
    monkeypatch.setattr(desk.ledger, "settle", settle)

    assert "broke off" in caplog.text
    assert [each.id for each in desk.ledger.interrupted("ada")] == [id_]
    assert sorted(desk.outcomes(id_)) == [Outcome.INTENDED] * 2 + [PLANNED] * 4

    desk.runner.finish_interrupted(id_, desk.client, ADA, go_on=False)
    assert desk.runner.wait(id_, LONG_ENOUGH)
    assert sorted(desk.outcomes(id_)) == [PLANNED] * 4 + [DONE] * 2
    assert desk.progress(id_).state is State.STOPPED
    assert len(sent(desk)) == 2


def test_what_is_at_work_is_not_taken_over(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    paused = threading.Event()
    after_first(monkeypatch, desk.ledger, "intend", partial(desk.runner.pause, permissions=ADA))
    after_first(monkeypatch, desk.ledger, "set_state", lambda _id: paused.set())
    id_ = desk.runner.apply(exclusion(desk), desk.client, ACTOR, identity="ada", permissions=ADA)
    assert paused.wait(LONG_ENOUGH)

    with pytest.raises(TakenOver):
        desk.runner.finish_interrupted(id_, desk.client, ADA)

    desk.runner.stop(id_, ADA)
    assert desk.runner.wait(id_, LONG_ENOUGH)


def test_who_lost_an_operation_to_another_process_sends_nothing_more(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = desk.ledger._engine.url.render_as_string(hide_password=False)
    other = Ledger(path, clock=desk.clock, monotonic=desk.clock.monotonic, owner="another process")

    def take(operation_id: str) -> None:
        desk.clock.advance(minutes=5)
        other.take_over(operation_id)

    after_first(monkeypatch, desk.ledger, "intend", take)
    id_ = desk.apply(exclusion(desk))

    assert len(sent(desk)) == 2
    assert desk.progress(id_).state is State.RUNNING
    other.close()


def test_a_request_that_waits_while_its_operation_is_taken_over_is_never_sent(
    desk: Desk, make_client: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan, waiting = exclusion(desk), threading.Event()
    rate_limiter = RateLimiterClock().rate_limiter(
        5
    )  # after a token, two reads and a write it is used up

    def lose(operation_id: str) -> None:
        assert waiting.wait(LONG_ENOUGH)
        raise TakenOver(operation_id)

    monkeypatch.setattr(worker, "HEARTBEAT", 0.0)
    monkeypatch.setattr(desk.ledger, "heartbeat", lose)
    monkeypatch.setattr(rate_limiter, "_wait", lambda _condition, _seconds: waiting.set())
    desk.runner.apply(plan, make_client(rate_limiter), ACTOR, identity="ada", permissions=ADA)
    assert desk.runner.wait(plan.id, LONG_ENOUGH)

    assert len(sent(desk)) == 2
    assert sorted(desk.outcomes(plan.id)) == sorted(
        [DONE] * 2 + [Outcome.INTENDED] * 2 + [PLANNED] * 2
    )
    assert desk.progress(plan.id).state is State.RUNNING


def test_progress_estimates_by_the_pace_so_far(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    paused = threading.Event()
    after_first(monkeypatch, desk.ledger, "intend", partial(desk.runner.pause, permissions=ADA))
    after_first(monkeypatch, desk.ledger, "set_state", lambda _id: paused.set())
    id_ = desk.runner.apply(exclusion(desk), desk.client, ACTOR, identity="ada", permissions=ADA)
    assert paused.wait(LONG_ENOUGH)

    desk.clock.advance(seconds=10)
    assert desk.progress(id_).seconds_left == pytest.approx(20)

    desk.runner.stop(id_, ADA)
    assert desk.runner.wait(id_, LONG_ENOUGH)
    assert desk.progress(id_).seconds_left is None


def test_nothing_secret_is_in_the_ledger_or_the_log(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    desk.sandbox.control.fault(EXCLUDE, "500", value=f"Odd: {desk.sandbox.api_key}")

    id_ = desk.apply(exclusion(desk))

    kept = [str(each) for each in [*desk.ledger.events(id_), *desk.ledger.items(id_)]]
    told = "\n".join([*kept, caplog.text])
    assert "Odd: " in told
    assert desk.sandbox.api_key not in told
    assert "VisierASIDToken" not in told
