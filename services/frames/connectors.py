"""Data connectors and the credentials assigned to them."""

from collections.abc import Iterable

import pandas as pd

from services.frames.answers import listed, unique
from services.frames.schema import Field, Schema, build, frame, repeated, text

SCHEMA: Schema = (
    Field("connector_id", ("connectorId",), text),
    Field("display_name", ("displayName",), text),
    Field("credential_id", ("credentialId",), text),
)


def to_frame(pages: Iterable[object], tenant_code: str | None = None) -> pd.DataFrame:
    """Return one row per connector of one tenant, in the order listed.

    Columns, all str: tenant_code (as given, since the answer does not say), connector_id,
    display_name, credential_id (missing when none is assigned). Raises UnexpectedResponse.
    Data and Job Handling API, GET /v1/op/data-connectors.
    """
    records = unique(listed(pages, "dataConnectors"), "connectorId")
    tenant = {"tenant_code": repeated(tenant_code, len(records))}
    return frame(tenant | build(SCHEMA, records))
