"""The rhythm of the tenant: how often it loads, and whether the next load is overdue."""

from datetime import datetime

import pandas as pd
import streamlit as st

from dashboard.components import formats, rhythms
from dashboard.wording import RHYTHMS
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
    row = rows.iloc[0]
    state = next(each for each, mask in rhythms.masks(rows, now).items() if mask.iloc[0])
    by = rhythms.overdue_seconds(rows, now).iloc[0]
    mark, color = rhythms.FACES[state]
    usual = row["usual_gap"]
    with st.container(horizontal=True, key="tenant-rhythm"):
        words = f"{mark} {RHYTHMS[state]}"
        st.metric(
            "Latest version", f":{color}[{words}]", border=True, help=rhythms.rule(found.versions)
        )
        st.metric(
            "Age", _length(formats.age_seconds(rows["data_version_date"], now).iloc[0]), border=True
        )
        every = _NOT_KNOWN if pd.isna(usual) else formats.rhythm(usual.total_seconds())
        st.metric("Usually every", every, border=True, help=_exactly(usual))
        st.metric("Due", _moment(row["due_at"]), border=True)
        if pd.notna(by):
            st.metric("Overdue by", _length(by), border=True)
    _reprocessed(row)


def _reprocessed(row: pd.Series) -> None:
    """Show that the latest version brought no new data, and when the last load came."""
    if row["loaded_at"] < row["data_version_date"]:
        st.caption(
            ":material/replay: The latest version was reprocessed from earlier uploads. The due "
            f"time counts from the last load, {_moment(row['loaded_at'])}."
        )


def _length(seconds: float) -> str:
    return _NOT_KNOWN if pd.isna(seconds) else formats.duration(seconds)


def _exactly(usual: pd.Timedelta) -> str | None:
    """Return how long it usually takes exactly, unless nothing is known of it."""
    if pd.isna(usual):
        return None
    return f"{formats.duration(usual.total_seconds())}: median time between its listed loads"


def _moment(moment: pd.Timestamp) -> str:
    return _NOT_KNOWN if pd.isna(moment) else formats.here(moment)
