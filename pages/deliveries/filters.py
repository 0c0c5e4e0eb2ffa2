"""Which deliveries are shown."""

from datetime import datetime, timedelta

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard import data
from dashboard.deliveries import Look
from dashboard.ui import filters, tenants

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


def mask(look: Look, known: data.TenantDirectory, now: datetime) -> "pd.Series[bool]":
    """Draw the filters; return which deliveries they keep."""
    rows, uploads = look.found.rows, look.found.uploads
    named = tenants.with_names(uploads, known)
    having = uploads.loc[tenants.search(named, known, key="del_tenant"), "delivery_id"]
    is_searched = bool(str(st.session_state.get("del_tenant") or "").strip())
    kept: pd.Series[bool] = rows["delivery_id"].isin(having.unique()) | (not is_searched)
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
        since = pd.Timestamp(now - timedelta(days=days)).floor("min")
    # What was still arriving in the span belongs to it, whenever it began.
    last = rows["last_upload"].fillna(rows["arrived"])
    in_time = filters.between(last, since, None) & filters.between(rows["arrived"], None, until)
    shown: pd.Series[bool] = kept & of[chosen or EVERY] & in_time
    return shown
