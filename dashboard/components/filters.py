"""Filters that more than one page has. Each lives in the URL under its key."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import pandas as pd
import plotly.graph_objects as go
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard import data, session, time_zone
from dashboard.components import formats, tenant_search, token_filters, typed, typed_time
from dashboard.components.charts import layout
from dashboard.connection import Connection
from dashboard.wording import FILTERED_BY
from services.typed_text import SEARCHED_AT_MOST

# What a window of time is a window of.
_WINDOWS: Final = {"job_": "started within", "up_": "arrived within", "del_": "arrived within"}
HOW_IT_IS_SHOWN = frozenset({"view", "live", "open", "with"})


def data_category(connection: Connection, *, key: str) -> str | None:
    """Draw the choice of a data category; return its object name, or None for the primary one.

    Where they cannot be listed there is no choice, but for what a link names.
    """
    categories = data.listed_categories(connection).dropna(subset="object_name")
    titles = categories["name"].fillna(categories["object_name"])
    names = dict(zip(categories["object_name"], titles, strict=True))
    linked = st.session_state.get(key) or st.query_params.get(key)
    if categories.empty and linked:
        names = {linked: linked}
    elif len(categories) < 2:
        return None
    return token_filters.token("Data category", names, key=key, width=160, none="Primary")


def in_words(prefix: str) -> str:
    """Return the filters in force of one page as a text for the ledger, as `describe` does."""
    linked = {
        name.removeprefix(prefix): " or ".join(st.query_params.get_all(name))
        for name in st.query_params
        if name.startswith(prefix)
    }
    given = {name: value for name, value in linked.items() if name not in HOW_IT_IS_SHOWN}
    # The window a page opens with is in force too, and stands in no link.
    window = st.session_state.get(f"{prefix}window")
    if window and given.keys().isdisjoint(("from", "to")):
        given.setdefault("window", window)
    window_of = _WINDOWS.get(prefix, "window")
    named = {window_of if name == "window" else name: value for name, value in given.items()}
    return describe(named, time_zone.chosen().key)


def describe(given: Mapping[str, str], zone: str) -> str:
    """Return filters as people read them: `tenant ~c, from 29 Nov 2026 01:00 (UTC)`."""
    words = [f"{name.replace('_', ' ')} {_read(name, value)}" for name, value in given.items()]
    return f"{', '.join(words) or 'none'} ({zone})"


def _read(name: str, value: str) -> str:
    if name not in ("from", "to"):
        return " or ".join(FILTERED_BY.get(each, each) for each in value.split(" or "))
    try:
        return f"{datetime.fromisoformat(value):%d %b %Y %H:%M}"
    except ValueError:
        return value


def row() -> DeltaGenerator:
    """Return a container whose filters stand side by side and wrap where the page is narrow."""
    return st.container(
        horizontal=True, vertical_alignment="center", gap="xsmall", key="filters-shown"
    )


def together() -> DeltaGenerator:
    """Return a container in a row whose filters wrap as one."""
    return st.container(horizontal=True, vertical_alignment="bottom", gap="xsmall", width="content")


HOW_TO_SELECT = (
    "Draw a box around marks, or select rows below. To click a single mark, "
    "choose Pan in the chart toolbar."
)
UNREADABLE = "The time for “{field}” in this link cannot be read, so the field is empty."
# A time that is given has a cross beside it, to take it out again.
TIME_WIDTH = 200


def span(
    from_label: str, from_key: str, to_label: str, to_key: str
) -> tuple[pd.Timestamp | None, pd.Timestamp | None]:
    """Draw two fields for times in the chosen zone; return them in UTC, None where empty.

    The end is the last moment of the minute typed. Of an hour that a clock change repeats, all
    belongs to the span; of one that it skips, nothing that came after.
    """
    zone = time_zone.chosen()
    typed_since, typed_until = _typed(from_label, from_key), _typed(to_label, to_key)
    since = until = None
    if typed_since is not None:
        since = typed_time.in_utc(typed_since, zone, first_of_repeated=True)
    if typed_until is not None:
        until = typed_time.last_moment(typed_until, zone)
    if since is not None and until is not None and since > until:
        st.text(f"{from_label} is later than {to_label}.")
    return since, until


def in_link(
    from_key: str,
    to_key: str,
    *,
    since: pd.Timestamp | None = None,
    before: pd.Timestamp | None = None,
) -> dict[str, str]:
    """Return the query of a link to what lies from one moment to before another, both in UTC.

    Both are whole minutes, as `span` reads them; without one, that end is open.
    """
    zone, query = time_zone.chosen(), {}
    if since is not None:
        query[from_key] = since.tz_convert(zone)
    if before is not None:
        query[to_key] = (before - typed_time.MINUTE).tz_convert(zone)
    return {key: at.tz_localize(None).isoformat(timespec="minutes") for key, at in query.items()}


def _typed(label: str, key: str) -> datetime | None:
    linked = st.query_params.get(key) if key not in st.session_state else None
    typed: datetime | None = st.datetime_input(
        label, value=None, key=key, bind="query-params", format="YYYY-MM-DD", width=TIME_WIDTH
    )
    if typed is None and linked:
        st.toast(UNREADABLE.format(field=label), icon=":material/link_off:", duration="infinite")
    return typed


def between(
    times: pd.Series, since: pd.Timestamp | None, until: pd.Timestamp | None
) -> "pd.Series[bool]":
    """Return which times lie between the two, both included; a missing end is open."""
    inside = pd.Series(True, index=times.index)
    if since is not None:
        inside &= times >= since
    if until is not None:
        inside &= times <= until
    return inside


def put(key: str, value: object, linked: str) -> None:
    """Set a filter in a callback, `linked` as it stands in a link."""
    # Streamlit writes what a script sets into the address only once the filter has been drawn.
    if key not in st.session_state and linked:
        st.query_params[key] = linked
    st.session_state[key] = value


def zooming_chart(figure: go.Figure, zoom: Callable[[list[Any]], None], *, key: str) -> None:
    """Draw a chart of cells; a click on one calls `zoom` with its `customdata`.

    What is clicked is what is counted: `zoom` filters by exactly what the cell has counted.
    """

    def take() -> None:
        # A click on what is selected already comes without points.
        points: list[dict[str, Any]] = st.session_state[key]["selection"]["points"]
        if points:
            zoom(points[0]["customdata"])

    st.plotly_chart(
        figure, key=key, on_select=take, selection_mode="points", alt="Click a cell to zoom in"
    )


def put_span(from_key: str, to_key: str, first: str | None, last: str | None) -> None:
    """Set two fields for times, in a callback, to minutes of the chosen zone (ISO 8601) or none."""
    for key, text in ((from_key, first), (to_key, last)):
        put(key, datetime.fromisoformat(text) if text else None, text or "")


def not_drawn(times: pd.Series, noun: str) -> None:
    """Show how many rows a chart leaves out because of their times."""
    missing = int((~layout.is_drawn(times)).sum())
    if missing:
        are, their = ("is", "its") if missing == 1 else ("are", "their")
        st.caption(
            f":material/event_busy: {formats.counted(missing, noun)} {are} not in the chart: "
            f"{their} time is unknown or outside 2000 to 2099."
        )


def selecting_chart(
    figure: go.Figure, *, key: str, selection: str, shown: pd.Series, alt: str
) -> None:
    """Draw a chart whose marks are selected by click, box or lasso.

    The first `customdata` of a mark is its key; `shown` are the keys of all marks.
    """

    def take() -> None:
        points: list[dict[str, Any]] = st.session_state[key]["selection"]["points"]
        picked = {point["customdata"][0] for point in points}
        session.select(selection, session.selected(selection).difference(shown).union(picked))

    st.plotly_chart(
        figure, key=key, on_select=take, selection_mode=("points", "box", "lasso"), alt=alt
    )


def one_of(values: pd.Series, label: str, *, key: str) -> "pd.Series[bool]":
    """Draw a choice among the names in a column; none chosen keeps every row."""
    chosen = st.multiselect(
        label,
        list(values.cat.categories),
        key=key,
        bind="query-params",
        placeholder=f"Any {label.lower()}",
        width=165,
    )
    return values.isin(chosen) if chosen else pd.Series(True, index=values.index)


def find(placeholder: str, *, key: str) -> str:
    """Draw a field for a text to be found; `key` is its name in the link."""
    return typed.line(
        "Find", key=key, bind="query-params", type="search", placeholder=placeholder, width=300
    )


def contains(rows: pd.DataFrame, columns: Sequence[str], text: str) -> "pd.Series[bool]":
    """Return which rows have the text in one of the columns; "" keeps every row."""
    mask = pd.Series(not text, index=rows.index)
    for name in columns if 0 < len(text) <= SEARCHED_AT_MOST else ():
        mask |= tenant_search.holds(rows[name], text)
    return mask
