"""The deliveries as a table, newest first."""

import pandas as pd
import streamlit as st

from dashboard import delivery_words
from dashboard.deliveries import Look
from dashboard.ui import tables

OPENED = "del_open"
_FROM = {"Receiving": "Batch", "Dispatching": "Dispatch"}


def draw(look: Look, shown: pd.DataFrame) -> None:
    """Draw one row per delivery; a click opens it."""
    failed = shown["receiving_failed"] + shown["processing_failed"]
    rows = shown.assign(
        key=shown["delivery_id"],
        what=delivery_words.reasons(shown, look.found.reasons),
        by=shown["job_type"].astype("str").map(_FROM).fillna(""),
        usual=shown["usual_within_hour"].round(),
        with_version=shown["made"],
        failed=failed.where(shown["job_type"].notna()),
        sure=shown["confidence"].astype("str").map(delivery_words.CONFIDENCE),
    )
    columns: tables.Columns = {
        "arrived": tables.time_column("Arrived"),
        "what": st.column_config.TextColumn(
            "What stands out",
            width=330,
            help="Against the usual of its hour and weekday, and of its tenants' own rhythm",
        ),
        "tenants": st.column_config.NumberColumn("Tenants", width=70),
        "usual": st.column_config.NumberColumn(
            "Usual",
            format="localized",
            width=65,
            help="How many usually arrive within an hour of it, on other days",
        ),
        "uploads": st.column_config.NumberColumn("Uploads", width=70),
        "excluded": st.column_config.NumberColumn("Excluded", width=75),
        "with_version": st.column_config.NumberColumn(
            "Version made", width=95, help="Uploads of which a data version was made"
        ),
        "none": st.column_config.NumberColumn(
            "None made", width=85, help="Uploads of which none was made: a row says why"
        ),
        "failed": st.column_config.NumberColumn(
            "Failed", width=65, help="Jobs that failed to extract, receive or process"
        ),
        "by": st.column_config.TextColumn("Brought by", width=85),
        "sure": st.column_config.TextColumn(
            "How sure", width=120, help=delivery_words.CONFIDENCE_HELP
        ),
    }
    tables.show(
        rows,
        columns,
        key="del.list",
        of=len(look.found.rows),
        noun="delivery",
        opens=OPENED,
        export=("delivery_id", *columns),
    )
