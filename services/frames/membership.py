"""Which texts are among others, at the size of all the uploads or jobs there are."""

from collections.abc import Iterable

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc


def is_among(
    texts: "pd.Series[str]", wanted: "Iterable[str] | pd.Series[str]"
) -> "pd.Series[bool]":
    """Return which of the texts are among the wanted ones; a missing text never is.

    Same as `Series.isin`, which converts the wanted texts to Arrow one by one: 20,000 texts among
    15,000 take it 130 ms, and this 1 ms.
    """
    known = wanted if isinstance(wanted, pd.Series) else list(wanted)
    if not len(known):
        return pd.Series(False, index=texts.index)
    found = pc.is_in(
        pa.array(texts, pa.large_string()),
        value_set=pa.array(known, pa.large_string(), from_pandas=True),
        skip_nulls=True,
    )
    return pd.Series(found.to_numpy(zero_copy_only=False), index=texts.index)
