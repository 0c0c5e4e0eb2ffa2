"""How times, counts and states are written."""

import re
from contextlib import suppress
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pandas as pd

# One way to say them, on screens as in sentences of services.
from services.monitoring.overview import is_ahead
from services.monitoring.phrases import counted, duration

__all__ = [
    "age_seconds",
    "clock_time",
    "counted",
    "duration",
    "literal",
    "local_time",
    "version_numbers",
]

# Below so many seconds a countdown counts them one by one.
IN_SECONDS = 600


# A colon means something only before a word: a colour.
_MARKDOWN = re.compile(r"[\\`*_\[\]~$<#]|:(?=\w)")


def literal(text: str) -> str:
    """Return Markdown that shows the text as it is: codes of tenants may have any sign in them."""
    return _MARKDOWN.sub(r"\\\g<0>", text)


def clock_time(moment: datetime, zone: ZoneInfo) -> str:
    """Return `hh:mm:ss` in the zone."""
    return moment.astimezone(zone).strftime("%H:%M:%S")


def local_time(moment: pd.Timestamp, zone: ZoneInfo, pattern: str) -> str:
    """Return a time in the zone, "" for none.

    At either end of the calendar a time may have no clock time there: then it is that of UTC.
    """
    if pd.isna(moment):
        return ""
    for clock in (zone, UTC):
        # The first and last days of the calendar have no clock time in some zones.
        with suppress(OverflowError, NotImplementedError):
            return moment.tz_convert(clock).strftime(pattern)
    return str(moment)


def version_numbers(texts: "pd.Series[str]") -> pd.Series:
    """Return numbers of data versions as Int64, to be sorted as such; unless one is no number.

    A browser knows whole numbers of up to 15 digits.
    """
    known = texts.dropna()
    if not known.str.fullmatch(r"(0|[1-9]\d{0,14})").all():
        return texts
    return pd.to_numeric(texts).astype("Int64")


def age_seconds(times: pd.Series, now: datetime) -> pd.Series:
    """Return the seconds between each time and now; a time in the future has no age.

    One that only another clock takes for the future has the age 0.
    """
    seconds: pd.Series = (pd.Timestamp(now) - times).dt.total_seconds().round().clip(lower=0)
    return seconds.mask(is_ahead(times, now))
