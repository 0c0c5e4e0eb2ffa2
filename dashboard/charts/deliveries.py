"""The strip of deliveries: uploads per interval, and a mark for each delivery."""

from collections.abc import Mapping
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from dashboard.charts import layout

HEIGHT: Final = 150
# What is unusual differs in colour and shape, in bars and marks; what is excluded is hatched.
UNUSUAL, USUAL = "#d6336c", layout.BLUE
MARKS_AT_MOST: Final = 500
_INTERVALS: Final = 170
_STEPS: Final = tuple(
    pd.Timedelta(minutes=minutes) for minutes in (15, 30, 60, 180, 360, 720, 1440, 10_080, 43_200)
)
_SMALLEST, _LARGEST = 7, 22


def strip(
    deliveries: pd.DataFrame, uploads: pd.DataFrame, hover: "pd.Series[str]", zone: ZoneInfo
) -> go.Figure:
    """Draw the uploads of deliveries per interval, and a mark per delivery sized by its tenants.

    `deliveries` and `uploads` are as services.watching.deliveries.find gives them, only those to be
    drawn; `hover` is aligned to the deliveries. The `customdata` of a mark is the delivery's id, of
    a bar its begin and end (ISO 8601 in the chosen zone). Beyond MARKS_AT_MOST deliveries the
    usual ones with fewest tenants have no mark of their own.
    """
    known = deliveries[layout.is_drawn(deliveries["arrived"])]
    own = uploads[layout.is_drawn(uploads["at"])]
    times = layout.local(own["at"], zone)
    at = layout.local(known["arrived"], zone)
    is_unusual = known["unusual"] > 0
    first = is_unusual.astype(int) * known["tenants"].max() + known["tenants"]
    marked = first.nlargest(MARKS_AT_MOST).index
    figure = go.Figure(_bars(own, times, known.loc[is_unusual, "delivery_id"]))
    for chosen, name, color, symbol in (
        (~is_unusual, "usual", USUAL, "circle"),
        (is_unusual, "unusual", UNUSUAL, "diamond"),
    ):
        rows = known[chosen].loc[lambda of: of.index.isin(marked)]
        size = np.sqrt(rows["tenants"] / max(known["tenants"].max(), 1)) * (_LARGEST - _SMALLEST)
        figure.add_scatter(
            x=at[rows.index],
            y=np.full(len(rows), 0.5),
            yaxis="y2",
            name=name,
            mode="markers",
            customdata=rows[["delivery_id"]].to_numpy(object),
            text=layout.plain(hover[rows.index]),
            hovertemplate="%{text}<extra></extra>",
            marker={
                "symbol": symbol,
                "size": size + _SMALLEST,
                "color": color,
                "opacity": 0.9,
                "line": {"width": 1, "color": "#ffffff"},
            },
            selected={"marker": {"opacity": 0.9}},
            unselected={"marker": {"opacity": 0.9}},
        )
    return figure.update_layout(_layout(at))


def _bars(uploads: pd.DataFrame, times: pd.Series, unusual: "pd.Series[str]") -> list[go.Bar]:
    if times.empty:
        return []
    span = times.max() - times.min()
    step = next((step for step in _STEPS if span <= step * _INTERVALS), _STEPS[-1])
    grouped = uploads.assign(
        begin=times.dt.floor(step), is_unusual=uploads["delivery_id"].isin(unusual)
    ).groupby(["is_unusual", "included", "begin"])
    counted = grouped.size().reset_index(name="uploads")
    bars = []
    for is_unusual, color in ((False, USUAL), (True, UNUSUAL)):
        for included, pattern in ((True, ""), (False, "/")):
            own = counted[(counted["is_unusual"] == is_unusual) & (counted["included"] == included)]
            if own.empty:
                continue
            words = f"{'unusual' if is_unusual else 'usual'}{'' if included else ', excluded'}"
            bars.append(_bar(own, step, words, {"color": color, "pattern": {"shape": pattern}}))
    return bars


def _bar(rows: pd.DataFrame, step: pd.Timedelta, words: str, marker: Mapping[str, Any]) -> go.Bar:
    begin, end = rows["begin"], rows["begin"] + step - pd.Timedelta(minutes=1)
    span = [each.dt.strftime(layout.MINUTE_FORMAT).to_numpy(object) for each in (begin, end)]
    return go.Bar(
        x=begin,
        y=rows["uploads"],
        width=step.total_seconds() * 1000,
        offset=0,
        customdata=np.column_stack(span),
        name=words,
        marker=dict(marker),
        hovertemplate=f"%{{y:,}} uploads, {words}<br>%{{x}}<extra></extra>",
        selected={"marker": {"opacity": 1}},
        unselected={"marker": {"opacity": 1}},
    )


def _layout(at: pd.Series) -> dict[str, Any]:
    return layout.common(1) | {
        "height": HEIGHT,
        "margin": {"l": 8, "r": 8, "t": 4, "b": 4},
        "showlegend": False,
        "barmode": "stack",
        "xaxis": {"range": layout.span(at), "fixedrange": True},
        "yaxis": {"domain": [0, 0.66], "fixedrange": True, "nticks": 3},
        "yaxis2": {
            "domain": [0.7, 1],
            "range": [0, 1],
            "visible": False,
            "fixedrange": True,
        },
        "selectdirection": "h",
    }
