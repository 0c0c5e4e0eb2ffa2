"""Connectors: which credential each data connector of the chosen tenants uses, and its settings."""

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard import data, session
from dashboard.components import (
    filters,
    formats,
    page,
    tables,
    tenant_picker,
    tenant_reading,
    tenants,
    token_choices,
)
from dashboard.components.figures import NOT_KNOWN
from dashboard.connection import Connection
from dashboard.operations import plan_panel
from dashboard.tenant_reads import TenantResource
from dashboard.wording import LINKS
from pages.connectors import assigning, mapping, settings
from services.frames import credentials as credential_frames
from services.frames.links import Link, linked

SELECTION = assigning.NAME
MAPPING, SETTINGS = "mapping", "settings"
VIEWS = {"in_use": "Credentials in use", MAPPING: "Assign by mapping", SETTINGS: "Settings"}
ANY = "any"
CREDENTIAL_LINKS = {ANY: "Any", **LINKS}
MARKS = {Link.LINKED: "✓", Link.UNASSIGNED: "○", Link.BROKEN: "⚠", Link.UNCHECKED: "·"}
FILTERS: dict[str, object] = {"con_text": "", "con_link": ANY}


def main() -> None:
    """Load, filter, show, act."""
    connection = session.signed_in()
    head = page.head("Connectors")
    known = tenants.directory(connection)
    codes = tenant_picker.pick(known, key="con_tenants")
    view = token_choices.view(VIEWS, key="con_view")
    if view == SETTINGS:
        settings.show(connection, head, codes)
    elif view == MAPPING:
        mapping.show(connection)
        plan_panel.slot(connection, SELECTION)
    else:
        _assigned(connection, head, known, codes)


def _assigned(
    connection: Connection, head: DeltaGenerator, known: data.TenantDirectory, codes: list[str]
) -> None:
    checks = st.toggle(
        f"Check the credentials too ({formats.counted(len(codes), 'more call')})",
        key="con_check",
        bind="query-params",
        help=(
            "Shows credential names and providers and finds broken links. Required to "
            "assign credentials."
        ),
    )
    connectors = tenant_reading.show(connection, codes, TenantResource.CONNECTORS, key="connectors")
    if connectors is None:
        page.empty("Nothing read yet", "Select tenants to see their connectors.")
        plan_panel.slot(connection, SELECTION)
        return
    kinds = [TenantResource.CONNECTORS, *([TenantResource.CREDENTIALS] if checks else [])]
    page.as_of(head, connectors.as_of, "con", tenant_reading.refresh(connection, codes, *kinds))
    if connectors.frame.empty:
        page.empty("No connectors", "These tenants have no data connectors in production.")
        plan_panel.slot(connection, SELECTION)
        return
    credentials = _credentials(connection, codes) if checks else credential_frames.to_frame([])
    rows = tenants.with_names(linked(connectors.frame, credentials), known)
    rows = rows.assign(key=rows["tenant_code"] + " " + rows["connector_id"])
    _figures(rows)
    shown = rows[_filter(rows)]
    if shown.empty:
        page.nothing_matches("connector", FILTERS)
    else:
        tables.selection_bar(shown["key"], "connector", selection=SELECTION)
    assigning.bar(rows, credentials, checks=checks)
    plan_panel.slot(connection, SELECTION)
    if not shown.empty:
        _table(shown, len(rows))


def _credentials(connection: Connection, codes: list[str]) -> pd.DataFrame:
    """Read the credentials of these tenants; none where nobody has agreed to the calls yet."""
    snapshot = tenant_reading.show(
        connection, codes, TenantResource.CREDENTIALS, key="connectors.credentials"
    )
    return snapshot.frame if snapshot else credential_frames.to_frame([])


def _figures(rows: pd.DataFrame) -> None:
    with st.container(horizontal=True):
        counts = rows["link"].value_counts()
        st.metric("Connectors", f"{len(rows):,}", border=True)
        st.metric(LINKS[Link.UNASSIGNED], f"{counts[Link.UNASSIGNED]:,}", border=True)
        unchecked = counts[Link.UNCHECKED]
        is_known = not unchecked or counts[Link.BROKEN] or counts[Link.LINKED]
        st.metric(
            LINKS[Link.BROKEN],
            f"{counts[Link.BROKEN]:,}" if is_known else NOT_KNOWN,
            border=True,
            help=f"{formats.counted(unchecked, 'connector')} not checked" if unchecked else None,
        )
        st.metric("Tenants", f"{rows['tenant_code'].nunique():,}", border=True)


def _filter(rows: pd.DataFrame) -> "pd.Series[bool]":
    with filters.row():
        text = filters.find("Connector, credential or tenant", key="con_text")
        link = token_choices.one("Credential link", CREDENTIAL_LINKS, key="con_link", default=ANY)
    mask = pd.Series(True, index=rows.index) if link == ANY else rows["link"] == link
    return mask & filters.contains(
        rows, ("display_name", "credential_name", "tenant_code", "tenant_name"), text or ""
    )


def _table(shown: pd.DataFrame, of: int) -> None:
    words = shown["link"].astype("str")
    marks = words.map({link.value: f"{mark} {LINKS[link]}" for link, mark in MARKS.items()})
    columns: tables.Columns = {
        "tenant_code": tables.code_column(),
        "tenant_name": tables.name_column(),
        "display_name": st.column_config.TextColumn("Connector", width=150),
        "link_word": st.column_config.TextColumn("Credential link", width=130),
        "credential_name": st.column_config.TextColumn("Credential", width=170),
        "data_provider": "Provider",
        "credential_id": st.column_config.TextColumn("Credential id", width=290),
        "connector_id": st.column_config.TextColumn("Connector id", width=290),
    }
    tables.show_selectable(
        shown.assign(link_word=marks),
        columns,
        key="con.table",
        of=of,
        noun="connector",
        selection=SELECTION,
        export=["link" if name == "link_word" else name for name in columns],
    )


main()
