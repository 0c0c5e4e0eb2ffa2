"""What arrived in the period, and what is left out of the next data version."""

import pandas as pd
import streamlit as st

from dashboard.components import figures, filters
from dashboard.navigation import UPLOADS
from pages.overview.period import Period


def tiles(uploads: pd.DataFrame, period: Period) -> None:
    """Draw how many uploads are excluded, whenever they came, and how many arrived."""
    arrived = uploads.dropna(subset="upload_time")
    excluded = int(arrived["included"].eq(False).sum())
    recent = int((arrived["upload_time"] >= period.since).sum())
    since = filters.in_link("up_from", "up_to", since=period.since)
    with figures.row():
        figures.tile(
            "Excluded",
            excluded,
            UPLOADS,
            {"up_state": "excluded", "up_window": "everything"},
            # How many are excluded is no alarm: most of them somebody has excluded on purpose.
            mark="⊘",
        )
        figures.tile("Arrived", recent, UPLOADS, since, mark="↓", color="blue")
    st.caption(f"Arrived {period.words}. Visier lists at most the latest five uploads of a tenant.")
