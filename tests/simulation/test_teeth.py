"""That the simulation would notice: engines with one fault each, all of which it has to find."""

import sys

import pytest

from tests.simulation.history import shrunk, simulate
from tests.simulation.mutants import MUTANTS as OF_THE_ENGINE
from tests.simulation.mutants_of_watching import OF_WATCHING

MUTANTS = {**OF_THE_ENGINE, **OF_WATCHING}
STEPS = 1500
BOUND = 60_000


@pytest.mark.slow
@pytest.mark.parametrize("name", MUTANTS)
def test_a_fault_is_found(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    steps, seed = 0, 0
    while steps < BOUND:
        seed += 1
        with MUTANTS[name]():
            failure, report = simulate(seed, STEPS)
        steps += report.steps
        if failure is not None:
            with capsys.disabled():
                sys.stdout.write(
                    f"\n{name}: {failure.promise} after {steps:,} steps, seed {seed}\n"
                )
            return
    pytest.fail(f"{name} broke no promise in {steps:,} steps.")


def test_a_failure_is_shrunk_and_can_be_replayed() -> None:
    with MUTANTS["ignore_permissions"]():
        failure, _ = simulate(1, 300)
        assert failure is not None
        smaller = shrunk(failure, attempts=12)
        again, _ = simulate(smaller.seed, smaller.step, smaller.only)
    assert smaller.only is not None
    assert len(smaller.only) < len(failure.acts)
    assert again is not None
    assert (again.promise, again.what, again.trace) == (
        smaller.promise,
        smaller.what,
        smaller.trace,
    )
    assert f"--seed 1 --steps {smaller.step} --only " in str(smaller)
