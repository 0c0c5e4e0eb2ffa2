"""A matrix of tenant bands: coloured cells that can be pointed at and clicked."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import plotly.graph_objects as go

from dashboard.components.charts import layout

AXIS = {"showgrid": False, "fixedrange": True}


def figure(
    values: npt.NDArray[Any],
    columns: pd.Index,
    ends: pd.DataFrame,
    spans: npt.NDArray[Any],
    hover: npt.NDArray[Any],
    **heatmap: object,
) -> go.Figure:
    """Draw one row per band of tenants and one column per column name or interval of time.

    `ends` has the columns `first` and `last`, the tenant codes at the ends of each band, and
    `spans` from which to which minute each column goes, both included (ISO 8601 in the chosen
    zone; None for what has no time): they are the `customdata` of every cell. `hover` has a text
    per cell, to stand below its tenants. `heatmap` goes to the trace, `zmax` among it: without one
    plotly takes no notice of zmin, and the least there is looks like nothing.
    """
    rows = layout.plain(ends["first"]) + " …"
    titles = layout.plain(ends["first"]) + " to " + layout.plain(ends["last"])
    of_rows = np.repeat(ends[["first", "last"]].to_numpy(object), len(columns), axis=0)
    carried = np.column_stack([of_rows, np.tile(spans, (len(rows), 1))])
    return cells(values, columns, rows, titles=titles, carried=carried, hover=hover, **heatmap)


def cells(
    values: npt.NDArray[Any],
    columns: pd.Index,
    rows: pd.Series,
    *,
    titles: pd.Series,
    carried: npt.NDArray[Any],
    hover: npt.NDArray[Any],
    **heatmap: object,
) -> go.Figure:
    """Draw a cell per row and column; pointing at one shows its row's title above its `hover`.

    `carried` is the `customdata` of the cells, row by row. Columns that are intervals of time are
    drawn over the whole of it.
    """
    across: dict[str, object] = AXIS | {"side": "top"}
    drawn = edges(columns)
    if isinstance(columns, pd.IntervalIndex):
        across |= layout.WITHIN
        if len(columns):
            across |= {"range": [drawn[0], drawn[-1]]}
        columns = columns.mid
    coloured = go.Heatmap(
        z=values, x=drawn, y=rows, xgap=2, ygap=2, hoverinfo="skip", zmin=0, **heatmap
    )
    return go.Figure(
        [coloured, _points(columns, rows, titles, carried, hover)],
        layout.common(len(rows))
        | {
            # Its own choice leaves room for the whole of the unseen points.
            "yaxis": AXIS | {"range": [len(rows) - 0.5, -0.5], "type": "category"},
            "xaxis": across,
            "showlegend": False,
            "dragmode": False,
            # However far the pointer is from a point, the nearest is hit.
            "hoverdistance": -1,
        },
    )


def edges(columns: pd.Index) -> pd.Index:
    """Return the `x` of a heat map: of intervals of time, which follow on another, their ends.

    By its middle alone plotly draws a single one a millisecond wide.
    """
    if not isinstance(columns, pd.IntervalIndex):
        return columns
    return columns.left.append(columns.right[-1:])


def _points(
    columns: pd.Index,
    rows: pd.Series,
    titles: pd.Series,
    carried: npt.NDArray[Any],
    hover: npt.NDArray[Any],
) -> go.Scatter:
    """Return an unseen point in each cell: a heatmap tells nobody where it was clicked.

    Whatever is nearest is hit, which on a grid is the cell under the pointer.
    """
    return go.Scatter(
        x=np.tile(columns.to_numpy(), len(rows)),
        y=np.repeat(rows.to_numpy(), len(columns)),
        customdata=carried,
        text=np.repeat(titles.to_numpy(), len(columns)) + "<br>" + hover.ravel().astype(object),
        mode="markers",
        marker={"opacity": 0, "size": 12},
        selected={"marker": {"opacity": 0}},
        unselected={"marker": {"opacity": 0}},
        hovertemplate="%{text}<extra></extra>",
    )
