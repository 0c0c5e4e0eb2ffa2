"""One ledger, two Visiers: who is connected to one has no way to what was done at the other."""

from collections.abc import Callable
from dataclasses import replace
from uuid import uuid4

import pandas as pd
import pytest

from services.ledger import Actor, Elsewhere, Event, NewItem, NewOperation, Outcome, State
from services.operations import Permissions, Verb, look_up, retry_plan, undo_plan
from services.operations.credentials import outcomes as credentials
from services.operations.engine.runner import new_items
from services.operations.recovery import changing
from services.operations.recovery import incident as incidents
from services.operations.recovery.finding import By
from services.operations.recovery.incident import AffectedTenant, Choices, FoundBy, Incident
from services.operations.starts import lookup as starts
from services.operations.starts.record import StartRecord, record_of
from services.operations.starts.request import settle_by_hand
from tests.services.operations.conftest import ACTOR, ADA, LONG_ENOUGH, Desk
from tests.services.operations.exclusions import exclusion

SECRET = "reorganisation of the sales department"
OTHER_HOST = Actor("eve@example.com", ACTOR.tenant, "other.api.visier.io")
OTHER_TENANT = replace(ACTOR, user="eve@example.com", tenant="WFF_j1r~other")
Ask = Callable[[Desk, str, Permissions], object]


def broken_off(desk: Desk, verb: str, items: list[NewItem]) -> str:
    """Leave an operation as a process does that dies with its first request on the way."""
    operation = NewOperation(str(uuid4()), verb, ACTOR, "ada", reason=SECRET)
    desk.ledger.begin(operation, items)
    desk.ledger.intend(operation.id, [items[0].key])
    desk.ledger.set_state(operation.id, State.INTERRUPTED)
    return operation.id


def a_change(desk: Desk) -> str:
    plan = exclusion(desk)
    id_ = broken_off(desk, plan.verb, list(new_items(plan)))
    desk.sandbox.control.clear_requests()
    return id_


def a_start(desk: Desk) -> str:
    return broken_off(
        desk, Verb.START_PROCESSING, [NewItem("one", "", "Processing", "[1,null]", '[1,"started"]')]
    )


def a_credential(desk: Desk) -> str:
    item = NewItem("WFF_j1r~e1a", "WFF_j1r~e1a", "Name (UKG)", "[1,null]", '[1,"created"]')
    return broken_off(desk, Verb.CREATE_CREDENTIALS, [item])


def a_recovery(desk: Desk) -> str:
    id_ = str(uuid4())
    by = FoundBy(By.TENANTS, tenants=SECRET)
    incident = Incident(desk.clock(), (AffectedTenant("WFF_j1r~e1a", "", (), (), 0),), by)
    changing.begin(desk.ledger, incident, ADA, id_=id_, identity="ada", filter_text=SECRET)
    return id_


def known(desk: Desk, id_: str) -> StartRecord:
    return record_of(desk.ledger, desk.ledger.operation(id_))


def here(desk: Desk, who: Permissions) -> Desk:
    """Give the desk as the dashboard gives it to a connection: with the ledger of its place."""
    return replace(desk, ledger=desk.ledger.at(who.actor.place))


