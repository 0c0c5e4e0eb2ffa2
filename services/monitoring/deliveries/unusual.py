"""What is unusual about deliveries, in reasons a person would accept; pure.

Every reason counts the tenants that stand out by it, so that reasons of all kinds compare: the more
tenants, the further up. Usual is a median over other days or other deliveries; unusual is three
deviations from it or more, and three tenants or more.
"""

from datetime import timedelta
from enum import StrEnum
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from services.frames.answers import Rows
from services.frames.schema import categories
from services.monitoring.deliveries.arrivals import DAY, Arrivals, Floats, Mask
from services.monitoring.deliveries.usual import DAYS_AT_LEAST, TO_SIGMA, Usual, usual
from services.monitoring.windows import AHEAD

# What is older is known in part: of every tenant the API lists five uploads.
JUDGED: Final = 14 * DAY
# One or two tenants out of line are theirs, not the delivery's.
TENANTS_AT_LEAST: Final = 3
# Three robust deviations: about one usual delivery in 400 would be so far off.
_DEVIATIONS: Final = 3.0
# Below so many deliveries none of them is usual.
_DELIVERIES_AT_LEAST: Final = 4
# In the best of nights one in twenty fails or comes early, and as many more or less in another.
_ALWAYS: Final = 0.05
# More than half: the delivery as a whole differs.
_MOST: Final = 0.5
# A third that were not due is more than a few customers trying something.
_MANY: Final = 1 / 3


class Reason(StrEnum):
    """Why a delivery is unusual."""

    OFF_HOURS = "off_hours"
    """At its hour nothing arrives on other days: value of `out_of` days, tenants all of its own."""
    MORE = "more_tenants"
    """It alone has more tenants than usually arrive around its hour: value, against usual."""
    FEWER = "fewer_tenants"
    """Fewer arrived around its hour, with others, than usually do: value, against usual."""
    NOT_DUE = "not_due"
    """Tenants were not due by their own rhythm: value of `out_of` whose rhythm is known."""
    AGAIN = "again"
    """It brought again what another had just brought: value of `out_of` tenants."""
    FAILURES = "failures"
    """Jobs of its tenants failed: value of `out_of` tenants."""
    FEW_VERSIONS = "few_versions"
    """No data version came of its uploads: value of `out_of` uploads that are through."""


class Judgement(StrEnum):
    """Whether a delivery is unusual, as far as that can be told."""

    UNUSUAL = "unusual"
    USUAL = "usual"
    TOO_LITTLE_KNOWN = "too_little_known"
    """Too few tenants, days or deliveries to compare with, or too old."""


