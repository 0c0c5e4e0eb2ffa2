"""Uploads that came together, told by nothing but their times."""

from datetime import datetime, timedelta
from typing import Final

import numpy as np
import numpy.typing as npt

from services.frames import times
from services.frames.answers import Rows

# Uploads of one batch come seconds apart, and batches are seldom closer than this to each other.
GAP: Final = timedelta(minutes=15)
# Where uploads trickle in without such a gap, they are cut where they are thinnest until no piece
# is longer: the largest batch Visier takes, 5,000 tenants, is received in less.
LONGEST: Final = timedelta(hours=3)
_PREFIX: Final = "time:"
_SHORTEST_GAP: Final = timedelta(seconds=1)


def together(moments: Rows) -> Rows:
    """Return the number of the cluster of each time; they are in milliseconds, ascending.

    Neighbours more than GAP apart are in different clusters. In a cluster longer than LONGEST that
    gap is halved until none is, or until it is a second.
    """
    if not len(moments):
        return np.zeros(0, np.intp)
    apart, gap = np.diff(moments, prepend=moments[0]), GAP
    cut = apart > in_milliseconds(gap)
    while (
        gap > _SHORTEST_GAP and (is_long := _lengths(moments, cut) > in_milliseconds(LONGEST)).any()
    ):
        gap /= 2
        cut |= (apart > in_milliseconds(gap)) & is_long[np.cumsum(cut)]
    return np.cumsum(cut)


def names(first: Rows) -> list[str]:
    """Return the ids of clusters by the times of their first uploads, in milliseconds.

    No two clusters begin at one time. The id stays the same as long as that upload is listed.
    """
    texts = np.datetime_as_string(first.astype("datetime64[ms]"), timezone="UTC")
    return [_PREFIX + text for text in texts]


def time_of(name: str) -> datetime | None:
    """Return the time in the id of a cluster, None for another id."""
    return times.parse_one(name.removeprefix(_PREFIX)) if name.startswith(_PREFIX) else None


def in_milliseconds(span: timedelta) -> int:
    """Return a span of time as times are counted here."""
    return span // timedelta(milliseconds=1)


def _lengths(moments: Rows, cut: npt.NDArray[np.bool_]) -> Rows:
    """Return how long each cluster takes from its first to its last time."""
    first = np.append(0, np.flatnonzero(cut))
    last = np.append(first[1:], len(moments)) - 1
    return np.asarray(moments[last] - moments[first])
