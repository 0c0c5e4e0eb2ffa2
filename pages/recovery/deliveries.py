"""The deliveries that a recovery may begin with."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import pandas as pd
import streamlit as st

from dashboard import data, deliveries
from dashboard.components import delivery_words, formats, page, tables
from dashboard.components.charts import layout
from dashboard.connection import Connection
from dashboard.operations.recovery_link import DELIVERY
from services.monitoring.deliveries import arrived_within
from services.operations.recovery.finding import By
from services.operations.recovery.incident import FoundBy
from services.visier import PAGE_SIZE


class Chosen(NamedTuple):
    """The uploads of a delivery, and which it is."""

    uploads: pd.DataFrame
    by: FoundBy


def choose(connection: Connection, known: data.TenantDirectory) -> Chosen | None:
    """Draw the deliveries of the last days; return the one the link names, None for none.

    They are read when a person asks for it, here or on Deliveries.
    """
    linked = st.query_params.get(DELIVERY, "").strip()
    if not (linked or deliveries.is_asked()):
        calls = -(-(len(known.frame) + 1) // PAGE_SIZE) + deliveries.DAYS
        least = "" if known.is_complete else "at least "
        st.button(
            f"List the deliveries ({least}{formats.counted(calls, 'call')})",
            key="rec.deliveries",
            icon=":material/local_shipping:",
            on_click=deliveries.ask,
        )
        return None
    with page.loading():
        snapshot = deliveries.load(connection)
    row = snapshot.row(linked)
    rows = snapshot.found.rows
    is_late = arrived_within(rows, snapshot.as_of - timedelta(days=deliveries.DAYS))
    st.text(f"{formats.counted(int(is_late.sum()), 'delivery')} of the last {deliveries.DAYS} days")
    # One that a link names may be older.
    _table(snapshot, rows[is_late | (rows["delivery_id"] == linked)])
    if row is None:
        if linked:
            st.text("The delivery in this link is no longer listed.")
        return None
    by = FoundBy(
        By.DELIVERY,
        delivery_id=linked,
        arrived=_arrived(row["arrived"]),
        of_tenants=int(row["tenants"]),
    )
    return Chosen(snapshot.uploads_of(linked), by)


def _arrived(moment: pd.Timestamp) -> datetime | None:
    """Return a time as Python has them; None where none can be."""
    is_told = bool(layout.is_drawn(pd.Series([moment])).iloc[0])
    return moment.tz_convert(UTC).to_pydatetime() if is_told else None


def _table(snapshot: deliveries.DeliveriesSnapshot, shown: pd.DataFrame) -> None:
    rows = shown.assign(
        key=shown["delivery_id"], what=delivery_words.reasons(shown, snapshot.found.reasons)
    )
    columns: tables.Columns = {
        "arrived": tables.time_column("Arrived"),
        "what": st.column_config.TextColumn("What stands out", width=420),
        "tenants": tables.count_column("Tenants", width=75),
        "uploads": tables.count_column("Uploads", width=75),
        "excluded": tables.count_column("Excluded", width=80),
    }
    tables.rows(rows, columns, key="rec.deliveries_found", opens=DELIVERY)
