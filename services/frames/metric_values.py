"""Metric values of the data version that is in use, tenant by tenant."""

from collections.abc import Iterable

import pandas as pd

from services.frames.answers import Record, listed, nested, objects, unique
from services.frames.schema import Field, Schema, build_nested, frame, number, text, time

TENANT: Schema = (
    Field("tenant_code", ("tenantCode", "tenant"), text),
    Field("data_version", ("dataVersion",), text),
    Field("data_version_date", ("dataVersionDate",), time),
)
METRIC: Schema = (
    Field("symbol_name", ("symbolName",), text),
    Field("display_name", ("displayName",), text),
    Field("value", ("value",), number),
)


def to_frame(pages: Iterable[object]) -> pd.DataFrame:
    """Return one row per tenant and summary metric, in the order listed; without any, one row.

    Columns: tenant_code str, data_version str and data_version_date datetime64[ms, UTC] of the
    version the values are of, symbol_name str, display_name str, value Float64. Raises
    UnexpectedResponse. Tenants API, GET /v1/op/validation/tenants.
    """
    return _frame(unique(listed(pages, "tenants"), "tenantCode", "tenant"))


def of_tenant(payload: object) -> pd.DataFrame:
    """Return the metric values of one tenant; columns as in `to_frame`. Raises UnexpectedResponse.

    Tenants API, GET /v1/op/validation/tenants/{tenantId}.
    """
    return _frame(objects([payload], "tenantCode", "tenant", "metrics"))


def _frame(tenants: list[Record]) -> pd.DataFrame:
    metrics = nested(tenants, "metrics")
    return frame(build_nested(TENANT, METRIC, tenants, metrics))
