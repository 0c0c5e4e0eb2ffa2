"""Credentials: those of the chosen tenants, where they are used, new ones; never their secrets."""

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard import data, navigation, session, tenant_reads
from dashboard.components import (
    filter_row,
    filters,
    formats,
    page,
    tables,
    tenant_picker,
    tenant_reading,
    tenants,
    token_choices,
)
from dashboard.connection import Connection
from dashboard.data import Snapshot
from dashboard.operations import plan_panel
from dashboard.tenant_reads import TenantResource
from pages.credentials import creating, details
from services.frames.links import by_tenant, counts, where_used

USED, NEW = "where_used", "new"
VIEWS = {"listed": "Credentials", USED: "Where used", NEW: "New credential"}
OPENED = "cred_open"
# A column each; more would not fit beside the names, so they are listed in one.
TENANTS_ACROSS = 12
FILTERS: dict[str, object] = {"cred_text": "", "cred_provider": []}
PARAMETERS = ("cred_tenants", "cred_view", *FILTERS)


def main() -> None:
    """Load, filter, show, act."""
    connection = session.signed_in()
    head = page.head("Credentials")
    known = tenants.listed(connection)
    codes = tenant_picker.pick(known, key="cred_tenants")
    with st.container(horizontal=True, vertical_alignment="center", key="toolbar"):
        view = token_choices.view(VIEWS, key="cred_view")
        filter_row.offer_views(navigation.CREDENTIALS, PARAMETERS)
    if view == NEW:
        with st.container(width=page.FORM_WIDTH):
            creating.new(connection, codes)
    else:
        _listed(connection, head, known, codes, with_uses=view == USED)
    plan_panel.slot(connection, creating.NAME)


def _listed(
    connection: Connection,
    head: DeltaGenerator,
    known: data.TenantDirectory,
    codes: list[str],
    *,
    with_uses: bool,
) -> None:
    credentials = tenant_reading.show(
        connection, codes, TenantResource.CREDENTIALS, key="credentials"
    )
    if credentials is None:
        page.empty("Nothing read yet", "Select tenants to see their credentials.")
        return
    kinds = (
        (TenantResource.CREDENTIALS, TenantResource.CONNECTORS)
        if with_uses
        else (TenantResource.CREDENTIALS,)
    )
    _close_what_is_gone(connection, credentials.frame, codes)
    page.as_of(head, credentials.as_of, "cred", tenant_reading.refresh(connection, codes, *kinds))
    if credentials.frame.empty:
        page.empty("No credentials", "These tenants have no connector credentials.")
        return
    connectors = None
    if with_uses:
        connectors = tenant_reading.show(
            connection, codes, TenantResource.CONNECTORS, key="credentials.connectors"
        )
    rows = tenants.with_names(credentials.frame, known)
    rows = rows.assign(key=rows["tenant_code"] + " " + rows["credential_id"])
    shown = rows[_filter(rows)]
    if shown.empty:
        page.nothing_matches("credential", FILTERS)
    elif with_uses:
        _uses(shown, connectors, codes)
    else:
        _table(shown, len(rows))
        _details(connection, rows, codes)


def _close_what_is_gone(connection: Connection, read: pd.DataFrame, codes: list[str]) -> None:
    """Take the credential that is open out of the address when its tenant lists it no more."""
    code, _, credential = st.query_params.get(OPENED, "").partition(" ")
    reads = tenant_reads.of(connection, TenantResource.CREDENTIALS)
    if code not in codes or reads.missing([code]) or reads.failures([code]):
        return
    if not ((read["tenant_code"] == code) & (read["credential_id"] == credential)).any():
        st.query_params.pop(OPENED, None)


def _filter(rows: pd.DataFrame) -> "pd.Series[bool]":
    with filters.row():
        text = filters.find("Credential, id or tenant", key="cred_text")
        mask = filters.one_of(
            rows["data_provider"].astype("category"), "Provider", key="cred_provider"
        )
    names = ("display_name", "credential_id", "tenant_code", "tenant_name")
    return mask & filters.contains(rows, names, text or "")


def _table(shown: pd.DataFrame, of: int) -> None:
    columns: tables.Columns = {
        **tables.tenant_columns(shown),
        "display_name": st.column_config.TextColumn("Credential", width=170),
        "data_provider": "Provider",
        "is_inherited": st.column_config.CheckboxColumn("Inherited"),
        "auth_context": "Used for",
        "credential_id": st.column_config.TextColumn("Credential id", width=290),
    }
    _why_fewer(shown)
    tables.show(shown, columns, key="cred.table", of=of, noun="credential", opens=OPENED)


def _distinct(rows: pd.DataFrame) -> pd.DataFrame:
    """Return each credential once: an inherited one has the same id in all tenants."""
    return rows.dropna(subset="credential_id").drop_duplicates("credential_id")


def _why_fewer(rows: pd.DataFrame) -> None:
    """Show why the list has more rows than there are credentials, where it has."""
    number, nameless = len(_distinct(rows)), int(rows["credential_id"].isna().sum())
    if number < len(rows) - nameless:
        st.caption(
            f"{formats.counted(len(rows), 'row')} for {formats.counted(number, 'credential')}: an "
            "inherited one has a row per tenant."
        )
    if nameless:
        st.caption(f"{nameless:,} without an id: their use is unknown.")


def _details(connection: Connection, rows: pd.DataFrame, codes: list[str]) -> None:
    opened = rows[rows["key"] == st.query_params.get(OPENED)]
    if opened.empty:
        st.caption("Select a row to see where a credential is used, or to change or delete it.")
        return
    details.panel(connection, opened.iloc[0], rows, codes)


def _uses(shown: pd.DataFrame, connectors: Snapshot | None, codes: list[str]) -> None:
    """Draw connectors by tenants for every credential in view."""
    if connectors is None:
        page.empty("Nothing read yet", "Read the connectors to see where credentials are used.")
        return
    used = where_used(shown, connectors.frame)
    distinct = _distinct(shown)
    unused = int((counts(distinct, connectors.frame) == 0).sum())
    st.text(
        f"{formats.counted(len(distinct), 'credential')}, {unused:,} of them not used by any "
        "connector of the selected tenants."
    )
    _why_fewer(shown)
    across = codes if len(codes) <= TENANTS_ACROSS else []
    where: tables.Columns = {
        code: st.column_config.TextColumn(code, width=110) for code in across
    } or {"tenant_codes": st.column_config.TextColumn("Tenants", width=420)}
    columns: tables.Columns = {
        "display_name": st.column_config.TextColumn("Credential", pinned=True, width=200),
        "data_provider": "Provider",
        "connector_name": st.column_config.TextColumn("Connector", width=170),
        "tenants": tables.count_column("Tenants", width=80),
        **where,
        "credential_id": st.column_config.TextColumn("Credential id", width=290),
    }
    used = by_tenant(used, across)
    tables.show(used, columns, key="cred.used", of=len(used), noun="row")


main()
