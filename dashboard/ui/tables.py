"""Tables: a frame with its count, its export and its columns as they are read."""

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np
import pandas as pd
import streamlit as st
from streamlit.elements.lib.column_types import ButtonColumnResult, ColumnConfig

from dashboard import exports, session
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
    export: Sequence[str] = (),
) -> pd.Series | None:
    """Draw the named columns of a frame below "N of M" and the exports of exactly these rows.

    `export` names the columns of the exports where they are not those shown. Returns the row a
    person has selected, when the table is selectable.
    """
    _head(frame, export or list(columns), key=key, of=of, noun=noun)
    event = st.dataframe(
        frame[list(columns)],
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


def show_selectable(
    frame: pd.DataFrame,
    columns: Columns,
    *,
    key: str,
    of: int,
    noun: str,
    selection: str,
    export: Sequence[str] = (),
) -> None:
    """Draw a table, as `show` does, whose ticked rows are the named selection.

    `frame` has a column `key`. Rows that are selected but not shown stay selected.
    """
    _head(frame, export or list(columns), key=key, of=of, noun=noun)
    shown = frame["key"]
    st.session_state[key] = {"selection": {"rows": _positions(shown, selection)}}

    def take() -> None:
        ticked = shown.iloc[st.session_state[key]["selection"]["rows"]]
        session.select(selection, session.selected(selection).difference(shown).union(ticked))

    st.dataframe(
        frame[list(columns)],
        key=key,
        height="content" if len(frame) <= ROWS_WITHOUT_SCROLLING else HEIGHT,
        hide_index=True,
        column_config=dict(columns),
        placeholder="—",
        on_select=take,
        selection_mode="multi-row",
    )


def _positions(shown: pd.Series, selection: str) -> list[int]:
    positions: list[int] = np.flatnonzero(shown.isin(session.selected(selection))).tolist()
    return positions


def selection_bar(shown: pd.Series, noun: str, *, selection: str) -> None:
    """Say how many are selected; offer to select every one of the shown keys, or none."""
    chosen = session.selected(selection)
    out_of_view = len(chosen) - int(shown.isin(chosen).sum())
    text = f"{formats.counted(len(chosen), noun)} selected"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.text(f"{text}, {out_of_view:,} of them not in view" if out_of_view else text)
        st.button(
            f"Select all {len(shown):,} matching",
            key=f"{selection}.select_all",
            type="tertiary",
            on_click=lambda: session.select(selection, frozenset(shown)),
        )
        st.button(
            "Clear selection",
            key=f"{selection}.select_none",
            type="tertiary",
            disabled=not chosen,
            on_click=session.select,
            args=(selection, frozenset()),
        )


def _head(frame: pd.DataFrame, export: Sequence[str], *, key: str, of: int, noun: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.text(f"{len(frame):,} of {formats.counted(of, noun)}", width="stretch")
        _export(frame[list(export)], key)


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
