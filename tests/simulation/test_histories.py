"""Histories of fixed seeds: two replicas, faults, crashes and a Studio, and no promise broken."""

import os
import subprocess
import sys

import pytest

from tests.simulation.history import shrunk, simulate

QUICK = (3, 11, 20, 42, 167)
STEPS = 400
MANY = range(1000, 1040)
MANY_STEPS = 2000


@pytest.mark.parametrize("seed", QUICK)
def test_every_promise_is_kept(seed: int) -> None:
    failure, report = simulate(seed, STEPS)
    assert failure is None, str(shrunk(failure))
    assert report.operations
    assert report.faults


@pytest.mark.slow
@pytest.mark.parametrize("seed", MANY)
def test_every_promise_is_kept_for_long(seed: int) -> None:
    failure, report = simulate(seed, MANY_STEPS)
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
