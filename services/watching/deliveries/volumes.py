"""How much arrives around the hour of a delivery, and how much usually does; pure."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import numpy as np

from services.frames.answers import Rows
from services.watching.deliveries.arrivals import DAY, Arrivals, Floats
from services.watching.deliveries.clusters import in_milliseconds
from services.watching.deliveries.days import DAYS, IS_SAME_WEEKDAY, WEEKS, ByTime, is_nearest
from services.watching.deliveries.pairing import Mask

_AROUND: Final = timedelta(hours=1)
# Days with less than an eighth as much, or with less than three arrivals, had something else.
_ANOTHER: Final = 1 / 8
_SOME: Final = 3
_COMPARED_AT_LEAST: Final = 3
# Something has to come on nearly all same weekdays, for what came on most may have been stopped.
_NEARLY_ALL: Final = 0.8
# However alike other days were, a deviation is a third of this ratio at the least.
_ALIKE: Final = float(np.log(5 / 3)) / 3
# A median absolute deviation in standard deviations.
TO_SIGMA: Final = 1.4826


@dataclass(frozen=True, eq=False)
class Volumes:
    """What arrived within an hour of the beginning of each delivery, this and others.

    `usual` is what does on other days, NaN where too little is known; `more` is by how many
    deviations the delivery alone is above that, by `own` arrivals; `fewer` by how many all together
    are below.
    """

    within_hour: Rows
    own: Rows
    usual: Floats
    more: Floats
    fewer: Floats


def volumes(arrivals: Arrivals, by_time: ByTime, which: Rows, begins: Rows) -> Volumes:
    """Compare how much arrived around deliveries, given by their numbers, with other days.

    `begins` are those of every delivery, in milliseconds.
    """
    begin = begins[which]
    within = by_time.around(begin, _AROUND)
    is_near = np.abs(arrivals.time - begins[arrivals.delivery]) <= in_milliseconds(_AROUND)
    own = np.bincount(arrivals.delivery[is_near], minlength=len(begins))[which]
    off, deviation = _off(by_time, begin)
    return Volumes(
        within_hour=within,
        own=own,
        usual=within / np.exp(off),
        more=(off + np.log(np.maximum(own, 1) / np.maximum(within, 1))) / deviation,
        fewer=-off / deviation,
    )


def _off(by_time: ByTime, begin: Rows) -> tuple[Floats, Floats]:
    """Return the logarithm of what arrived by what usually does, and one deviation of it.

    That is the nearer to nothing of two: compared with the nearest days, and with these as far as
    the weekday differs from its neighbours. Where nothing comes on most days it is compared with
    the same weekdays alone.
    """
    here, there = _pairs(by_time, begin)
    is_day = by_time.has_day(begin)
    is_some, weekdays = is_day & (there >= _SOME), is_day & IS_SAME_WEEKDAY
    is_like = is_some & (there >= here * _ANOTHER) & (here > 0)
    # Where most are the first that is known of their tenant, lists do not reach back far enough.
    known = by_time.around(begin, _AROUND, by_time.is_between)
    is_like &= (2 * known >= by_time.around(begin, _AROUND))[:, None]
    ratio = np.log(np.maximum(here, 1) / np.maximum(there, 1))
    daily, of_days = _middle(ratio, there, is_like & is_nearest(is_day))
    weekly, of_weeks = _middle(ratio, there, is_like & weekdays)
    is_on_all = (is_like & weekdays).sum(axis=1) >= _NEARLY_ALL * weekdays.sum(axis=1)
    as_weekday = daily - _weekday(there, is_some)
    low, high = np.fmin(daily, as_weekday), np.fmax(daily, as_weekday)
    nearer = np.where(np.isnan(daily), np.nan, np.maximum(low, 0) + np.minimum(high, 0))
    is_daily = np.isfinite(daily)
    off = np.where(is_daily, nearer, np.where(is_on_all, weekly, np.nan))
    return off, np.where(is_daily, of_days, of_weeks)


def _weekday(there: Rows, is_some: Mask) -> Floats:
    """Return how much more, as a logarithm, comes on this weekday than on those around it.

    NaN where fewer than three of them can be compared with three days around.
    """
    by_day = np.full((len(there), 2 * WEEKS * 7 + 1), np.nan)
    by_day[:, DAYS + WEEKS * 7] = np.where(is_some, np.log(np.maximum(there, 1)), np.nan)
    differences = []
    for week in (*range(-WEEKS, 0), *range(1, WEEKS + 1)):
        day = (week + WEEKS) * 7
        around = by_day[
            :, [n for n in range(day - 3, day + 4) if n != day and 0 <= n < len(by_day.T)]
        ]
        is_enough = np.isfinite(around).sum(axis=1) >= _COMPARED_AT_LEAST
        differences.append(by_day[:, day] - np.where(is_enough, median(around), np.nan))
    found = np.stack(differences, axis=1)
    is_enough = np.isfinite(found).sum(axis=1) >= _COMPARED_AT_LEAST
    return np.where(is_enough, median(found), np.nan)


def _pairs(by_time: ByTime, begin: Rows) -> tuple[Rows, Rows]:
    """Return how much arrived around each beginning and on each of DAYS, in comparable numbers.

    The lists of the API do not reach back a week for who loads daily. So only tenants count that
    are known on both days, and not by the first arrival known of them: it is known as they came.
    """
    here, there = [], []
    for days in DAYS:
        since = by_time.time - abs(int(days)) * DAY - in_milliseconds(_AROUND)
        later, earlier = begin - min(days, 0) * DAY, begin - max(days, 0) * DAY
        after = by_time.around(later, _AROUND, by_time.known_since < since)
        before = by_time.around(earlier, _AROUND, by_time.is_between)
        here.append(after if days > 0 else before)
        there.append(before if days > 0 else after)
    return np.stack(here, axis=1), np.stack(there, axis=1)


def _middle(ratio: Floats, there: Rows, chosen: Mask) -> tuple[Floats, Floats]:
    """Return the median of the chosen ratios and what counts as one deviation from it.

    That is the median absolute deviation, what chance does to so few, or the least.
    """
    middle = median(np.where(chosen, ratio, np.nan))
    apart = TO_SIGMA * median(np.where(chosen, np.abs(ratio - middle[:, None]), np.nan))
    chance = 1 / np.sqrt(median(np.where(chosen, there, np.nan)))
    is_enough = chosen.sum(axis=1) >= _COMPARED_AT_LEAST
    return np.where(is_enough, middle, np.nan), np.maximum(np.maximum(apart, chance), _ALIKE)


def median(values: Floats) -> Floats:
    """Return the median of what is known in each row, NaN where nothing is."""
    known = np.isfinite(values).sum(axis=1)
    ordered, rows = np.sort(values, axis=1), np.arange(len(values))
    low, high = np.maximum(known - 1, 0) // 2, known // 2
    return np.asarray((ordered[rows, low] + ordered[rows, high]) / 2)
