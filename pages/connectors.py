"""Connectors: which credential each data connector of the chosen tenants uses."""

import pandas as pd
import streamlit as st

from dashboard import data, session
from dashboard.ui import formats, page, tables, tenants

LINKED, UNASSIGNED, BROKEN, UNCHECKED = "Linked", "Unassigned", "Broken link", "Not checked"
MARKS = {LINKED: "✓", UNASSIGNED: "○", BROKEN: "⚠", UNCHECKED: "·"}


def main() -> None:
    """Load, filter, show."""
    connection = session.signed_in()
    head = page.head("Connectors", "Which credential each data connector uses.")
    known = tenants.directory(connection)
    codes = tenants.pick(known, key="con_tenants")
    with_credentials = st.toggle(
        f"Check the credentials too ({formats.counted(len(codes), 'more call')})",
        key="con_check",
        bind="query-params",
        help="Shows credential names and providers, and finds links to credentials that are gone.",
    )
    connectors = tenants.read_each(connection, codes, data.load_connectors, key="connectors")
    if connectors is None:
        page.empty("Nothing read yet", "Choose the tenants whose connectors you want to see.")
        return
    page.as_of(head, connectors.as_of, "con", _refresh)
    if connectors.frame.empty:
        page.empty("No connectors", "These tenants have no data connectors in production.")
        return
    credentials = None
    if with_credentials:
        credentials = tenants.read_each(
            connection, codes, data.load_credentials, key="connectors.credentials"
        )
    rows = _linked(connectors.frame, credentials.frame if credentials else None)
    rows = tenants.with_names(rows, known)
    columns: tables.Columns = {
        "tenant_code": tables.code_column(),
        "tenant_name": "Name",
        "display_name": "Connector",
        "link": "Credential link",
        "credential_name": "Credential",
        "data_provider": "Provider",
        "credential_id": "Credential id",
        "connector_id": "Connector id",
    }
    tables.show(rows, columns, key="con.table", of=len(rows), noun="connector")


def _refresh() -> None:
    data.load_connectors.clear()
    data.load_credentials.clear()


def _linked(connectors: pd.DataFrame, credentials: pd.DataFrame | None) -> pd.DataFrame:
    """Return the connectors with `credential_name`, `data_provider` and the state of the link."""
    unassigned = connectors["credential_id"].fillna("") == ""
    if credentials is None:
        link = unassigned.map({True: UNASSIGNED, False: UNCHECKED})
        rows = connectors.assign(credential_name="", data_provider="")
    else:
        named = credentials.rename(columns={"display_name": "credential_name"})
        named = named[["tenant_code", "credential_id", "credential_name", "data_provider"]]
        rows = connectors.merge(named, on=["tenant_code", "credential_id"], how="left")
        link = rows["credential_name"].isna().map({True: BROKEN, False: LINKED})
        link = link.mask(unassigned.to_numpy(), UNASSIGNED)
    return rows.assign(link=link.map(lambda word: f"{MARKS[word]} {word}"))


main()
