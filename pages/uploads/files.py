"""The files behind the selected uploads, and what can be done with those that match."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import data, session
from dashboard.components import file_downloads, filters, formats, page, tables, tenants, typed
from dashboard.connection import Connection
from dashboard.operations.drawer import drawer
from services.frames.membership import is_among
from services.operations import (
    FileChoice,
    plan_exclude_files,
    plan_exclude_range,
    plan_include_files,
    plan_include_range,
)
from services.operations.verbs.upload_ranges import within
from services.typed_text import SEARCHED_AT_MOST

NAME = "uploads"
SELECTION = "files"
# Listing files takes a call for each tenant.
TENANTS_AT_MOST = 10
A_RANGE = (
    "Enter a time to exclude or include all uploads from it or up to it. Each "
    "tenant takes one call for the whole range, if the range contains only these uploads."
)
BY_NAME, BY_SOURCE, BY_FILE, BY_TIME = "Name pattern", "Source", "Single files", "Upload time"


def panel(connection: Connection, shown: pd.DataFrame) -> None:
    """Draw the files of the tenants whose uploads are selected, once they are asked for."""
    chosen = is_among(shown["key"], session.selected(NAME))
    codes = sorted(shown.loc[chosen, "tenant_code"].unique())
    if not codes:
        return
    with st.container(border=True, key="upload-files"):
        st.markdown("## :material/description: Files")
        if len(codes) > TENANTS_AT_MOST:
            st.text(f"Select uploads of at most {TENANTS_AT_MOST} tenants to list their files.")
            return
        names = tenants.labels(codes, tenants.at_hand(connection)).values()
        st.text(f"All uploaded files of {', '.join(names)}, including older uploads.")
        if st.toggle(f"List the files ({formats.counted(len(codes), 'call')})", key="up.files"):
            _list(connection, codes)


def _list(connection: Connection, codes: list[str]) -> None:
    by = st.segmented_control(
        "Select by",
        (BY_NAME, BY_SOURCE, BY_FILE, BY_TIME),
        default=BY_NAME,
        required=True,
        key="up.files_by",
    )
    pattern = _pattern() if by == BY_NAME else None
    if pattern and len(pattern) > SEARCHED_AT_MOST:
        return
    with page.loading(height=120):
        looks = [data.load_uploaded_files(connection, code, pattern) for code in codes]
    page.left_out([text for snapshot in looks for text in snapshot.left_out])
    files = pd.concat([snapshot.frame for snapshot in looks], ignore_index=True)
    files = tenants.named(connection, files)
    if files.empty:
        page.empty("No files", "Visier lists no such file for these tenants.")
        return
    if by == BY_FILE:
        _single_files(connection, files)
    elif by == BY_SOURCE:
        _of_sources(connection, files)
    elif by == BY_TIME:
        _of_time(connection, files)
    else:
        _selectable(files)
        file_downloads.of_selected(connection, files, SELECTION)
        if pattern:
            _actions(files, len(files), FileChoice.NAME, [pattern])


def _pattern() -> str | None:
    pattern = typed.line(
        "File name pattern",
        key="up.files_pattern",
        type="search",
        placeholder="A regular expression in Visier's dialect",
        help="Visier itself applies it to find the files below.",
        width=420,
    )
    return pattern or None


def _of_sources(connection: Connection, files: pd.DataFrame) -> None:
    names = sorted(files["source_object_name"].dropna().unique())
    sources = st.multiselect("Sources", names, key="up.files_sources", width=420)
    matching = files[files["source_object_name"].isin(sources)] if sources else files
    tables.show(matching, _columns(files), key="up.file_table", of=len(files), noun="file")
    if sources:
        _actions(files, len(matching), FileChoice.SOURCES, sources)
        _download(connection, matching, {"sources": sources})


def _of_time(connection: Connection, files: pd.DataFrame) -> None:
    with filters.together():
        since, until = filters.span("Arrived from", "up_range_from", "Arrived to", "up_range_to")
    uploads = tenants.named(connection, within(files, since, until))
    of = len(within(files, None, None))
    columns = {**tables.tenant_columns(uploads), **UPLOAD_COLUMNS}
    tables.show(uploads, columns, key="up.range_table", of=of, noun="upload")
    if (since is None and until is None) or uploads.empty:
        st.caption(A_RANGE)
        return
    with st.container(horizontal=True):
        for verb, plan in (("Exclude", plan_exclude_range), ("Include", plan_include_range)):
            label = f"{verb} {formats.counted(len(uploads), 'upload')}…"
            if st.button(label, key=f"up.range.{verb}"):
                drawer(NAME).review(plan(files, since, until), filters.in_words("up_"))
                st.rerun()
    first, last = uploads["upload_time_text"].iloc[0], uploads["upload_time_text"].iloc[-1]
    asked = {"download_all": True, "min_timestamp": first, "max_timestamp": last}
    _download(connection, uploads, asked)


def _download(connection: Connection, rows: pd.DataFrame, query: Mapping[str, Any]) -> None:
    codes = rows["tenant_code"].unique()
    if len(codes) == 1:
        file_downloads.several(connection, codes[0], query)
    elif len(codes):
        st.caption("To download files, select uploads of one tenant.")


def _single_files(connection: Connection, files: pd.DataFrame) -> None:
    _selectable(files)
    chosen = files[is_among(files["key"], session.selected(SELECTION))]
    if len(chosen):
        ids = list(chosen["identifier"].unique())
        _actions(files, len(chosen), FileChoice.IDENTIFIERS, ids)
    file_downloads.of_selected(connection, files, SELECTION)


def _selectable(files: pd.DataFrame) -> None:
    tables.show_selectable(
        files, _columns(files), key="up.file_table", of=len(files), noun="file", selection=SELECTION
    )


def _actions(files: pd.DataFrame, count: int, choice: FileChoice, chosen: list[str]) -> None:
    with st.container(horizontal=True):
        for verb, plan in (("Exclude", plan_exclude_files), ("Include", plan_include_files)):
            if st.button(f"{verb} {formats.counted(count, 'file')}…", key=f"up.files.{verb}"):
                drawer(NAME).review(plan(files, choice, chosen), filters.in_words("up_"))
                st.rerun()


def _columns(files: pd.DataFrame) -> tables.Columns:
    return {**tables.tenant_columns(files), **COLUMNS}


COLUMNS: tables.Columns = {
    "filename": "File",
    "upload_time_text": "Upload time (API)",
    "source_object_name": "Source",
    "included": st.column_config.CheckboxColumn("Included"),
    "identifier": "Identifier",
}
UPLOAD_COLUMNS: tables.Columns = {
    "upload_time_text": "Upload time (API)",
    "included": st.column_config.CheckboxColumn("Included"),
}
