"""The wall clock jumps: a machine resumes, or its time is set. What lives goes on living."""

from datetime import timedelta

import pytest

from services.ledger import Control, Ledger, Outcome, State, TakenOver
from services.ledger.elapsed import Elapsed
from tests.services.ledger.samples import START, Clock, begin, key, results

TWO_YEARS = 2 * 365 * 86_400.0
MINUTE = timedelta(minutes=1)


def test_an_operation_at_work_lives_through_a_jump(
    ledger: Ledger, elsewhere: Ledger, clock: Clock
) -> None:
    operation_id = begin(ledger)
    ledger.intend(operation_id, [key(0)])
    clock.advance(5)
    clock.jump(TWO_YEARS)
    for looker in (ledger, elsewhere):
        assert looker.operation(operation_id).state == State.RUNNING
        assert looker.interrupted("ann") == []
        with pytest.raises(TakenOver):
            looker.take_over(operation_id)
        with pytest.raises(TakenOver):
            looker.end(operation_id, State.FINISHED)
    # Its next sign of life comes by the new time.
    clock.advance(10)
    ledger.heartbeat(operation_id)
    clock.advance(55)
    assert elsewhere.operation(operation_id).state == State.RUNNING
    ledger.settle(operation_id, results(Outcome.SUCCEEDED, range(3)))
    ledger.set_state(operation_id, State.FINISHED)
    assert elsewhere.operation(operation_id).state == State.FINISHED


def test_an_operation_paused_at_a_jump_can_be_gone_on_with(
    ledger: Ledger, elsewhere: Ledger, clock: Clock
) -> None:
    operation_id = begin(ledger)
    ledger.set_state(operation_id, State.PAUSED)
    clock.jump(TWO_YEARS)
    assert elsewhere.operation(operation_id).state == State.PAUSED
    elsewhere.ask(operation_id, Control.RESUME, "bob")
    ledger.set_state(operation_id, State.RUNNING)
    assert elsewhere.operation(operation_id).state == State.RUNNING


def test_who_is_silent_after_a_jump_is_gone_a_minute_later(
    ledger: Ledger, elsewhere: Ledger, clock: Clock
) -> None:
    operation_id = begin(ledger)
    clock.jump(TWO_YEARS)
    assert elsewhere.operation(operation_id).state == State.RUNNING
    clock.advance(61)
    assert elsewhere.operation(operation_id).state == State.INTERRUPTED
    elsewhere.take_over(operation_id)


def test_what_was_silent_before_a_jump_is_gone_after_it(
    ledger: Ledger, elsewhere: Ledger, clock: Clock
) -> None:
    operation_id = begin(ledger)
    clock.advance(61)
    clock.jump(TWO_YEARS)
    assert elsewhere.operation(operation_id).state == State.INTERRUPTED


def test_time_that_passes_is_no_jump(clock: Clock) -> None:
    elapsed = Elapsed(clock, clock.monotonic)
    clock.advance(TWO_YEARS)
    assert elapsed.ago(MINUTE) == clock() - MINUTE


def test_a_clock_that_is_set_back_makes_nothing_older(clock: Clock) -> None:
    elapsed = Elapsed(clock, clock.monotonic)
    clock.jump(-TWO_YEARS)
    assert elapsed.ago(MINUTE) == clock() - MINUTE


def test_several_jumps_count_each_for_its_own_time(clock: Clock) -> None:
    elapsed = Elapsed(clock, clock.monotonic)
    clock.jump(3_600)
    assert elapsed.ago(MINUTE) == START - MINUTE
    clock.advance(30)
    clock.jump(7_200)
    assert elapsed.ago(MINUTE) == START + timedelta(seconds=30) - MINUTE
    clock.advance(31)
    assert elapsed.ago(MINUTE) == clock() - MINUTE - timedelta(seconds=7_200)
    clock.advance(30)
    assert elapsed.ago(MINUTE) == clock() - MINUTE
