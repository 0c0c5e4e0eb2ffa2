"""A chart above a table is a strip, so that the table stays in view; a person opens the whole."""

from typing import Final

import plotly.graph_objects as go
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

HEIGHT: Final = 160
# Of the least height that can still be told apart and clicked, below an axis.
ROWS: Final = 7
_AXIS: Final = 26


def is_open(toolbar: DeltaGenerator, *, key: str) -> bool:
    """Draw the switch between the strip and the whole chart; say whether the whole is wanted."""
    return toolbar.toggle("Full chart", key=f"{key}.full", help="Shows all rows of the chart")


def flat(figure: go.Figure) -> go.Figure:
    """Return the figure as tall as the strip."""
    return figure.update_layout(height=HEIGHT, margin={"t": _AXIS, "b": 4})


def scrolled(figure: go.Figure, toolbar: DeltaGenerator, *, key: str) -> DeltaGenerator:
    """Return where a chart with a row a tenant stands: in the strip it scrolls.

    One that is no taller than the strip needs no switch.
    """
    is_whole = figure.layout.height <= HEIGHT or is_open(toolbar, key=key)
    return st.container(height="content" if is_whole else HEIGHT, border=False)
