"""That the simulation would notice: engines with one fault each, all of which it has to find."""

import pytest

from tests.simulation.history import shrunk, simulate
from tests.simulation.mutants import MUTANTS as OF_THE_ENGINE
from tests.simulation.mutants_of_monitoring import OF_MONITORING
from tests.simulation.mutants_of_the_watch import OF_THE_WATCH
from tests.simulation.people import EVERYTHING

MUTANTS = {**OF_THE_ENGINE, **OF_MONITORING, **OF_THE_WATCH}
# What the history is about that finds each, and its seed.
FOUND_BY = {
    "send_before_intend": (EVERYTHING, 1),
    "repeat_on_no_answer": ("changes", 1),
    "retry_a_start": ("creations", 1),
    "call_what_is_not_answered_failed": ("changes", 1),
    "call_what_is_not_answered_not_sent": ("changes", 1),
    "settle_by_position": ("changes", 1),
    "count_a_207_as_done": ("changes", 1),
    "settle_all_as_succeeded_on_an_answer": ("changes", 1),
    "skip_the_reread": ("changes", 1),
    "forget_a_crash_after_send": (EVERYTHING, 1),
    "release_a_plan_id": (EVERYTHING, 1),
    "ignore_permissions": (EVERYTHING, 1),
    "exceed_the_limit": ("changes", 1),
    "ask_alone_for_a_place": ("crashes", 1),
    "change_a_ledger_row": (EVERYTHING, 1),
    "write_down_a_secret": ("creations", 1),
    "finish_what_is_not_done": (EVERYTHING, 1),
    "judge_too_early": ("changes", 8),
    "try_the_uncertain_again": ("changes", 1),
    "record_what_was_not_told": ("looks", 1),
    "record_every_look": ("looks", 1),
    "answer_with_what_was_read_before": ("looks", 1),
    "watch_without_a_reserve": ("looks", 1),
    "finish_a_start_with_its_own_job": ("starts", 1),
    "count_the_failed_as_succeeded": ("starts", 1),
    "call_a_file_whole_that_was_cut": ("downloads", 1),
    "carry_a_step_out_for_each_click": ("recoveries", 2),
    "begin_a_step_of_what_is_closed": ("recoveries", 1),
    "write_into_what_is_closed": ("recoveries", 1),
    "confirm_without_reading": ("recoveries", 1),
    "confirm_a_job_that_goes_on": ("recoveries", 1),
    "assume_a_limit_that_others_know_better": ("crashes", 1),
    "take_a_lease_that_is_held": ("watches", 1),
    "write_after_the_lease_has_ended": ("watches", 2),
    "take_a_message_of_two": ("watches", 1),
    "send_again_what_a_dead_process_sent": ("watches", 1),
    "decide_about_every_connection": ("watches", 1),
    "open_an_incident_at_every_look": ("watches", 1),
    "settle_an_event_that_is_not_read": ("watches", 1),
}
STEPS = 1500


@pytest.mark.slow
@pytest.mark.parametrize("name", MUTANTS)
def test_a_fault_is_found(name: str) -> None:
    focus, seed = FOUND_BY[name]
    with MUTANTS[name]():
        failure, report = simulate(seed, STEPS, focus=focus)
    assert failure is not None, f"{name} broke no promise in {report.steps:,} steps."


@pytest.mark.slow
@pytest.mark.parametrize(("focus", "seed"), sorted(set(FOUND_BY.values())))
def test_nothing_is_found_without_a_fault(focus: str, seed: int) -> None:
    failure, _ = simulate(seed, STEPS, focus=focus)
    assert failure is None, str(shrunk(failure))


def test_a_failure_is_shrunk_and_can_be_replayed() -> None:
    with MUTANTS["ignore_permissions"]():
        failure, _ = simulate(1, 120)
        assert failure is not None
        smaller = shrunk(failure, attempts=8)
        again, _ = simulate(smaller.seed, smaller.step, smaller.only)
    assert smaller.only is not None
    assert len(smaller.only) < len(failure.acts)
    assert again is not None
    assert (again.promise, again.what, again.trace) == (
        smaller.promise,
        smaller.what,
        smaller.trace,
    )
    assert f"--seed 1 --steps {smaller.step} --focus {EVERYTHING} --only " in str(smaller)
