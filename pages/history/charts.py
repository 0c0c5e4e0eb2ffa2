"""The picture of nights: tenants by nights, a row each or in bands that lie alike."""

from collections.abc import Sequence
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import plotly.graph_objects as go

from dashboard.components.charts import layout
from dashboard.components.charts import nights as nights_chart
from dashboard.wording import NIGHT_STATES
from services.monitoring.watch import NightState
from services.monitoring.watch.history import Grid
from services.monitoring.watch.states import STATES

# A band shows the worst that so many of its tenants share: a single failure would colour them all.
SHARE: Final = 0.1
# pixels: six tenants fit into a strip
_ROW_HEIGHT: Final = 18
_BELOW: Final = 8
_WORST: Final = [
    state for state in STATES if state not in {NightState.LOADED, NightState.NOTHING_CAME}
]


def tenants(
    rows: pd.DataFrame, grid: Grid, nights: Sequence[date], *, on_dark: bool = False
) -> go.Figure:
    """Draw a row per tenant, in the order of `rows`: tenant_code and tenant_name.

    `grid` has a row for each of them, a column per night. The `customdata` of a cell is its night
    (ISO), the code of its tenant, and the token of its state.
    """
    names = layout.plain(rows["tenant_name"].fillna(""))
    codes = layout.plain(rows["tenant_code"])
    called = layout.called(rows)
    labels = pd.Series([called.get(code, code) for code in codes], dtype="str")
    # Rows of one name would be one row.
    labels = labels.mask(labels.duplicated(keep=False), codes.to_numpy(str))
    titles = pd.Series(
        [f"{name} {code}".strip() for name, code in zip(names, codes, strict=True)], dtype="str"
    )
    hover = np.char.add(
        np.char.add(nights_chart.names(nights)[np.newaxis, :], "<br>"),
        nights_chart.state_words()[grid],
    )
    of_rows = rows["tenant_code"].to_numpy(object)
    figure = nights_chart.cells(
        grid, nights, labels=labels, titles=titles, hover=hover, codes=of_rows, on_dark=on_dark
    )
    return figure.update_layout(height=layout.TOP_MARGIN + _ROW_HEIGHT * max(len(rows), 3) + _BELOW)


def bands(
    grid: Grid,
    nights: Sequence[date],
    of_night: npt.NDArray[np.int_],
    *,
    rows: int,
    on_dark: bool = False,
) -> go.Figure:
    """Draw `rows` bands of tenants that lie alike, those with the same newest nights together.

    `grid` has a row per tenant, `of_night` the number of all tenants by state and night. A cell has
    the worst state that a tenth of its tenants share, else the one that most have. Its `customdata`
    is its night, "" and the token of that state.
    """
    alike = np.argsort(_as_text(grid[:, ::-1]), kind="stable")
    band = np.arange(len(alike)) * rows // len(alike)
    counts = np.zeros((rows, len(STATES), len(nights)), np.int64)
    ordered = grid[alike]
    for state in range(len(STATES)):
        np.add.at(counts[:, state], band, ordered == state)
    shown = _shown(counts)
    sizes = counts.sum(axis=1)
    labels = pd.Series([f"Band {number + 1}" for number in range(rows)], dtype="str")
    titles = pd.Series(
        [f"{layout.counted(size[:1], 'tenant')[0]} alike" for size in sizes], dtype="str"
    )
    hover = np.char.add(nights_chart.names(nights)[np.newaxis, :], _counted(counts))
    all_of_it = of_night[shown, np.arange(len(nights))]
    words = np.char.add(
        np.char.add("<br>Click: ", layout.counted(all_of_it, "tenant")),
        np.char.add(" of that night: ", nights_chart.state_words()[shown]),
    )
    figure = nights_chart.cells(
        shown,
        nights,
        labels=labels,
        titles=titles,
        hover=np.char.add(hover, words),
        codes=np.full(rows, "", object),
        on_dark=on_dark,
    )
    return figure.update_yaxes(showticklabels=False, ticks="")


def _shown(counts: npt.NDArray[np.int64]) -> Grid:
    """Return the state that each cell shows."""
    total = counts.sum(axis=1, keepdims=True)
    share = counts / np.maximum(total, 1)
    shown = counts.argmax(axis=1)
    # Half loaded and half not due is a night like any other: what was loaded is shown.
    loaded = STATES.index(NightState.LOADED)
    shown = np.where(share[:, loaded] >= SHARE, loaded, shown)
    for state in reversed(_WORST):
        place = STATES.index(state)
        shown = np.where(share[:, place] >= SHARE, place, shown)
    return shown.astype(np.int8)


def _counted(counts: npt.NDArray[np.int64]) -> npt.NDArray[np.str_]:
    """Return for each cell how many tenants are in which state, line by line."""
    told = np.full((len(counts), counts.shape[2]), "", dtype="U200")
    for place, state in enumerate(STATES):
        of_state = counts[:, place]
        line = np.char.add(np.char.add("<br>", layout.written(of_state)), f" {NIGHT_STATES[state]}")
        told = np.where(of_state > 0, np.char.add(told, line), told)
    return told


def _as_text(grid: Grid) -> npt.NDArray[np.bytes_]:
    """Return each row as a text that sorts as its cells do, the first one first."""
    # No cell is 0: at the end of a text, that would be taken for none.
    cells = np.ascontiguousarray(grid + 1, dtype=np.uint8)
    return cells.view(f"S{cells.shape[1]}").ravel()
