"""What is written down is what is read, and what is newest holds."""

from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.ledger import (
    AlreadyApplied,
    Control,
    Event,
    EventKind,
    Item,
    ItemResult,
    Ledger,
    NotedEvent,
    Operation,
    Outcome,
    State,
    UnknownItem,
    UnknownOperation,
)
from services.ledger.transitions import OUTCOMES, STATES, WrongTransition
from tests.services.ledger.samples import (
    ANN,
    START,
    Clock,
    begin,
    counts,
    key,
    new_item,
    new_operation,
    outcomes,
    results,
    sql_sent,
)

INTENDED, SUCCEEDED, FAILED = Outcome.INTENDED, Outcome.SUCCEEDED, Outcome.FAILED
NO_COUNTS = dict.fromkeys(Outcome, 0)


def test_an_operation_is_read_as_it_was_begun(ledger: Ledger) -> None:
    links = {"undo_of": "a", "retry_of": "b", "part_of": "c"}
    new = new_operation(reason="bad delivery", filter_text="age > 2 d", **links)
    ledger.begin(new, [new_item(0), new_item(1, outcome=Outcome.SKIPPED, skip="already_done")])
    assert ledger.operation(new.id) == Operation(
        id=new.id,
        verb="exclude_uploads",
        actor=ANN,
        identity="ann",
        reason="bad delivery",
        filter_text="age > 2 d",
        **links,
        started_at=START,
        state=State.RUNNING,
        state_at=START,
        request_count=0,
        item_counts=NO_COUNTS | {Outcome.PLANNED: 1, Outcome.SKIPPED: 1},
    )
    assert ledger.items(new.id)[1] == Item(
        key=key(1),
        tenant_code="WFF_j1r~t1",
        name="Upload 1",
        before='[1,"included"]',
        after='[1,"excluded"]',
        outcome=Outcome.SKIPPED,
        skip="already_done",
        finding="",
        facts={},
        message="",
        at=START,
    )


def test_times_come_back_in_utc(ledger: Ledger) -> None:
    operation = ledger.operation(begin(ledger))
    assert operation.started_at.tzname() == operation.state_at.tzname() == "UTC"


def test_a_plan_is_applied_once(ledger: Ledger) -> None:
    new = new_operation(reason="first")
    ledger.begin(new, [new_item(0)])
    with pytest.raises(AlreadyApplied) as caught:
        ledger.begin(new_operation(id=new.id, reason="second"), [new_item(1), new_item(2)])
    assert caught.value.operation_id == new.id
    assert ledger.operation(new.id).reason == "first"
    assert [item.key for item in ledger.items(new.id)] == [key(0)]


def test_a_plan_that_names_an_item_twice_is_not_begun(ledger: Ledger) -> None:
    new = new_operation()
    with pytest.raises(ValueError, match="twice"):
        ledger.begin(new, [new_item(0), new_item(0)])
    with pytest.raises(UnknownOperation):
        ledger.operation(new.id)


def test_an_operation_may_have_no_items(ledger: Ledger) -> None:
    operation_id = begin(ledger, items=0)
    assert ledger.items(operation_id) == []
    assert counts(ledger, operation_id) == {}


def test_the_newest_outcome_of_an_item_holds(ledger: Ledger, clock: Clock) -> None:
    operation_id = begin(ledger)
    ledger.intend(operation_id, [key(0), key(1)])
    assert counts(ledger, operation_id) == {Outcome.PLANNED: 1, INTENDED: 2}
    settled_at = clock.advance(5)
    ledger.settle(operation_id, results(FAILED, [1], "Tenant is locked"))
    clock.advance(5)
    ledger.heartbeat(operation_id)
    assert counts(ledger, operation_id) == {Outcome.PLANNED: 1, INTENDED: 1, FAILED: 1}
    items = ledger.items(operation_id)
    assert [item.outcome for item in items] == [INTENDED, FAILED, Outcome.PLANNED]
    assert [item.message for item in items] == ["", "Tenant is locked", ""]
    assert [item.at for item in items] == [START, settled_at, START]


@pytest.mark.parametrize("outcome", list(Outcome)[1:])
def test_only_what_is_planned_may_leave(ledger: Ledger, outcome: Outcome) -> None:
    new = new_operation()
    ledger.begin(new, [new_item(0), new_item(1, outcome=outcome), new_item(2)])
    operation_id = new.id
    with pytest.raises(AlreadyApplied):
        ledger.intend(operation_id, [key(0), key(1)])
    assert outcomes(ledger, operation_id) == [Outcome.PLANNED, outcome, Outcome.PLANNED]