WAYS: dict[str, tuple[Callable[[Desk], str], Ask]] = {
    "finish": (a_change, lambda d, id_, eve: d.runner.finish_interrupted(id_, d.client, eve)),
    "look up in the runner": (
        a_change,
        lambda d, id_, eve: d.runner.finish_interrupted(id_, d.client, eve, go_on=False),
    ),
    "pause": (a_change, lambda d, id_, eve: d.runner.pause(id_, eve)),
    "resume": (a_change, lambda d, id_, eve: d.runner.resume(id_, eve)),
    "stop": (a_change, lambda d, id_, eve: d.runner.stop(id_, eve)),
    "look up": (a_change, lambda d, id_, eve: look_up(here(d, eve).ledger, d.client, id_)),
    "undo": (a_change, lambda d, id_, eve: undo_plan(here(d, eve).ledger, id_, pd.DataFrame())),
    "retry": (a_change, lambda d, id_, eve: retry_plan(here(d, eve).ledger, id_, pd.DataFrame())),
    "read a start": (a_start, lambda d, id_, eve: known(here(d, eve), id_)),
    "claim a job": (
        a_start,
        lambda d, id_, eve: starts.claim(d.ledger, known(d, id_), "a job", eve),
    ),
    "settle a start": (
        a_start,
        lambda d, id_, eve: settle_by_hand(d.ledger, id_, eve, started=False),
    ),
    "settle a credential": (
        a_credential,
        lambda d, id_, eve: credentials.settle_by_hand(
            d.ledger, id_, "WFF_j1r~e1a", eve, done=True
        ),
    ),
    "close a credential": (a_credential, lambda d, id_, eve: credentials.close(d.ledger, id_, eve)),
    "look for credentials": (
        a_credential,
        lambda d, id_, eve: credentials.candidates(here(d, eve).ledger, d.client, id_),
    ),
    "read what a credential cannot": (
        a_credential,
        lambda d, id_, eve: credentials.missing_access(here(d, eve).ledger, id_),
    ),
    "read a recovery": (a_recovery, lambda d, id_, eve: incidents.read(here(d, eve).ledger, id_)),
    "read who changed it": (
        a_recovery,
        lambda d, id_, eve: incidents.changes(here(d, eve).ledger, id_),
    ),
    "plan a recovery": (
        a_recovery,
        lambda d, id_, eve: changing.choose(d.ledger, id_, Choices(), eve),
    ),
    "close a recovery": (a_recovery, lambda d, id_, eve: changing.close(d.ledger, id_, eve)),
}


@pytest.mark.parametrize("actor", [OTHER_HOST, OTHER_TENANT], ids=["host", "tenant"])
@pytest.mark.parametrize("way", WAYS)
def test_no_way_leads_to_an_operation_of_another_place(desk: Desk, way: str, actor: Actor) -> None:
    make, ask = WAYS[way]
    id_ = make(desk)
    stood, told = desk.ledger.operation(id_), desk.ledger.events(id_)
    items = desk.ledger.items(id_)

    with pytest.raises(Elsewhere) as refused:
        ask(desk, id_, Permissions(actor))

    assert SECRET not in str(refused.value)
    assert desk.sandbox.control.requests() == []
    assert desk.ledger.operation(id_) == stood
    assert desk.ledger.events(id_) == told
    assert desk.ledger.items(id_) == items


def test_a_plan_that_follows_from_an_operation_is_not_applied_at_another_place(desk: Desk) -> None:
    id_ = desk.apply(exclusion(desk))
    undo = undo_plan(desk.ledger, id_, desk.uploads())
    desk.sandbox.control.clear_requests()
    eve = Permissions(OTHER_HOST)
    for actor in (ACTOR, OTHER_HOST):
        with pytest.raises(Elsewhere):
            desk.runner.apply(undo, desk.client, actor, identity="eve", permissions=eve)
    assert desk.sandbox.control.requests() == []
    assert desk.outcomes(desk.apply(undo)) == [Outcome.SUCCEEDED] * 6


def test_at_its_own_place_anybody_goes_on_with_it(desk: Desk) -> None:
    id_ = a_change(desk)
    bob = Permissions(replace(ACTOR, user="bob@example.com"))
    desk.runner.finish_interrupted(id_, desk.client, bob)
    assert desk.runner.wait(id_, LONG_ENOUGH)
    assert desk.outcomes(id_)[1:] == [Outcome.SUCCEEDED] * 5


def test_jobs_of_another_place_are_none_of_a_start(desk: Desk) -> None:
    id_ = a_start(desk)
    other = NewOperation(str(uuid4()), Verb.START_PROCESSING, OTHER_HOST, "eve")
    desk.ledger.begin(other, [NewItem("one", "", "Processing", "[1,null]", '[1,"started"]')])
    desk.ledger.note(other.id, Event(kind="Job id", text="a job"))
    assert starts.claim(desk.ledger, known(desk, id_), "a job", ADA)
