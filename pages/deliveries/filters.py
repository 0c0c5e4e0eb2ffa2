"""Which deliveries are shown."""

from datetime import timedelta

import pandas as pd
import streamlit as st

from dashboard import data
from dashboard.components import tenants, token_choices
from dashboard.components.filter_row import Chip, FilterRow
from dashboard.deliveries import DeliveriesSnapshot
from dashboard.wording import DELIVERIES, SPANS
from services.monitoring.deliveries import arrived_within

EVERY, UNUSUAL, EXCLUDED, FAILED = "all", "unusual", "excluded", "failed"
EVERYTHING, DEFAULT = "everything", "7d"
DAYS = {"24h": 1, "3d": 3, DEFAULT: 7, "30d": 30}
WINDOWS = {token: SPANS[token] for token in (*DAYS, EVERYTHING)}
FILTERS: dict[str, object] = {
    "del_tenant": "",
    "del_show": EVERY,
    "del_window": EVERYTHING,
    "del_from": None,
    "del_to": None,
}
CHIPS = {"del_from": Chip("From"), "del_to": Chip("To")}


def mask(
    row: FilterRow, snapshot: DeliveriesSnapshot, known: data.TenantDirectory
) -> "pd.Series[bool]":
    """Draw the filters but that of what they are; return which deliveries they keep."""
    rows, uploads = snapshot.found.rows, snapshot.found.uploads
    named = tenants.with_names(uploads, known)
    with row.first:
        found = tenants.search(named, key="del_tenant")
        window = st.container(width="content")
    having = uploads.loc[found, "delivery_id"]
    # What brought nothing has no tenant to be found by.
    kept: pd.Series[bool] = rows["delivery_id"].isin(having.unique()) | bool(found.all())
    with row.more():
        within, since, until = token_choices.arrived(
            WINDOWS, prefix="del_", default=DEFAULT, place=window
        )
    row.draw_chips(CHIPS, FILTERS)
    if days := DAYS.get(within):
        since = pd.Timestamp(snapshot.as_of - timedelta(days=days))
    return kept & arrived_within(rows, since, until)


def by_kind(rows: pd.DataFrame) -> "pd.Series[bool]":
    """Draw how many of these are unusual or failed: the filter of that too; return its mask."""
    failures = rows["receiving_failed"] + rows["processing_failed"]
    of: dict[str, pd.Series[bool]] = {
        EVERY: rows["uploads"] >= 0,
        UNUSUAL: rows["unusual"] > 0,
        EXCLUDED: rows["excluded"] > 0,
        FAILED: failures > 0,
    }
    chosen = token_choices.one(
        "Show",
        DELIVERIES,
        key="del_show",
        default=EVERY,
        shows_label=False,
        counts={token: int(mask.sum()) for token, mask in of.items()},
    )
    return of[chosen]
