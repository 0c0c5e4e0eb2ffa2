"""How times, counts and states are written."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pandas as pd

# One way to say them, on screens as in sentences of services.
from services.watching.phrases import counted, duration

__all__ = ["age_seconds", "clock_time", "counted", "duration"]

# Below so many seconds a countdown counts them one by one.
IN_SECONDS = 600


def clock_time(moment: datetime, zone: ZoneInfo) -> str:
    """Return `hh:mm:ss` in the zone."""
    return moment.astimezone(zone).strftime("%H:%M:%S")


def age_seconds(times: pd.Series, now: datetime) -> pd.Series:
    """Return the seconds between each time and now; missing stays missing."""
    seconds: pd.Series = (pd.Timestamp(now) - times).dt.total_seconds().round()
    return seconds
