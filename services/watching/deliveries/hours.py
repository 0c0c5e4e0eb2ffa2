"""Whether anything arrives at the hour of a delivery on other days; pure."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import numpy as np

from services.frames.answers import Rows
from services.watching.deliveries.arrivals import SAME_HOUR, Arrivals, Floats
from services.watching.deliveries.clusters import in_milliseconds
from services.watching.deliveries.days import IS_SAME_WEEKDAY, ByTime, is_nearest, other_days
from services.watching.deliveries.pairing import Mask

DAYS_AT_LEAST: Final = 5
# A fifth of a delivery is enough for something like it to have come on another day; where that is
# so on less than one day in ten, nothing arrives.
_LIKE_IT: Final = 0.2
_SELDOM: Final = 0.1
# What comes up to two hours from its hour, at which nothing came instead, has moved and no more: by
# an hour twice a year, where the clocks change that start loads.
_MOVED: Final = timedelta(hours=2)


@dataclass(frozen=True, eq=False)
class Hours:
    """On how many of how many days something like each delivery came at its hour.

    `is_off` says that nothing does as a rule, and that its tenants have no such hour of their own.
    """

    days: Rows
    on_days: Rows
    is_off: Mask


def hours(arrivals: Arrivals, by_time: ByTime, which: Rows, begins: Rows, sizes: Rows) -> Hours:
    """Compare the hour of deliveries, given by their numbers, with that of other days.

    `begins` and `sizes` are those of every delivery, times in milliseconds.
    """
    begin, like_it = begins[which], _LIKE_IT * sizes[which]
    other, is_day = other_days(begin), by_time.has_day(begin)
    comes = is_day & (by_time.around(other, SAME_HOUR) >= like_it[:, None])
    comes_near = is_day & (by_time.around(other, _MOVED) >= like_it[:, None])
    days = is_day.sum(axis=1)
    is_seldom = (days >= DAYS_AT_LEAST) & (_rate(comes, is_day) < _SELDOM)
    is_seldom &= (comes & is_nearest(is_day)).sum(axis=1) <= 1
    is_near = np.abs(arrivals.time - begins[arrivals.delivery]) <= in_milliseconds(_MOVED)
    own, at_own_hour = (
        np.bincount(arrivals.delivery[chosen], minlength=len(begins))[which]
        for chosen in (is_near, arrivals.is_at_own_hour)
    )
    is_alone = by_time.around(begin, _MOVED) - own < like_it
    has_moved = is_alone & (2 * comes_near.sum(axis=1) >= days)
    is_off = is_seldom & ~has_moved & (2 * at_own_hour < sizes[which])
    return Hours(days, comes.sum(axis=1), is_off)


def _rate(comes: Mask, is_day: Mask) -> Floats:
    """Return the share of same weekdays on which something came; all days count like two of them.

    So what comes once a week is seldom on other weekdays, and needs few weeks to be told.
    """
    of_all = comes.sum(axis=1) / np.maximum(is_day.sum(axis=1), 1)
    same, there = (each[:, IS_SAME_WEEKDAY].sum(axis=1) for each in (is_day, comes))
    return np.asarray((there + 2 * of_all) / (same + 2))
