"""What came in over time, above the table: a click opens a delivery, a box filters by time."""

from typing import Any, Final

import pandas as pd
import streamlit as st

from dashboard import time_zone
from dashboard.components import delivery_words, filters
from dashboard.components.charts import layout
from dashboard.deliveries import DeliveriesSnapshot
from pages.deliveries import charts
from pages.deliveries.table import OPENED

_MARKS, _BARS = "del.marks", "del.bars"
HOW_TO_READ = (
    f"{delivery_words.MARK} unusual, ● usual, ✖ nothing arrived; size: tenants; "
    "hollow: excluded. Click one to open it. Bars: uploads (striped: unusual, hatched: excluded). "
    "Drag across them to filter by time."
)
_PLAIN: Final = {"displayModeBar": False}


def draw(snapshot: DeliveriesSnapshot, shown: pd.DataFrame, *, opened: str, is_short: bool) -> None:
    """Draw the strip of the deliveries that are shown.

    Where it `is_short` the marks are enough to go to another: what one holds has to be in view.
    """
    zone = time_zone.chosen()
    filters.not_drawn(shown["arrived"], "delivery")
    if not layout.is_drawn(shown["arrived"]).any():
        return
    words = delivery_words.reasons(shown, snapshot.found.reasons)
    titles = pd.Series(
        [delivery_words.title(row, zone) for _, row in shown.iterrows()], shown.index, dtype="str"
    )
    uploads = snapshot.found.uploads
    own = uploads[uploads["delivery_id"].isin(shown["delivery_id"])]
    with st.container(gap=None, key="delivery-strip"):
        st.plotly_chart(
            charts.marks(shown, titles + "<br>" + words, zone, opened),
            key=_MARKS,
            on_select=_open,
            selection_mode="points",
            config=_PLAIN,
            alt="Deliveries over time. Click one to open it",
        )
        if is_short:
            return
        st.plotly_chart(
            charts.bars(shown, own, zone),
            key=_BARS,
            on_select=_filter,
            selection_mode="box",
            config=_PLAIN,
            alt="Uploads over time. Drag across them to filter by time",
        )
        st.caption(HOW_TO_READ)


def _open() -> None:
    points: list[dict[str, Any]] = st.session_state[_MARKS]["selection"]["points"]
    if points:
        st.query_params[OPENED] = points[0]["customdata"][0]


def _filter() -> None:
    boxes: list[dict[str, Any]] = st.session_state[_BARS]["selection"]["box"]
    if boxes:
        first, last = sorted(pd.Timestamp(text) for text in boxes[0]["x"])
        texts = (each.strftime(layout.MINUTE_FORMAT) for each in (first, last))
        filters.put_span("del_from", "del_to", *texts)
