"""How fresh the latest data version of a tenant is: in every place by the same threshold."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

import pandas as pd

from dashboard import bootstrap
from dashboard.job_states import Color
from dashboard.ui import formats

FRESH, STALE, NONE_ENABLED = "Fresh", "Stale", "None enabled"
FACES: Mapping[str, tuple[str, Color]] = MappingProxyType(
    {FRESH: ("✓", "green"), STALE: ("◁", "orange"), NONE_ENABLED: ("∅", "red")}
)
"""The mark and the colour of each."""


def threshold() -> timedelta:
    """Return up to which age a version is fresh."""
    return timedelta(hours=bootstrap.settings().dashboard_fresh_hours)


def fresh_after(now: datetime) -> pd.Timestamp:
    """Return since when a version is fresh."""
    return pd.Timestamp(now - threshold())


def within() -> str:
    """Return the threshold in words: `36 hours`."""
    return formats.duration(threshold().total_seconds())


def masks(dates: pd.Series, now: datetime) -> dict[str, "pd.Series[bool]"]:
    """Return which of the dates of latest versions are fresh, stale or missing."""
    fresh = dates >= fresh_after(now)
    return {FRESH: fresh, STALE: ~fresh & dates.notna(), NONE_ENABLED: dates.isna()}
