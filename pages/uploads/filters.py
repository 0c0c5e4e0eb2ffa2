"""Which data uploads are shown."""

from datetime import datetime, timedelta

import pandas as pd
import streamlit as st

from dashboard.components import filters, tenants, token_choices, typed
from dashboard.components.filter_row import Chip, FilterRow
from dashboard.deliveries import DeliveriesSnapshot
from dashboard.wording import SPANS, UPLOAD_STATES
from pages.uploads.charts import LANES, OTHERS
from services.frames.membership import is_among

EVERYTHING, DEFAULT = "everything", "30d"
DAYS = {"24h": 1, "7d": 7, DEFAULT: 30, "90d": 90}
WINDOWS = {token: SPANS[token] for token in (*DAYS, EVERYTHING)}
ANY, INCLUDED, EXCLUDED = "any", "included", "excluded"
DELIVERY = "up_delivery"
FILTERS: dict[str, object] = {
    "up_job": "",
    DELIVERY: "",
    "up_tenant": "",
    "up_codes": "",
    "up_window": EVERYTHING,
    "up_state": ANY,
    "up_from": None,
    "up_to": None,
}
CHIPS = {
    "up_job": Chip("Receiving job"),
    DELIVERY: Chip("Delivery"),
    "up_codes": Chip("Tenant codes"),
    "up_from": Chip("From"),
    "up_to": Chip("To"),
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
        help="Shows only the uploads that this receiving job brought. Enter its id.",
        width=115,
    )
    return job_id or None


def delivery() -> str:
    """Return the id of the delivery that is filtered by, OTHERS for all below, "" for any."""
    return str(st.session_state.get(DELIVERY) or st.query_params.get(DELIVERY, "")).strip()


def of_delivery(rows: pd.DataFrame, snapshot: DeliveriesSnapshot) -> "pd.Series[bool]":
    """Draw the delivery that is filtered by; return which uploads it keeps."""
    chosen = typed.line(
        "Delivery",
        key=DELIVERY,
        bind="query-params",
        type="search",
        help=(
            f"The id of a delivery, or “{OTHERS}” for all without a row in "
            "the chart. Selecting in the chart sets it."
        ),
        width=190,
    )
    return brought_by(chosen, rows, snapshot) if chosen else pd.Series(True, index=rows.index)


def apart(snapshot: DeliveriesSnapshot) -> pd.DataFrame:
    """Return the deliveries that have a row of their own in the chart: the most unusual ones."""
    return snapshot.unusual.head(len(LANES))


def brought_by(chosen: str, rows: pd.DataFrame, snapshot: DeliveriesSnapshot) -> "pd.Series[bool]":
    """Return which uploads came with a delivery; for OTHERS, with none that is `apart`."""
    ids = apart(snapshot)["delivery_id"] if chosen == OTHERS else pd.Series([chosen], dtype="str")
    uploads = snapshot.found.uploads
    own = uploads.loc[is_among(uploads["delivery_id"], ids), "upload"]
    # By what names an upload: the uploads of one job are a list of their own.
    is_own = is_among(rows["key"], snapshot.uploads["key"].loc[own])
    return ~is_own if chosen == OTHERS else is_own


def mask(row: FilterRow, rows: pd.DataFrame, now: datetime) -> "pd.Series[bool]":
    """Draw the filters but that of the state; return which uploads they keep.

    `rows` has names (`tenants.with_names`).
    """
    with row.first:
        kept = tenants.search(rows, key="up_tenant")
        window = st.container(width="content")
    with row.more():
        kept &= tenants.within(rows, key="up_codes")
        within, since, until = token_choices.arrived(
            WINDOWS, prefix="up_", default=DEFAULT, place=window
        )
    if days := DAYS.get(within):
        # By the minute, as times are typed: a cell of the picture is filtered by its minutes.
        since = pd.Timestamp(now - timedelta(days=days)).floor("min")
    within_time = filters.between(rows["upload_time"], since, until)
    # A tenant without any upload has a row of its own.
    return kept & rows["upload_time_text"].notna() & within_time


def included(rows: pd.DataFrame) -> "pd.Series[bool]":
    """Draw how many of these uploads are in: the filter of that at once; return which it keeps."""
    included = rows["included"].eq(True).sum()
    excluded = rows["included"].eq(False).sum()
    counts = {ANY: len(rows), INCLUDED: included, EXCLUDED: excluded}
    chosen = token_choices.one(
        "State", UPLOAD_STATES, key="up_state", default=ANY, shows_label=False, counts=counts
    )
    if chosen == ANY:
        return pd.Series(True, index=rows.index)
    return (rows["included"] == (chosen == INCLUDED)).fillna(False)