def test_what_never_left_may_leave_again(ledger: Ledger) -> None:
    operation_id = begin(ledger, items=1)
    ledger.intend(operation_id, [key(0)])
    ledger.settle(operation_id, results(Outcome.PLANNED, [0], "Call budget used up"))
    ledger.intend(operation_id, [key(0)])
    assert outcomes(ledger, operation_id) == [INTENDED]


@pytest.mark.parametrize("before", Outcome)
@pytest.mark.parametrize("after", Outcome)
def test_an_item_becomes_only_what_it_can(ledger: Ledger, before: Outcome, after: Outcome) -> None:
    new = new_operation()
    ledger.begin(new, [new_item(0, outcome=before)])
    if after == before or after in OUTCOMES[before]:
        ledger.settle(new.id, results(after, [0]))
        assert outcomes(ledger, new.id) == [after]
    else:
        with pytest.raises(WrongTransition):
            ledger.settle(new.id, results(after, [0]))
        assert outcomes(ledger, new.id) == [before]


@pytest.mark.parametrize("before", State)
@pytest.mark.parametrize("after", State)
def test_an_operation_becomes_only_what_it_can(ledger: Ledger, before: State, after: State) -> None:
    operation_id = begin(ledger, state=before)
    if after == before or after in STATES[before]:
        ledger.set_state(operation_id, after)
        assert ledger.operation(operation_id).state is after
    else:
        with pytest.raises(WrongTransition):
            ledger.set_state(operation_id, after)
        assert ledger.operation(operation_id).state is before


@pytest.mark.parametrize("outcome", [SUCCEEDED, FAILED, Outcome.CHANGED_SINCE_PLAN])
def test_what_is_settled_is_never_sent_again(outcome: Outcome) -> None:
    reached: set[Outcome] = set()
    ways = {outcome}
    while ways - reached:
        reached |= ways
        ways = {each for before in reached for each in OUTCOMES[before]}
    assert not reached & {Outcome.PLANNED, INTENDED}


def test_results_of_items_that_are_not_there_settle_nothing(ledger: Ledger) -> None:
    operation_id = begin(ledger)
    with pytest.raises(UnknownItem) as caught:
        ledger.settle(operation_id, results(SUCCEEDED, [0, 7]))
    assert caught.value.keys == (key(7),)
    assert counts(ledger, operation_id) == {Outcome.PLANNED: 3}


def test_of_two_results_for_one_item_the_later_holds(ledger: Ledger) -> None:
    operation_id = begin(ledger)
    ledger.settle(operation_id, [*results(SUCCEEDED, [0]), *results(FAILED, [0])])
    assert counts(ledger, operation_id) == {Outcome.PLANNED: 2, FAILED: 1}


def test_settling_nothing_writes_nothing(ledger: Ledger, clock: Clock) -> None:
    operation_id = begin(ledger)
    before = ledger.operation(operation_id)
    clock.advance(5)
    ledger.settle(operation_id, [])
    assert ledger.operation(operation_id) == before


def test_more_items_settle_at_once_than_one_question_holds(ledger: Ledger) -> None:
    operation_id = begin(ledger, items=2_500)
    ledger.settle(operation_id, results(SUCCEEDED, range(1, 2_500)))
    assert counts(ledger, operation_id) == {Outcome.PLANNED: 1, SUCCEEDED: 2_499}


def test_operations_do_not_touch_each_other(ledger: Ledger) -> None:
    one, other = begin(ledger), begin(ledger)
    ledger.settle(one, results(SUCCEEDED, range(3)))
    ledger.set_state(one, State.FINISHED)
    ledger.note(one, Event(kind="Read", text="looked"))
    assert counts(ledger, other) == {Outcome.PLANNED: 3}
    assert outcomes(ledger, other) == [Outcome.PLANNED] * 3
    assert ledger.operation(other).state == State.RUNNING
    assert ledger.events(other) == []


def test_a_state_lasts_while_work_goes_on(ledger: Ledger, clock: Clock) -> None:
    operation_id = begin(ledger)
    paused_at = clock.advance(5)
    ledger.set_state(operation_id, State.PAUSED)
    clock.advance(5)
    ledger.heartbeat(operation_id)
    ledger.settle(operation_id, results(SUCCEEDED, [0]))
    ledger.set_state(operation_id, State.PAUSED)
    operation = ledger.operation(operation_id)
    assert (operation.state, operation.state_at) == (State.PAUSED, paused_at)


