"""Which deliveries are shown."""

from datetime import timedelta

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard import data
from dashboard.components import filters, tenants
from dashboard.deliveries import DeliveriesSnapshot
from services.monitoring.deliveries import arrived_within

EVERY, UNUSUAL, EXCLUDED, FAILED = "All", "Unusual", "Excluded", "Failed"
EVERYTHING, DEFAULT = "Everything", "7 days"
WINDOWS = {"24 hours": 1, "3 days": 3, DEFAULT: 7, "30 days": 30}
FILTERS: dict[str, object] = {
    "del_tenant": "",
    "del_show": EVERY,
    "del_window": EVERYTHING,
    "del_from": None,
    "del_to": None,
}


def place() -> DeltaGenerator:
    """Return where the filters stand."""
    return filters.row()


def mask(look: DeliveriesSnapshot, known: data.TenantDirectory) -> "pd.Series[bool]":
    """Draw the filters; return which deliveries they keep."""
    rows, uploads = look.found.rows, look.found.uploads
    named = tenants.with_names(uploads, known)
    found = tenants.search(named, known, key="del_tenant")
    having = uploads.loc[found, "delivery_id"]
    # What brought nothing has no tenant to be found by.
    kept: pd.Series[bool] = rows["delivery_id"].isin(having.unique()) | bool(found.all())
    failures = rows["receiving_failed"] + rows["processing_failed"]
    of: dict[str, pd.Series[bool]] = {
        EVERY: rows["uploads"] >= 0,
        UNUSUAL: rows["unusual"] > 0,
        EXCLUDED: rows["excluded"] > 0,
        FAILED: failures > 0,
    }
    chosen = st.segmented_control(
        "Show", list(of), default=EVERY, required=True, key="del_show", bind="query-params"
    )
    with filters.together():
        within = st.selectbox(
            "Arrived within",
            (*WINDOWS, EVERYTHING),
            index=list(WINDOWS).index(DEFAULT),
            key="del_window",
            bind="query-params",
            width=125,
        )
        since, until = filters.span("From", "del_from", "To", "del_to")
    days = WINDOWS.get(within)
    if days and since is None and until is None:
        since = pd.Timestamp(look.as_of - timedelta(days=days))
    shown: pd.Series[bool] = kept & of[chosen or EVERY] & arrived_within(rows, since, until)
    return shown
