"""The days before and after a delivery, and what arrived on them at its time of day; pure.

Another day is so many times 24 hours away: no zone and no midnight matters.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import numpy as np

from services.frames.answers import Rows
from services.watching.deliveries.arrivals import DAY, Arrivals, Floats
from services.watching.deliveries.clusters import in_milliseconds
from services.watching.deliveries.pairing import Mask
from services.watching.windows import AHEAD

# Four weeks before and after, so that there are four of each weekday; the nearest days first.
WEEKS: Final = 4
DAYS: Final = np.array([sign * day for day in range(1, WEEKS * 7 + 1) for sign in (1, -1)])
IS_SAME_WEEKDAY: Final = DAYS % 7 == 0
_LONG_AGO: Final = 42 * DAY


@dataclass(frozen=True, eq=False)
class ByTime:
    """The arrivals of the last weeks by time, in milliseconds, until now."""

    time: Rows
    known_since: Floats
    now: int

    @classmethod
    def of(cls, arrivals: Arrivals, now: int) -> "ByTime":
        """Put the arrivals of the last weeks in order."""
        order = np.argsort(arrivals.time, kind="stable")
        time = arrivals.time[order]
        order = order[(time > now - _LONG_AGO) & (time <= now + in_milliseconds(AHEAD))]
        return cls(arrivals.time[order], arrivals.known_since[order], now)

    @property
    def is_between(self) -> Mask:
        """Which arrivals are not the first that is known of their tenant."""
        return self.known_since < self.time

    def around(self, moments: Rows, span: timedelta, chosen: Mask | None = None) -> Rows:
        """Count the arrivals, or the chosen ones, from a span before moments to one after."""
        first = np.searchsorted(self.time, moments - in_milliseconds(span), "left")
        last = np.searchsorted(self.time, moments + in_milliseconds(span), "right")
        if chosen is None:
            return last - first
        count = np.append(0, np.cumsum(chosen))
        return np.asarray(count[last] - count[first])

    def has_day(self, begin: Rows) -> Mask:
        """Return which of DAYS lies between the first arrival and now, a row for each beginning."""
        first = self.time[0] if len(self.time) else self.now + 1
        other = other_days(begin)
        return (other >= first) & (other <= self.now)


def is_nearest(is_day: Mask) -> Mask:
    """Return which are the nearest days of those there are: a week of them."""
    return is_day & (np.cumsum(is_day, axis=1) <= 7)


def other_days(begin: Rows) -> Rows:
    """Return the same time on each of DAYS, a row for each beginning."""
    return np.asarray(begin[:, None] - DAYS * DAY)
