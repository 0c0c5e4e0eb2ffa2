"""Credentials: the connector credentials of the chosen tenants, never their secrets."""

import streamlit as st

from dashboard import data, session
from dashboard.ui import page, tables, tenants


def main() -> None:
    """Load, filter, show."""
    connection = session.signed_in()
    head = page.head("Credentials", "The connector credentials of the chosen tenants.")
    known = tenants.directory(connection)
    codes = tenants.pick(known, key="cred_tenants")
    credentials = tenants.read_each(connection, codes, data.load_credentials, key="credentials")
    if credentials is None:
        page.empty("Nothing read yet", "Choose the tenants whose credentials you want to see.")
        return
    page.as_of(head, credentials.as_of, "cred", data.load_credentials.clear)
    if credentials.frame.empty:
        page.empty("No credentials", "These tenants have no connector credentials.")
        return
    rows = tenants.with_names(credentials.frame, known)
    columns: tables.Columns = {
        "tenant_code": tables.code_column(),
        "tenant_name": "Name",
        "display_name": "Credential",
        "data_provider": "Provider",
        "is_inherited": st.column_config.CheckboxColumn("Inherited"),
        "auth_context": "Used for",
        "credential_id": "Credential id",
    }
    tables.show(rows, columns, key="cred.table", of=len(rows), noun="credential")


main()
