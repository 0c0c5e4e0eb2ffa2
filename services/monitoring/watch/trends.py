"""How nights went as a whole, one after the other; pure.

A night that was not observed to its end, or of which a figure was not recorded, has none: it is
neither zero nor good.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from services.frames import JobType
from services.ledger import Night

from .history import History
from .night import span
from .observation import DeliverySizes, FailureKind, Failures, JobDurations, NightFacts
from .recorded import facts_of
from .states import STATES, NightState

# Whose load was due in a night, whatever became of it.
_EXPECTED: Final = (
    NightState.LOADED,
    NightState.LATE,
    NightState.FAILED,
    NightState.EXCLUDED,
)

Rows = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Share:
    """So many `of` how many tenants."""

    part: int = 0
    of: int = 0

    @property
    def value(self) -> float | None:
        """The share, from 0 to 1; None of none."""
        return self.part / self.of if self.of else None


@dataclass(frozen=True)
class Totals:
    """What is known of a night that is over; None where it is not.

    `loaded` is the share of the tenants whose load was due that have loaded in it. `durations` are
    those of processing jobs, with a count of 0 where there were none.
    """

    night: date
    loaded: Share | None = None
    failures: Failures | None = None
    durations: JobDurations | None = None
    deliveries: DeliverySizes | None = None


def over(history: History, now: datetime, zone: ZoneInfo) -> tuple[date, ...]:
    """Return the nights that are over, oldest first: the one under way has yet to show."""
    return tuple(each for each in history.nights if span(each, zone)[1] <= now)


def totals(history: History, rows: Rows, nights: Sequence[date], zone: ZoneInfo) -> list[Totals]:
    """Return what is known of each of these nights, which are over.

    The share that has loaded is of the tenants that `rows` keeps, in the order of `history.codes`;
    the rest is of all tenants.
    """
    return [_totals(history, rows, each, zone) for each in nights]


def kinds(nights: Sequence[Totals], most: int) -> list[FailureKind]:
    """Return the kinds of failure of most jobs over all nights, each as it was last seen."""
    seen = {kind.key: kind for each in nights if each.failures for kind in each.failures.kinds}
    jobs = Counter[str]()
    for each in nights:
        if each.failures:
            jobs.update({kind.key: kind.jobs for kind in each.failures.kinds})
    # Of two that are as many, always the same comes first.
    ranked = sorted(jobs, key=lambda key: (-jobs[key], key))
    return [seen[key] for key in ranked[:most]]


def kinds_on_record(nights: Sequence[Night]) -> list[FailureKind]:
    """Return the kinds of failure on record, each as it was last seen.

    Those last seen in the newest night come first, and among them those of most jobs over all
    nights.
    """
    found = [
        (each.night, kind)
        for each in nights
        for kind in (facts_of(each.facts).failures or Failures()).kinds
    ]
    jobs, last = Counter[str](), dict[str, tuple[date, FailureKind]]()
    for night, kind in sorted(found, key=lambda each: each[0]):
        jobs[kind.key] += kind.jobs
        last[kind.key] = night, kind
    ranked = sorted(last, key=lambda key: (-last[key][0].toordinal(), -jobs[key], key))
    return [last[key][1] for key in ranked]


def _totals(history: History, rows: Rows, night: date, zone: ZoneInfo) -> Totals:
    known = history.recorded.get(night)
    if known is None:
        return Totals(night)
    facts, ends = facts_of(known.facts), span(night, zone)[1]
    found = history.grid[rows, history.nights.index(night)]
    sizes = facts.deliveries if _is_whole(facts.lists_at, ends) else None
    if not _is_whole(facts.jobs_at, ends):
        return Totals(night, loaded=_loaded(found, known.is_complete), deliveries=sizes)
    return Totals(
        night,
        loaded=_loaded(found, known.is_complete),
        failures=facts.failures,
        durations=_processing(facts),
        deliveries=sizes,
    )


def _is_whole(read_at: datetime | None, ends: datetime) -> bool:
    return read_at is not None and read_at >= ends


def _loaded(found: npt.NDArray[np.int8], is_complete: bool) -> Share | None:
    if not is_complete:
        return None
    counts = np.bincount(found, minlength=len(STATES))
    due = sum(int(counts[STATES.index(state)]) for state in _EXPECTED)
    return Share(int(counts[STATES.index(NightState.LOADED)]), due)


def _processing(facts: NightFacts) -> JobDurations | None:
    if facts.durations is None:
        return None
    kind = str(JobType.PROCESSING)
    for found in facts.durations:
        if found.job_type == kind:
            return found if found.count else None
    return JobDurations(kind, 0, 0.0, 0.0)
