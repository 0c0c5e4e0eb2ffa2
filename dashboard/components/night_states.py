"""How nights went, as colours, marks and words: the same wherever nights are drawn."""

from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import plotly.graph_objects as go

from dashboard.components.charts import layout
from dashboard.wording import NIGHT_STATES
from services.monitoring.watch import NightState
from services.monitoring.watch.states import STATES

# The colour of a cell and the mark on it, by which states are told apart without colour too.
FACES: Final = {
    NightState.FAILED: (layout.UNUSUAL, "x-thin", "✕"),
    NightState.LATE: (layout.ORANGE, "triangle-up", "▲"),
    NightState.EXCLUDED: (layout.GREY, "hash", "#"),
    NightState.LOADED: (layout.BLUE, None, "■"),
    NightState.NOTHING_CAME: ("rgba(133,146,163,0.16)", None, "□"),
    NightState.NOT_OBSERVED: ("rgba(0,0,0,0)", "line-ne", "/"),
}
# Bars have no marks: patterns tell them apart.
PATTERNS: Final = {
    NightState.FAILED: "x",
    NightState.LATE: "/",
    NightState.EXCLUDED: "+",
    NightState.NOT_OBSERVED: ".",
}
LEGEND: Final = " · ".join(f"{FACES[each][2]} {NIGHT_STATES[each]}" for each in STATES)
ZMAX: Final = len(STATES) - 1
_MARK: Final = 6


def colorscale() -> list[tuple[float, str]]:
    """Return the colours of the states, for cells that hold their places in STATES."""
    return [(place / ZMAX, FACES[state][0]) for place, state in enumerate(STATES)]


def labels(places: "pd.Series[int]") -> pd.Series:
    """Return mark and word of states, a list of one label each; they are given as in a grid."""
    words = [[f"{FACES[each][2]} {NIGHT_STATES[each]}"] for each in STATES]
    return pd.Series([words[place] for place in places], places.index, dtype="object")


def marks(
    grid: npt.NDArray[np.int8], columns: pd.Index, rows: pd.Series, *, on_dark: bool
) -> list[go.Scatter]:
    """Return the marks on the cells of a grid; they neither hover nor are selected."""
    line = layout.NUMBER_ON_DARK if on_dark else layout.NUMBER_ON_PALE
    found = []
    for place, state in enumerate(STATES):
        symbol = FACES[state][1]
        row, column = np.nonzero(grid == place)
        if symbol is None or not len(row):
            continue
        is_on_page = state is NightState.NOT_OBSERVED
        color = layout.GREY if is_on_page else line if state is NightState.EXCLUDED else "#ffffff"
        found.append(layout.marks_on(columns[column], rows.iloc[row], symbol, color, _MARK))
    return found
