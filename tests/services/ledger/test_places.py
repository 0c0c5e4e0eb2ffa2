"""One ledger, several Visiers: an operation is the business of its own place, and of no other."""

import inspect
from collections.abc import Callable
from dataclasses import replace

import pytest

from services.ledger import (
    Control,
    Elsewhere,
    Event,
    EventKind,
    Ledger,
    NewOperation,
    OperationFilter,
    Outcome,
    Place,
    State,
)
from tests.services.ledger.samples import (
    ANN,
    Clock,
    begin,
    counts,
    key,
    new_item,
    new_operation,
    results,
)

SECRET = "reorganisation of the sales department"
ELSEWHERE = [
    Place("other.api.visier.io", ANN.tenant),
    Place(ANN.host, "WFF_j1r~other"),
    Place(ANN.host, ""),
    Place(f"{ANN.host}:8443", ANN.tenant),
    Place(f"{ANN.host}/eu", ANN.tenant),
]
BY_ID: dict[str, Callable[[Ledger, str], object]] = {
    "operation": lambda ledger, of: ledger.operation(of),
    "items": lambda ledger, of: ledger.items(of),
    "item_frame": lambda ledger, of: ledger.item_frame(of),
    "events": lambda ledger, of: ledger.events(of),
    "newest_events": lambda ledger, of: ledger.newest_events(["gone", of], ["Request"]),
    "tenants": lambda ledger, of: ledger.tenants(["gone", of]),
    "tenant_counts": lambda ledger, of: ledger.tenant_counts(["gone", of]),
    "parts": lambda ledger, of: ledger.parts(of),
    "asked": lambda ledger, of: ledger.asked(of),
    "intend": lambda ledger, of: ledger.intend(of, [key(0)]),
    "settle": lambda ledger, of: ledger.settle(of, results(Outcome.SUCCEEDED, [0])),
    "note": lambda ledger, of: ledger.note(of, Event(kind=EventKind.REMARK, text="looked")),
    "set_state": lambda ledger, of: ledger.set_state(of, State.FINISHED),
    "heartbeat": lambda ledger, of: ledger.heartbeat(of),
    "take_over": lambda ledger, of: ledger.take_over(of, "eve"),
    "ask": lambda ledger, of: ledger.ask(of, Control.STOP, "eve"),
    "end": lambda ledger, of: ledger.end(of, State.FINISHED),
    "undo": lambda ledger, of: ledger.begin(at_other(undo_of=of), []),
    "retry": lambda ledger, of: ledger.begin(at_other(retry_of=of), []),
    "part": lambda ledger, of: ledger.begin(at_other(part_of=of), []),
    "refuse": lambda ledger, of: ledger.refuse(
        at_other(undo_of=of), Event(kind="Refused", text="no")
    ),
}
OTHER = ELSEWHERE[0]


def at_other(**follows: str) -> NewOperation:
    actor = replace(ANN, user="eve", host=OTHER.host, tenant=OTHER.tenant)
    return new_operation(actor=actor, **follows)


@pytest.mark.parametrize("ask", BY_ID.values(), ids=BY_ID)
def test_nothing_asks_for_an_operation_of_another_place(
    ledger: Ledger, clock: Clock, ask: Callable[[Ledger, str], object]
) -> None:
    operation_id = begin(ledger, reason=SECRET)
    clock.advance(61)
    stood = ledger.operation(operation_id)
    with pytest.raises(Elsewhere) as caught:
        ask(ledger.at(OTHER), operation_id)
    assert SECRET not in str(caught.value)
    assert ANN.host not in str(caught.value)
    assert ledger.operation(operation_id) == stood
    assert ledger.events(operation_id) == []
    assert [each.id for each in ledger.operations()] == [operation_id]


def test_every_way_to_ask_by_an_id_is_tried() -> None:
    by_id = {
        name
        for name, way in inspect.getmembers(Ledger, inspect.isfunction)
        if not name.startswith("_")
        and inspect.signature(way).parameters.keys() & {"operation_id", "operation_ids"}
    }
    assert by_id <= BY_ID.keys()


def test_what_was_counted_for_one_place_is_not_told_at_another(ledger: Ledger) -> None:
    operation_id = begin(ledger)
    counted = ledger.at(ANN.place).tenant_counts([operation_id])
    assert counted == ledger.tenant_counts([operation_id]) == {operation_id: 3}
    with pytest.raises(Elsewhere):
        ledger.at(OTHER).tenant_counts([operation_id])


@pytest.mark.parametrize("place", ELSEWHERE, ids=str)
def test_a_place_is_a_visier_and_a_tenant(ledger: Ledger, place: Place) -> None:
    operation_id = begin(ledger)
    with pytest.raises(Elsewhere):
        ledger.at(place).operation(operation_id)
    assert ledger.at(ANN.place).operation(operation_id) == ledger.operation(operation_id)


@pytest.mark.parametrize("place", ELSEWHERE, ids=str)
def test_the_lists_of_a_place_hold_its_own_alone(
    ledger: Ledger, clock: Clock, place: Place
) -> None:
    whole = begin(ledger)
    begin(ledger, part_of=whole)
    ledger.note(whole, Event(kind="Job id", text="a job"))
    clock.advance(61)
    here, there = ledger.at(ANN.place), ledger.at(place)
    everything = OperationFilter()
    assert len(here.operations()) == len(here.interrupted("ann")) == 2
    assert len(here.parts(whole)) == len(here.events_of(everything, "Job id", 10)) == 1
    assert there.operations() == there.interrupted("ann") == []
    assert there.operations(OperationFilter(states=(State.INTERRUPTED,), text=whole)) == []
    assert there.events_of(everything, "Job id", 10) == []


def test_a_connection_begins_nothing_at_another_place(ledger: Ledger) -> None:
    with pytest.raises(Elsewhere):
        ledger.at(OTHER).begin(new_operation(), [new_item(0)])
    assert ledger.operations() == []


@pytest.mark.parametrize("follows", ["undo_of", "retry_of", "part_of"])
def test_what_follows_from_an_operation_is_at_its_place(ledger: Ledger, follows: str) -> None:
    of = begin(ledger)
    with pytest.raises(Elsewhere):
        ledger.begin(at_other(**{follows: of}), [new_item(0)])
    new = new_operation(**{follows: of})
    ledger.at(ANN.place).begin(new, [new_item(0)])
    assert counts(ledger, new.id) == {Outcome.PLANNED: 1}


def test_a_place_whose_name_is_cut_is_the_same_place(ledger: Ledger) -> None:
    actor = replace(ANN, host="h" * 1_000, tenant="t\0\ud83d" * 1_000)
    operation_id = begin(ledger, actor=actor)
    here = ledger.at(actor.place)
    here.note(operation_id, Event(kind=EventKind.REMARK, text="looked"))
    assert [each.id for each in here.operations()] == [operation_id]
