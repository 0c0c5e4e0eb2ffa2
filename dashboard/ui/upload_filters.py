"""Which data uploads are shown."""

from datetime import datetime, timedelta

import pandas as pd
import streamlit as st

from dashboard import data
from dashboard.ui import filters, tenants, typed

EVERYTHING = "Everything"
WINDOWS = {"24 hours": 1, "7 days": 7, "30 days": 30, "90 days": 90}
ANY, INCLUDED, EXCLUDED = "Any", "Included", "Excluded"
FILTERS: dict[str, object] = {
    "up_job": "",
    "up_tenant": "",
    "up_codes": "",
    "up_window": EVERYTHING,
    "up_state": ANY,
    "up_from": None,
    "up_to": None,
}


def receiving_job() -> str | None:
    """Draw the choice of one receiving job; return its id, None for the uploads of all.

    Raises InvalidArgument for what can be no id.
    """
    job_id = typed.job_id(
        "Receiving job",
        key="up_job",
        bind="query-params",
        placeholder="Any",
        help="The id of a receiving job: only the uploads it brought.",
        width=150,
    )
    return job_id or None


def mask(rows: pd.DataFrame, known: data.TenantDirectory, now: datetime) -> "pd.Series[bool]":
    """Draw the filters; return which uploads they keep. `rows` has names (`tenants.with_names`)."""
    kept = tenants.search(rows, known, key="up_tenant") & tenants.within(rows, key="up_codes")
    chosen = st.segmented_control(
        "State",
        (ANY, INCLUDED, EXCLUDED),
        default=ANY,
        required=True,
        key="up_state",
        bind="query-params",
    )
    if chosen in (INCLUDED, EXCLUDED):
        kept &= (rows["included"] == (chosen == INCLUDED)).fillna(False)
    with filters.together():
        within = st.selectbox(
            "Arrived within",
            (*WINDOWS, EVERYTHING),
            index=list(WINDOWS).index("30 days"),
            key="up_window",
            bind="query-params",
            width=125,
        )
        since, until = filters.span("From", "up_from", "To", "up_to")
    days = WINDOWS.get(within)
    if days and since is None and until is None:
        # By the minute, as times are typed: a cell of the picture is filtered by its minutes.
        since = pd.Timestamp(now - timedelta(days=days)).floor("min")
    within_time = filters.between(rows["upload_time"], since, until)
    # A tenant without any upload has a row of its own.
    return kept & rows["upload_time_text"].notna() & within_time
