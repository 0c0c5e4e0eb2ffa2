"""What follows from an operation is planned apart from the page, by reading its tenants alone."""

import threading

import pytest

from services.ledger import Outcome
from services.operations import FollowUp, Skip, Verb, read_key
from services.operations.engine.planning import Planning
from services.visier import NotPermitted
from tests.services.operations.conftest import LONG_ENOUGH, Desk
from tests.services.operations.exclusions import exclusion


def planned(desk: Desk, id_: str, follow: FollowUp) -> Planning:
    desk.sandbox.control.clear_requests()
    desk.runner.plan(id_, follow, desk.client, "ada")
    planning = desk.runner.planning(id_, follow, "ada")
    assert planning is not None
    assert planning.wait(LONG_ENOUGH)
    return planning


def test_undoing_reads_the_tenants_of_the_operation_and_nothing_is_sent(desk: Desk) -> None:
    id_ = desk.apply(exclusion(desk))
    planning = planned(desk, id_, FollowUp.UNDO)
    assert planning.plan is not None
    assert (planning.plan.verb, planning.plan.count) == (Verb.INCLUDE_UPLOADS, 6)
    assert (planning.done, planning.of) == (6, 6)
    assert {each["operation"] for each in desk.sandbox.control.requests()} == {
        "retrieve_data_uploads"
    }
    assert desk.outcomes(desk.apply(planning.plan)) == [Outcome.SUCCEEDED] * 6


def test_trying_again_takes_what_failed_and_leaves_what_is_done_by_now(desk: Desk) -> None:
    desk.sandbox.control.fault("exclude_data_uploads", "partial_failure", every=2)
    id_ = desk.apply(exclusion(desk))
    failed = [item for item in desk.ledger.items(id_) if item.outcome is Outcome.FAILED]
    code, text = read_key(failed[0].key)
    desk.client.exclude_data_uploads([{"tenantCode": code, "uploadTimes": [text]}])
    planning = planned(desk, id_, FollowUp.RETRY)
    assert planning.plan is not None
    skips = [each.skip for each in planning.plan.changes]
    assert skips == [Skip.ALREADY_DONE, *[None] * (len(failed) - 1)]


def test_what_cannot_be_read_is_said_and_leaves_no_plan(desk: Desk) -> None:
    id_ = desk.apply(exclusion(desk))
    desk.sandbox.control.fault("retrieve_data_uploads", "500", times=0)
    planning = planned(desk, id_, FollowUp.UNDO)
    assert planning.plan is None
    assert planning.error is not None
    assert not isinstance(planning.error, NotPermitted)


def test_reading_that_is_stopped_leaves_no_plan_and_reads_no_more(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    id_ = desk.apply(exclusion(desk))
    reached, told = threading.Event(), threading.Event()
    events = desk.ledger.events

    def wait(*arguments: object) -> object:
        reached.set()
        assert told.wait(LONG_ENOUGH)
        return events(*arguments)  # type: ignore[arg-type] # passed on as they came

    monkeypatch.setattr(desk.ledger, "events", wait)
    desk.sandbox.control.clear_requests()
    desk.runner.plan(id_, FollowUp.UNDO, desk.client, "ada")
    planning = desk.runner.planning(id_, FollowUp.UNDO, "ada")
    assert planning is not None
    assert reached.wait(LONG_ENOUGH)
    desk.runner.forget_planning(id_, FollowUp.UNDO, "ada")
    told.set()
    assert planning.wait(LONG_ENOUGH)
    assert (planning.plan, planning.error) == (None, None)
    assert len(desk.sandbox.control.requests()) <= 1


def test_what_one_person_plans_is_nobody_elses(desk: Desk) -> None:
    id_ = desk.apply(exclusion(desk))
    planned(desk, id_, FollowUp.UNDO)
    assert desk.runner.planning(id_, FollowUp.UNDO, "bob") is None
    assert desk.runner.planning(id_, FollowUp.RETRY, "ada") is None
