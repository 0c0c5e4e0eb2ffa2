"""Times as people type them: without a zone, in the one that is chosen."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pandas as pd

MINUTE = pd.Timedelta(minutes=1)
MILLISECOND = pd.Timedelta(milliseconds=1)


def in_utc(typed: datetime, zone: ZoneInfo, *, first_of_repeated: bool) -> pd.Timestamp:
    """Return the typed time in UTC.

    In an hour that a clock change repeats it is the first or the second of the two; in one that it
    skips, the moment at which the clocks went on.
    """
    local = pd.Timestamp(typed).tz_localize(
        zone, ambiguous=first_of_repeated, nonexistent="shift_forward"
    )
    return local.tz_convert("UTC")


def last_moment(typed: datetime, zone: ZoneInfo) -> pd.Timestamp:
    """Return the last millisecond of the typed minute in UTC.

    In an hour that a clock change repeats it is the second of the two; in one that it skips, the
    last before the clocks went on.
    """
    moment = in_utc(typed, zone, first_of_repeated=False)
    return moment + (pd.Timedelta(0) if _is_skipped(typed, zone) else MINUTE) - MILLISECOND


def remark(typed: datetime, zone: ZoneInfo) -> str:
    """Return what is odd about a typed time: the clocks skip it or show it twice; else nothing."""
    if _is_skipped(typed, zone):
        return f"This time does not exist in {zone.key}: clocks skip it."
    first, second = (typed.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    if first.utcoffset() == second.utcoffset():
        return ""
    return f"This time occurs twice in {zone.key}."


def _is_skipped(typed: datetime, zone: ZoneInfo) -> bool:
    moment = typed.replace(tzinfo=zone).astimezone(UTC)
    return moment.astimezone(zone).replace(tzinfo=None) != typed
