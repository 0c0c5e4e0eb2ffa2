"""A body of 1,000 tenants with 100 uploads each, made a frame."""

import json

import orjson
import pandas as pd

from services.frames import uploads
from tests.benchmarks.bodies import uploads_page
from tests.benchmarks.ratios import Ratio, side_by_side


def measure() -> list[Ratio]:
    """Compare with decoding the same bytes and nothing else, and with the usual way to a frame."""
    body = uploads_page(0, 1000)

    def ours() -> pd.DataFrame:
        return uploads.to_frame([orjson.loads(body)])

    def normalized() -> pd.DataFrame:
        return _normalized(body)

    pd.testing.assert_frame_equal(
        ours(), normalized()[["tenant_code", "upload_time", "upload_time_text", "included"]]
    )
    decoding = side_by_side(ours, lambda: json.loads(body), rounds=41)[0]
    normalizing = side_by_side(ours, normalized, rounds=7)[0]
    return [
        Ratio("uploads body to frame / json.loads of it", *decoding, at_most=1.2),
        Ratio("uploads body to frame / pandas.json_normalize", *normalizing, at_most=0.2),
    ]


def _normalized(body: bytes) -> pd.DataFrame:
    frame = pd.json_normalize(
        orjson.loads(body)["tenants"], record_path="uploads", meta="tenantCode"
    )
    times = pd.to_datetime(frame["uploadTime"], format="ISO8601", utc=True)
    return pd.DataFrame(
        {
            "tenant_code": frame["tenantCode"].astype("str"),
            "upload_time": times.astype("datetime64[ms, UTC]"),
            "upload_time_text": frame["uploadTime"],
            "included": frame["included"].astype("boolean"),
        }
    )
