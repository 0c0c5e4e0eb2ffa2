"""Pictures of data versions: a time line per tenant, or freshness by band of tenants."""

from collections.abc import Collection
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from dashboard.charts import layout, matrix

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
RECENT = pd.Timedelta(days=45)


def timeline(
    versions: pd.DataFrame, zone: ZoneInfo, selected: Collection[str] = frozenset()
) -> go.Figure:
    """Draw every enabled data version on a time axis, one row per tenant, the latest filled.

    The marks of the selected keys stand out; `key` is the first `customdata` of each mark.
    """
    known = versions.dropna(subset="data_version_date").sort_values("tenant_code")
    is_latest = ~known.duplicated("tenant_code") if known.empty else _is_latest(known)
    figure = go.Figure(
        [
            _marks(known[~is_latest], zone, "older enabled", "circle-open", layout.GREY),
            _marks(known[is_latest], zone, "latest enabled", "circle", layout.BLUE),
        ]
    )
    layout.highlight(figure, selected)
    figure.update_xaxes(range=_recent(layout.local(known["data_version_date"], zone)))
    tenants = sorted(layout.plain(versions["tenant_code"]).unique(), reverse=True)
    figure.update_yaxes(categoryorder="array", categoryarray=tenants, showgrid=True)
    return layout.finished(figure, len(tenants))


def _recent(times: pd.Series) -> list[pd.Timestamp] | None:
    """Return the span to open on: a version of years ago would press all others into a corner."""
    if times.empty or times.min() > times.max() - RECENT:
        return None
    return [times.max() - RECENT, times.max() + RECENT / 30]


def _is_latest(known: pd.DataFrame) -> pd.Series:
    newest = known.groupby("tenant_code")["data_version_date"].transform("max")
    return known["data_version_date"] == newest


def _marks(rows: pd.DataFrame, zone: ZoneInfo, name: str, symbol: str, color: str) -> go.Scatter:
    return go.Scatter(
        x=layout.local(rows["data_version_date"], zone),
        y=layout.plain(rows["tenant_code"]),
        customdata=layout.with_key(rows, "data_version", "tenant_name"),
        mode="markers",
        name=name,
        marker={"symbol": symbol, "size": 10, "color": color, "line": {"width": 1.5}},
        hovertemplate="%{y} %{customdata[2]}<br>data version %{customdata[1]}<br>%{x}",
    )


def freshness(tenants: pd.DataFrame, now: datetime) -> go.Figure:
    """Draw how old the latest enabled versions are, counted by band of tenants.

    `tenants` has one row per tenant with `tenant_code` and `data_version_date`.
    """
    banded = tenants.merge(layout.bands(tenants["tenant_code"]), on="tenant_code")
    names = [name for _, name in FRESHNESS] + [NONE_ENABLED]
    hours = (pd.Timestamp(now) - banded["data_version_date"]).dt.total_seconds() / 3600
    ends = np.array([end for end, _ in FRESHNESS[:-1]])
    column = np.where(hours.isna(), len(FRESHNESS), np.searchsorted(ends, hours.fillna(0), "right"))
    ends_of_bands = banded.drop_duplicates("band").sort_values("band")[["first", "last"]]
    counts = np.zeros((len(ends_of_bands), len(names)), dtype="int32")
    np.add.at(counts, (banded["band"].to_numpy(), column), 1)
    return matrix.figure(
        counts,
        pd.Index(names),
        ends_of_bands,
        hover=np.char.add(counts.astype(str), " tenants"),
        colorscale=layout.COUNT_SCALE,
        text=np.where(counts > 0, counts.astype(str), ""),
        texttemplate="%{text}",
        showscale=False,
    )
