"""Which deliveries are shown."""

from datetime import timedelta

import pandas as pd
from streamlit.delta_generator import DeltaGenerator

from dashboard import data
from dashboard.components import filters, tenants, token_choices
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


def place() -> DeltaGenerator:
    """Return where the filters stand."""
    return filters.row()


def mask(snapshot: DeliveriesSnapshot, known: data.TenantDirectory) -> "pd.Series[bool]":
    """Draw the filters; return which deliveries they keep."""
    rows, uploads = snapshot.found.rows, snapshot.found.uploads
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
    chosen = token_choices.one("Show", DELIVERIES, key="del_show", default=EVERY)
    with filters.together():
        within, since, until = token_choices.arrived(WINDOWS, prefix="del_", default=DEFAULT)
    if days := DAYS.get(within):
        since = pd.Timestamp(snapshot.as_of - timedelta(days=days))
    shown: pd.Series[bool] = kept & of[chosen] & arrived_within(rows, since, until)
    return shown
