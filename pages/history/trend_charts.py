"""Small charts of a figure, night by night; where it is not known there is a gap."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from dashboard.components.charts import layout
from dashboard.components.charts import nights as nights_chart

HEIGHT: Final = 176
UNKNOWN: Final = "Not known"
# Told apart by dashes and marks too, and bars by patterns.
_LINES: Final = (
    (layout.BLUE, "solid", "circle"),
    (layout.ORANGE, "dash", "diamond"),
    (layout.UNUSUAL, "dot", "square"),
)
_BARS: Final = (
    (layout.UNUSUAL, ""),
    (layout.ORANGE, "/"),
    (layout.BLUE, "x"),
    (layout.GREY, "+"),
)
SERIES_AT_MOST: Final = len(_LINES)
KINDS_AT_MOST: Final = len(_BARS) - 1
_GAP: Final = "rgba(133,146,163,0.25)"


@dataclass(frozen=True)
class Series:
    """One figure: its `name`, its value of each night (None for none), and what that says."""

    name: str
    values: Sequence[float | None]
    words: Sequence[str]


def lines(
    nights: Sequence[date], series: Sequence[Series], is_known: Sequence[bool], **axis: Any
) -> go.Figure:
    """Draw a line for each of at most SERIES_AT_MOST figures; `axis` goes to the axis of values.

    A night that `is_known` says no of is dotted. The `customdata` of a mark is its night (ISO).
    """
    drawn = []
    for each, (color, dash, symbol) in zip(series, _LINES, strict=False):
        drawn.append(
            go.Scatter(
                mode="lines+markers",
                y=_numbers(each.values),
                line={"color": color, "dash": dash, "width": 2},
                marker={"symbol": symbol, "size": 5, "color": color},
                connectgaps=False,
                **_common(nights, each),
            )
        )
    return _finished(nights, drawn, is_known, axis)


def bars(
    nights: Sequence[date], series: Sequence[Series], is_known: Sequence[bool], **axis: Any
) -> go.Figure:
    """Draw a bar for each night, of at most KINDS_AT_MOST figures and one for all others."""
    drawn = []
    for each, (color, pattern) in zip(series, _BARS, strict=False):
        drawn.append(
            go.Bar(
                y=_numbers(each.values),
                marker={
                    "color": color,
                    "pattern": {"shape": pattern, "size": 5, "fillmode": "overlay"},
                },
                textposition="none",
                **_common(nights, each),
            )
        )
    return _finished(nights, drawn, is_known, axis)


def _common(nights: Sequence[date], series: Series) -> dict[str, Any]:
    words = np.array([*series.words], str)
    names = np.char.add(nights_chart.names(nights), "<br>")
    return {
        "x": _middles(nights),
        "name": series.name,
        # A mark's own night, in a list as cells of other charts have it.
        "customdata": [[each.isoformat()] for each in nights],
        "text": np.char.add(names, words),
        "hovertemplate": "%{text}<extra></extra>",
    }


def _finished(
    nights: Sequence[date], drawn: list[Any], is_known: Sequence[bool], axis: dict[str, Any]
) -> go.Figure:
    common = layout.common(4) | {
        "height": HEIGHT,
        "margin": {"l": 8, "r": layout.RIGHT_MARGIN, "t": 24 if len(drawn) > 1 else 8, "b": 20},
        "barmode": "stack",
        "bargap": 0.15,
        "showlegend": len(drawn) > 1,
        "dragmode": False,
        # One scale for what is not known: from the bottom to the top.
        "yaxis2": {"overlaying": "y", "range": [0, 1], "visible": False, "fixedrange": True},
    }
    figure = go.Figure([_gaps(nights, is_known), *drawn], common)
    figure.update_xaxes(
        fixedrange=True,
        showgrid=False,
        tickformatstops=layout.ONE_LINE_TICKS,
        range=[pd.Timestamp(nights[0]), pd.Timestamp(nights[-1]) + pd.Timedelta(days=1)],
    )
    wide = {"fixedrange": True, "nticks": 4, "rangemode": "tozero"}
    return figure.update_layout(yaxis=wide | axis)


def _gaps(nights: Sequence[date], is_known: Sequence[bool]) -> go.Bar:
    """Return a dotted column for each night of which the figure is not known."""
    gaps = Series(UNKNOWN, [None if known else 1.0 for known in is_known], [UNKNOWN] * len(nights))
    return go.Bar(
        y=_numbers(gaps.values),
        yaxis="y2",
        marker={"color": _GAP, "pattern": {"shape": ".", "size": 5}},
        textposition="none",
        showlegend=False,
        **_common(nights, gaps),
    )


def _middles(nights: Sequence[date]) -> pd.DatetimeIndex:
    return pd.DatetimeIndex([pd.Timestamp(each) for each in nights]) + pd.Timedelta(hours=12)


def _numbers(values: Sequence[float | None]) -> Any:
    return np.array([np.nan if value is None else value for value in values])
