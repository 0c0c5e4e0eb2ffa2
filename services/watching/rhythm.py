"""How often each tenant gets a new data version, as far as the listed versions tell; pure."""

from datetime import datetime
from enum import StrEnum
from typing import Final

import numpy as np
import pandas as pd

from services.frames.order import milliseconds
from services.frames.schema import categories

# The API lists at most five enabled versions of a tenant: two gaps are the least to tell a rhythm.
GAPS_AT_LEAST: Final = 2
# A day and a half for who loads daily: loads come some hours earlier or later.
TOLERANCE: Final = 1.5


class Rhythm(StrEnum):
    """How the age of a tenant's latest version stands to the gaps between its versions."""

    ON_TIME = "on_time"
    OVERDUE = "overdue"
    TOO_LITTLE_KNOWN = "too_little_known"


def usual_gap(versions: pd.DataFrame) -> "pd.Series[pd.Timedelta]":
    """Return the median time between the listed versions of each tenant, by tenant code.

    `versions` has tenant_code and data_version_date. timedelta64; NaT where too little is known.
    """
    known = versions.dropna(subset=["tenant_code", "data_version_date"])
    # By numbers: sorting and grouping 250,000 texts would be waited for.
    tenant, codes = pd.factorize(known["tenant_code"])
    order = np.lexsort((milliseconds(known["data_version_date"]), tenant))
    tenant, gaps = tenant[order], known["data_version_date"].take(order).diff()
    is_gap = np.diff(tenant, prepend=-1) == 0
    of_tenant = gaps[is_gap].groupby(tenant[is_gap])
    usual: pd.Series[pd.Timedelta] = of_tenant.median()
    usual = usual.where(of_tenant.count() >= GAPS_AT_LEAST)
    return usual.reindex(range(len(codes))).set_axis(codes)


def judged(dates: pd.Series, gaps: pd.Series, now: datetime) -> "pd.Series[str]":
    """Return how the latest versions of these dates stand to the usual gap of their tenants.

    A category (Rhythm), with the index of `dates`.
    """
    age = pd.Timestamp(now) - dates
    rules = {
        Rhythm.TOO_LITTLE_KNOWN: dates.isna() | gaps.isna(),
        Rhythm.ON_TIME: age <= gaps * TOLERANCE,
    }
    found = np.select(list(rules.values()), list(rules), Rhythm.OVERDUE)
    return pd.Series(pd.Categorical(found, dtype=categories(Rhythm)), dates.index)
