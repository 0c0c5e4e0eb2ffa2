"""Sorting rows: the API promises no order."""

import numpy as np
import pandas as pd

from services.frames.answers import Rows
from services.frames.schema import Columns


def by_time(columns: Columns, column: str, *, within: Rows, newest_first: bool) -> Columns:
    """Return the columns sorted by time inside each group, rows without a time last or first.

    `within` is the group number of each row; groups are contiguous and keep their order. Columns in
    that order already, as those of Visier's samples, are returned without a copy.
    """
    times = milliseconds(pd.Series(columns[column], copy=False))
    times = -times if newest_first else times
    if np.all((within[1:] != within[:-1]) | (times[1:] >= times[:-1])):
        return columns
    rows = np.lexsort((times, within))
    return {name: array.take(rows) for name, array in columns.items()}


def milliseconds(times: "pd.Series[pd.Timestamp]") -> np.ndarray:
    """Return int64 milliseconds since 1970; a missing time comes before any other."""
    # NaT is the lowest int64, which cannot be negated to sort newest first.
    numbers = times.to_numpy("datetime64[ms]").view(np.int64)
    sortable: np.ndarray = np.maximum(numbers, np.iinfo(np.int64).min + 1)
    return sortable
