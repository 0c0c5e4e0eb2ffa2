"""Metric values of the data versions that came in a night, as short texts; pure.

They are kept of what was loaded while the watch was looking, for at most METRICS_AT_MOST metrics of
a tenant.
"""

from collections.abc import Mapping
from typing import Any, Final

import orjson
import pandas as pd

METRICS_AT_MOST: Final = 5
"""A night of 50,000 tenants is to stay small: each metric adds some 0.15 MB to it."""


def texts(values: pd.DataFrame) -> pd.DataFrame:
    """Return the values of each tenant as one text: tenant_code, data_version, metrics, all str.

    `values` has the columns of services.frames.metric_values. The text is a JSON object of values
    by the name of their metric; tenants without values are left out.
    """
    known = values.dropna(subset=["tenant_code", "data_version", "value"])
    names = known["display_name"].fillna(known["symbol_name"])
    found: dict[tuple[str, str], dict[str, float]] = {}
    columns = (known["tenant_code"], known["data_version"], names, known["value"])
    for code, version, name, value in zip(*columns, strict=True):
        metrics = found.setdefault((code, version), {})
        if len(metrics) < METRICS_AT_MOST:
            metrics[str(name)] = float(value)
    rows = [(*key, orjson.dumps(metrics).decode()) for key, metrics in found.items()]
    return pd.DataFrame(rows, columns=["tenant_code", "data_version", "metrics"]).astype("str")


def of_night(rows: pd.DataFrame, known: pd.DataFrame | None) -> "pd.Series[str]":
    """Return the texts of the tenants that loaded in a night, missing for all others.

    `rows` has the columns of NIGHT_SCHEMA, `known` those of `texts`; the values are those of the
    version that is latest in `rows`, and of no other.
    """
    nothing = pd.Series(pd.NA, rows.index, dtype="str")
    if known is None:
        return nothing
    by_code = known.drop_duplicates("tenant_code").set_index("tenant_code")
    found = by_code.reindex(pd.Index(rows["tenant_code"]))
    is_same = rows["data_version"].eq(found["data_version"].set_axis(rows.index))
    loaded = rows["loaded_at"].notna()
    values: pd.Series[str] = found["metrics"].set_axis(rows.index)
    return values.where(is_same & loaded).astype("str")


def read(text: object) -> Mapping[str, float]:
    """Return the values of a text by the name of their metric; none of a missing one."""
    if not isinstance(text, str) or not text:
        return {}
    found: Mapping[str, Any] = orjson.loads(text)
    return {name: float(value) for name, value in found.items()}
