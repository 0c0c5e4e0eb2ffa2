"""Tenants: who is there, by which name, on which data version."""

from collections.abc import Iterable

import pandas as pd

from services.frames.answers import listed, unique
from services.frames.schema import Field, Schema, build, flag, frame, tenant_status, text, time

SCHEMA: Schema = (
    Field("tenant_code", ("tenantCode", "tenant"), text),
    Field("display_name", ("tenantDisplayName",), text),
    Field("status", ("status",), tenant_status),
    Field("status_word", ("status",), text),
    Field("current_data_version", ("currentDataVersion",), text),
    Field("data_version_date", ("dataVersionDate",), time),
    Field("can_administer_other_tenants", ("canAdministerOtherTenants",), flag),
)


def to_frame(pages: Iterable[object]) -> pd.DataFrame:
    """Return one row per tenant, in the order listed.

    Columns: tenant_code str, display_name str, status category (TenantStatus), status_word str,
    current_data_version str, data_version_date datetime64[ms, UTC],
    can_administer_other_tenants boolean. Raises UnexpectedResponse.
    Tenants API, GET /v2/admin/tenants.
    """
    return frame(build(SCHEMA, unique(listed(pages, "tenants"), "tenantCode", "tenant")))
