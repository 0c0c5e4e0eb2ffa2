"""Enabled data versions of tenants."""

from collections.abc import Iterable

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from services.frames.answers import listed, nested, unique
from services.frames.order import by_time
from services.frames.schema import TEXT, Field, Schema, build_nested, frame, from_arrow, text, time

TENANT: Schema = (Field("tenant_code", ("tenantCode", "tenant"), text),)
VERSION: Schema = (
    Field("data_version", ("dataVersion",), text),
    Field("data_version_date", ("dataVersionDate",), time),
)


def to_frame(pages: Iterable[object]) -> pd.DataFrame:
    """Return one row per enabled version, newest first within a tenant.

    Columns: tenant_code str, data_version str, data_version_date datetime64[ms, UTC]. A tenant
    with no enabled version appears once, both missing. Raises UnexpectedResponse.
    Data and Job Handling API, GET /v1/op/data-versions.
    """
    tenants = unique(listed(pages, "tenants"), "tenantCode", "tenant")
    versions = nested(tenants, "dataVersions")
    columns = build_nested(TENANT, VERSION, tenants, versions)
    # The code samples list the newest first, but no order is promised.
    return frame(by_time(columns, "data_version_date", within=versions.parent, newest_first=True))


def latest(versions: pd.DataFrame) -> pd.DataFrame:
    """Return one row per tenant of a frame of `to_frame`, in the same order.

    Columns: tenant_code str, data_version str and data_version_date datetime64[ms, UTC] of the
    newest version, enabled_versions int64 (as many as are listed, at most five), data_versions str
    (their numbers, newest first, separated by `, `; missing when none).
    """
    # By sorted codes, since a groupby is slow for 50,000 small groups.
    codes, _ = pd.factorize(versions["tenant_code"], use_na_sentinel=False)
    together = versions.take(np.argsort(codes, kind="stable"))
    sizes = np.bincount(codes)
    starts = np.cumsum(sizes) - sizes
    numbers = pa.array(together["data_version"], pa.string())
    of_tenant = pa.ListArray.from_arrays([*starts, len(numbers)], numbers)
    enabled = together["data_version"].notna().to_numpy()
    return (
        together.take(starts)
        .assign(
            enabled_versions=np.bincount(np.sort(codes), weights=enabled).astype(np.int64),
            data_versions=from_arrow(TEXT, pc.binary_join(of_tenant, ", ")),
        )
        .reset_index(drop=True)
    )
