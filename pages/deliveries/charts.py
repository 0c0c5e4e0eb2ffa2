"""The strip of deliveries: a mark for each, and below them the uploads per interval.

They are two charts with one axis of time: Streamlit takes a click on a mark only where nobody
draws boxes.
"""

from collections.abc import Mapping
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from dashboard.components.charts import layout

MARKS_HEIGHT: Final = 84
BARS_HEIGHT: Final = 100
# What is unusual differs in colour and shape; what is excluded is hatched in bars, hollow in marks.
USUAL = layout.BLUE
# (unusual, included) -> the strokes on a bar.
STROKES: Final = {(False, True): "", (False, False): "/", (True, True): "-", (True, False): "x"}
# What brought nothing is no delivery as usual.
EMPTY: Final = "x"
# More marks overlap, and make the strip slow to hover.
MARKS_AT_MOST: Final = 500
# Bars of more intervals would be thinner than six pixels.
_INTERVALS: Final = 170
_STEPS: Final = tuple(
    pd.Timedelta(minutes=minutes) for minutes in (15, 30, 60, 180, 360, 720, 1440, 10_080, 43_200)
)
_SMALLEST, _LARGEST = 8, 24
_LEFT: Final = 48
# So many pixels wide the strip is on a usual screen; marks closer than their size overlap.
_WIDTH: Final = 1100
_LANES: Final = (-0.28, 0.28, 0.0)
_RING: Final = "#868e96"


def marks(
    deliveries: pd.DataFrame, hover: "pd.Series[str]", zone: ZoneInfo, opened: str = ""
) -> go.Figure:
    """Draw a mark per delivery, sized by its tenants; its `customdata` is the delivery's id.

    `deliveries` are rows of services.monitoring.deliveries.find, `hover` is aligned to them. Beyond
    MARKS_AT_MOST the usual ones with fewest tenants are left out. The one that is `opened` has a
    ring around it.
    """
    known = deliveries[layout.is_drawn(deliveries["arrived"])]
    is_unusual, most = known["unusual"] > 0, max(known["tenants"].max(), 1)
    first = (is_unusual * most + known["tenants"]).nlargest(MARKS_AT_MOST).index
    at, size = layout.local(known["arrived"], zone), np.sqrt(known["tenants"] / most)
    size = size * (_LARGEST - _SMALLEST) + _SMALLEST
    figure, heights = go.Figure(), pd.Series(0.0, known.index)
    # Each in a row of its own: one that comes close to another would be hit in its place.
    for chosen, name, color, symbol, place in (
        (~is_unusual, "usual", USUAL, "circle", -0.5),
        (is_unusual, "unusual", layout.UNUSUAL, "diamond", 0.5),
    ):
        rows = known.index[chosen & known.index.isin(first)]
        heights[rows] = place + _beside_each_other(at[rows], size[rows], at.max() - at.min())
        figure.add_scatter(
            x=at[rows],
            y=heights[rows],
            name=name,
            mode="markers",
            customdata=known.loc[rows, ["delivery_id"]].to_numpy(object),
            text=hover[rows],
            hovertemplate="%{text}<extra></extra>",
            marker=_marker(known.loc[rows], size[rows], symbol, color),
            # On a phone the first stands at the left end, and would be cut in half.
            cliponaxis=False,
            selected={"marker": {"opacity": 1}},
            unselected={"marker": {"opacity": 1}},
        )
    _ring(figure, known[known["delivery_id"] == opened], at, heights, size)
    figure.update_yaxes(range=[-1.2, 1.2], visible=False)
    return _finished(figure, known, zone, MARKS_HEIGHT).update_xaxes(visible=False)


def _marker(
    rows: pd.DataFrame, size: "pd.Series[float]", symbol: str, color: str
) -> dict[str, Any]:
    """Return how deliveries are marked: hollow when excluded, crossed out when nothing arrived."""
    is_out, is_empty = rows["is_excluded"].to_numpy(bool), rows["uploads"].to_numpy() == 0
    return {
        "symbol": np.select([is_empty, is_out], [EMPTY, f"{symbol}-open"], symbol),
        "size": size,
        "color": color,
        "opacity": 1,
        "line": {
            "width": np.where(is_out, 2, 1),
            "color": np.where(is_out, color, "#ffffff"),
        },
    }


