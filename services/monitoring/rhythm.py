"""How often each tenant gets new data, and until when the next is due; pure.

A tenant's rhythm is that of its listed loads: the median of the gaps between them, and how much
they spread. Whoever loads once a week is not late after two days, whoever loads on working days is
not late on a Sunday, and of whom too little is known nothing is said.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from services.frames.answers import Rows
from services.frames.order import milliseconds
from services.frames.schema import categories
from services.monitoring.overview import is_ahead

# The API lists at most five enabled versions of a tenant: two gaps are the least to tell a rhythm.
GAPS_AT_LEAST: Final = 2
# Loads come some hours earlier or later, also those that came by the clock so far; and two to four
# gaps tell little of how late the next may be, the less the longer they are.
HOURS_AT_LEAST: Final = timedelta(hours=6)
# A rhythm of days is not kept to the hour: an eighth of it is no lateness.
SHARE_AT_LEAST: Final = 1 / 8
# Three standard deviations of what is normally distributed, as the median of deviations tells them.
SPREADS: Final = 3 * 1.4826
# What follows so soon was made of the same load: it was processed again.
SAME_LOAD: Final = 1 / 8
# Whoever loads less often is due on the same days of the week, or on any.
HAS_WEEKENDS_BELOW: Final = timedelta(days=3)

_DAY: Final = 86_400_000
_WEEK: Final = 7 * _DAY
# The first Monday of 1970, from which weekdays are counted.
_MONDAY: Final = 4 * _DAY
_COLUMNS: Final = ("usual_gap", "loaded_at", "due_at", "late_at")

Times = npt.NDArray[np.float64]
"""Milliseconds: since 1970, or of spans."""


class Rhythm(StrEnum):
    """Whether a tenant's latest load keeps to the rhythm of its loads."""

    ON_TIME = "on_time"
    OVERDUE = "overdue"
    TOO_LITTLE_KNOWN = "too_little_known"
    NONE_ENABLED = "none_enabled"
    ODD_DATE = "odd_date"
    """The latest version is dated in the future, or its date cannot be read."""


def rhythms(
    versions: pd.DataFrame, loaded_at: "pd.Series[pd.Timestamp] | None" = None
) -> pd.DataFrame:
    """Return the rhythm of each tenant, by tenant code.

    `versions` has tenant_code and data_version_date; `loaded_at` says when each brought new data
    (services.monitoring.loads), and those that brought none do not count; without it every version
    counts by its date. Columns: usual_gap timedelta64[ms], the median time between them; loaded_at,
    due_at and late_at datetime64[ms, UTC], when the last one came, when the next one is due and
    when it is overdue. All but loaded_at missing where too little is known. Whoever loads every day
    or two, and of whom none came on a weekend, is not due on one.
    """
    if loaded_at is not None:
        versions = versions.assign(data_version_date=loaded_at)
    known = versions.dropna(subset=["tenant_code", "data_version_date"])
    # By numbers: sorting and grouping 250,000 texts would be waited for.
    tenant, codes = pd.factorize(known["tenant_code"])
    times = milliseconds(known["data_version_date"])
    order = np.lexsort((times, tenant))
    tenant, times = tenant[order], times[order]
    if not len(tenant):
        return _by_tenant(codes, *[np.empty(0)] * len(_COLUMNS))
    latest = times[np.flatnonzero(np.diff(tenant, append=-1))]
    gap, _ = _gaps(tenant, times, len(codes))
    weekend = np.where(gap < _in_milliseconds(HAS_WEEKENDS_BELOW), _weekends(tenant, times), np.nan)
    usual, spread = _gaps(tenant, _without_weekends(times, weekend[tenant]), len(codes))
    least = np.maximum(_in_milliseconds(HOURS_AT_LEAST), usual * SHARE_AT_LEAST)
    due = _without_weekends(latest, weekend) + usual
    late = due + np.maximum(least, spread * SPREADS)
    return _by_tenant(codes, gap, latest, *(_with_weekends(each, weekend) for each in (due, late)))


def _in_milliseconds(span: timedelta) -> float:
    return span / timedelta(milliseconds=1)


def _by_tenant(codes: pd.Index, usual: Times, *instants: Times | Rows) -> pd.DataFrame:
    gaps = pd.to_timedelta(pd.Series(usual).round(), unit="ms")
    times = [pd.to_datetime(pd.Series(each).round(), unit="ms", utc=True) for each in instants]
    columns = (gaps.astype("timedelta64[ms]"), *(each.dt.as_unit("ms") for each in times))
    return pd.DataFrame(dict(zip(_COLUMNS, columns, strict=True))).set_axis(codes)


