"""Tenants by nights, and one night as a table."""

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard.components import (
    chart_strip,
    filters,
    night_states,
    page,
    tables,
    tenant_link,
    theme,
)
from dashboard.components.charts import layout
from dashboard.components.filter_row import FilterRow
from dashboard.connection import Connection
from pages.history import charts, record
from pages.history import filters as history_filters
from services.clock import CLOCK
from services.monitoring.watch.history import Grid, History
from services.monitoring.watch.states import STATES

WHAT_IS_BEHIND = (
    "Each night runs from noon to noon and is named by the date it ends on. Late: nothing new by "
    "the time its rhythm allows, or a job was stuck. Not observed: nobody looked, so nothing is "
    "known."
)


def draw(
    connection: Connection,
    row: FilterRow,
    found: History,
    every: pd.DataFrame,
    kept: "pd.Series[bool]",
) -> None:
    """Draw the nights of the tenants that are kept, and the night that is chosen."""
    night = history_filters.night(row, found.nights)
    every = every.assign(state=found.grid[:, found.nights.index(night)])
    searched = shown = every[kept]
    toolbar = st.container(horizontal=True, vertical_alignment="center", key="toolbar")
    with toolbar:
        counts = np.bincount(shown["state"], minlength=len(STATES))
        state = history_filters.by_state(dict(zip(STATES, counts.tolist(), strict=True)))
    if state != history_filters.ANY:
        shown = searched[searched["state"] == STATES.index(state)]
    if shown.empty:
        page.nothing_matches("tenant", history_filters.FILTERS)
        return
    _picture(shown, searched, found, toolbar)
    _table(connection, shown, found, night, len(every))


def _picture(
    shown: pd.DataFrame, searched: pd.DataFrame, found: History, toolbar: DeltaGenerator
) -> None:
    grid, on_dark = found.grid[shown.index], theme.is_dark()
    if len(shown) > layout.ROWS_AT_MOST:
        is_whole = chart_strip.is_open(toolbar, key="hist")
        rows = layout.BANDS_AT_MOST if is_whole else chart_strip.ROWS
        # What a click finds: the state is filtered by anew, and the search stays.
        nights = found.grid[searched.index].T
        of_night = np.stack([np.bincount(each, minlength=len(STATES)) for each in nights], axis=1)
        figure = charts.bands(grid, found.nights, of_night, rows=rows, on_dark=on_dark)
        if not is_whole:
            chart_strip.flat(figure)
        filters.zooming_chart(figure, _zoom, key="hist.nights")
    else:
        figure = charts.tenants(shown, grid, found.nights, on_dark=on_dark)
        with chart_strip.scrolled(figure, toolbar, key="hist"):
            filters.zooming_chart(figure, _zoom, key="hist.nights")
    st.caption(f"{night_states.LEGEND}. Click a cell to open that night.", help=WHAT_IS_BEHIND)


def _zoom(cell: list[Any]) -> None:
    """Show the night of a cell: of its tenant, or of all tenants it went so for."""
    night, code, state = map(str, cell)
    filters.put("hist_night", night, night)
    if code:
        filters.put("hist_tenant", code, code)
    else:
        filters.put("hist_state", state, state)


def _table(
    connection: Connection, shown: pd.DataFrame, found: History, night: date, of: int
) -> None:
    grid: Grid = found.grid[shown.index]
    counts = {str(state): (grid == place).sum(axis=1) for place, state in enumerate(STATES)}
    rows = shown.assign(**counts)
    rows = rows.merge(record.of_night(connection, night), on="tenant_code", how="left")
    worst = ["state", "failed", "late", "tenant_code"]
    rows = rows.sort_values(worst, ascending=[True, False, False, True], ignore_index=True)
    tokens = np.array([str(state) for state in STATES])[rows["state"]]
    rows = rows.assign(state=night_states.labels(rows["state"]), token=tokens)
    columns: dict[str, Any] = {
        **tables.tenant_columns(rows, width=172),
        "state": st.column_config.ListColumn(f"Night to {night:%d %b}", width=132),
        "loaded_at": tables.time_column("Loaded"),
        "upload_count": tables.count_column("Uploads", "That came in this night"),
        "excluded_count": tables.count_column("Excluded"),
        "jobs_failed": tables.count_column("Jobs failed", "That began in this night"),
        "late_at": tables.time_column("Late from", "By the rhythm of its loads"),
        **{
            str(state): tables.count_column(f"Nights {word.lower()}", width=100)
            for state, word in record.COUNTED.items()
        },
    }
    if rows["metrics"].notna().any():
        columns["metrics"] = st.column_config.TextColumn(
            "Metric values", width=260, help="Of the version that was loaded in this night"
        )
    exported = rows.assign(state=rows["token"], night=night.isoformat())
    rows = rows.assign(metrics=record.metric_words(rows["metrics"]))
    names = ["night", *(["tenant_name"] if "tenant_name" in columns else []), "tenant_code"]
    names += [name for name in columns if name not in names]
    how_far = f"this night {record.of_what(found, night, CLOCK.now())}"
    text = f"{tables.counted(rows, of, 'tenant')} · {how_far}"
    tables.head(text, exported[names], key="hist.table")
    clicked = tables.clicked(rows, columns, key="hist.table")
    if clicked is not None:
        tenant_link.go(str(rows["tenant_code"].iloc[clicked]))
