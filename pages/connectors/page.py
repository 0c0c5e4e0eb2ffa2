"""Connectors: which credential each data connector of the chosen tenants uses, and its settings."""

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard import data, navigation, session
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
CREDENTIAL_LINKS = {ANY: "All", **LINKS}
MARKS = {Link.LINKED: "✓", Link.UNASSIGNED: "○", Link.BROKEN: "⚠", Link.UNCHECKED: "·"}
FILTERS: dict[str, object] = {"con_text": "", "con_link": ANY}
PARAMETERS = ("con_tenants", "con_view", "con_check", *FILTERS)


def main() -> None:
    """Load, filter, show, act."""
    connection = session.signed_in()
    head = page.head("Connectors")
    known = tenants.listed(connection)
    codes = tenant_picker.pick(known, key="con_tenants")
    toolbar = st.container(horizontal=True, vertical_alignment="center", key="toolbar")
    with toolbar:
        view = token_choices.view(VIEWS, key="con_view")
        filter_row.offer_views(navigation.CONNECTORS, PARAMETERS)
    if view == SETTINGS:
        settings.show(connection, head, codes)
    elif view == MAPPING:
        mapping.show(connection)
        plan_panel.slot(connection, SELECTION)
    else:
        _assigned(connection, head, toolbar, known, codes)


def _assigned(
    connection: Connection,
    head: DeltaGenerator,
    toolbar: DeltaGenerator,
    known: data.TenantDirectory,
    codes: list[str],
) -> None:
    checks = toolbar.toggle(
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
    shown = rows[_filter(rows)]
    plan_panel.slot(connection, SELECTION)
    if shown.empty:
        page.nothing_matches("connector", FILTERS)
        return
    _table(shown, len(rows))
    tables.selection_bar(
        shown["key"],
        "connector",
        selection=SELECTION,
        actions=lambda: assigning.bar(rows, credentials, checks=checks),
    )


def _credentials(connection: Connection, codes: list[str]) -> pd.DataFrame:
    """Read the credentials of these tenants; none where nobody has agreed to the calls yet."""
    snapshot = tenant_reading.show(
        connection, codes, TenantResource.CREDENTIALS, key="connectors.credentials"
    )
    return snapshot.frame if snapshot else credential_frames.to_frame([])


def _filter(rows: pd.DataFrame) -> "pd.Series[bool]":
    """Draw the search, and how many connectors are linked to what: the filter of that at once."""
    with filters.row():
        text = filters.find("Connector, credential or tenant", key="con_text")
        found = filters.contains(
            rows, ("display_name", "credential_name", "tenant_code", "tenant_name"), text or ""
        )
        links = rows.loc[found, "link"].value_counts()
        counts: dict[str, int | None] = {each: int(links[each]) for each in Link}
        counts[ANY] = int(found.sum())
        if links[Link.UNCHECKED] and not links[Link.BROKEN]:
            # Where none was checked, none is known to be broken.
            counts[Link.BROKEN] = None
        link = token_choices.one(
            "Credential link",
            CREDENTIAL_LINKS,
            key="con_link",
            default=ANY,
            shows_label=False,
            counts=counts,
        )
    return found if link == ANY else found & (rows["link"] == link)


def _table(shown: pd.DataFrame, of: int) -> None:
    words = shown["link"].astype("str")
    marks = words.map({link.value: f"{mark} {LINKS[link]}" for link, mark in MARKS.items()})
    columns: tables.Columns = {
        **tables.tenant_columns(shown),
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