def judge(
    arrivals: Arrivals, begins: Rows, outcomes: pd.DataFrame, now: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Judge deliveries by what arrived and by what became of it.

    `begins` are the times in milliseconds at which each began. `outcomes` has int64 for each:
    failed of tried (tenants), unmade of settled (uploads).

    Returns one row per delivery: judgement category (Judgement), unusual float64 (how many tenants
    stand out by the reason for which most do; 0 where none is, NaN where too little is known),
    around and usual_around float64 (how much arrived within half an hour of its beginning, it
    included, and how much does on other days; NaN where that is not known). And one row per reason,
    that with most tenants first: delivery int64, reason category (Reason), value, out_of, usual,
    tenants and deviations float64 (NaN where a reason has none), other int64 (another delivery that
    it speaks of, else -1).
    """
    sizes = np.bincount(arrivals.delivery, minlength=len(begins))
    is_recent = (begins > now - JUDGED) & (begins <= now + AHEAD // timedelta(milliseconds=1))
    which = np.flatnonzero(is_recent & (sizes >= TENANTS_AT_LEAST))
    compared = usual(arrivals, which, begins, now)
    early, known = _early(arrivals, len(begins))
    known = np.where(is_recent & (2 * known >= sizes), known, 0)
    tried, settled = (np.where(is_recent, outcomes[name], 0) for name in ("tried", "settled"))
    reasons = pd.concat(
        [
            _by_hour(which, sizes[which], compared),
            *_by_volume(which, compared),
            _again(arrivals, which, sizes),
            _by_share(Reason.NOT_DUE, early, known, at_least=_MANY),
            _by_share(Reason.FAILURES, outcomes["failed"].to_numpy(), tried),
            _by_share(Reason.FEW_VERSIONS, outcomes["unmade"].to_numpy(), settled),
        ],
        ignore_index=True,
    )
    is_known = np.maximum.reduce([known, tried, settled]) >= TENANTS_AT_LEAST
    is_known[which] |= (compared.days >= DAYS_AT_LEAST) | np.isfinite(compared.usual)
    most = np.where(is_known, 0.0, np.nan)
    np.fmax.at(most, reasons["delivery"].to_numpy(), reasons["tenants"].to_numpy())
    of_each = np.full((2, len(begins)), np.nan)
    of_each[:, which] = compared.around, compared.usual
    codes = np.select([most > 0, most == 0], [0, 1], 2)
    rows = {
        "judgement": pd.Categorical.from_codes(codes, dtype=categories(Judgement)),
        "unusual": most,
        "around": of_each[0],
        "usual_around": of_each[1],
    }
    by_size = reasons.sort_values("tenants", ascending=False, kind="stable", ignore_index=True)
    return pd.DataFrame(rows), by_size


def _reasons(
    reason: Reason,
    delivery: Rows,
    value: Rows,
    tenants: Floats | Rows,
    *,
    out_of: Rows | float = np.nan,
    usual: npt.NDArray[np.floating] | float = np.nan,
    deviations: Floats | float = np.nan,
    other: Rows | int = -1,
) -> pd.DataFrame:
    numbers = {
        "value": value,
        "out_of": out_of,
        "usual": usual,
        "tenants": tenants,
        "deviations": deviations,
    }
    found = pd.DataFrame({"delivery": delivery, "other": other, **numbers})
    return found.astype(dict.fromkeys(numbers, "float64")).assign(
        reason=pd.Categorical([reason.value] * len(found), dtype=categories(Reason))
    )


def _by_hour(which: Rows, size: Rows, compared: Usual) -> pd.DataFrame:
    off = _reasons(Reason.OFF_HOURS, which, compared.on_days, size, out_of=compared.days)
    kept: pd.DataFrame = off[compared.is_off]
    return kept


def _by_volume(which: Rows, of: Usual) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return where more came than usual with one delivery, or fewer with all of an hour."""
    more = _reasons(
        Reason.MORE, which, of.own, of.own - of.usual, usual=of.usual, deviations=of.more
    )
    missing = of.usual - of.around
    fewer = _reasons(Reason.FEWER, which, of.around, missing, usual=of.usual, deviations=of.fewer)
    # Of several deliveries of an hour, what is missing is told of the one that is most of it.
    is_most = of.own >= _MOST * of.around
    return more[_stands_out(more)], fewer[_stands_out(fewer) & is_most]


def _stands_out(reasons: pd.DataFrame) -> Mask:
    is_far = (reasons["deviations"] >= _DEVIATIONS) & (reasons["tenants"] >= TENANTS_AT_LEAST)
    return is_far.to_numpy()


def _early(arrivals: Arrivals, deliveries: int) -> tuple[Rows, Rows]:
    """Return how many tenants of each delivery came early, and of how many that can be told."""
    # What usually comes in the same moment has no rhythm.
    is_known = np.isfinite(arrivals.gap) & (arrivals.usual_gap > 0)
    chosen = (arrivals.is_early, is_known)
    early, known = (np.bincount(arrivals.delivery[each], minlength=deliveries) for each in chosen)
    return early, known


def _again(arrivals: Arrivals, which: Rows, sizes: Rows) -> pd.DataFrame:
    """Return which deliveries repeat another: most of their tenants had just come with that one."""
    before = np.append(-1, arrivals.delivery)[:-1]
    just = arrivals.is_early & (arrivals.gap <= DAY) & (before != arrivals.delivery)
    pair = arrivals.delivery[just] * len(sizes) + before[just]
    pairs, counts = np.unique(pair, return_counts=True)
    this, other = np.divmod(pairs, max(len(sizes), 1))
    found = _reasons(Reason.AGAIN, this, counts, counts, out_of=sizes[this], other=other)
    is_most = (counts >= _MOST * sizes[this]) & (counts >= TENANTS_AT_LEAST)
    repeated: pd.DataFrame = found[is_most & np.isin(this, which)]
    return repeated


def _by_share(reason: Reason, some: Rows, of: Rows, *, at_least: float = 0.0) -> pd.DataFrame:
    """Return the deliveries with a larger share than others have, of those who can be compared."""
    which = np.flatnonzero(of >= TENANTS_AT_LEAST)
    value, out_of = some[which], of[which]
    share = value / out_of
    if len(which) >= _DELIVERIES_AT_LEAST:
        middle = float(np.median(share))
        usual = max(middle, _ALWAYS)
        differs = max(TO_SIGMA * float(np.median(np.abs(share - middle))), _ALWAYS)
    else:
        usual, differs = _MOST, _ALWAYS
    chance = np.sqrt(out_of * usual * (1 - usual) + (out_of * differs) ** 2)
    expected = out_of * usual
    found = _reasons(
        reason,
        which,
        value,
        value - expected,
        out_of=out_of,
        usual=expected,
        deviations=(value - expected) / chance,
    )
    larger: pd.DataFrame = found[_stands_out(found) & (share >= at_least)]
    return larger
