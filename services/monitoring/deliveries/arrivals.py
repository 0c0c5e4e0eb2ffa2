"""When the data of tenants arrived, and by its own rhythm how early each time; pure."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from services.frames.answers import Rows
from services.visier import LATEST_LISTED

# Times and spans are in milliseconds.
MINUTE: Final = 60_000
DAY: Final = 24 * 60 * MINUTE

# The API lists so many uploads of a tenant at the most.
# Two gaps besides its own are the least to tell a rhythm; three on either side are enough.
_GAPS_AT_LEAST: Final = 2
_NEIGHBOURS: Final = (-3, -2, -1, 2, 3, 4)
# As much sooner than usual as is still on time later: some hours for who loads daily.
_EARLY: Final = 1 / 1.5
# So far from its hour of the day a load may come and still come at its hour.
_SAME_HOUR: Final = 30 * MINUTE

Mask = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Arrivals:
    """Every arrival that is known, ordered by tenant and then by time; times in milliseconds.

    `tenant` and `delivery` are numbers. What came until `known_since` may not all be known of the
    tenant. `gap` and `next_gap` lie between an arrival and those before and after it, NaN where
    there is none; `usual_gap` is that between others of the tenant, NaN where too few are known.
    """

    time: Rows
    tenant: Rows
    delivery: Rows
    known_since: Floats
    gap: Floats
    next_gap: Floats
    usual_gap: Floats

    @classmethod
    def of(
        cls, time: Rows, tenant: Rows, delivery: Rows, is_listed: Mask, jobs_since: float
    ) -> "Arrivals":
        """Put in order what is listed, and what arrived besides by the jobs since a time."""
        order = np.lexsort((time, tenant))
        time, tenant = time[order], tenant[order]
        is_first = np.diff(tenant, prepend=-1) != 0
        start, run = np.flatnonzero(is_first), np.cumsum(is_first) - 1
        listed = np.bincount(run, weights=is_listed[order], minlength=len(start))
        since = np.where(listed >= LATEST_LISTED, np.minimum(time[start], jobs_since), -np.inf)
        gap = np.where(is_first, np.nan, np.diff(time, prepend=0))
        following = _shifted(gap, 1, tenant)
        return cls(
            time, tenant, delivery[order], since[run], gap, following, _usual(gap, tenant)
        )  # fmt: skip

    @property
    def is_early(self) -> Mask:
        """Where one came before it was due and is one too many: without it the gap is as usual."""
        is_soon = self.gap < self.usual_gap * _EARLY
        both = self.gap + self.next_gap
        is_early = is_soon & (np.isnan(both) | (both < self.usual_gap / _EARLY))
        # Of two, the first may be the one too many: where it came early itself, or at another hour
        # while the second comes at its own.
        at_hour = self.is_at_own_hour
        was_early, was_at_hour = (
            _shifted(each.astype(float), -1, self.tenant) for each in (is_early, at_hour)
        )
        since = self.gap + _shifted(self.gap, -1, self.tenant)
        is_second = (was_early > 0) | (at_hour & (was_at_hour == 0))
        return np.asarray(is_early & ~(is_second & (since >= self.usual_gap * _EARLY)))

    @property
    def is_at_own_hour(self) -> Mask:
        """Where the tenant's data came at the same hour of another day as well."""
        found = np.zeros(len(self.time), bool)
        for by in range(1, LATEST_LISTED):
            apart = self.time - _shifted(self.time.astype(float), -by, self.tenant)
            off = np.abs((apart + DAY / 2) % DAY - DAY / 2)
            is_same = (off <= _SAME_HOUR) & (apart > DAY / 2)
            found |= is_same
            found[np.flatnonzero(is_same) - by] = True
        return found


def _shifted(values: Floats, by: int, tenant: Rows) -> Floats:
    """Return the value of another arrival of the same tenant, so many further on, or NaN."""
    other = np.arange(len(values)) + by
    inside = np.clip(other, 0, max(len(values) - 1, 0))
    is_own = (other == inside) & (tenant[inside] == tenant)
    return np.where(is_own, values[inside], np.nan)


def _usual(gap: Floats, tenant: Rows) -> Floats:
    """Return the lower median of the gaps around each arrival, without those it is part of."""
    around = np.sort(np.stack([_shifted(gap, by, tenant) for by in _NEIGHBOURS], axis=1), axis=1)
    known = np.isfinite(around).sum(axis=1)
    middle = around[np.arange(len(gap)), np.maximum(known - 1, 0) // 2]
    return np.where(known >= _GAPS_AT_LEAST, middle, np.nan)
