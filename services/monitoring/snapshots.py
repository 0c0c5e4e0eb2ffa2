"""What is handed out of the jobs of a window, and how soon they are read again."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Final

import pandas as pd

from services.frames import LIVE
from services.visier import Budget

# Something runs: people watch it.
FAST: Final = timedelta(seconds=5)
# Nothing runs: what begins next is seen within half a minute.
SLOW: Final = timedelta(seconds=30)
# Polling takes a fifth of the limit at most, however many windows are open.
SHARE: Final = 0.2
# Visier's limit, until its own header is read.
CALLS_A_MINUTE: Final = 100


@dataclass(frozen=True, eq=False)
class JobsSnapshot:
    """The jobs of a window as they were read at one time.

    `jobs` has the columns of `services.frames.job_tree.roll_up` and `JobHistory.join`, and
    is_missing (bool: a parent that is not in the window, of which only the id is known). `as_of` is
    when they were read (aware, UTC); `number` grows whenever anything differs from the snapshot
    before; `calls` is what the snapshot cost. `refusal` holds Visier's words when job-status is
    refused or absent and the jobs are those below tracked ones. `not_listed` are jobs tracked a
    moment ago that Visier does not list yet. `may_be_cut` says that the list is suspiciously round.
    `trouble` says why reading again failed last, and is empty once it succeeds. `has_older` says
    that what started before the window and still runs is among the jobs, `older_trouble` why that
    is not known; `forgotten` says why nothing is known of earlier readings. `left_out` says what of
    the list could not be read.
    """

    jobs: pd.DataFrame
    as_of: datetime
    number: int
    calls: int
    refusal: str = ""
    not_listed: tuple[str, ...] = ()
    may_be_cut: bool = False
    trouble: str = ""
    has_older: bool = False
    older_trouble: str = ""
    forgotten: str = ""
    left_out: tuple[str, ...] = ()

    @cached_property
    def is_live(self) -> bool:
        """Whether anything still moves, or is waited for."""
        return bool(self.jobs["status"].isin(LIVE).any()) or bool(self.not_listed)

    @cached_property
    def listed(self) -> pd.DataFrame:
        """The jobs of which more than the id is known."""
        return self.jobs[~self.jobs["is_missing"]]


def pace(snapshot: JobsSnapshot, budget: Budget) -> timedelta:
    """Return how long to wait before the next poll.

    Short while something runs, longer when nothing does, and never so short that polling would
    take more than a fifth of the calls a minute.
    """
    soonest = FAST if snapshot.is_live else SLOW
    return max(soonest, affordable_every(snapshot.calls, budget))


def affordable_every(calls: int, budget: Budget) -> timedelta:
    """Return how far apart so many calls are to be, to take a fifth of the calls a minute."""
    affordable = SHARE * (budget.minute_limit or CALLS_A_MINUTE)
    return timedelta(minutes=calls / affordable)


def is_overdue(snapshot: JobsSnapshot, budget: Budget, now: datetime) -> bool:
    """Say whether a snapshot is older than the pace allows, as on a page nobody had open.

    Not where reading again has failed: that waits its turn.
    """
    return not snapshot.trouble and now - snapshot.as_of > pace(snapshot, budget)
