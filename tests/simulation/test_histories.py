"""Histories of fixed seeds: two replicas, faults, crashes and a Studio, and no promise broken."""

import os
import subprocess
import sys

import pytest

from tests.simulation.history import shrunk, simulate
from tests.simulation.people import EVERYTHING, FOCI

# Of each: its seed, its steps, and promises that it has to come to.
QUICK = {
    EVERYTHING: (42, 200, {"nothing_is_done_twice", "who_may_not_sends_nothing"}),
    "changes": (1, 300, {"what_others_changed_since_is_left_alone", "succeeded_means_done"}),
    "recoveries": (
        1,
        300,
        {
            "a_step_is_carried_out_once",
            "nothing_is_written_into_a_recovery_that_is_closed",
            "a_verification_claims_only_what_is_so",
        },
    ),
    "downloads": (1, 200, {"a_download_that_was_cut_is_not_called_whole"}),
    "looks": (
        1,
        120,
        {
            "who_watches_leaves_the_reserve_to_clicks",
            "what_is_recorded_never_runs_backwards",
            "what_is_shown_never_runs_backwards",
            "finished_means_that_all_its_jobs_have_ended",
        },
    ),
    "watches": (
        2,
        300,
        {
            "only_who_watches_writes_a_night",
            "only_who_watches_reports",
            "a_later_look_supersedes_an_earlier_one",
            "an_episode_is_open_once",
            "one_message_an_episode",
            "every_message_is_delivered_or_told",
            "who_missed_a_deadline_was_reported",
            "an_event_is_read_once",
        },
    ),
}
STEPS = 150
# Of 20, the clock jumps between a crash and the look of the next process.
MANY = [(EVERYTHING, seed) for seed in (20, *range(1000, 1040))] + [
    (focus, seed) for focus in FOCI if focus != EVERYTHING for seed in range(1000, 1004)
]
MANY_STEPS = 2000


@pytest.mark.parametrize("focus", QUICK)
def test_every_promise_is_kept(focus: str) -> None:
    seed, steps, promises = QUICK[focus]
    failure, report = simulate(seed, steps, focus=focus)
    assert failure is None, str(shrunk(failure))
    assert promises <= report.asked.keys()
    assert report.requests
    assert report.faults


@pytest.mark.slow
@pytest.mark.parametrize(("focus", "seed"), MANY)
def test_every_promise_is_kept_for_long(focus: str, seed: int) -> None:
    failure, report = simulate(seed, MANY_STEPS, focus=focus)
    assert failure is None, str(shrunk(failure))
    assert report.steps >= MANY_STEPS


def test_a_seed_is_one_history() -> None:
    first, second = (simulate(7, STEPS)[1] for _ in range(2))
    assert first.trace == second.trace
    assert first.outcomes == second.outcomes
    assert first.seconds == second.seconds


@pytest.mark.slow
def test_a_seed_is_one_history_in_every_process() -> None:
    asked = [sys.executable, "-m", "tests.simulation", "--seed", "7", "--steps", "900", "--trace"]
    told = [
        subprocess.run(
            asked,
            env={**os.environ, "PYTHONHASHSEED": hashing},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.splitlines()[:-1]
        for hashing in ("1", "2")
    ]
    assert told[0] == told[1]
