"""Pictures of data uploads: a time line per tenant, or share excluded by band and time."""

from collections.abc import Collection
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from dashboard.charts import layout, matrix

BIN_STEPS = tuple(pd.Timedelta(hours=hours) for hours in (1, 3, 6, 12, 24, 48, 168, 720, 8760))


def timeline(
    uploads: pd.DataFrame, zone: ZoneInfo, selected: Collection[str] = frozenset()
) -> go.Figure:
    """Draw every upload on a time axis, one row per tenant: included filled, excluded hollow.

    Those whose time is not `layout.is_drawn` are left out. The marks of the selected keys stand
    out; `key` is the first `customdata` of each mark.
    """
    known = uploads[layout.is_drawn(uploads["upload_time"])]
    included = known["included"].fillna(False).astype(bool)
    figure = go.Figure(
        [
            _marks(known[included], zone, "included", "circle", layout.BLUE),
            _marks(known[~included], zone, "excluded", "circle-open", layout.ORANGE),
        ]
    )
    layout.highlight(figure, selected)
    figure.update_xaxes(range=layout.span(layout.local(known["upload_time"], zone)))
    tenants = sorted(layout.plain(uploads["tenant_code"]).unique(), reverse=True)
    figure.update_yaxes(categoryorder="array", categoryarray=tenants, showgrid=True)
    return layout.finished(figure, len(tenants))


def _marks(rows: pd.DataFrame, zone: ZoneInfo, name: str, symbol: str, color: str) -> go.Scatter:
    return go.Scatter(
        x=layout.local(rows["upload_time"], zone),
        y=layout.plain(rows["tenant_code"]),
        customdata=layout.with_key(rows, "upload_time_text", "tenant_name"),
        mode="markers",
        name=name,
        marker={"symbol": symbol, "size": 11, "color": color, "line": {"width": 2}},
        hovertemplate="%{y} %{customdata[2]}<br>%{x}<br>%{customdata[1]}",
    )


def density(uploads: pd.DataFrame, zone: ZoneInfo) -> go.Figure:
    """Draw the share of excluded uploads by band of tenants and time.

    Those whose time is not `layout.is_drawn` are left out. The `customdata` of a cell says what it
    counts: matrix.figure.
    """
    band, ends = layout.bands(uploads["tenant_code"])
    is_known = layout.is_drawn(uploads["upload_time"]).to_numpy()
    known = uploads[is_known]
    drawn, row = np.unique(band[is_known], return_inverse=True)
    ends = ends.iloc[drawn]
    times = layout.local(known["upload_time"], zone)
    bins, column = layout.time_bins(times, BIN_STEPS)
    shape = (len(ends), len(bins))
    total, excluded = np.zeros(shape, "int32"), np.zeros(shape, "int32")
    np.add.at(total, (row, column), 1)
    np.add.at(excluded, (row, column), known["included"].eq(False).fillna(False).to_numpy(bool))
    with np.errstate(invalid="ignore"):
        share = excluded / total
    hover = np.char.add(layout.counted(total, "upload"), ", ")
    hover = np.char.add(np.char.add(hover, excluded.astype(str)), " excluded<br>")
    hover = np.char.add(hover, layout.bin_names(bins))
    return matrix.figure(
        share,
        bins,
        ends,
        layout.minutes(bins.left, bins.right, times),
        hover,
        colorscale=layout.SHARE_SCALE,
        zmax=1,
        colorbar=layout.share_bar("excluded"),
    )
