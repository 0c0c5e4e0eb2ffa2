"""How times, counts and states are written."""

import re
from contextlib import suppress
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from dashboard import time_zone
from services.clock import CLOCK

# One way to say them, on screens as in sentences of services.
from services.monitoring.overview import is_ahead
from services.monitoring.phrases import counted, duration, rhythm

__all__ = [
    "age_seconds",
    "ages",
    "clock_time",
    "counted",
    "duration",
    "durations",
    "exact",
    "exactly",
    "here",
    "literal",
    "local_time",
    "moment",
    "moments",
    "read_at",
    "rhythm",
    "version_numbers",
]

EXACT = "%d %b %Y %H:%M:%S"
# Seconds from which on an age is said in days and hours.
TWO_DAYS = 172_800


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


def moment(at: datetime, zone: ZoneInfo, now: datetime) -> str:
    """Return `08:21` for a time of today in the zone, else `28 Nov 08:21`, with another year's."""
    return str(moments(pd.Series([at], dtype="datetime64[ms, UTC]"), zone, now).iloc[0])


def exact(at: datetime, zone: ZoneInfo) -> str:
    """Return `28 Nov 2026 08:21:07 CET`, as it is said where a short time is pointed at."""
    return local_time(pd.Timestamp(at), zone, f"{EXACT} %Z")


def here(at: datetime) -> str:
    """Return what `moment` does, in the chosen zone and as of now."""
    return moment(at, time_zone.chosen(), CLOCK.now())


def read_at(at: datetime) -> str:
    """Return when something was read: of today with its seconds, the only sign of a refresh."""
    zone = time_zone.chosen()
    is_today = at.astimezone(zone).date() == time_zone.today()
    return clock_time(at, zone) if is_today else here(at)


def exactly(at: datetime) -> str:
    """Return what `exact` does, in the chosen zone."""
    return exact(at, time_zone.chosen())


def moments(times: pd.Series, zone: ZoneInfo, now: datetime) -> pd.Series:
    """Return for each time (UTC) what `moment` does; missing where it is.

    At either end of the calendar a time may have no clock time in the zone: then all are in UTC.
    """
    try:
        local = times.dt.tz_convert(zone).dt.tz_localize(None)
    except (OverflowError, NotImplementedError, pd.errors.OutOfBoundsDatetime):
        local = times.dt.tz_localize(None)
    today = pd.Timestamp(now.astimezone(zone)).tz_localize(None).normalize()
    # Put together of days and minutes: of 50,000 times as such it would take a second.
    places, days = pd.factorize(local.dt.normalize())
    minutes = (local.dt.hour * 60 + local.dt.minute).astype("Int64")
    clocks = pa.array([f"{hour:02}:{minute:02}" for hour in range(24) for minute in range(60)])
    said = pc.binary_join_element_wise(
        _days(pd.Series(days), today).take(pa.array(places, mask=places < 0)),
        clocks.take(pa.array(minutes)),
        "",
    )
    return pd.Series(said.to_pandas(), dtype="str").set_axis(times.index)


def _days(days: pd.Series, today: pd.Timestamp) -> pa.Array:
    """Return `28 Nov `, with the year where it is another, and nothing for today."""
    written = pa.array(days)
    is_this_year = pa.array(days.dt.year == today.year)
    said = pc.if_else(
        is_this_year, pc.strftime(written, "%d %b "), pc.strftime(written, "%d %b %Y ")
    )
    return pc.if_else(pa.array(days == today), "", said)


def durations(seconds: pd.Series) -> pd.Series:
    """Return for each number of seconds what `duration` does; missing where it is."""
    places, lengths = pd.factorize(seconds)
    texts = pd.Series([duration(each) for each in lengths], dtype="str")
    return texts.reindex(places).set_axis(seconds.index)


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


def ages(times: pd.Series, now: datetime) -> pd.Series:
    """Return `age_seconds` as of the last full minute, from two days on in whole hours.

    Within a minute a table in which nothing else has changed is the same, and not sent again.
    """
    seconds = age_seconds(times, now.replace(second=0, microsecond=0))
    return seconds.where(seconds < TWO_DAYS, seconds // 3600 * 3600)
