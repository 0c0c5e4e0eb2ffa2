"""Settings of data connectors."""

from collections.abc import Iterable

import pandas as pd

from services.frames.answers import listed, nested
from services.frames.schema import Field, Schema, build, frame, repeated, text, verbatim

CONNECTOR: Schema = (
    Field("connector_id", ("connectorId",), text),
    Field("display_name", ("displayName",), text),
)
SETTING: Schema = (
    Field("setting_key", ("settingKey", "key"), text),
    Field("value", ("value",), verbatim),
)


def to_frame(pages: Iterable[object], tenant_code: str | None = None) -> pd.DataFrame:
    """Return one row per setting of each connector; a connector without any appears once.

    Columns, all str: tenant_code (as given, since the answer does not say), connector_id,
    display_name, setting_key, value (an empty value stays the empty text, other columns are missing
    then). Raises UnexpectedResponse.
    Data and Job Handling API, GET /v1/op/data-connectors/connector-settings.
    """
    connectors = listed(pages, "connectors")
    settings = nested(connectors, "connectorSettings", "settings")
    tenant = {"tenant_code": repeated(tenant_code, len(settings.items))}
    columns = build(CONNECTOR, connectors, settings.parent) | build(SETTING, settings.items)
    return frame(tenant | columns)
