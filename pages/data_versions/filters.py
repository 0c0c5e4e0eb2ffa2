"""Which tenants the data versions are shown of."""

from datetime import datetime

import pandas as pd
import streamlit as st

from dashboard import data
from dashboard.components import filters, rhythms, tenants

ANY = "Any"
FILTERS: dict[str, object] = {
    "dv_tenant": "",
    "dv_codes": "",
    "dv_state": ANY,
    "dv_from": None,
    "dv_to": None,
}


def mask(
    rows: pd.DataFrame, known: data.TenantDirectory, now: datetime, rule: str
) -> "pd.Series[bool]":
    """Draw the filters; return which tenants they keep. `rows` has names (`tenants.with_names`).

    `rule` says what is overdue.
    """
    kept = tenants.search(rows, known, key="dv_tenant") & tenants.within(rows, key="dv_codes")
    chosen = st.segmented_control(
        "Latest version",
        (ANY, *rhythms.WORDS.values()),
        default=ANY,
        required=True,
        key="dv_state",
        bind="query-params",
        help=f"{rule} {rhythms.ODD_DATE}: {rhythms.WHAT_IS_ODD}",
    )
    by_state = rhythms.masks(rows, now)
    if chosen in by_state:
        kept &= by_state[chosen]
    with filters.together():
        since, until = filters.span("Latest from", "dv_from", "Latest to", "dv_to")
    return kept & filters.between(rows["data_version_date"], since, until)
