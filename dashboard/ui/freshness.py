"""How fresh the latest data version of a tenant is: in every place by the same threshold."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

import pandas as pd

from dashboard import bootstrap
from dashboard.job_states import Color
from dashboard.ui import formats
from services.watching.overview import is_ahead

FRESH, STALE, NONE_ENABLED, ODD_DATE = "Fresh", "Stale", "None enabled", "Odd date"
FACES: Mapping[str, tuple[str, Color]] = MappingProxyType(
    {
        FRESH: ("✓", "green"),
        STALE: ("◁", "orange"),
        NONE_ENABLED: ("∅", "red"),
        ODD_DATE: ("?", "gray"),
    }
)
"""The mark and the colour of each."""
WHAT_IS_ODD = "The latest version is dated in the future, or its date cannot be read."


def threshold() -> timedelta:
    """Return up to which age a version is fresh."""
    return timedelta(hours=bootstrap.settings().dashboard_fresh_hours)


def fresh_after(now: datetime) -> pd.Timestamp:
    """Return since when a version is fresh."""
    return pd.Timestamp(now - threshold())


def within() -> str:
    """Return the threshold in words: `36 hours`."""
    return formats.duration(threshold().total_seconds())


def masks(tenants: pd.DataFrame, now: datetime) -> dict[str, "pd.Series[bool]"]:
    """Return which tenants have a latest version that is fresh, stale, missing or oddly dated.

    A date in the future, or one that could not be read, says nothing of how fresh a version is.
    `tenants` has data_version and data_version_date.
    """
    none, dates = tenants["data_version"].isna(), tenants["data_version_date"]
    odd = ~none & (dates.isna() | is_ahead(dates, now))
    fresh = ~none & ~odd & (dates >= fresh_after(now))
    return {FRESH: fresh, STALE: ~none & ~odd & ~fresh, NONE_ENABLED: none, ODD_DATE: odd}
