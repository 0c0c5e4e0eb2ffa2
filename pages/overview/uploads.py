"""What arrived in the period, and what is left out of the next data version."""

import pandas as pd
import streamlit as st

from dashboard.components import figures
from dashboard.navigation import UPLOADS
from pages.overview.period import Period


def tiles(uploads: pd.DataFrame, period: Period) -> None:
    """Draw how many uploads are excluded, whenever they came, and in a line how many arrived."""
    arrived = uploads.dropna(subset="upload_time")
    excluded = int(arrived["included"].eq(False).sum())
    recent = int((arrived["upload_time"] >= period.since).sum())
    with figures.row():
        figures.tile(
            "Excluded",
            excluded,
            UPLOADS,
            {"up_state": "excluded", "up_window": "everything"},
            # How many are excluded is no alarm: most of them somebody has excluded on purpose.
            mark="⊘",
        )
    at_most = "Visier lists at most the latest five uploads of a tenant."
    st.caption(f"{recent:,} arrived {period.words}. {at_most}")
