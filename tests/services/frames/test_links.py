"""Connectors and credentials side by side."""

import pandas as pd

from services.frames import connectors, credentials
from services.frames.links import by_tenant, counts, linked, uses, where_used

A, B, C = "t~a", "t~b", "t~c"


def connector(id_: str, name: str, credential: str) -> dict[str, object]:
    return {"connectorId": id_, "displayName": name, "credentialId": credential}


def credential(id_: str, name: str, *, inherited: bool = False) -> dict[str, object]:
    kind = {"dataProvider": "UKG", "isInherited": inherited}
    return {"credentialId": id_, "displayName": name, **kind}


CONNECTORS = pd.concat(
    [
        connectors.to_frame(
            [{"dataConnectors": [connector("1", "UKG", "k"), connector("2", "S3", "gone")]}], A
        ),
        connectors.to_frame(
            [{"dataConnectors": [connector("1", "UKG", "k"), connector("2", "S3", "")]}], B
        ),
        connectors.to_frame([{"dataConnectors": [connector("1", "UKG", "own")]}], C),
    ],
    ignore_index=True,
)
CREDENTIALS = pd.concat(
    [
        credentials.to_frame([{"connectorCredentials": [credential("k", "Main")]}], A),
        credentials.to_frame(
            [{"connectorCredentials": [credential("k", "Main", inherited=True)]}], B
        ),
        credentials.to_frame([{"connectorCredentials": [credential("free", "Unused")]}], B),
    ],
    ignore_index=True,
)
NONE = credentials.to_frame([])


def test_a_link_is_told_apart_from_none_from_a_broken_and_from_an_unchecked_one() -> None:
    rows = linked(CONNECTORS, CREDENTIALS)
    assert list(rows["link"]) == ["linked", "broken", "linked", "unassigned", "unchecked"]
    assert list(rows["credential_name"].dropna()) == ["Main", "Main"]
    assert len(rows) == len(CONNECTORS)


def test_without_credentials_nothing_is_called_broken() -> None:
    assert set(linked(CONNECTORS, NONE)["link"]) == {"unchecked", "unassigned"}
    empty = linked(connectors.to_frame([]), NONE)
    assert empty.empty
    assert list(empty["link"].cat.categories) == list(
        linked(CONNECTORS, NONE)["link"].cat.categories
    )


def test_uses_are_found_in_every_tenant_once() -> None:
    used = uses(CREDENTIALS, CONNECTORS)
    assert list(zip(used["tenant_code"], used["connector_id"], strict=True)) == [(A, "1"), (B, "1")]
    assert list(counts(CREDENTIALS, CONNECTORS)) == [2, 2, 0]


def test_where_used_has_a_row_for_every_credential_and_connector() -> None:
    rows = where_used(CREDENTIALS, CONNECTORS)
    assert list(rows["display_name"]) == ["Main", "Unused"]
    assert list(rows["tenants"]) == [2, 0]
    assert list(rows["tenant_codes"]) == [f"{A}, {B}", ""]
    across = by_tenant(rows, [A, B, C])
    assert across[[A, B, C]].to_numpy().tolist() == [["●", "●", ""], ["", "", ""]]


def test_where_used_of_nothing_keeps_its_columns() -> None:
    full, empty = where_used(CREDENTIALS, CONNECTORS), where_used(NONE, CONNECTORS)
    assert empty.empty
    assert list(empty.dtypes) == list(full.dtypes)
    assert list(empty.columns) == list(full.columns)