def _gaps(tenant: Rows, times: Times | Rows, count: int) -> tuple[Times, Times]:
    """Return the median gap of each tenant and the median of the deviations from it, or NaN."""
    gap = _following(tenant, times)
    longest = pd.Series(gap).groupby(tenant).transform("max")
    # Of versions that were made of one load, the last one counts.
    kept = ~(gap < longest.to_numpy() * SAME_LOAD)
    tenant, gap = tenant[kept], _following(tenant[kept], times[kept])
    gaps = pd.Series(gap).groupby(tenant)
    known = gaps.median().where(gaps.count() >= GAPS_AT_LEAST)
    usual = np.asarray(known.reindex(range(count)), np.float64)
    spread = pd.Series(np.abs(gap - usual[tenant])).groupby(tenant).median()
    return usual, np.asarray(spread.reindex(range(count)), np.float64)


def _following(tenant: Rows, times: Times | Rows) -> Times:
    """Return the time to the next version of the same tenant, NaN for its latest."""
    is_last = np.diff(tenant, append=-1) != 0
    return np.where(is_last, np.nan, np.diff(times, append=0))


def _weekends(tenant: Rows, times: Rows) -> Times:
    """Return how long after Monday the weekend of each tenant begins; NaN where it has none.

    That are two days on which no listed version came: Saturday and Sunday; or in UTC those from
    Sunday on for who is west of it, those from Friday on for who is east: what they load at night
    is dated a day later or sooner. `times` are in the order of tenants and then of time.
    """
    latest = times[np.flatnonzero(np.diff(tenant, append=-1))]
    came = np.zeros((len(latest), 7), bool)
    came[tenant, (times - _MONDAY) // _DAY % 7] = True
    is_morning = latest % _DAY < _DAY // 2
    free = {first: ~came[:, first] & ~came[:, (first + 1) % 7] for first in (4, 5, 6)}
    first = np.select(
        [free[5], free[6] & is_morning, free[4] & ~is_morning], [5.0, 6.0, 4.0], np.nan
    )
    return first * _DAY


def _without_weekends(times: Rows, weekend: Times) -> Times:
    """Return the times on a clock that stops for the weekends."""
    weeks, of_week = np.divmod(times - _MONDAY - weekend, _WEEK)
    counted = weeks * (_WEEK - 2 * _DAY) + np.maximum(of_week - 2 * _DAY, 0)
    return np.where(np.isnan(weekend), times, counted)


def _with_weekends(counted: Times, weekend: Times) -> Times:
    """Return the times at which a clock that stops for the weekends shows these."""
    weeks, of_week = np.divmod(counted, _WEEK - 2 * _DAY)
    times = weeks * _WEEK + of_week + 2 * _DAY + _MONDAY + weekend
    return np.where(np.isnan(weekend), counted, times)


def statuses(tenants: pd.DataFrame, now: datetime) -> "pd.Series[str]":
    """Return whether each tenant keeps to its rhythm: a category (Rhythm).

    `tenants` has data_version, data_version_date and, of `rhythms`, late_at.
    """
    dates = tenants["data_version_date"]
    rules = {
        Rhythm.NONE_ENABLED: tenants["data_version"].isna(),
        Rhythm.ODD_DATE: dates.isna() | is_ahead(dates, now),
        Rhythm.TOO_LITTLE_KNOWN: tenants["late_at"].isna(),
        Rhythm.OVERDUE: tenants["late_at"] < pd.Timestamp(now),
    }
    places = [list(Rhythm).index(word) for word in rules]
    code = np.select(list(rules.values()), places, list(Rhythm).index(Rhythm.ON_TIME))
    return pd.Series(pd.Categorical.from_codes(code, dtype=categories(Rhythm)), tenants.index)


def overdue_by(tenants: pd.DataFrame, now: datetime) -> "pd.Series[pd.Timedelta]":
    """Return for how long each overdue tenant has been due, NaT for all others.

    `tenants` is as in `statuses`, with due_at.
    """
    is_overdue = statuses(tenants, now) == Rhythm.OVERDUE
    by: pd.Series[pd.Timedelta] = (pd.Timestamp(now) - tenants["due_at"]).where(is_overdue)
    return by
