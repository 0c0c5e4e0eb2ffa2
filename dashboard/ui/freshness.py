"""How fresh the latest data version of a tenant is: in every place by the same rule.

A threshold alone would call all tenants stale that are loaded once a week: who is older than it and
not yet due by its own rhythm is judged by neither; its age is told.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

import pandas as pd

from dashboard import bootstrap
from dashboard.job_states import Color
from dashboard.ui import formats
from services.watching.overview import is_ahead
from services.watching.rhythm import Rhythm, judged

FRESH, ON_RHYTHM, STALE, NONE_ENABLED, ODD_DATE = (
    "Fresh",
    "On rhythm",
    "Stale",
    "None enabled",
    "Odd date",
)
FACES: Mapping[str, tuple[str, Color]] = MappingProxyType(
    {
        FRESH: ("✓", "green"),
        ON_RHYTHM: ("≈", "gray"),
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


def older_but_usual() -> str:
    """Say in words what ON_RHYTHM is."""
    return f"Older than {within()}, and not yet due by the tenant's own rhythm"


def masks(tenants: pd.DataFrame, now: datetime) -> dict[str, "pd.Series[bool]"]:
    """Return which tenants are fresh, older and still on their own rhythm, stale or without one.

    A date in the future, or one that could not be read, says nothing of how fresh a version is.
    `tenants` has data_version, data_version_date and usual_gap, as `data.load_data_versions` gives
    them.
    """
    none, dates = tenants["data_version"].isna(), tenants["data_version_date"]
    odd = ~none & (dates.isna() | is_ahead(dates, now))
    fresh = ~none & ~odd & (dates >= fresh_after(now))
    older = ~none & ~odd & ~fresh
    on_time = judged(dates, tenants["usual_gap"], now) == Rhythm.ON_TIME
    return {
        FRESH: fresh,
        ON_RHYTHM: older & on_time,
        STALE: older & ~on_time,
        NONE_ENABLED: none,
        ODD_DATE: odd,
    }
