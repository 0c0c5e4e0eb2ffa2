"""How old the versions of all tenants are, in one small picture."""

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go

from dashboard.components.charts import layout
from services.monitoring import phrases

HEIGHT = 200


def freshness(bands: pd.DataFrame, names: Sequence[str], colors: Sequence[str]) -> go.Figure:
    """Draw one bar per band, the first on top; `bands` has the column tenants, an int."""
    counts = bands["tenants"]
    bars = go.Bar(
        x=counts,
        y=list(names),
        orientation="h",
        marker={"color": list(colors)},
        text=[f"{count:,}" for count in counts],
        textposition="outside",
        cliponaxis=False,
        customdata=[phrases.counted(count, "tenant") for count in counts],
        hovertemplate="%{y}: %{customdata}<extra></extra>",
    )
    return go.Figure(
        [bars],
        layout.common(len(names))
        | {
            "height": HEIGHT,
            "margin": {"l": 8, "r": 48, "t": 0, "b": 0},
            "showlegend": False,
            "dragmode": False,
            "bargap": 0.3,
            "yaxis": {
                "autorange": "reversed",
                "type": "category",
                "fixedrange": True,
                "showgrid": False,
            },
            "xaxis": {"visible": False, "fixedrange": True},
        },
    )
