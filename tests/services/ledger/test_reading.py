"""Lists are bounded, in order, filtered, and found by an index; retention takes what has ended."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
import sqlalchemy as sa

from services.ledger import (
    Event,
    EventKind,
    Ledger,
    OperationFilter,
    Outcome,
    State,
    UnknownOperation,
)
from tests.services.ledger.samples import (
    ANN,
    START,
    Clock,
    begin,
    key,
    new_item,
    new_operation,
    results,
    sql_sent,
)

BOB = replace(ANN, user="Bob_100%@example.com", tenant="WFF_k2s", host="https://other.example")
COLUMNS = [
    *("key", "tenant_code", "name", "before", "after"),
    *("outcome", "skip", "finding", "facts", "message"),
]


@pytest.fixture
def three(ledger: Ledger, clock: Clock) -> dict[str, str]:
    """Three operations, a minute apart: their ids by name."""
    ids = {"ann's": begin(ledger, reason="Bad delivery", filter_text="age > 2 d")}
    clock.advance(60)
    ids["bob's"] = begin(ledger, items=30, actor=BOB, verb="disable_versions", identity="bob")
    ledger.settle(ids["bob's"], results(Outcome.FAILED, [0]))
    ledger.set_state(ids["bob's"], State.FINISHED)
    clock.advance(60)
    ids["ann's later"] = begin(ledger, reason="50% of Wien\N{LATIN SMALL LETTER SHARP S}")
    return ids


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        (OperationFilter(), ["ann's later", "bob's", "ann's"]),
        (OperationFilter(verbs=("disable_versions", "include_uploads")), ["bob's"]),
        (OperationFilter(actor="ANN@"), ["ann's later", "ann's"]),
        (OperationFilter(actor="_100%"), ["bob's"]),
        (OperationFilter(actor="_"), ["bob's"]),
        (OperationFilter(tenant="WFF_k2s"), ["bob's"]),
        (OperationFilter(tenant="WFF"), []),
        (OperationFilter(host=ANN.host), ["ann's later", "ann's"]),
        (OperationFilter(since=START.replace(minute=1)), ["ann's later", "bob's"]),
        (OperationFilter(until=START.replace(minute=1)), ["ann's"]),
        (OperationFilter(outcome=Outcome.FAILED), ["bob's"]),
        (OperationFilter(outcome=Outcome.PLANNED), ["ann's later", "bob's", "ann's"]),
        (OperationFilter(outcome=Outcome.UNCERTAIN), []),
        (OperationFilter(states=(State.RUNNING,)), ["ann's later"]),
        (OperationFilter(states=(State.INTERRUPTED,)), ["ann's"]),
        (OperationFilter(states=(State.FINISHED, State.INTERRUPTED)), ["bob's", "ann's"]),
        (OperationFilter(text="DELIVERY"), ["ann's"]),
        (OperationFilter(text="age > 2"), ["ann's"]),
        (OperationFilter(text="disable", verbs_of_text=("disable_versions",)), ["bob's"]),
        (OperationFilter(text="%"), ["ann's later"]),
        (OperationFilter(text="WFF_j1r~t29"), ["bob's"]),
        (OperationFilter(text="~t29"), []),
        (
            OperationFilter(text="Meridian", tenants_of_text=("WFF_j1r~t9", "WFF_j1r~t29")),
            ["bob's"],
        ),
        (OperationFilter(text="\0"), []),
        (OperationFilter(actor="ann", text="delivery", outcome=Outcome.PLANNED), ["ann's"]),
    ],
    ids=str,
)
def test_operations_are_listed_by_filter_newest_first(
    ledger: Ledger, three: dict[str, str], wanted: OperationFilter, names: list[str]
) -> None:
    ledger.heartbeat(three["ann's later"])
    found = [each.id for each in ledger.operations(wanted)]
    assert found == [three[name] for name in names]


def test_an_operation_is_found_by_its_id(ledger: Ledger, three: dict[str, str]) -> None:
    wanted = OperationFilter(text=three["ann's"])
    assert ledger.operations(wanted) == [ledger.operation(three["ann's"])]


def test_an_operation_is_found_by_a_job_and_by_a_tenant_of_what_it_is_a_part_of(
    ledger: Ledger,
) -> None:
    first = begin(ledger, items=1)
    part = begin(ledger, items=0, part_of=first)
    ledger.note(part, Event(kind=EventKind.JOB_ID, text="17-ab"))
    key = '["WFF_j1r~t9","processing:17-ab"]'
    cancel = new_operation(verb="cancel_jobs")
    ledger.begin(cancel, [new_item(9, key=key)])

    def found(text: str, *verbs: str) -> set[str]:
        wanted = OperationFilter(text=text, verbs_of_jobs=verbs)
        return {each.id for each in ledger.operations(wanted)}

    assert found("WFF_j1r~t0") == {first, part}
    assert found("17-ab") == {part}
    assert found("17-ab", "cancel_jobs") == {part, cancel.id}
    assert found("7-ab", "cancel_jobs") == found("%", "cancel_jobs") == set()


def test_lists_of_operations_are_bounded(ledger: Ledger, three: dict[str, str]) -> None:
    assert [each.id for each in ledger.operations(limit=2)] == [
        three["ann's later"],
        three["bob's"],
    ]


def test_items_are_listed_by_outcome_page_by_page(ledger: Ledger) -> None:
    operation_id = begin(ledger, items=12)
    ledger.settle(operation_id, results(Outcome.FAILED, range(0, 12, 2)))
    failed = (Outcome.FAILED, Outcome.UNCERTAIN)
    first = ledger.items(operation_id, failed, limit=4)
    rest = ledger.items(operation_id, failed, limit=4, after=first[-1].key)
    assert [item.key for item in first + rest] == [key(number) for number in range(0, 12, 2)]
    assert ledger.items(operation_id, after=key(11)) == []
    assert ledger.items(operation_id, after="no such key") == []
    assert ledger.items(operation_id, outcomes=()) == []


@pytest.mark.parametrize("typed", ["ärger", "ÄRGER", "Ärger MIT étoile"])
def test_a_text_is_found_in_any_case_of_any_letter(ledger: Ledger, typed: str) -> None:
    found = begin(ledger, reason="ÄRGER mit Étoile")
    begin(ledger, reason="ARGER MIT ETOILE")
    assert [each.id for each in ledger.operations(OperationFilter(text=typed))] == [found]


@pytest.mark.parametrize("typed", ["M\u00fcller", "Mu\u0308ller"])
@pytest.mark.parametrize("written", ["M\u00fcller", "Mu\u0308ller"])
def test_accents_are_the_same_however_they_are_composed(
    ledger: Ledger, written: str, typed: str
) -> None:
    found = {
        begin(ledger, reason=f"For {written}"),
        begin(ledger, filter_text=f"tenants {written}"),
    }
    own = begin(ledger, actor=replace(ANN, user=f"{written}@example.com"))
    begin(ledger, reason="For Muller")
    assert {each.id for each in ledger.operations(OperationFilter(text=typed))} == found
    assert [each.id for each in ledger.operations(OperationFilter(actor=typed))] == [own]


def test_items_as_a_frame(ledger: Ledger) -> None:
    new = new_operation()
    ledger.begin(new, [new_item(1), new_item(0, outcome=Outcome.SKIPPED, skip="already_done")])
    ledger.settle(new.id, results(Outcome.FAILED, [1], "Tenant is locked"))
    frame = ledger.item_frame(new.id)
    states = ('[1,"included"]', '[1,"excluded"]')
    rows = [
        (key(1), "WFF_j1r~t1", "Upload 1", *states, "failed", "", "", "", "Tenant is locked"),
        (key(0), "WFF_j1r~t0", "Upload 0", *states, "skipped", "already_done", "", "", ""),
    ]
    assert list(frame.itertuples(index=False, name=None)) == rows


def test_the_newest_event_of_each_kind_is_read_for_many_operations_at_once(
    ledger: Ledger,
) -> None:
    one, other, without = begin(ledger), begin(ledger), begin(ledger)
    for id_, kind, text in (
        (one, "Request", "first"),
        (one, "Request", "second"),
        (one, "Answer", "third"),
        (other, "Request", "fourth"),
        (one, "Another", "fifth"),
    ):
        ledger.note(id_, Event(kind=kind, text=text))
    found = ledger.newest_events([one, other, without], ["Request", "Answer"])
    assert {id_: [event.text for event in events] for id_, events in found.items()} == {
        one: ["third", "second"],
        other: ["fourth"],
    }
    assert ledger.newest_events([], ["Request"]) == {}


def test_tenants_are_told_once_and_in_the_order_of_the_plan(ledger: Ledger) -> None:
    codes = ["WFF_j1r~b", "WFF_j1r~a", "", "WFF_j1r~b"]
    one, empty = new_operation(), new_operation()
    items = [new_item(number, tenant_code=code) for number, code in enumerate(codes)]
    ledger.begin(one, items)
    ledger.begin(empty, [])
    three = begin(ledger)
    told = ledger.tenants([one.id, empty.id])
    assert list(told["operation_id"].unique()) == [one.id]
    assert list(told["tenant_code"]) == ["WFF_j1r~b", "WFF_j1r~a"]
    with sql_sent() as statements:
        for _ in range(2):
            assert ledger.tenant_counts([one.id, empty.id, three]) == {one.id: 2, three: 3}
    asked = [text for text, _ in statements if "count(" in text.lower()]
    assert len(asked) == 2, "what was counted once is not counted again, but for what has no items"


@pytest.mark.parametrize("items", [0, 2])
def test_a_frame_always_has_the_same_columns(ledger: Ledger, items: int) -> None:
    frame = ledger.item_frame(begin(ledger, items=items))
    assert list(frame.columns) == COLUMNS
    assert list(frame["outcome"].cat.categories) == [outcome.value for outcome in Outcome]
    texts = frame.drop(columns="outcome")
    assert set(texts.dtypes) == {pd.StringDtype(na_value=float("nan"))}


def test_retention_takes_what_ended_before_then(ledger: Ledger, clock: Clock) -> None:
    ended = {state: begin(ledger, state=state) for state in State}
    for operation_id in ended.values():
        ledger.note(operation_id, Event(kind="Read", text="looked"))
    bound = clock.advance(3_600)
    young = begin(ledger)
    ledger.set_state(young, State.FINISHED)
    assert ledger.prune(bound) == 3
    for state in (State.FINISHED, State.STOPPED, State.REFUSED):
        with pytest.raises(UnknownOperation):
            ledger.operation(ended[state])
        assert ledger.items(ended[state]) == []
        assert ledger.events(ended[state]) == []
    assert len(ledger.operations()) == len(State) - 2
    assert len(ledger.items(ended[State.INTERRUPTED])) == 3
    assert ledger.prune(bound) == 0


def test_an_event_is_found_by_its_kind_however_many_came_after_it(ledger: Ledger) -> None:
    one, other = begin(ledger), begin(ledger)
    for operation_id in (one, other):
        ledger.note(operation_id, Event(kind="Job id", text=operation_id))
        ledger.note(operation_id, *[Event(kind="Read", text="looked")] * 5)
    (event,) = ledger.events(one, 1, ["Job id"])
    assert (event.kind, event.text) == ("Job id", one)
    assert len(ledger.events(one, kinds=["Job id", "Read"])) == 6
    found = ledger.events_of(OperationFilter(), "Job id", 2)
    assert [id_ for id_, _ in found] == [other, one]


@pytest.mark.parametrize(
    "ask",
    [
        lambda ledger, _one: ledger.operations(),
        lambda ledger, _one: ledger.operations(OperationFilter(text="WFF_j1r~t1")),
        lambda ledger, _one: ledger.operations(
            OperationFilter(text="t", tenants_of_text=("a", "b"), verbs_of_jobs=("cancel_jobs",))
        ),
        lambda ledger, _one: ledger.operations(OperationFilter(outcome=Outcome.FAILED)),
        lambda ledger, one: ledger.operation(one),
        lambda ledger, _one: ledger.interrupted("ann"),
        lambda ledger, one: ledger.items(one, [Outcome.FAILED], after=key(0)),
        lambda ledger, one: ledger.item_frame(one),
        lambda ledger, one: ledger.events(one),
        lambda ledger, one: ledger.events(one, kinds=["Job id", "Read"]),
        lambda ledger, one: ledger.newest_events([one], ["Request", "Answer"]),
        lambda ledger, one: ledger.tenants([one]),
        lambda ledger, one: ledger.tenant_counts([one]),
        lambda ledger, _one: ledger.job_observations.family("ann", ["a job"]),
        lambda ledger, one: ledger.asked(one),
        lambda ledger, one: ledger.intend(one, [key(1)]),
        lambda ledger, one: ledger.settle(one, results(Outcome.FAILED, [0])),
    ],
)
def test_no_question_reads_a_whole_table(
    tmp_path: Path, ask: Callable[[Ledger, str], object]
) -> None:
    url = f"sqlite:///{tmp_path / 'ledger.sqlite3'}"
    ledger = Ledger.open(url)
    operation_id = begin(ledger)
    with sql_sent() as statements:
        ask(ledger, operation_id)
    ledger.close()
    database = sa.create_engine(url)
    with database.connect() as connection:
        plans = [
            step[3]
            for text, values in statements
            if text.startswith(("SELECT", "DELETE", "WITH"))
            for step in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values)
        ]
    database.dispose()
    assert plans
    whole = {step for step in plans if step.startswith("SCAN")}
    # The newest operations, and the jobs below one that were just found.
    assert whole <= {"SCAN operation USING INDEX operation_by_start", "SCAN below"}
