"""Pictures of data versions: a time line per tenant, or their age by band of tenants."""

from collections.abc import Collection
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pandas as pd
import plotly.graph_objects as go

from dashboard.components.charts import layout, matrix
from dashboard.components.formats import EXACT
from services.monitoring.overview import is_ahead

# Upper ends in hours, and what a person calls what lies below.
FRESHNESS = (
    (24, "under a day"),
    (48, "1-2 days"),
    (72, "2-3 days"),
    (168, "3-7 days"),
    (720, "7-30 days"),
    (np.inf, "over 30 days"),
)
NONE_ENABLED = "none enabled"
ODD_DATE = "odd date"
UTC = ZoneInfo("UTC")
RECENT = pd.Timedelta(days=45)
FURTHER_BACK = "latest enabled, further back"
FURTHER_AHEAD = "latest enabled, in the future"


def timeline(
    versions: pd.DataFrame,
    zone: ZoneInfo,
    now: datetime,
    selected: Collection[str] = frozenset(),
) -> go.Figure:
    """Draw every enabled data version on a time axis, one row per tenant, the latest filled.

    It opens on the time up to `now`, RECENT at most: a version of years ago would press all
    others into a corner. A tenant whose latest version is older has a mark at the left edge, one
    whose latest is dated further ahead at the right. Versions whose date is not `layout.is_drawn`
    are left out. The marks of the selected keys stand out; `key` is the first `customdata` of each
    mark.
    """
    known = versions.dropna(subset="data_version_date").sort_values("tenant_code")
    dates = known["data_version_date"]
    # Of nothing there is no greatest: grouping no rows would lose the type of the dates.
    newest = dates if known.empty else dates.groupby(known["tenant_code"]).transform("max")
    is_latest = dates == newest
    drawn = layout.is_drawn(known["data_version_date"])
    known, is_latest = known[drawn], is_latest[drawn]
    at = layout.local(known["data_version_date"], zone)
    known = known.assign(at=at, date=at.dt.strftime(EXACT))
    opening = _opening(known["at"], pd.Timestamp(now).tz_convert(zone).tz_localize(None))
    figure = go.Figure(
        [
            _marks(known[~is_latest], "older enabled", "circle-open", layout.GREY),
            _marks(known[is_latest], "latest enabled", "circle", layout.BLUE),
        ]
    )
    figure.add_traces(_at_edges(known[is_latest], opening))
    layout.highlight(figure, selected)
    figure.update_xaxes(range=opening)
    return layout.by_tenant(figure, versions)


def _opening(times: pd.Series, now: pd.Timestamp) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Return the ends of the time the picture opens on; no version still means a day."""
    # By the hour: a picture that changed with every rerun would lose its zoom.
    now = now.ceil("h")
    first = min([now - layout.SHORTEST_SPAN, *times])
    margin = min(now - first, RECENT) / 30
    last = max([now, *times[times <= now + layout.SHORTEST_SPAN]])
    return max(first, now - RECENT) - margin, last + margin


def _at_edges(latest: pd.DataFrame, opening: tuple[pd.Timestamp, pd.Timestamp]) -> list[go.Scatter]:
    """Return the marks that stand at an edge for latest versions out of sight."""
    start, end = opening
    inset = (end - start) / 100
    edges = (
        (latest["at"] < start, start + inset, FURTHER_BACK, "triangle-left"),
        (latest["at"] > end, end - inset, FURTHER_AHEAD, "triangle-right"),
    )
    return [
        _marks(latest[beyond].assign(at=at), name, symbol, layout.ORANGE)
        for beyond, at, name, symbol in edges
        if beyond.any()
    ]


def _marks(rows: pd.DataFrame, name: str, symbol: str, color: str) -> go.Scatter:
    return go.Scatter(
        x=rows["at"],
        y=layout.plain(rows["tenant_code"]),
        customdata=layout.with_key(rows, "data_version", "tenant_name", "date", "tenant_code"),
        mode="markers",
        name=name,
        marker={"symbol": symbol, "size": 10, "color": color, "line": {"width": 1.5}},
        hovertemplate=(
            "%{customdata[2]} %{customdata[4]}<br>data version %{customdata[1]}<br>%{customdata[3]}"
        ),
    )


def freshness(
    tenants: pd.DataFrame,
    now: datetime,
    zone: ZoneInfo = UTC,
    *,
    rows: int = layout.BANDS_AT_MOST,
    on_dark: bool = False,
) -> go.Figure:
    """Draw how old the latest enabled versions are, counted by band of tenants, `rows` at most.

    `tenants` has one row per tenant with `tenant_code`, `data_version` and `data_version_date`;
    ages are seen from the minute of `now`. A date in the future, and one that could not be read,
    is an odd one. The `customdata` of a cell says what it counts: matrix.figure, and whether it
    counts odd dates. Many stand out from a white page, or from a dark one.
    """
    band, ends_of_bands = layout.bands(tenants["tenant_code"], rows)
    names = [name for _, name in FRESHNESS] + [NONE_ENABLED, ODD_DATE]
    dates, minute = tenants["data_version_date"], pd.Timestamp(now).floor("min")
    edges = pd.DatetimeIndex([minute - pd.Timedelta(hours=end) for end, _ in FRESHNESS[:-1]])
    older = len(edges) - np.searchsorted(edges[::-1].as_unit("ms"), dates.fillna(minute), "right")
    none, is_odd = tenants["data_version"].isna(), dates.isna() | is_ahead(dates, now)
    column = np.select([none, is_odd], [len(FRESHNESS), len(FRESHNESS) + 1], older)
    # What hardly ever is has a column only when it is.
    names = names[: max(len(FRESHNESS) + 1, column.max(initial=0) + 1)]
    counts = np.zeros((len(ends_of_bands), len(names)), dtype="int32")
    np.add.at(counts, (band, column), 1)
    return matrix.figure(
        counts,
        pd.Index(names),
        ends_of_bands,
        _spans(edges, dates[~none & ~is_odd], zone)[: len(names)],
        hover=np.char.add(layout.counted(counts, "tenant"), [f"<br>{name}" for name in names]),
        colorscale=layout.COUNT_SCALE_ON_DARK if on_dark else layout.COUNT_SCALE,
        zmax=max(1, counts.max(initial=0)),
        text=np.where(counts > 0, layout.written(counts), ""),
        texttemplate="%{text}",
        textfont={"color": layout.NUMBER_ON_DARK if on_dark else layout.NUMBER_ON_PALE},
        showscale=False,
    )


def _spans(edges: pd.DatetimeIndex, dates: pd.Series, zone: ZoneInfo) -> npt.NDArray[np.object_]:
    """Return from which to which minute the dates of each column go, and if they are odd ones.

    None is an open end; none enabled and odd dates have neither.
    """
    inner = edges.tz_convert(zone).tz_localize(None)
    begins, ends = inner.insert(len(inner), pd.NaT), inner.insert(0, pd.NaT)
    drawn = dates[layout.is_drawn(dates)]
    known = layout.minutes(begins, ends, layout.local(drawn, zone))
    if len(drawn) < len(dates):
        known[-1][0] = None
    return np.concatenate(
        [np.column_stack([known, [False] * len(known)]), [[None, None, False], [None, None, True]]]
    )
