"""Tables: a frame with its count, its export and its columns as they are read."""

from collections.abc import Mapping
from functools import partial

import pandas as pd
import streamlit as st
from streamlit.elements.lib.column_types import ButtonColumnResult, ColumnConfig

from dashboard import exports
from dashboard.ui import chrome, formats

Columns = Mapping[str, ColumnConfig | ButtonColumnResult | str]

HEIGHT = 527
ROWS_WITHOUT_SCROLLING = 14
TIME_FORMAT = "YYYY-MM-DD HH:mm:ss"


def show(
    frame: pd.DataFrame,
    columns: Columns,
    *,
    key: str,
    of: int,
    noun: str,
    selectable: bool = False,
) -> pd.Series | None:
    """Draw the named columns of a frame below "N of M" and the exports of exactly these rows.

    Returns the row a person has selected, when the table is selectable.
    """
    with st.container(horizontal=True, vertical_alignment="center"):
        st.text(f"{len(frame):,} of {formats.counted(of, noun)}", width="stretch")
        _export(frame[list(columns)], key)
    event = st.dataframe(
        frame,
        key=key,
        height="content" if len(frame) <= ROWS_WITHOUT_SCROLLING else HEIGHT,
        hide_index=True,
        column_order=list(columns),
        column_config=dict(columns),
        placeholder="—",
        on_select="rerun" if selectable else "ignore",
        selection_mode="single-row",
    )
    rows = event["selection"]["rows"] if isinstance(event, dict) else []
    return frame.iloc[rows[0]] if rows and rows[0] < len(frame) else None


def _export(frame: pd.DataFrame, key: str) -> None:
    for kind, write in (("CSV", exports.to_csv), ("JSON", exports.to_json)):
        st.download_button(
            kind,
            data=partial(write, frame),
            file_name=f"{key.replace('.', '_')}.{kind.lower()}",
            mime="text/csv" if kind == "CSV" else "application/json",
            key=f"{key}.export_{kind.lower()}",
            icon=":material/download:",
            on_click="ignore",
            help=f"These {len(frame):,} rows as {kind}. Times are in UTC.",
        )


def time_column(label: str, help_text: str | None = None) -> ColumnConfig:
    """Return a column of times in the chosen zone."""
    zone = chrome.time_zone().key
    return st.column_config.DatetimeColumn(
        label, format=TIME_FORMAT, timezone=zone, help=help_text or f"In {zone}", width=160
    )


def age_column(label: str = "Age") -> ColumnConfig:
    """Return a column of seconds, written as a length of time."""
    return st.column_config.NumberColumn(label, format="duration", width=110)


def code_column(label: str = "Tenant") -> ColumnConfig:
    """Return the pinned column that names the row."""
    return st.column_config.TextColumn(label, pinned=True, width=150)
