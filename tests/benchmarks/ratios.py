"""Two ways of doing one thing, timed side by side."""

import gc
import statistics
import time
from collections.abc import Callable
from typing import Literal, NamedTuple

Work = Callable[[], object]
Clock = Callable[[], float]


class Ratio(NamedTuple):
    """What ours takes, as a share of what the reference takes; both in seconds or in MB."""

    name: str
    ours: float
    reference: float
    share: float
    at_most: float | None = None
    unit: Literal["s", "MB"] = "s"

    @property
    def verdict(self) -> str:
        """Say whether the target, if there is one, was met."""
        if self.at_most is None:
            return "reported"
        return "met" if self.share <= self.at_most else f"MISSED by {self.share - self.at_most:.2f}"


def side_by_side(
    ours: Work,
    reference: Work,
    *,
    rounds: int,
    clocks: tuple[Clock, ...] = (time.perf_counter,),
) -> list[tuple[float, float, float]]:
    """Return for each clock the median seconds of ours and of the reference, and of their ratio.

    The two alternate and each ratio is of neighbours, so that a computer that slows down or is
    busy with something else slows both. Results are let go of inside the time taken.
    """
    for work in (ours, reference):
        work()
    pairs = [(_timed(ours, clocks), _timed(reference, clocks)) for _ in range(rounds)]
    return [medians([(own[i], other[i]) for own, other in pairs]) for i in range(len(clocks))]


def _timed(work: Work, clocks: tuple[Clock, ...]) -> list[float]:
    gc.collect()
    started = [clock() for clock in clocks]
    work()
    return [clock() - start for clock, start in zip(clocks, started, strict=True)]


def medians(pairs: list[tuple[float, float]]) -> tuple[float, float, float]:
    """Return the median of ours, of the reference, and of their ratio."""
    return (
        statistics.median(own for own, _ in pairs),
        statistics.median(other for _, other in pairs),
        statistics.median(own / other for own, other in pairs),
    )
