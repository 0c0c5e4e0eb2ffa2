"""What broke off in its last request: looked up, it comes to its end by that."""

from contextlib import closing
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from services.ledger import Ledger, NewItem, NewOperation, Outcome, State
from services.operations import Plan, Verb, look_up, plan_disable_data_versions
from services.operations.credentials.outcomes import close, settle_by_hand
from services.operations.engine.reconcile import LookedUp
from services.operations.engine.runner import new_items
from tests.ledgers import empty_ledger
from tests.services.operations.conftest import ACTOR, ADA, Desk

ITEMS = 3


def disabling(desk: Desk) -> Plan:
    versions = desk.versions()
    chosen = versions.dropna().drop_duplicates("tenant_code").head(ITEMS)
    return plan_disable_data_versions(chosen[["tenant_code"]], versions, now=desk.clock())


def broken_off(desk: Desk, plan: Plan, *, sent: int = ITEMS, done: bool = True) -> str:
    """Leave a plan as a process does that is killed while its last request is on the way."""
    items = list(new_items(plan))
    desk.ledger.begin(NewOperation(plan.id, plan.verb, ACTOR, "ada"), items)
    desk.ledger.intend(plan.id, [item.key for item in items[:sent]])
    if done:
        keys = [each.key for chunk in plan.batches for each in chunk][:sent]
        plan.spec.send(desk.client, plan.spec.objects(keys))
    desk.ledger.set_state(plan.id, State.INTERRUPTED)
    return plan.id


def test_it_ends_when_all_of_it_is_seen_to_be_done(desk: Desk) -> None:
    id_ = broken_off(desk, disabling(desk))
    assert look_up(desk.ledger, desk.client, id_) == LookedUp(ITEMS, 0, 0)
    assert desk.outcomes(id_) == [Outcome.SUCCEEDED] * ITEMS
    assert desk.ledger.operation(id_).state is State.FINISHED
    assert id_ not in [each.id for each in desk.ledger.interrupted("ada")]


def test_it_does_not_end_while_something_of_it_was_never_sent(desk: Desk) -> None:
    id_ = broken_off(desk, disabling(desk), sent=2)
    assert look_up(desk.ledger, desk.client, id_).settled == 2
    assert desk.ledger.operation(id_).state is State.INTERRUPTED


def test_it_ends_only_once_its_request_can_no_longer_arrive(desk: Desk) -> None:
    id_ = broken_off(desk, disabling(desk), done=False)
    assert look_up(desk.ledger, desk.client, id_) == LookedUp(0, ITEMS, ITEMS)
    assert desk.ledger.operation(id_).state is State.INTERRUPTED
    desk.clock.advance(minutes=3)
    assert look_up(desk.ledger, desk.client, id_) == LookedUp(ITEMS, 0, 0)
    assert desk.outcomes(id_) == [Outcome.FAILED] * ITEMS
    assert desk.ledger.operation(id_).state is State.FINISHED


def test_a_jump_of_the_clock_is_no_proof_that_its_request_cannot_arrive(desk: Desk) -> None:
    id_ = broken_off(desk, disabling(desk), done=False)
    desk.clock.jump(days=730)
    assert look_up(desk.ledger, desk.client, id_) == LookedUp(0, ITEMS, ITEMS)
    assert desk.outcomes(id_) == [Outcome.UNCERTAIN] * ITEMS
    desk.clock.advance(minutes=3)
    assert look_up(desk.ledger, desk.client, id_) == LookedUp(ITEMS, 0, 0)


def test_a_jump_between_two_processes_is_no_proof_either(desk: Desk, tmp_path: Path) -> None:
    url, clock = empty_ledger(tmp_path / "ledger.sqlite3"), desk.clock
    with closing(Ledger.open(url, clock=clock, monotonic=clock.monotonic)) as ledger:
        id_ = broken_off(replace(desk, ledger=ledger), disabling(desk), done=False)
    clock.advance(seconds=5)
    clock.jump(hours=3)
    ledger = Ledger.open(url, clock=clock, monotonic=clock.monotonic)
    assert look_up(ledger, desk.client, id_) == LookedUp(0, ITEMS, ITEMS)
    clock.advance(seconds=119)
    assert look_up(ledger, desk.client, id_) == LookedUp(0, ITEMS, ITEMS)
    clock.advance(seconds=2)
    assert look_up(ledger, desk.client, id_) == LookedUp(ITEMS, 0, 0)
    ledger.close()


def test_it_ends_although_no_look_can_ever_tell_of_an_item(desk: Desk) -> None:
    plan = disabling(desk)
    id_ = broken_off(desk, plan)
    tenants = desk.sandbox.inside.world.tenants
    del tenants[str(plan.items["tenant_code"].iloc[0])]
    assert look_up(desk.ledger, desk.client, id_) == LookedUp(ITEMS - 1, 1, 0)
    assert desk.ledger.operation(id_).state is State.FINISHED
    assert desk.outcomes(id_)[0] is Outcome.UNCERTAIN


def creation(desk: Desk, *tenants: str, sent: int) -> str:
    items = [NewItem(code, code, "Name (UKG)", "", "Created") for code in tenants]
    operation = NewOperation(str(uuid4()), Verb.CREATE_CREDENTIALS, ACTOR, "ada")
    desk.ledger.begin(operation, items)
    desk.ledger.intend(operation.id, tenants[:sent])
    desk.ledger.set_state(operation.id, State.INTERRUPTED)
    return operation.id


@pytest.mark.parametrize("done", [True, False])
def test_a_creation_ends_with_what_a_person_says_of_its_last_request(
    desk: Desk, *, done: bool
) -> None:
    id_ = creation(desk, "WFF_j1r~e1a", sent=1)
    settle_by_hand(desk.ledger, id_, "WFF_j1r~e1a", ADA, done=done)
    assert desk.ledger.operation(id_).state is State.FINISHED


def test_a_creation_that_broke_off_between_two_requests_can_be_closed(desk: Desk) -> None:
    id_ = creation(desk, "WFF_j1r~e1a", "WFF_j1r~c7o", sent=0)
    close(desk.ledger, id_, ADA)
    assert desk.ledger.operation(id_).state is State.STOPPED
    assert desk.outcomes(id_) == [Outcome.PLANNED] * 2
    assert [event.who for event in desk.ledger.events(id_)] == [ADA.who]


def test_a_creation_of_which_a_request_is_unclear_cannot_be_closed(desk: Desk) -> None:
    id_ = creation(desk, "WFF_j1r~c7o", "WFF_j1r~e1a", sent=1)
    close(desk.ledger, id_, ADA)
    assert desk.ledger.operation(id_).state is State.INTERRUPTED
