"""Every verb: what was confirmed is sent, once, and what the ledger says is so."""

from typing import Any

import pytest

from services.ledger import AlreadyApplied, Outcome
from services.operations import (
    read_key,
    retry_plan,
)
from tests.services.operations.conftest import ACTOR, ADA, Desk
from tests.services.operations.verbs import CASES, Case


def writes(desk: Desk) -> list[dict[str, Any]]:
    return [each for each in desk.sandbox.control.requests() if each["method"] == "PUT"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.verb.name)
def test_what_is_sent_is_what_was_confirmed_and_it_is_sent_once(desk: Desk, case: Case) -> None:
    plan = case.plan(desk)
    desk.sandbox.control.clear_requests()

    id_ = desk.apply(plan)
    with pytest.raises(AlreadyApplied):
        desk.runner.apply(plan, desk.client, ACTOR, identity="ada", permissions=ADA)

    asked = desk.sandbox.control.requests()
    objects = [item for each in writes(desk) for item in next(iter(each["body"].values()))]
    sent = sorted(key for item in objects for key in case.named(item))
    assert plan.verb is case.verb
    assert plan.count == len(sent) > 1
    width = len(sent[0])
    assert sent == sorted(read_key(key)[:width] for key in plan.eligible["key"])
    assert len(asked) == plan.calls
    assert set(desk.outcomes(id_)) <= {Outcome.SUCCEEDED, Outcome.SKIPPED}
    assert desk.progress(id_).counts[Outcome.SUCCEEDED] == plan.count
    assert desk.ledger.operation(id_).request_count == len(writes(desk))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.verb.name)
def test_what_was_refused_can_be_tried_again(desk: Desk, case: Case) -> None:
    plan = case.plan(desk)
    desk.sandbox.control.fault(plan.spec.operation, "403", value="Not for you.")
    id_ = desk.apply(plan)
    assert desk.progress(id_).counts[Outcome.FAILED] == plan.count
    assert any(text.startswith("Not for you.") for text in desk.messages(id_))

    again = retry_plan(desk.ledger, id_, case.current(desk), now=desk.clock)

    assert again.verb is case.verb
    assert sorted(again.eligible["key"]) == sorted(plan.eligible["key"])
    assert set(desk.outcomes(desk.apply(again))) == {Outcome.SUCCEEDED}