def test_events_are_kept_with_their_requests_counted(ledger: Ledger, clock: Clock) -> None:
    operation_id = begin(ledger)
    ledger.note(operation_id, Event(kind="Write", text="sent", request="PUT /v1", answer="{}"))
    later = clock.advance(5)
    ledger.note(operation_id, Event(kind=EventKind.REMARK, text="totals disagree"))
    assert ledger.events(operation_id) == [
        NotedEvent(kind=EventKind.REMARK, text="totals disagree", at=later),
        NotedEvent(kind="Write", text="sent", request="PUT /v1", answer="{}", at=START),
    ]
    assert ledger.events(operation_id, limit=1)[0].kind == EventKind.REMARK
    assert ledger.operation(operation_id).request_count == 1


def test_what_is_asked_last_holds(ledger: Ledger, elsewhere: Ledger) -> None:
    operation_id = begin(ledger)
    assert ledger.asked(operation_id) is None
    for control in (Control.PAUSE, Control.RESUME, Control.STOP):
        elsewhere.ask(operation_id, control)
        assert ledger.asked(operation_id) is control
    assert [event.text for event in ledger.events(operation_id)] == ["stop", "resume", "pause"]


@pytest.mark.parametrize(
    "write",
    [
        lambda ledger: ledger.intend("gone", [key(0)]),
        lambda ledger: ledger.settle("gone", results(FAILED, [0])),
        lambda ledger: ledger.note("gone", Event(kind=EventKind.REMARK, text="x")),
        lambda ledger: ledger.set_state("gone", State.FINISHED),
        lambda ledger: ledger.heartbeat("gone"),
        lambda ledger: ledger.take_over("gone"),
        lambda ledger: ledger.ask("gone", Control.STOP),
        lambda ledger: ledger.operation("gone"),
    ],
)
def test_an_operation_that_is_not_there(ledger: Ledger, write: Callable[[Ledger], object]) -> None:
    with pytest.raises(UnknownOperation) as caught:
        write(ledger)
    assert caught.value.operation_id == "gone"


def test_an_operation_that_is_not_there_holds_nothing(ledger: Ledger) -> None:
    assert ledger.items("gone") == []
    assert ledger.events("gone") == []
    assert ledger.asked("gone") is None


SETTLED = st.dictionaries(st.integers(0, 9), st.sampled_from(Outcome), max_size=10)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(SETTLED, max_size=6))
def test_counts_and_items_agree_after_any_work(
    ledger: Ledger, steps: list[dict[int, Outcome]]
) -> None:
    operation_id = begin(ledger, items=10)
    expected = dict.fromkeys(range(10), Outcome.PLANNED)
    for step in steps:
        told = {
            number: outcome
            for number, outcome in step.items()
            if outcome in OUTCOMES[expected[number]]
        }
        expected |= told
        found = [ItemResult(key(number), outcome) for number, outcome in told.items()]
        ledger.settle(operation_id, found)
    assert outcomes(ledger, operation_id) == [expected[number] for number in range(10)]
    assert counts(ledger, operation_id) == Counter(expected.values())
    assert list(ledger.item_frame(operation_id)["outcome"]) == list(expected.values())


def test_rows_are_added_never_changed(ledger: Ledger, elsewhere: Ledger, clock: Clock) -> None:
    with sql_sent() as statements:
        operation_id = begin(ledger)
        ledger.intend(operation_id, [key(0)])
        ledger.settle(operation_id, results(SUCCEEDED, [0]))
        ledger.note(operation_id, Event(kind="Write", text="sent", request="PUT /v1"))
        ledger.ask(operation_id, Control.STOP)
        ledger.set_state(operation_id, State.STOPPING)
        clock.advance(600)
        elsewhere.take_over(operation_id)
        elsewhere.heartbeat(operation_id)
        elsewhere.set_state(operation_id, State.FINISHED)
    verbs = {statement.split()[0] for statement, _ in statements}
    assert verbs - {"BEGIN"} == {"INSERT", "SELECT"}


def test_who_asked_is_told_of_each_end_and_of_nothing_else(url: str, clock: Clock) -> None:
    ended: list[tuple[str, State, int]] = []
    ledger = Ledger.open(
        url,
        clock=clock,
        on_end=lambda told: ended.append(
            (told.id, told.state, told.item_counts[Outcome.SUCCEEDED])
        ),
    )
    first, second = begin(ledger), begin(ledger)
    ledger.settle(first, results(Outcome.SUCCEEDED, range(3)))
    ledger.set_state(first, State.PAUSED)
    assert ended == []
    ledger.set_state(first, State.FINISHED)
    ledger.set_state(second, State.INTERRUPTED)
    ledger.settle(second, results(Outcome.SUCCEEDED, range(3)))
    assert ended == [
        (first, State.FINISHED, 3),
        (second, State.INTERRUPTED, 0),
        (second, State.FINISHED, 3),
    ]
    ledger.close()
