"""The files behind the selected uploads, and what can be done with those that match."""

import pandas as pd
import streamlit as st

from dashboard import data, session
from dashboard.connection import Connection
from dashboard.ui import filters, formats, page, tables, typed
from services.frames.membership import is_among
from services.operations import FileChoice, plan_exclude_files, plan_include_files
from services.typed_text import SEARCHED_AT_MOST

NAME = "uploads"
SELECTION = "files"
TENANTS_AT_MOST = 10
BY_NAME, BY_SOURCE, BY_FILE = "Name pattern", "Source", "Single files"


def panel(connection: Connection, shown: pd.DataFrame) -> None:
    """Draw the files of the tenants whose uploads are selected, once they are asked for."""
    chosen = is_among(shown["key"], session.selected(NAME))
    codes = sorted(shown.loc[chosen, "tenant_code"].unique())
    if not codes:
        return
    with st.container(border=True, key="upload-files"):
        st.markdown("## :material/description: Files")
        if len(codes) > TENANTS_AT_MOST:
            st.text(f"Select uploads of {TENANTS_AT_MOST} tenants at most to list their files.")
            return
        st.text(f"Every uploaded file of {', '.join(codes)}, also those of older uploads.")
        if st.toggle(f"List the files ({formats.counted(len(codes), 'call')})", key="up.files"):
            _list(connection, codes)


def _list(connection: Connection, codes: list[str]) -> None:
    by = st.segmented_control(
        "Choose by",
        (BY_NAME, BY_SOURCE, BY_FILE),
        default=BY_NAME,
        required=True,
        key="up.files_by",
    )
    pattern = _pattern() if by == BY_NAME else None
    if pattern and len(pattern) > SEARCHED_AT_MOST:
        return
    with page.loading(height=120):
        looks = [data.load_uploaded_files(connection, code, pattern) for code in codes]
    page.left_out([text for look in looks for text in look.left_out])
    files = pd.concat([look.frame for look in looks], ignore_index=True)
    if files.empty:
        page.empty("No files", "Visier lists no such file of these tenants.")
        return
    if by == BY_FILE:
        _single_files(files)
    elif by == BY_SOURCE:
        _of_sources(files)
    else:
        tables.show(files, COLUMNS, key="up.file_table", of=len(files), noun="file")
        if pattern:
            _actions(files, len(files), FileChoice.NAME, [pattern])


def _pattern() -> str | None:
    pattern = typed.line(
        "File name pattern",
        key="up.files_pattern",
        type="search",
        placeholder="A regular expression, as Visier reads it",
        help="The files below are those that Visier itself finds with it.",
        width=420,
    )
    return pattern or None


def _of_sources(files: pd.DataFrame) -> None:
    names = sorted(files["source_object_name"].dropna().unique())
    sources = st.multiselect("Sources", names, key="up.files_sources", width=420)
    matching = files[files["source_object_name"].isin(sources)] if sources else files
    tables.show(matching, COLUMNS, key="up.file_table", of=len(files), noun="file")
    if sources:
        _actions(files, len(matching), FileChoice.SOURCES, sources)


def _single_files(files: pd.DataFrame) -> None:
    tables.selection_bar(files["key"], "file", selection=SELECTION)
    tables.show_selectable(
        files, COLUMNS, key="up.file_table", of=len(files), noun="file", selection=SELECTION
    )
    chosen = files.loc[is_among(files["key"], session.selected(SELECTION)), "identifier"]
    if len(chosen):
        _actions(files, len(chosen), FileChoice.IDENTIFIERS, list(chosen.unique()))


def _actions(files: pd.DataFrame, count: int, choice: FileChoice, chosen: list[str]) -> None:
    with st.container(horizontal=True):
        for verb, plan in (("Exclude", plan_exclude_files), ("Include", plan_include_files)):
            if st.button(f"{verb} {formats.counted(count, 'file')}…", key=f"up.files.{verb}"):
                session.review(NAME, plan(files, choice, chosen), filters.in_words("up_"))
                st.rerun()


COLUMNS: tables.Columns = {
    "tenant_code": tables.code_column(),
    "filename": "File",
    "upload_time_text": "Upload time as Visier writes it",
    "source_object_name": "Source",
    "included": st.column_config.CheckboxColumn("Included"),
    "identifier": "Identifier",
}
