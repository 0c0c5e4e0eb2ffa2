"""How much arrives around the hour of a delivery, and how much does on other days; pure.

Another day is so many times 24 hours away: no zone and no midnight matters.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import numpy as np

from services.frames.answers import Rows
from services.monitoring.deliveries.arrivals import DAY, MINUTE, Arrivals, Floats, Mask
from services.monitoring.windows import AHEAD

# Four weeks before and after, so that there are four of each weekday; the nearest days first.
_WEEK: Final = 7
# Four weeks back and ahead: a month is what the API and the ledger tell.
_FAR: Final = 4 * _WEEK
_DAYS: Final = np.array([sign * day for day in range(1, _FAR + 1) for sign in (1, -1)])
# Nightly deliveries differ by minutes from night to night.
_AROUND: Final = 30 * MINUTE
# What comes up to two hours from its hour, at which nothing came instead, has moved and no more: by
# an hour twice a year, where the clocks change that start loads.
_MOVED: Final = 120 * MINUTE
# A working week: fewer days tell no hour from another.
DAYS_AT_LEAST: Final = 5
# A fifth of a delivery is enough for something like it to have come on another day; where that is
# so on less than one day in ten, nothing arrives.
_LIKE_IT: Final = 0.2
# On a tenth of all days at most.
_SELDOM: Final = 0.1
# Days with less than an eighth as much, or with less than three arrivals, had something else.
_ANOTHER: Final = 1 / 8
# Fewer tenants at an hour are no delivery to compare with.
_SOME: Final = 3
# The middle of two is no middle.
_COMPARED_AT_LEAST: Final = 3
# However alike other days were, a deviation is a third of this ratio at the least.
_ALIKE: Final = float(np.log(4 / 3)) / 3
# A median absolute deviation in standard deviations.
TO_SIGMA: Final = 1.4826


@dataclass(frozen=True, eq=False)
class Usual:
    """What arrived around the beginning of deliveries, and what does on other days.

    `is_off` says that on hardly any of `days` other days something like it came at its hour
    (`on_days`), and that its tenants have no such hour of their own. `around` counts what arrived
    within half an hour of its beginning, `own` that of the delivery alone; `usual` is what does on
    other days, NaN where too little is known; `more` is by how many deviations the delivery
    alone is above that, `fewer` by how many all together are below.
    """

    days: Rows
    on_days: Rows
    is_off: Mask
    around: Rows
    own: Rows
    usual: Floats
    more: Floats
    fewer: Floats


class _ByTime:
    """The arrivals of the last weeks in the order of time, until now."""

    def __init__(self, arrivals: Arrivals, now: int) -> None:
        order = np.argsort(arrivals.time, kind="stable")
        time, ahead = arrivals.time[order], AHEAD // timedelta(milliseconds=1)
        order = order[(time > now - 42 * DAY) & (time <= now + ahead)]
        self.time, self.known_since = arrivals.time[order], arrivals.known_since[order]
        self.now = now

    def around(self, times: Rows, span: int, chosen: Mask | None = None) -> Rows:
        """Count the arrivals, or the chosen ones, from a span before times to one after."""
        first = np.searchsorted(self.time, times - span, "left")
        last = np.searchsorted(self.time, times + span, "right")
        if chosen is None:
            return last - first
        count = np.append(0, np.cumsum(chosen))
        return np.asarray(count[last] - count[first])

    def has_day(self, other: Rows) -> Mask:
        """Say which times lie between the first arrival and now."""
        first = self.time[0] if len(self.time) else self.now + 1
        return (other >= first) & (other <= self.now)


def usual(arrivals: Arrivals, which: Rows, begins: Rows, now: int) -> Usual:
    """Compare deliveries, given by their numbers, with other days; times are in milliseconds."""
    by_time, begin = _ByTime(arrivals, now), begins[which]
    distance = np.abs(arrivals.time - begins[arrivals.delivery])

    def count(chosen: Mask) -> Rows:
        return np.bincount(arrivals.delivery[chosen], minlength=len(begins))[which]

    other = begin[:, None] - _DAYS * DAY
    is_day = by_time.has_day(other)
    like_it = _LIKE_IT * count(arrivals.time > 0)
    days = is_day.sum(axis=1)
    on_days = (is_day & (by_time.around(other, _AROUND) >= like_it[:, None])).sum(axis=1)
    near = (is_day & (by_time.around(other, _MOVED) >= like_it[:, None])).sum(axis=1)
    is_alone = by_time.around(begin, _MOVED) - count(distance <= _MOVED) < like_it
    is_off = (days >= DAYS_AT_LEAST) & (on_days <= np.maximum(1, _SELDOM * days))
    is_off &= ~(is_alone & (2 * near >= days))
    is_off &= 2 * count(arrivals.is_at_own_hour) < count(arrivals.time > 0)
    off, deviation = _off(by_time, begin, is_day)
    within, own = by_time.around(begin, _AROUND), count(distance <= _AROUND)
    more = (off + np.log(np.maximum(own, 1) / np.maximum(within, 1))) / deviation
    common = np.where(is_off, 0, within / np.exp(off))
    return Usual(days, on_days, is_off, within, own, common, more, -off / deviation)


def _off(by_time: _ByTime, begin: Rows, is_day: Mask) -> tuple[Floats, Floats]:
    """Return the logarithm of what arrived by what usually does, and one deviation of it.

    That is the nearer to nothing of two: compared with the nearest days, and with these as far as
    the weekday differs from its neighbours.
    """
    here, there = _pairs(by_time, begin)
    is_some = is_day & (there >= _SOME)
    is_like = is_some & (there >= here * _ANOTHER) & (here > 0)
    # Where most are the first that is known of their tenant, lists do not reach back far enough.
    known = by_time.around(begin, _AROUND, by_time.known_since < by_time.time)
    is_like &= (2 * known >= by_time.around(begin, _AROUND))[:, None]
    is_like &= np.cumsum(is_day, axis=1) <= _WEEK
    ratio = np.where(is_like, np.log(np.maximum(here, 1) / np.maximum(there, 1)), np.nan)
    middle = _median(ratio)
    middle[is_like.sum(axis=1) < _COMPARED_AT_LEAST] = np.nan
    apart = TO_SIGMA * _median(np.abs(ratio - middle[:, None]))
    as_weekday = middle - _weekday(np.where(is_some, there, np.nan))
    low, high = np.fmin(middle, as_weekday), np.fmax(middle, as_weekday)
    off = np.maximum(low, 0) + np.minimum(high, 0)
    # What chance does to so few: to what is expected, and to what is known of the weekday.
    same = np.where(is_some & (_DAYS % _WEEK == 0), there, 0).max(axis=1, initial=0)
    expected = by_time.around(begin, _AROUND) / np.exp(off)
    chance = np.sqrt(1 / np.maximum(expected, 1) + np.where(same > 0, 1 / np.maximum(same, 1), 0))
    return off, np.maximum(np.maximum(apart, chance), _ALIKE)


def _weekday(there: Floats) -> Floats:
    """Return how much more, as a logarithm, comes on this weekday than on those around it.

    0 where no such day has three days around to compare with.
    """
    by_day = np.full((len(there), 2 * _FAR + 1), np.nan)
    by_day[:, _FAR + _DAYS] = np.log(there)
    differences = []
    for day in range(0, 2 * _FAR + 1, _WEEK):
        around = np.delete(by_day[:, max(day - 3, 0) : day + 4], min(day, 3), axis=1)
        is_enough = np.isfinite(around).sum(axis=1) >= _COMPARED_AT_LEAST
        differences.append(by_day[:, day] - np.where(is_enough, _median(around), np.nan))
    return np.nan_to_num(_median(np.stack(differences, axis=1)))


def _pairs(by_time: _ByTime, begin: Rows) -> tuple[Rows, Rows]:
    """Return how much arrived around each beginning and on other days, in comparable numbers.

    The lists of the API do not reach back a week for who loads daily. So only tenants count that
    are known on both days, and not by the first arrival known of them: it is known as they came.
    """
    here, there = [], []
    is_between = by_time.known_since < by_time.time
    for days in _DAYS:
        since = by_time.time - abs(int(days)) * DAY - _AROUND
        later, earlier = begin - min(days, 0) * DAY, begin - max(days, 0) * DAY
        after = by_time.around(later, _AROUND, by_time.known_since < since)
        before = by_time.around(earlier, _AROUND, is_between)
        here.append(after if days > 0 else before)
        there.append(before if days > 0 else after)
    return np.stack(here, axis=1), np.stack(there, axis=1)


def _median(values: Floats) -> Floats:
    """Return the median of what is known in each row, NaN where nothing is."""
    known = np.isfinite(values).sum(axis=1)
    ordered, rows = np.sort(values, axis=1), np.arange(len(values))
    low, high = np.maximum(known - 1, 0) // 2, known // 2
    return np.asarray((ordered[rows, low] + ordered[rows, high]) / 2)
