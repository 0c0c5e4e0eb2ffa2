"""The picture of one tenant: what came, what worked on it, what was made, and what was done."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

import pandas as pd
import plotly.graph_objects as go

from dashboard.components.charts import layout
from dashboard.components.job_states import COLORS, Color

ROWS: Final = (
    "Uploads",
    "Extraction",
    "Receiving",
    "Processing",
    "Data versions",
    "Operations",
)
RECENT: Final = pd.Timedelta(days=90)
_HEIGHT: Final = 190


def timeline(
    events: pd.DataFrame, zone: ZoneInfo, now: datetime, due: Sequence[pd.Timestamp] = ()
) -> go.Figure:
    """Draw each event on one axis of time, in the row of its kind.

    `events` has row (of ROWS), at datetime64[ms, UTC], words, color (of job_states) and symbol;
    those whose time is not `layout.is_drawn` are left out. A line stands at now, and one at each
    time in `due`. It opens on RECENT at most, unless nothing came in that time.
    """
    known = events[layout.is_drawn(events["at"])]
    figure = go.Figure(
        [
            _marks(known[known["color"] == color], color, zone)
            for color in COLORS
            if (known["color"] == color).any()
        ]
    )
    moments = pd.Series([pd.Timestamp(now), *due]).dt.as_unit("ms")
    for moment, dash in zip(
        layout.local(moments, zone), ("dot", *["dash"] * len(due)), strict=True
    ):
        figure.add_vline(moment, line={"width": 1, "dash": dash, "color": layout.GREY})
    figure.update_yaxes(categoryorder="array", categoryarray=[*reversed(ROWS)], showgrid=True)
    figure.update_yaxes(range=[-0.6, len(ROWS) - 0.4], fixedrange=True)
    figure.update_xaxes(
        tickformatstops=layout.ONE_LINE_TICKS,
        range=_opening(layout.local(known["at"], zone), moments.dt.tz_convert(zone)),
    )
    figure.update_layout(
        layout.common(1)
        | {"height": _HEIGHT, "showlegend": False, "margin": {"l": 8, "r": 8, "t": 8, "b": 8}}
    )
    return figure


def _marks(rows: pd.DataFrame, color: Color, zone: ZoneInfo) -> go.Scatter:
    red, green, blue = COLORS[color]
    return go.Scatter(
        x=layout.local(rows["at"], zone),
        y=rows["row"],
        text=layout.plain(rows["words"]),
        mode="markers",
        marker={
            "symbol": rows["symbol"],
            "size": 12,
            "color": f"rgb({red},{green},{blue})",
            "line": {"width": 2, "color": f"rgb({red},{green},{blue})"},
        },
        hovertemplate="%{text}<br>%{x|%d %b %Y %H:%M:%S}<extra></extra>",
    )


def _opening(
    times: "pd.Series[pd.Timestamp]", moments: "pd.Series[pd.Timestamp]"
) -> list[pd.Timestamp]:
    """Return the ends of the axis: what came lately, now, and what is due."""
    around = moments.dt.tz_localize(None)
    recent = times[times >= around.iloc[0] - RECENT]
    shown = pd.concat([recent if len(recent) else times, around])
    margin = max((shown.max() - shown.min()) / 40, pd.Timedelta(hours=1))
    return [shown.min() - margin, shown.max() + margin]
