"""The files behind the selected uploads."""

import pandas as pd
import streamlit as st

from dashboard import data, session
from dashboard.session import Connection
from dashboard.ui import formats, page, tables

SELECTION = "uploads"
TENANTS_AT_MOST = 10


def panel(connection: Connection, shown: pd.DataFrame) -> None:
    """Draw the files of the tenants whose uploads are selected, once they are asked for."""
    chosen = shown["key"].isin(session.selected(SELECTION))
    codes = sorted(shown.loc[chosen, "tenant_code"].unique())
    if not codes:
        return
    with st.container(border=True):
        st.markdown("#### :material/description: Files")
        if len(codes) > TENANTS_AT_MOST:
            st.text(f"Select uploads of {TENANTS_AT_MOST} tenants at most to list their files.")
            return
        st.text(f"Every uploaded file of {', '.join(codes)}, also those of older uploads.")
        label = f"List the files ({formats.counted(len(codes), 'call')})"
        if st.toggle(label, key="up.files"):
            _list(connection, codes)


def _list(connection: Connection, codes: list[str]) -> None:
    with page.loading(height=120):
        looks = [data.load_uploaded_files(connection, code) for code in codes]
    files = pd.concat([look.frame for look in looks], ignore_index=True)
    if files.empty:
        page.empty("No files", "Visier lists no uploaded file of these tenants.")
        return
    columns: tables.Columns = {
        "tenant_code": tables.code_column(),
        "filename": "File",
        "upload_time_text": "Upload time as Visier writes it",
        "source_object_name": "Source",
        "included": st.column_config.CheckboxColumn("Included"),
        "identifier": "Identifier",
    }
    tables.show(files, columns, key="up.file_table", of=len(files), noun="file")
