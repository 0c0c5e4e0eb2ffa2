"""Times as people type them: without a zone, in the one that is chosen."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pandas as pd


def in_utc(typed: datetime, zone: ZoneInfo, *, first_of_repeated: bool) -> pd.Timestamp:
    """Return the typed time in UTC.

    In an hour that a clock change repeats it is the first or the second of the two; in one that it
    skips, the moment at which the clocks went on.
    """
    local = pd.Timestamp(typed).tz_localize(
        zone, ambiguous=first_of_repeated, nonexistent="shift_forward"
    )
    return local.tz_convert("UTC")


def remark(typed: datetime, zone: ZoneInfo) -> str:
    """Return what is odd about a typed time: the clocks skip it or show it twice; else nothing."""
    first, second = (typed.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    if first.utcoffset() == second.utcoffset():
        return ""
    if first.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != typed:
        return f"The clocks of {zone.key} skip this time."
    return f"The clocks of {zone.key} show this time twice."
