"""Data uploads: what arrived for a tenant at one time, and whether it counts."""

from collections.abc import Iterable

import pandas as pd

from services.frames.answers import listed, nested, unique
from services.frames.order import by_time
from services.frames.schema import Field, Schema, build_nested, flag, frame, text, time

TENANT: Schema = (Field("tenant_code", ("tenantCode", "tenant"), text),)
UPLOAD: Schema = (
    Field("upload_time", ("uploadTime",), time),
    Field("upload_time_text", ("uploadTime",), text),
    Field("included", ("included",), flag),
)


def to_frame(pages: Iterable[object]) -> pd.DataFrame:
    """Return one row per upload, oldest first within a tenant; without any, a tenant's only row.

    Columns: tenant_code str, upload_time datetime64[ms, UTC], upload_time_text str (the API's own
    text, byte for byte, which is the upload's identity when it is sent back), included boolean.
    Raises UnexpectedResponse. Data and Job Handling API, GET /v1/op/data/uploads.
    """
    tenants = unique(listed(pages, "tenants"), "tenantCode", "tenant")
    uploads = nested(tenants, "uploads")
    columns = build_nested(TENANT, UPLOAD, tenants, uploads)
    # The code samples list the oldest first, but no order is promised.
    return frame(by_time(columns, "upload_time", within=uploads.parent, newest_first=False))
