"""Pictures of nights that several screens show: cells by state, and counts night by night."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import plotly.graph_objects as go

from dashboard.components import night_states
from dashboard.components.charts import layout, matrix
from dashboard.wording import NIGHT_STATES
from services.monitoring.watch import NightState
from services.monitoring.watch.history import Grid
from services.monitoring.watch.states import STATES

# What is drawn of a night for all tenants, from below; who was not due is left out.
COUNTED: Final = (
    NightState.LOADED,
    NightState.LATE,
    NightState.FAILED,
    NightState.EXCLUDED,
    NightState.NOT_OBSERVED,
)
COUNTS_HEIGHT: Final = 120
ROW_HEIGHT: Final = 68


def cells(
    grid: Grid,
    nights: Sequence[date],
    *,
    labels: pd.Series,
    titles: pd.Series,
    hover: npt.NDArray[Any],
    codes: npt.NDArray[Any],
    on_dark: bool,
) -> go.Figure:
    """Draw a row per label and a column per night, each cell in the state that `grid` holds.

    `titles` are read above the `hover` of a cell. Its `customdata` is its night (ISO), the code of
    its row, and the token of its state.
    """
    starts = pd.DatetimeIndex([pd.Timestamp(each) for each in nights])
    columns = pd.IntervalIndex.from_arrays(starts, starts + pd.Timedelta(days=1), "left")
    tokens = np.array([str(state) for state in STATES])
    carried = np.column_stack(
        [
            np.tile([each.isoformat() for each in nights], len(labels)),
            np.repeat(codes, len(nights)),
            tokens[grid].ravel(),
        ]
    )
    figure = matrix.cells(
        grid.astype(float),
        columns,
        labels,
        titles=titles,
        carried=carried,
        hover=hover,
        zmax=night_states.ZMAX,
        colorscale=night_states.colorscale(),
        showscale=False,
    )
    # Ninety nights in a row leave no more between them.
    figure.update_traces(xgap=1, ygap=1, selector={"type": "heatmap"})
    figure.update_xaxes(tickformatstops=layout.ONE_LINE_TICKS)
    return figure.add_traces(night_states.marks(grid, columns.mid, labels, on_dark=on_dark))


def of_tenant(grid: Grid, nights: Sequence[date], code: str, *, on_dark: bool) -> go.Figure:
    """Draw the nights of one tenant in a row."""
    hover = np.char.add(np.char.add(names(nights)[np.newaxis, :], "<br>"), state_words()[grid])
    label = pd.Series([""], dtype="str")
    figure = cells(
        grid,
        nights,
        labels=label,
        titles=layout.plain(pd.Series([code], dtype="str")),
        hover=hover,
        codes=np.array([code], object),
        on_dark=on_dark,
    )
    return figure.update_layout(height=ROW_HEIGHT, margin={"t": 30, "b": 4})


def counts(grid: Grid, nights: Sequence[date]) -> go.Figure:
    """Draw how many tenants of each night are in which state; the `customdata` is the night."""
    at = pd.DatetimeIndex([pd.Timestamp(each) for each in nights]) + pd.Timedelta(hours=12)
    told = names(nights)
    bars = []
    for state in COUNTED:
        number = (grid == STATES.index(state)).sum(axis=0)
        is_known = state is not NightState.NOT_OBSERVED
        color = night_states.FACES[state][0] if is_known else "rgba(133,146,163,0.25)"
        words = np.char.add(layout.counted(number, "tenant"), f": {NIGHT_STATES[state]}")
        bars.append(
            go.Bar(
                x=at,
                y=number,
                name=NIGHT_STATES[state],
                customdata=[each.isoformat() for each in nights],
                text=np.char.add(np.char.add(told, "<br>"), words),
                textposition="none",
                marker={
                    "color": color,
                    "pattern": {"shape": night_states.PATTERNS.get(state, ""), "size": 5},
                },
                hovertemplate="%{text}<extra></extra>",
            )
        )
    common = layout.common(4) | {
        "height": COUNTS_HEIGHT,
        "margin": {"l": 8, "r": layout.RIGHT_MARGIN, "t": 8, "b": 20},
        "barmode": "stack",
        "bargap": 0.15,
        "showlegend": False,
        "dragmode": False,
    }
    figure = go.Figure(bars, common)
    figure.update_xaxes(fixedrange=True, showgrid=False, tickformatstops=layout.ONE_LINE_TICKS)
    return figure.update_yaxes(fixedrange=True, nticks=3, tickformat=",d")


def names(nights: Sequence[date]) -> npt.NDArray[np.str_]:
    """Return `Night to Mon 30 Nov 2026` for each night."""
    return np.array([f"Night to {each:%a %d %b %Y}" for each in nights])


def state_words() -> npt.NDArray[np.str_]:
    """Return the words of the states, in the order of STATES."""
    return np.array([NIGHT_STATES[state] for state in STATES])
