"""Which connectors use which credentials, in which tenants."""

from collections.abc import Iterable
from enum import StrEnum

import numpy as np
import pandas as pd

from services.frames.membership import is_among
from services.frames.schema import categories


class Link(StrEnum):
    """The state of a connector's link to its credential."""

    LINKED = "linked"
    UNASSIGNED = "unassigned"
    BROKEN = "broken"
    UNCHECKED = "unchecked"


def linked(connectors: pd.DataFrame, credentials: pd.DataFrame) -> pd.DataFrame:
    """Return the connectors with what is known of their credentials.

    `connectors` and `credentials` are frames of those modules. Adds to the columns of `connectors`:
    credential_name, data_provider str (missing where unknown), link category (Link). A link is
    broken when the tenant does not list its credential, and unchecked in a tenant without any
    credential in `credentials`.
    """
    named = credentials.rename(columns={"display_name": "credential_name"})
    named = named[["tenant_code", "credential_id", "credential_name", "data_provider"]]
    # A list that changes between pages may show a credential twice.
    named = named.drop_duplicates(["tenant_code", "credential_id"]).assign(is_listed=True)
    rows = connectors.merge(named, on=["tenant_code", "credential_id"], how="left")
    found = np.select(
        [
            rows["credential_id"].isna(),
            rows["is_listed"].notna(),
            is_among(rows["tenant_code"], named["tenant_code"].unique()),
        ],
        [Link.UNASSIGNED, Link.LINKED, Link.BROKEN],
        Link.UNCHECKED,
    )
    link = pd.Categorical(found, dtype=categories(Link))
    return rows.drop(columns="is_listed").assign(link=link)


def uses(credentials: pd.DataFrame, connectors: pd.DataFrame) -> pd.DataFrame:
    """Return one row per connector that uses one of the credentials, wherever it is.

    An inherited credential has one id in all tenants and counts once. Columns, all str:
    credential_id, display_name, data_provider (the credential's), tenant_code, connector_id,
    connector_name.
    """
    facts = credentials[["credential_id", "display_name", "data_provider"]]
    used = connectors.rename(columns={"display_name": "connector_name"})
    used = used[["credential_id", "tenant_code", "connector_id", "connector_name"]]
    distinct = facts.dropna(subset="credential_id").drop_duplicates("credential_id")
    return distinct.merge(used.dropna(subset="credential_id"), on="credential_id")


def counts(credentials: pd.DataFrame, connectors: pd.DataFrame) -> "pd.Series[int]":
    """Return how many connectors use each of the credentials, in all tenants together."""
    used = connectors["credential_id"].value_counts()
    return credentials["credential_id"].map(used).fillna(0).astype("int64")


def where_used(credentials: pd.DataFrame, connectors: pd.DataFrame) -> pd.DataFrame:
    """Return connectors by tenants for every credential: one row per credential and connector.

    Columns: credential_id, display_name, data_provider, connector_name str (missing where it is
    unused), tenants Int64, tenant_codes str (separated by `, `).
    """
    used = uses(credentials, connectors)
    keys = ["credential_id", "display_name", "data_provider", "connector_name"]
    grouped = used.groupby(keys, dropna=False, sort=False)["tenant_code"]
    rows = grouped.agg(tenants="size", tenant_codes=", ".join).reset_index()
    unused = credentials.dropna(subset="credential_id").drop_duplicates("credential_id")
    unused = unused[~is_among(unused["credential_id"], used["credential_id"])]
    without = unused[keys[:3]].assign(connector_name=None, tenants=0, tenant_codes="")
    found = pd.concat([rows, without], ignore_index=True)
    kinds = dict.fromkeys((*keys, "tenant_codes"), "str") | {"tenants": "Int64"}
    # By the id too: names need not be unique.
    ordered = found.astype(kinds).sort_values(["display_name", "credential_id", "connector_name"])
    return ordered.reset_index(drop=True)


def by_tenant(used: pd.DataFrame, codes: Iterable[str]) -> pd.DataFrame:
    """Return `where_used` with a column for each tenant: `●` where it is used, else ""."""
    tenants = used["tenant_codes"].fillna("").str.split(", ")
    marks = {code: ["●" if code in own else "" for own in tenants] for code in codes}
    return used.assign(**{code: pd.array(own, dtype="str") for code, own in marks.items()})
