"""A history, drawn from one seed: the same one every time, and shorter ones that fail like it."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from tests.simulation.driver import Simulation
from tests.simulation.people import EVERYTHING
from tests.simulation.telling import Failure, Report


def simulate(
    seed: int,
    steps: int,
    only: frozenset[str] | None = None,
    focus: str = EVERYTHING,
    *,
    url: str | None = None,
) -> tuple[Failure | None, Report]:
    """Run one history in a place of its own; give what was broken, if anything was.

    ``url`` is the address of an empty ledger, by default in a file of its own.
    """
    with TemporaryDirectory() as folder:
        simulation = Simulation(seed, Path(folder), only, focus, url=url)
        failure = simulation.run(steps)
        return failure, simulation.report


def shrunk(failure: Failure, attempts: int = 80) -> Failure:
    """Leave out acts, many at once and then fewer, while the same promise is still broken."""
    best, kept = failure, list(failure.acts)
    size = max(1, len(kept) // 2)
    while attempts and size:
        for first in range(0, len(kept), size):
            if not attempts:
                break
            attempts -= 1
            fewer = kept[:first] + kept[first + size :]
            again, _ = simulate(best.seed, failure.step * 2, frozenset(fewer), best.focus)
            if again is not None and again.promise == failure.promise:
                best, kept = again, [act for act in fewer if act in again.acts]
                break
        else:
            size //= 2
    return best
