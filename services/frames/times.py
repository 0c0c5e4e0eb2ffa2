"""Points in time as the API writes them, read as `datetime64[ms, UTC]`."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pandas.api.extensions import ExtensionArray

DTYPE = pd.DatetimeTZDtype("ms", "UTC")

_INSTANT = pa.timestamp("ms", "UTC")
_NORMAL = r"^[1-9]\d{3}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z$"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
# Arrow takes years that a datetime of Python cannot hold.
_FIRST, _LAST = np.datetime64("0001-01-01", "ms"), np.datetime64("9999-12-31T23:59:59.999", "ms")
_NEVER = np.datetime64("NaT", "ms")


def parse(texts: pa.LargeStringArray) -> ExtensionArray:
    """Return `datetime64[ms, UTC]`; anything but a time becomes NaT, fractions are cut to ms.

    Accepts ISO 8601 with `Z`, with an offset or without a zone (UTC: the OpenAPI document's example
    has none), and milliseconds since 1970 in digits: the notations of the Data and Job Handling API
    and its requests.
    """
    try:
        instants = texts.cast(_INSTANT)
        times = instants.to_numpy(zero_copy_only=False)
    except (pa.ArrowInvalid, OverflowError):
        # One odd time fails the cast of all.
        times = _one_by_one(texts)
    beyond = (times < _FIRST) | (times > _LAST)
    if beyond.any():
        times = np.where(beyond, _NEVER, times)
    parsed: ExtensionArray = pd.array(times, dtype=DTYPE)
    return parsed


def parse_one(text: str | None) -> datetime | None:
    """Return one point in time, by the rules of `parse`, or None."""
    try:
        return _read((text or "").strip().upper())
    except (ValueError, OverflowError):
        return None


def _read(text: str) -> datetime:
    if text.removeprefix("-").isdecimal():
        return _EPOCH + timedelta(milliseconds=int(text))
    moment = datetime.fromisoformat(text)
    # Without a zone it is UTC, as in the example of the OpenAPI document.
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _one_by_one(texts: pa.LargeStringArray) -> np.ndarray:
    """Return the times with the odd notations parsed singly and the others still at once."""
    normal = pc.match_substring_regex(texts, _NORMAL).fill_null(False)
    try:
        cast = pc.if_else(normal, texts, None).cast(_INSTANT)
        times: np.ndarray = cast.to_numpy(zero_copy_only=False).copy()
    except pa.ArrowInvalid:
        normal = pa.repeat(pa.scalar(False), len(texts))
        times = np.full(len(texts), _NEVER)
    odd = np.flatnonzero(~normal.to_numpy(zero_copy_only=False))
    moments = map(parse_one, texts.take(pa.array(odd)).to_pylist())
    times[odd] = [
        _NEVER if each is None else np.datetime64((each - _EPOCH) // _MILLISECOND, "ms")
        for each in moments
    ]
    return times
