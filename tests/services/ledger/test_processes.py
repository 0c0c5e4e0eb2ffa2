"""Several processes at one ledger: who works on what, and what a killed one leaves behind."""

import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from services.ledger import (
    AlreadyApplied,
    Control,
    Event,
    Ledger,
    OperationFilter,
    Outcome,
    State,
    TakenOver,
)
from services.ledger.process_identity import is_gone, this_process
from tests.services.ledger.samples import (
    START,
    Clock,
    begin,
    counts,
    key,
    new_item,
    new_operation,
    outcomes,
    results,
)

ROOT = Path(__file__).parents[3]
BEGIN_AND_WAIT = """
import sys
from services.ledger import Ledger, Outcome
from tests.services.ledger.samples import begin, key, results

ledger = Ledger.open(sys.argv[1])
operation_id = begin(ledger, items=3)
ledger.intend(operation_id, [key(0), key(1)])
ledger.settle(operation_id, results(Outcome.SUCCEEDED, [0]))
sys.stdout.write(operation_id + "\\n")
sys.stdout.flush()
sys.stdin.read()
"""
OPEN = "import sys; from services.ledger import Ledger; Ledger.open(sys.argv[1]).close()"


def run(script: str, url: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", script, url]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True)


def test_what_a_killed_process_leaves_is_seen_at_the_next_start(url: str) -> None:
    with run(BEGIN_AND_WAIT, url) as process:
        assert process.stdout is not None
        operation_id = process.stdout.readline().strip()
        alive = Ledger.open(url)
        assert alive.operation(operation_id).state == State.RUNNING
        alive.close()
        process.kill()
    ledger = Ledger.open(url)
    assert [each.id for each in ledger.interrupted("ann")] == [operation_id]
    assert outcomes(ledger, operation_id) == [
        Outcome.SUCCEEDED,
        Outcome.INTENDED,
        Outcome.PLANNED,
    ]
    ledger.take_over(operation_id)
    ledger.intend(operation_id, [key(2)])
    with pytest.raises(AlreadyApplied):
        ledger.intend(operation_id, [key(1)])
    ledger.close()


def test_what_a_killed_process_had_brought_to_its_end_has_finished(url: str) -> None:
    settling_all = BEGIN_AND_WAIT.replace(
        "results(Outcome.SUCCEEDED, [0])", "results(Outcome.SUCCEEDED, range(3))"
    )
    with run(settling_all, url) as process:
        assert process.stdout is not None
        operation_id = process.stdout.readline().strip()
        process.kill()
    ledger = Ledger.open(url)
    assert ledger.operation(operation_id).state == State.FINISHED
    assert ledger.interrupted("ann") == []
    ledger.close()


def test_silence_after_the_last_item_is_seen_as_the_end(
    ledger: Ledger, elsewhere: Ledger, clock: Clock
) -> None:
    operation_id, left = begin(ledger), begin(ledger)
    ledger.settle(operation_id, results(Outcome.SUCCEEDED, range(3)))
    ledger.settle(left, results(Outcome.SUCCEEDED, range(2)))
    clock.advance(61)
    seen = elsewhere.operation(operation_id)
    assert (seen.state, seen.state_at) == (State.FINISHED, START)
    finished = OperationFilter(states=(State.FINISHED,))
    assert elsewhere.operations(finished) == [seen]
    assert [each.id for each in elsewhere.interrupted("ann")] == [left]
    clock.advance(3_600)
    assert elsewhere.prune(clock()) == 1
    assert [each.id for each in ledger.operations()] == [left]


@pytest.mark.parametrize("open_one", [Outcome.INTENDED, Outcome.UNCERTAIN, Outcome.NO_RESULT])
def test_what_broke_off_ends_with_the_last_item_that_is_found_out(
    ledger: Ledger, elsewhere: Ledger, clock: Clock, open_one: Outcome
) -> None:
    operation_id = begin(ledger)
    ledger.settle(operation_id, results(open_one, [0, 1]))
    clock.advance(61)
    elsewhere.settle(operation_id, results(Outcome.SUCCEEDED, [0, 1]))
    assert ledger.operation(operation_id).state == State.INTERRUPTED
    elsewhere.settle(operation_id, results(Outcome.FAILED, [2]))
    assert ledger.operation(operation_id).state == State.FINISHED
    # Who was only silent does not go on with what somebody else has ended.
    with pytest.raises(TakenOver):
        ledger.heartbeat(operation_id)


def test_what_is_at_work_does_not_end_with_its_last_item(ledger: Ledger) -> None:
    operation_id = begin(ledger)
    ledger.settle(operation_id, results(Outcome.SUCCEEDED, range(3)))
    assert ledger.operation(operation_id).state == State.RUNNING


def test_opening_a_ledger_again_interrupts_nothing(ledger: Ledger, url: str) -> None:
    operation_id = begin(ledger)
    Ledger.open(url, clock=lambda: START).close()
    assert ledger.operation(operation_id).state == State.RUNNING


@pytest.mark.parametrize("state", [State.RUNNING, State.PAUSED, State.STOPPING])
def test_silence_is_seen_as_an_interruption(
    ledger: Ledger, elsewhere: Ledger, clock: Clock, state: State
) -> None:
    operation_id = begin(ledger)
    ledger.set_state(operation_id, state)
    clock.advance(60)
    assert elsewhere.operation(operation_id).state == state
    assert elsewhere.interrupted("ann") == []
    clock.advance(1)
    seen = elsewhere.operation(operation_id)
    assert (seen.state, seen.state_at) == (State.INTERRUPTED, START)
    assert elsewhere.interrupted("ann") == [seen]
    assert elsewhere.interrupted("bob") == []


@pytest.mark.parametrize("state", [State.FINISHED, State.STOPPED])
def test_silence_after_the_end_means_nothing(ledger: Ledger, clock: Clock, state: State) -> None:
    operation_id = begin(ledger)
    ledger.set_state(operation_id, state)
    clock.advance(1_000_000)
    assert ledger.operation(operation_id).state == state


@pytest.mark.parametrize(
    "sign",
    [
        lambda ledger, of: ledger.heartbeat(of),
        lambda ledger, of: ledger.set_state(of, State.RUNNING),
    ],
)
def test_a_sign_of_life_ends_the_silence(
    ledger: Ledger, clock: Clock, sign: Callable[[Ledger, str], None]
) -> None:
    operation_id = begin(ledger)
    clock.advance(50)
    sign(ledger, operation_id)
    clock.advance(50)
    assert ledger.operation(operation_id).state == State.RUNNING


@pytest.mark.parametrize(
    "work",
    [
        lambda ledger, of: ledger.intend(of, [key(0)]),
        lambda ledger, of: ledger.heartbeat(of),
        lambda ledger, of: ledger.set_state(of, State.FINISHED),
        lambda ledger, of: ledger.take_over(of),
    ],
)
def test_only_its_own_process_works_on_an_operation(
    ledger: Ledger, elsewhere: Ledger, work: Callable[[Ledger, str], None]
) -> None:
    operation_id = begin(ledger)
    with pytest.raises(TakenOver) as caught:
        work(elsewhere, operation_id)
    assert caught.value.operation_id == operation_id
    assert counts(ledger, operation_id) == {Outcome.PLANNED: 3}
    assert ledger.operation(operation_id).state == State.RUNNING


def test_anyone_may_tell_what_became_of_an_item(ledger: Ledger, elsewhere: Ledger) -> None:
    operation_id = begin(ledger)
    elsewhere.settle(operation_id, results(Outcome.SUCCEEDED, [0]))
    elsewhere.note(operation_id, Event(kind="Read", text="looked"))
    ledger.heartbeat(operation_id)
    assert counts(ledger, operation_id) == {Outcome.PLANNED: 2, Outcome.SUCCEEDED: 1}


def test_a_look_at_what_broke_off_is_no_sign_of_life(
    ledger: Ledger, elsewhere: Ledger, clock: Clock
) -> None:
    operation_id = begin(ledger)
    clock.advance(61)
    for looker in (ledger, elsewhere):
        looker.settle(operation_id, results(Outcome.SUCCEEDED, [0]))
        looker.note(operation_id, Event(kind="Read", text="looked", request="GET /v1"))
        looker.ask(operation_id, Control.STOP)
    assert ledger.operation(operation_id).state == State.INTERRUPTED
    elsewhere.take_over(operation_id)
    assert ledger.operation(operation_id).state == State.RUNNING


def test_an_operation_taken_over_is_left_alone_by_who_had_it(
    ledger: Ledger, elsewhere: Ledger, clock: Clock
) -> None:
    operation_id = begin(ledger)
    ledger.ask(operation_id, Control.STOP)
    clock.advance(61)
    elsewhere.take_over(operation_id)
    assert elsewhere.operation(operation_id).state == State.RUNNING
    assert elsewhere.asked(operation_id) is Control.RESUME
    for work in (ledger.heartbeat, ledger.take_over):
        with pytest.raises(TakenOver):
            work(operation_id)
    elsewhere.intend(operation_id, [key(0)])
    elsewhere.set_state(operation_id, State.FINISHED)
    with pytest.raises(TakenOver):
        ledger.set_state(operation_id, State.RUNNING)


def test_two_tabs_take_an_operation_over_once(ledger: Ledger) -> None:
    operation_id = begin(ledger)
    ledger.set_state(operation_id, State.STOPPED)
    ledger.take_over(operation_id)
    with pytest.raises(TakenOver):
        ledger.take_over(operation_id)


def test_of_many_that_apply_one_plan_at_once_one_does(ledger: Ledger, elsewhere: Ledger) -> None:
    new, together = new_operation(), threading.Barrier(4)

    def apply(at: Ledger) -> bool:
        together.wait()
        try:
            at.begin(new, [new_item(number) for number in range(50)])
        except AlreadyApplied:
            return False
        return True

    with ThreadPoolExecutor(4) as tabs:
        assert sorted(tabs.map(apply, [ledger, elsewhere] * 2)) == [False] * 3 + [True]
    assert counts(ledger, new.id) == {Outcome.PLANNED: 50}


def test_of_many_that_send_one_item_at_once_one_does(ledger: Ledger) -> None:
    operation_id, together = begin(ledger), threading.Barrier(4)

    def send(_number: int) -> bool:
        together.wait()
        try:
            ledger.intend(operation_id, [key(0)])
        except AlreadyApplied:
            return False
        return True

    with ThreadPoolExecutor(4) as tabs:
        assert sorted(tabs.map(send, range(4))) == [False] * 3 + [True]


def test_many_that_settle_at_once_lose_nothing(ledger: Ledger, elsewhere: Ledger) -> None:
    operation_id = begin(ledger, items=40)

    def settle(number: int) -> None:
        at = (ledger, elsewhere)[number % 2]
        at.settle(operation_id, results(Outcome.SUCCEEDED, [number]))
        at.note(operation_id, Event(kind="Write", text="sent", request=f"PUT {number}"))

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(settle, range(40)))
    assert counts(ledger, operation_id) == {Outcome.SUCCEEDED: 40}
    assert ledger.operation(operation_id).request_count == 40
    assert len(ledger.events(operation_id)) == 40


def test_many_open_an_empty_database_at_once(url: str) -> None:
    processes = [run(OPEN, url) for _ in range(3)]
    assert [process.communicate() and process.returncode for process in processes] == [0] * 3


def test_a_process_is_gone_when_its_number_is_free_or_anothers() -> None:
    machine, number, run_token = this_process().rsplit(" ", 2)
    with run("", "") as ended:
        pass
    assert not is_gone(this_process())
    assert is_gone(f"{machine} {number} another-run")
    assert is_gone(f"{machine} {ended.pid} {run_token}")
    assert not is_gone(f"{machine} 1 {run_token}")
    assert not is_gone(f"another machine {ended.pid} {run_token}")
    assert not is_gone("another process")
