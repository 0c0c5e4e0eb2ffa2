"""Credentials that data connectors sign in with; secrets are never part of an answer."""

from collections.abc import Iterable

import pandas as pd

from services.frames.answers import listed, unique
from services.frames.schema import Field, Schema, build, flag, frame, repeated, text

SCHEMA: Schema = (
    Field("credential_id", ("credentialId",), text),
    Field("display_name", ("displayName",), text),
    Field("data_provider", ("dataProvider",), text),
    Field("is_inherited", ("isInherited",), flag),
    Field("auth_context", ("authContext",), text),
)


def to_frame(pages: Iterable[object], tenant_code: str | None = None) -> pd.DataFrame:
    """Return one row per credential one tenant can use, in the order listed.

    Columns: tenant_code str (as given, since the answer does not say), credential_id str,
    display_name str, data_provider str, is_inherited boolean, auth_context str. Raises
    UnexpectedResponse. Data and Job Handling API, GET /v1/op/data-connector-credentials.
    """
    records = unique(listed(pages, "connectorCredentials"), "credentialId")
    tenant = {"tenant_code": repeated(tenant_code, len(records))}
    return frame(tenant | build(SCHEMA, records))
