"""The last nights as a strip: of all tenants, or of one; a click opens that night on History."""

from contextlib import suppress

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from dashboard import navigation
from dashboard.components import night_states, theme
from dashboard.components.charts import nights
from dashboard.connection import Connection
from dashboard.watch import history
from services.ledger import LedgerTrouble
from services.monitoring.watch.history import NOTHING, History

NIGHTS_OF_ALL = 30


def of_all(connection: Connection) -> None:
    """Draw how many tenants loaded, failed or were late in the last 30 nights, if any is known."""
    found = _known(connection)
    if not found.nights:
        return
    first = max(0, len(found.nights) - NIGHTS_OF_ALL)
    st.header("Last 30 nights", anchor=False)
    figure = nights.counts(found.grid[:, first:], found.nights[first:])
    night = _clicked(figure, key="nights.all", alt="Tenants by state, night by night")
    st.caption("■ Loaded · / Late · ✕ Failed · + Excluded. Click a night to open it.")
    if night:
        navigation.go_to(navigation.HISTORY, {"hist_night": night})


def of_tenant(connection: Connection, code: str) -> None:
    """Draw how each night on record went for one tenant, if any is known."""
    found = _known(connection)
    place = found.codes.get_indexer(pd.Index([code]))[0] if found.nights else -1
    if place < 0:
        return
    grid = found.grid[place : place + 1]
    figure = nights.of_tenant(grid, found.nights, code, on_dark=theme.is_dark())
    st.header(f"Last {len(found.nights)} nights", anchor=False)
    night = _clicked(figure, key="nights.tenant", alt="State of each night of this tenant")
    st.caption(f"{night_states.LEGEND}. Click a night to open it.")
    if night:
        navigation.go_to(navigation.HISTORY, {"hist_night": night, "hist_tenant": code})


def _known(connection: Connection) -> History:
    # Nothing else on these screens comes from the record of nights.
    with suppress(LedgerTrouble):
        return history.load(connection)
    return NOTHING


def _clicked(figure: go.Figure, *, key: str, alt: str) -> str:
    """Draw a chart; return the night of what was just clicked, "" for nothing."""
    chosen = st.plotly_chart(figure, key=key, on_select="rerun", selection_mode="points", alt=alt)
    points = chosen["selection"]["points"]
    if not points:
        return ""
    carried = points[0]["customdata"]
    return str(carried if isinstance(carried, str) else carried[0])
