"""Why jobs failed: which lists below which jobs tell it, and how many of them are read unasked.

The list of jobs tells no reason. The lists of extraction and processing jobs below a dispatching or
receiving job do, as far as Visier gives one.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

import pandas as pd

from services.frames import JobType
from services.frames.membership import is_among
from services.visier import PAGE_SIZE

# A tenth of the calls that an API key has in a minute: nine in ten are left to what was asked for.
READ_UNASKED: Final = 10
_READABLE: Final = (JobType.DISPATCHING, JobType.RECEIVING)
_TOLD_BY_LISTS: Final = (JobType.EXTRACTION, JobType.PROCESSING)

HasRead = Callable[[str, Collection[JobType]], bool]


@dataclass(frozen=True)
class Lists:
    """The lists of some types below a topmost job, by its key.

    ``calls`` is what reading them takes at most, ``failed`` how many jobs below it have failed.
    """

    top: str
    kinds: frozenset[JobType]
    calls: int
    failed: int
    is_read: bool


def lists(jobs: pd.DataFrame, failed: pd.DataFrame, has_read: HasRead) -> list[Lists]:
    """Return the lists that may tell why jobs failed, those of most failed jobs first.

    `failed` are rows of `jobs`, which is a tree of services.frames.job_tree.roll_up.
    """
    tops = jobs.loc[jobs["job_type"].isin(_READABLE), ["job_key", "descendant_count"]]
    sizes = tops.dropna(subset="job_key").set_index("job_key")["descendant_count"]
    is_told = failed["job_type"].isin(_TOLD_BY_LISTS) & is_among(failed["root_key"], sizes.index)
    found = []
    for key, kinds in failed[is_told].groupby("root_key")["job_type"]:
        below = frozenset(map(JobType, kinds.unique()))
        calls = 1 + len(below) * -(-int(sizes[key]) // PAGE_SIZE)
        found.append(Lists(str(key), below, calls, len(kinds), has_read(str(key), below)))
    return sorted(found, key=lambda each: (-each.failed, each.top))


def wait(failed: pd.DataFrame, unread: Collection[str]) -> "pd.Series[bool]":
    """Return which failed jobs may have a reason in a list below these topmost jobs, not read."""
    is_silent = failed["message"].isna() & failed["job_type"].isin(_TOLD_BY_LISTS)
    return is_silent & is_among(failed["root_key"], unread)


def affordable(found: list[Lists]) -> list[Lists]:
    """Return those of the lists that are read unasked and were not yet.

    What was read counts, so that one poll after another does not read them all.
    """
    spent = accumulate(each.calls for each in found)
    afforded = (each for each, calls in zip(found, spent, strict=True) if calls <= READ_UNASKED)
    return [each for each in afforded if not each.is_read]
