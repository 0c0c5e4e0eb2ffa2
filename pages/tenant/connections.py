"""The connectors and credentials of the tenant, read when somebody asks for them."""

import pandas as pd
import streamlit as st

from dashboard import navigation, session
from dashboard.components import errors, tables, tenant_reading
from dashboard.connection import Connection
from dashboard.tenant_reads import TenantResource
from services.frames.links import linked

_ASKED = "tenant.connections"


def draw(connection: Connection, code: str) -> None:
    """Draw them where they were asked for, or what they cost."""
    st.header("Connectors and credentials", anchor=False)
    if not session.is_asked(_ASKED, code):
        st.button(
            "Read connectors and credentials (2 calls)",
            key="ten.connections",
            icon=":material/download:",
            on_click=session.ask,
            args=(_ASKED, code),
        )
        return
    with errors.part("connectors"):
        _connectors(connection, code)


def _connectors(connection: Connection, code: str) -> None:
    connectors = tenant_reading.show(connection, [code], TenantResource.CONNECTORS, key="ten.con")
    credentials = tenant_reading.show(
        connection, [code], TenantResource.CREDENTIALS, key="ten.cred"
    )
    if connectors is None or credentials is None:
        return
    left, right = st.columns(2, gap="medium")
    with left:
        _table(
            linked(connectors.frame, credentials.frame),
            {
                "display_name": st.column_config.TextColumn("Connector", width=170),
                "link": st.column_config.TextColumn("Credential link", width=130),
                "credential_name": st.column_config.TextColumn("Credential", width=170),
                "connector_id": st.column_config.TextColumn("Connector id", width=290),
            },
            key="ten.connectors",
            noun="connector",
        )
    with right:
        _table(
            credentials.frame,
            {
                "display_name": st.column_config.TextColumn("Credential", width=170),
                "data_provider": "Provider",
                "is_inherited": st.column_config.CheckboxColumn("Inherited", width=80),
                "credential_id": st.column_config.TextColumn("Credential id", width=290),
            },
            key="ten.credentials",
            noun="credential",
        )
    navigation.link(
        navigation.CONNECTORS,
        "Assign credentials in Connectors",
        {"con_tenants": code, "con_check": "true"},
        icon=navigation.CONNECTORS.icon,
    )


def _table(rows: pd.DataFrame, columns: tables.Columns, *, key: str, noun: str) -> None:
    if rows.empty:
        st.caption(f":material/inbox: This tenant has no {noun}.")
    else:
        tables.show(rows, columns, key=key, of=len(rows), noun=noun)
