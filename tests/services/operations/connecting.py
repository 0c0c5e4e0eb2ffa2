"""The connectors and credentials of two tenants, and plans to change them."""

import pandas as pd

from services.frames import connector_settings, connectors, credentials
from services.operations import (
    Plan,
    plan_assign_credentials,
    plan_delete_credentials,
)
from tests.services.operations.conftest import Desk

ADMIN, C7O, E1A = "WFF_j1r", "WFF_j1r~c7o", "WFF_j1r~e1a"
UKG, TEST = "4dfe8794-d3b0-40a7-bafc-cd2586a902c1", "cc8a7ddd-80c7-4645-8369-acbeea8cdfe5"
C7O_UKG, C7O_TEST = "d3607390-ab20-4619-97d8-9e33e7697430", "780ed445-3a58-4be6-8db1-038279b0c521"
E1A_UKG, E1A_TEST = "bff2adb6-f772-49a5-ba64-b31dcc51ee61", "5781eec0-7f1d-4d3b-b9bd-8c08ff632cfb"
BOTH = (C7O, E1A)
CROSSED = ((C7O, TEST, C7O_UKG), (E1A, TEST, E1A_UKG), (E1A, UKG, E1A_TEST))
OSLO = ((C7O, TEST, "timeZone", "Europe/Oslo"), (E1A, TEST, "timeZone", "Europe/Oslo"))


def connectors_of(desk: Desk) -> pd.DataFrame:
    return pd.concat(
        [connectors.to_frame(desk.client.iter_data_connectors(tenant_code=c), c) for c in BOTH]
    )


def credentials_of(desk: Desk, *codes: str) -> pd.DataFrame:
    read = desk.client.iter_data_connector_credentials
    return pd.concat([credentials.to_frame(read(tenant_code=c), c) for c in codes or BOTH])


def settings_of(desk: Desk) -> pd.DataFrame:
    clients = [(code, desk.client.in_tenant(code)) for code in BOTH]
    return pd.concat(
        [connector_settings.to_frame([each.list_connector_settings()], c) for c, each in clients]
    )


def mapping(*rows: tuple[str, str, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["tenant_code", "connector_id", "credential_id"], dtype="str")


def assignment(desk: Desk, *rows: tuple[str, str, str]) -> Plan:
    return plan_assign_credentials(mapping(*rows), connectors_of(desk), credentials_of(desk))


def changes(*rows: tuple[str, str, str, str]) -> pd.DataFrame:
    columns = ["tenant_code", "connector_id", "setting_key", "value"]
    return pd.DataFrame(rows, columns=columns, dtype="str")


def deletion(desk: Desk, *pairs: tuple[str, str]) -> Plan:
    chosen = pd.DataFrame(pairs, columns=["tenant_code", "credential_id"], dtype="str")
    return plan_delete_credentials(chosen, credentials_of(desk, *BOTH, ADMIN), used_by())


def used_by(*codes: str) -> pd.DataFrame:
    return pd.DataFrame({"tenant_code": list(codes)}, dtype="str")
