"""Tables: a frame with its count, its export and its columns as they are read."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.elements.lib.column_types import ButtonColumnResult, ColumnConfig

from dashboard import session, time_zone, wording
from dashboard.components import exports, formats, page
from dashboard.streamlit_compat import cell_texts, first_rows, row_shift_guard
from services.clock import CLOCK
from services.frames.membership import is_among

Columns = Mapping[str, ColumnConfig | ButtonColumnResult | str]

# More would push what stands below the table out of view.
ROWS_WITHOUT_SCROLLING = 14
# pixels: Streamlit's 35 at a font size of 16, scaled to the 15 of config.toml
ROW_HEIGHT = 33
# As a column says them that has too many rows for `said`.
TIME_FORMAT, DURATION = "D MMM YYYY HH:mm", "duration"
# Above, Streamlit itself sends only what is scrolled to.
EAGER_AT_MOST = 150_000
NONE_SELECTED: dict[str, dict[str, list[int]]] = {
    "selection": {"rows": [], "columns": [], "cells": []}
}


def show(
    frame: pd.DataFrame,
    columns: Columns,
    *,
    key: str,
    of: int,
    noun: str,
    opens: str = "",
    export: Sequence[str] = (),
    at_once: int | None = None,
) -> None:
    """Draw the named columns of a frame below "N of M" and the exports of exactly these rows.

    `export` names the columns of the exports where they are not those shown; `opens` is that of
    `rows`; more rows than `at_once` are scrolled when the style sheet leaves no room for them.
    """
    head(counted(frame, of, noun), frame[exported(frame, export or columns)], key=key)
    rows(frame, columns, key=key, opens=opens, at_once=at_once)


def rows(
    frame: pd.DataFrame,
    columns: Columns,
    *,
    key: str,
    opens: str = "",
    at_once: int | None = None,
) -> None:
    """Draw the named columns of a frame.

    With `opens`, a click on a row puts its `key` into the link under that name, a second click
    takes it out again, and the row the link names is the one that is ticked.
    """
    opener = _opener(frame["key"], key, opens) if opens else None
    _draw(frame, columns, key, opener or "ignore", at_once=at_once)


def clicked(
    frame: pd.DataFrame, columns: Columns, *, key: str, at_once: int | None = None
) -> int | None:
    """Draw the named columns of a frame; return the place of the row just clicked, if any.

    For rows that lead elsewhere: what was clicked does not stay ticked. `at_once` is as in `show`.
    """
    rows = _draw(frame, columns, key, "rerun", at_once=at_once)["selection"]["rows"]
    return int(rows[0]) if rows and rows[0] < len(frame) else None


def _draw(
    frame: pd.DataFrame,
    columns: Columns,
    key: str,
    on_select: Literal["ignore", "rerun"] | Callable[[], None],
    *,
    many: bool = False,
    at_once: int | None = None,
) -> Any:
    place, height = _place(frame, key, at_once)

    def draw(rows: pd.DataFrame) -> Any:
        return place.dataframe(
            **said(wording.shown(rows[list(columns)]), columns),
            key=key,
            height=height,
            hide_index=True,
            placeholder="—",
            on_select=on_select,
            selection_mode="multi-row" if many else "single-row",
        )

    if on_select != "ignore" and first_rows.are_worth_it(len(frame), key):
        # What stands in an empty one is replaced by what is drawn there next.
        place = place.empty()
        with first_rows.forgotten():
            draw(frame.head(first_rows.FIRST))
    return draw(frame)


def said(frame: pd.DataFrame, columns: Columns) -> dict[str, Any]:
    """Return a frame and its columns for st.dataframe, its times and durations in our own words.

    The browser still sorts and copies their values. What Streamlit would read piece by piece, it
    shows in its own way.
    """
    own = {name: each for name, each in columns.items() if _format(each) in (TIME_FORMAT, DURATION)}
    if not own or len(frame) > EAGER_AT_MOST:
        return {"data": frame, "column_config": dict(columns)}
    zone, now = time_zone.chosen(), CLOCK.now()
    texts = {
        name: formats.durations(frame[name])
        if _format(each) == DURATION
        else formats.moments(frame[name], zone, now)
        for name, each in own.items()
    }
    config = {**columns, **{name: _without_format(each) for name, each in own.items()}}
    return {"data": cell_texts.saying(frame, texts), "column_config": config}


def _format(column: Any) -> str | None:
    config = column.get("type_config") if isinstance(column, dict) else None
    return config.get("format") if config else None


def _without_format(column: Any) -> Any:
    return {**column, "type_config": {**column["type_config"], "format": None}}


def _opener(shown: pd.Series, key: str, opens: str) -> Callable[[], None]:
    """Select the row that is open; return what opens another one."""
    # Rows move with every filter and refresh: only the key says which one is meant.
    opened = np.flatnonzero(shown == st.query_params.get(opens))
    _select_rows(key, opened[:1])

    def take() -> None:
        ticked = st.session_state[key]["selection"]["rows"]
        st.query_params.pop(opens, None)
        if ticked:
            st.query_params[opens] = shown.iloc[ticked[0]]

    return take


def show_selectable(
    frame: pd.DataFrame,
    columns: Columns,
    *,
    key: str,
    of: int,
    noun: str,
    selection: str,
    export: Sequence[str] = (),
    note: str = "",
    every: pd.Series | None = None,
) -> None:
    """Draw a table, as `show` does, with the rows of `selectable_rows`.

    `note` follows how many there are in the line above. `every` has the keys from which
    `only_selected` has taken the rows, where a person may ask for that.
    """
    rows = frame[exported(frame, export or columns)]
    text = " · ".join(filter(None, (counted(frame, of, noun), note)))
    keys = frame["key"] if every is None else every
    head(text, rows, key=key, keys=keys, selection=selection, narrows=every is not None)
    selectable_rows(frame, columns, key=key, selection=selection)


def selectable_rows(frame: pd.DataFrame, columns: Columns, *, key: str, selection: str) -> None:
    """Draw the named columns of a frame whose ticked rows are the named selection.

    `frame` has a column `key`. Rows that are selected but not shown stay selected. A tick that may
    have been meant for a row that stood there before is not taken.
    """
    shown = frame["key"]
    _select_rows(key, np.flatnonzero(is_among(shown, session.selected(selection))))
    row_shift_guard.note(key, shown)

    def take() -> None:
        # Refused rather than guessed: a row selected by mistake ends in somebody's plan.
        if row_shift_guard.have_just_moved(key):
            st.toast(row_shift_guard.MOVED, icon=":material/swap_vert:")
            return
        ticked = shown.iloc[st.session_state[key]["selection"]["rows"]]
        session.select(selection, session.selected(selection).difference(shown).union(ticked))

    _draw(frame, columns, key, take, many=True)


@dataclass
class _Only:
    """The keys that were selected when a person asked to see only these."""

    keys: frozenset[str] = frozenset()


def only_selected(rows: pd.DataFrame, selection: str) -> pd.DataFrame:
    """Return the rows that were selected when a person asked for only these, else all of them.

    One that is deselected since stays in view, so that no row moves under the hands.
    """
    only = session.own(_Only, selection)
    kept = rows[is_among(rows["key"], only.keys)]
    if kept.empty or not session.selected(selection):
        only.keys = frozenset()
        return rows
    return kept


def _offer_only_selected(shown: pd.Series, selection: str) -> None:
    """Draw the button that leaves only the selected rows, or brings back all of them."""
    only, chosen = session.own(_Only, selection), session.selected(selection)
    if only.keys:
        label, keys = "Show all rows", frozenset[str]()
    elif not is_among(shown, chosen).any():
        return
    else:
        label, keys = "Show only selected", chosen
    key = f"{selection}.only_selected"
    st.button(label, key=key, type="tertiary", on_click=partial(setattr, only, "keys", keys))


def _place(
    frame: pd.DataFrame, key: str, at_once: int | None = None
) -> tuple[DeltaGenerator, Literal["content", "stretch"]]:
    """Return where a table of these rows stands, and its height in there.

    There is room for every row, as far as the style sheet lets it: always for `at_once`.
    """
    if len(frame) <= (at_once or ROWS_WITHOUT_SCROLLING):
        return st.container(key=f"table-{key}"), "content"
    # The head is a row too.
    height = (len(frame) + 1) * ROW_HEIGHT + 2
    return st.container(key=f"table-{key}", height=height, border=False), "stretch"


def _select_rows(key: str, rows: npt.NDArray[np.intp]) -> None:
    """Select these rows of a table, unless the browser has them selected already."""
    # Exactly as a browser sends it: in any other form, the browser's first message would count as
    # a change made by a person.
    selected = {"selection": NONE_SELECTED["selection"] | {"rows": rows.tolist()}}
    # Sending a selection takes back what was selected in the browser since its last message. A new
    # table has none: told so in the first run only, all its rows would be sent again in the second.
    if st.session_state.get(key, NONE_SELECTED) != selected:
        st.session_state[key] = selected


def selection_bar(
    shown: pd.Series,
    noun: str,
    *,
    selection: str,
    actions: Callable[[], None],
    in_view: pd.Series | None = None,
) -> None:
    """Draw, at the foot of the page, what is selected and what can be done with it, if anything is.

    Offers to select every one of the shown keys, or none. `in_view` holds the keys of all that can
    be seen, where that is more than can be selected so.
    """
    if not session.selected(selection):
        return
    with (
        st.bottom,
        st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="selection"),
    ):
        selected(shown, noun, selection=selection, in_view=in_view)
        actions()


def selected(
    shown: pd.Series, noun: str, *, selection: str, in_view: pd.Series | None = None
) -> None:
    """Draw how many are selected, and what selects all or none; as `selection_bar` otherwise."""
    chosen = session.selected(selection)
    seen = shown if in_view is None else in_view
    if alone := session.own(_Only, selection).keys:
        seen = seen[is_among(seen, alone)]
    out_of_view = int((~is_among(pd.Series(list(chosen), dtype="str"), seen)).sum())
    text = f"{formats.counted(len(chosen), noun)} selected"
    st.text(f"{text}, {out_of_view:,} not in view" if out_of_view else text, width="content")
    if not is_among(shown, chosen).all():
        _select_all(shown, selection)
    if chosen:
        st.button(
            "Clear selection",
            key=f"{selection}.select_none",
            type="tertiary",
            on_click=session.select,
            args=(selection, frozenset()),
        )


def _select_all(shown: pd.Series, selection: str) -> None:
    st.button(
        f"Select all {len(shown):,} matching",
        key=f"{selection}.select_all",
        type="tertiary",
        on_click=lambda: session.select(selection, frozenset(shown)),
    )


def counted(frame: pd.DataFrame, of: int, noun: str) -> str:
    """Return how many of all there are: `3 of 1,200 tenants`."""
    return f"{len(frame):,} of {formats.counted(of, noun)}"


def exported(frame: pd.DataFrame, columns: Iterable[str]) -> list[str]:
    """Return the columns of an export: with names of tenants also where none is known yet."""
    names = list(columns)
    if "tenant_code" in names and "tenant_name" in frame and "tenant_name" not in names:
        names.insert(names.index("tenant_code"), "tenant_name")
    return names


def head(
    text: str,
    exported: pd.DataFrame,
    *,
    key: str,
    complete: Callable[[pd.DataFrame], pd.DataFrame] | None = None,
    keys: pd.Series | None = None,
    selection: str = "",
    narrows: bool = False,
) -> None:
    """Draw the line above a table: what it holds, what selects its keys, and the exports.

    `complete` adds to the rows what is only worth reading once somebody exports them. While
    something is selected, `selection_bar` offers to select all, and with `narrows` the selected
    rows can be shown alone (`only_selected`).
    """
    with st.container(horizontal=True, vertical_alignment="center"):
        st.text(text, width="stretch")
        if keys is not None and not session.selected(selection):
            _select_all(keys, selection)
        elif keys is not None and narrows:
            _offer_only_selected(keys, selection)
        offer_exports(exported, key=key, complete=complete)


def offer_exports(
    frame: pd.DataFrame,
    *,
    key: str,
    complete: Callable[[pd.DataFrame], pd.DataFrame] | None = None,
) -> None:
    """Offer the rows as CSV and JSON; `complete` is as in `head`."""

    def written(write: Callable[[pd.DataFrame], bytes]) -> bytes:
        return write(complete(frame) if complete else frame)

    # A callable, so that the file is only made on a press; "ignore", so that a press runs no
    # script.
    screen, connection = page.visit().page, session.signed_in()
    place = connection.name or connection.actor.tenant
    today = CLOCK.now().astimezone(time_zone.chosen()).date()
    with st.popover("Export", icon=":material/download:", type="tertiary", key=f"{key}.export"):
        st.caption(f"These {len(frame):,} rows, times in UTC")
        for kind, write in (("CSV", exports.to_csv), ("JSON", exports.to_json)):
            st.download_button(
                kind,
                data=partial(written, write),
                file_name=exports.file_name(screen, key, place, today, kind.lower()),
                mime="text/csv" if kind == "CSV" else "application/json",
                key=f"{key}.export_{kind.lower()}",
                icon=":material/download:",
                on_click="ignore",
                width="stretch",
            )


OPEN = ":material/open_in_new:"


def open_column(shown: pd.Series, *, key: str, opens: str) -> ButtonColumnResult:
    """Return a column of buttons, its cells OPEN, that put the key of their row into the link."""

    def take() -> None:
        # The browser names the row by its number in the frame it was given.
        st.query_params[opens] = shown.iloc[st.session_state[key]["row"]]

    return st.column_config.ButtonColumn(
        "Open", type="tertiary", key=key, on_click=take, width=56, help="Details"
    )


def time_column(label: str, help_text: str | None = None, *, width: int = 128) -> ColumnConfig:
    """Return a column of times in the chosen zone."""
    zone = time_zone.chosen().key
    return st.column_config.DatetimeColumn(
        label, format=TIME_FORMAT, timezone=zone, help=_times(zone, help_text), width=width
    )


def _times(zone: str, help_text: str | None) -> str:
    exact = f"In {zone}, without the day where it is today. Copy a cell for the exact time."
    return f"{help_text} {exact}" if help_text else exact


def age_column(
    label: str = "Age", help_text: str | None = None, *, width: int = 90
) -> ColumnConfig:
    """Return a column of seconds, written as a length of time."""
    return st.column_config.NumberColumn(label, format=DURATION, width=width, help=help_text)


def count_column(
    label: str, help_text: str | None = None, *, width: int | None = None
) -> ColumnConfig:
    """Return a column of how many there are: `1,000`, as in every text."""
    return st.column_config.NumberColumn(label, format="%,d", width=width, help=help_text)


def version_column(
    label: str, shown: pd.Series, width: Literal["small"] | int = "small"
) -> ColumnConfig:
    """Return the column of `formats.version_numbers`, each written as Visier writes it."""
    if shown.dtype == "Int64":
        return st.column_config.NumberColumn(label, format="%d", width=width)
    return st.column_config.TextColumn(label, width=width)


def tenant_columns(
    rows: pd.DataFrame, *, width: int = 190, between: Columns = MappingProxyType({})
) -> Columns:
    """Return the pinned columns that name the tenant of a row: its name, and beside it its code.

    Where no name is known (`tenant_name`, "" or missing), the code stands alone. What is to be read
    on a phone without moving the table stands `between` the two: then the code is not pinned.
    """
    if "tenant_name" not in rows or not rows["tenant_name"].fillna("").ne("").any():
        code = st.column_config.TextColumn("Tenant", pinned=True, width=120)
        return {"tenant_code": code, **between}
    return {
        "tenant_name": st.column_config.TextColumn("Tenant", pinned=True, width=width),
        **between,
        "tenant_code": st.column_config.TextColumn("Code", pinned=not between, width=105),
    }
