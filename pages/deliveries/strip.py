"""What came in over time, above the table: a click opens a delivery, a box filters by time."""

from typing import Any

import pandas as pd
import streamlit as st

from dashboard import delivery_words
from dashboard.charts import deliveries as charts
from dashboard.charts import layout
from dashboard.deliveries import Look
from dashboard.ui import chrome, filters
from pages.deliveries.table import OPENED

_KEY = "del.strip"
HOW_TO_READ = (
    ":material/info: Uploads over time; a mark for each delivery, larger with more tenants: "
    f"{delivery_words.MARK} unusual, ● usual. Hatched: excluded. Click a mark to open it, draw a "
    "box to filter by time."
)


def draw(look: Look, shown: pd.DataFrame) -> None:
    """Draw the strip of the deliveries that are shown."""
    zone = chrome.time_zone()
    drawn = shown.dropna(subset="arrived")
    if not layout.is_drawn(drawn["arrived"]).any():
        filters.not_drawn(shown["arrived"], "delivery")
        return
    words = delivery_words.reasons(drawn, look.found.reasons)
    titles = [delivery_words.title(row, zone) for _, row in drawn.iterrows()]
    hover = pd.Series(titles, drawn.index, dtype="str") + "<br>" + words
    uploads = look.found.uploads
    own = uploads[uploads["delivery_id"].isin(drawn["delivery_id"])]
    st.plotly_chart(
        charts.strip(drawn, own, hover, zone),
        key=_KEY,
        on_select=_take,
        selection_mode=("points", "box"),
        config={"displayModeBar": False},
        alt="Uploads and deliveries over time",
    )
    st.caption(HOW_TO_READ)
    filters.not_drawn(drawn["arrived"], "delivery")


def _take() -> None:
    """Filter by the time of a box, or of a bar; open the delivery of a mark."""
    selection: dict[str, list[dict[str, Any]]] = st.session_state[_KEY]["selection"]
    if selection["box"]:
        first, last = sorted(pd.Timestamp(text) for text in selection["box"][0]["x"])
        _filter(first.floor("min"), last.floor("min"))
        return
    if not selection["points"]:
        return
    carried = selection["points"][0]["customdata"]
    if len(carried) == 1:
        st.query_params[OPENED] = carried[0]
    else:
        _filter(*map(pd.Timestamp, carried))


def _filter(first: pd.Timestamp, last: pd.Timestamp) -> None:
    texts = (each.strftime(layout.MINUTE_FORMAT) for each in (first, last))
    filters.put_span("del_from", "del_to", *texts)