def _beside_each_other(
    at: "pd.Series[pd.Timestamp]", size: "pd.Series[float]", span: pd.Timedelta
) -> "pd.Series[float]":
    """Return how far up each mark of a row is drawn, so that none covers the next in time."""
    ordered = at.sort_values()
    radii = size[ordered.index] / 2
    gaps = (radii + radii.shift()) / _WIDTH * max(span, pd.Timedelta(hours=1))
    group = (~(ordered.diff() < gaps)).cumsum()
    place, alike = group.groupby(group).cumcount(), group.map(group.value_counts())
    lanes = pd.Series(np.take(_LANES, place % len(_LANES)), ordered.index)
    return lanes.where(alike > 1, 0.0).reindex(at.index)


def _ring(
    figure: go.Figure,
    opened: pd.DataFrame,
    at: "pd.Series[pd.Timestamp]",
    heights: "pd.Series[float]",
    size: "pd.Series[float]",
) -> None:
    """Draw a ring around the delivery that is open; what is below it takes the clicks."""
    if opened.empty:
        return
    rows = opened.index
    figure.add_scatter(
        x=at[rows],
        y=heights[rows],
        mode="markers",
        customdata=opened[["delivery_id"]].to_numpy(object),
        hoverinfo="skip",
        marker={
            "symbol": "circle-open",
            "size": size[rows] + 10,
            "color": _RING,
            "line": {"width": 3, "color": _RING},
        },
        selected={"marker": {"opacity": 1}},
        unselected={"marker": {"opacity": 1}},
    )


def bars(deliveries: pd.DataFrame, uploads: pd.DataFrame, zone: ZoneInfo) -> go.Figure:
    """Draw how many uploads of the deliveries arrived per interval.

    Both are as services.monitoring.deliveries.find gives them, only those to be drawn.
    """
    known = deliveries[layout.is_drawn(deliveries["arrived"])]
    own = uploads[layout.is_drawn(uploads["at"])]
    times = layout.local(own["at"], zone)
    span = times.max() - times.min()
    step = next((step for step in _STEPS if not span > step * _INTERVALS), _STEPS[-1])
    unusual = known.loc[known["unusual"] > 0, "delivery_id"]
    counted = (
        own.assign(begin=times.dt.floor(step), is_unusual=own["delivery_id"].isin(unusual))
        .groupby(["is_unusual", "included", "begin"])
        .size()
        .reset_index(name="uploads")
    )
    figure = go.Figure()
    for (is_unusual, included), rows in counted.groupby(["is_unusual", "included"]):
        words = f"{'unusual' if is_unusual else 'usual'}{'' if included else ', excluded'}"
        pattern = {
            "shape": STROKES[bool(is_unusual), bool(included)],
            "fillmode": "overlay",
            "fgcolor": "#ffffff",
            "size": 6,
        }
        figure.add_trace(
            _bar(
                rows,
                step,
                words,
                {"color": layout.UNUSUAL if is_unusual else USUAL, "pattern": pattern},
            )
        )
    figure.update_yaxes(nticks=3, tickformat=",d", rangemode="tozero", fixedrange=True)
    figure.update_layout(barmode="stack", selectdirection="h")
    return _finished(figure, known, zone, BARS_HEIGHT)


def _bar(rows: pd.DataFrame, step: pd.Timedelta, words: str, marker: Mapping[str, Any]) -> go.Bar:
    return go.Bar(
        x=rows["begin"],
        y=rows["uploads"],
        width=step.total_seconds() * 1000,
        offset=0,
        name=words,
        marker={**marker, "line": {"width": 0}},
        hovertemplate=f"%{{y:,}} uploads, {words}<br>%{{x}}<extra></extra>",
        selected={"marker": {"opacity": 1}},
        unselected={"marker": {"opacity": 1}},
    )


def _finished(
    figure: go.Figure, deliveries: pd.DataFrame, zone: ZoneInfo, height: int
) -> go.Figure:
    """Return the figure with the axis of time that both charts share."""
    first = layout.local(deliveries["arrived"], zone).min()
    last = layout.local(deliveries["last_upload"].fillna(deliveries["arrived"]), zone).max()
    margin = max((last - first) / 50, pd.Timedelta(minutes=30))
    figure.update_layout(
        height=height,
        margin={"l": _LEFT, "r": 8, "t": 2, "b": 20 if height == BARS_HEIGHT else 2},
        showlegend=False,
        hoverlabel=layout.common(1)["hoverlabel"],
        hovermode="closest",
    )
    figure.update_yaxes(automargin=False)
    return figure.update_xaxes(
        range=[first - margin, last + margin],
        fixedrange=True,
        tickformatstops=layout.ONE_LINE_TICKS,
    )
