"""The rhythm of the tenant: how often it gets a version, and whether the next one is overdue."""

from datetime import datetime

import pandas as pd
import streamlit as st

from dashboard.ui import chrome, formats, rhythms
from pages.tenant.read import Found

_NOT_KNOWN = "—"


def draw(found: Found, now: datetime) -> None:
    """Draw how the latest version stands to the rhythm; nothing where versions are not known."""
    if found.versions is None:
        return
    own = found.versions.tenants
    if own.empty:
        return
    rows = rhythms.with_deadlines(own.head(1))
    row, state = rows.iloc[0], _state(rows, now)
    by = rhythms.overdue_seconds(rows, now).iloc[0]
    mark, color = rhythms.FACES[state]
    usual = row["usual_gap"]
    with st.container(horizontal=True, key="tenant-rhythm"):
        words = f"{mark} {state}"
        st.metric("Latest version", f":{color}[{words}]", border=True, help=rhythms.rule())
        st.metric(
            "Age", _length(formats.age_seconds(rows["data_version_date"], now).iloc[0]), border=True
        )
        st.metric("Usually every", _length(usual.total_seconds()), border=True)
        st.metric("Due", _moment(row["due_at"]), border=True)
        if pd.notna(by):
            st.metric("Overdue by", _length(by), border=True)


def _state(rows: pd.DataFrame, now: datetime) -> str:
    return next(word for word, mask in rhythms.masks(rows, now).items() if mask.iloc[0])


def _length(seconds: float) -> str:
    return _NOT_KNOWN if pd.isna(seconds) else formats.duration(seconds)


def _moment(moment: pd.Timestamp) -> str:
    return formats.local_time(moment, chrome.time_zone(), "%d %b %Y %H:%M") or _NOT_KNOWN
