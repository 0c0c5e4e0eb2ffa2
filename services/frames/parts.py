"""Frames of single pages combined to that of the whole list."""

from collections.abc import Sequence

import pandas as pd
import pyarrow as pa

from services.frames.schema import TEXT, from_arrow


def put_together(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return the rows of all frames, which have the same columns and dtypes, in their order.

    Texts are in one Arrow chunk, as in each of the frames: readers by Arrow depend on that.
    """
    if len(frames) == 1:
        return frames[0]
    rows = pd.concat(frames, ignore_index=True)
    texts = {
        name: from_arrow(TEXT, pa.chunked_array(pa.array(rows[name])).combine_chunks())
        for name in rows.columns[rows.dtypes == TEXT]
    }
    return rows.assign(**texts)
