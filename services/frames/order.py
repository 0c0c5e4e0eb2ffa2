"""The order of rows, which the API promises nowhere."""

import numpy as np
import pandas as pd

from services.frames.answers import Rows


def newest_first(frame: pd.DataFrame, column: str, *, within: Rows) -> pd.DataFrame:
    """Return the frame sorted by time within each group, rows without a time last.

    `within` numbers the group of each row; groups lie together and keep their order.
    """
    times = milliseconds(frame[column])
    if np.all((within[1:] != within[:-1]) | (times[1:] <= times[:-1])):
        return frame
    return frame.take(np.lexsort((-times, within))).reset_index(drop=True)


def milliseconds(times: "pd.Series[pd.Timestamp]") -> np.ndarray:
    """Return int64 milliseconds since 1970, those of a missing time before any other."""
    # NaT is the lowest number there is, which has no negative to sort by.
    numbers = times.to_numpy("datetime64[ms]").view(np.int64)
    sortable: np.ndarray = np.maximum(numbers, np.iinfo(np.int64).min + 1)
    return sortable
