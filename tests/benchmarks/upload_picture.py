"""The picture of 204,000 uploads of 51,000 tenants, beside their counts as pandas makes them."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from pages.uploads import charts
from tests.benchmarks.ratios import Ratio, side_by_side

TENANTS, OF_EACH, UNUSUAL = 51_000, 4, 4_000
ZONE = ZoneInfo("UTC")
# What a person waits for is drawn in no more than what it takes to count it plainly.
AT_MOST = 1


def measure() -> Iterator[Ratio]:
    """Yield the time of the figure beside that of its counts by tenant code and day."""
    rows = _uploads()
    words = pd.DataFrame({name: ["one"] for name in ("delivery_id", "label", "title", "why")})
    of = pd.Series(-1, index=rows.index)
    of.iloc[:UNUSUAL] = 0
    lanes = charts.Lanes(words, of)

    def counted() -> object:
        day = rows["upload_time"].dt.floor("D")
        band = rows["tenant_code"].str[:7]
        return pd.crosstab(band, [day, rows["included"]])

    (result,) = side_by_side(lambda: charts.density(rows, ZONE, lanes), counted, rounds=9)
    yield Ratio(f"picture of {len(rows):,} uploads / a crosstab of pandas", *result, AT_MOST)


def _uploads() -> pd.DataFrame:
    chance = np.random.default_rng(7)
    tenant = np.repeat(np.arange(TENANTS), OF_EACH)
    minutes = pd.to_timedelta(chance.integers(0, 29 * 24 * 60, len(tenant)), unit="min")
    return pd.DataFrame(
        {
            "tenant_code": pd.Series([f"WFF~{number:05}" for number in tenant], dtype="str"),
            "upload_time": (pd.Timestamp("2026-11-01", tz="UTC") + minutes).as_unit("ms"),
            "included": pd.array(chance.random(len(tenant)) < 0.98, dtype="boolean"),
        }
    )
