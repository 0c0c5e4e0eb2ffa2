"""Deliveries: what came together, what became of it, and which delivery to look at first."""

import pandas as pd
import streamlit as st

from dashboard import deliveries, navigation, session
from dashboard.components import filter_row, page, tenants
from dashboard.connection import Connection
from dashboard.operations import plan_panel
from dashboard.operations.drawer import drawer
from pages.deliveries import actions, filters, opened, strip, table


def main() -> None:
    """Load, filter, show, act."""
    connection = session.signed_in()
    head = page.head("Deliveries")
    known = tenants.directory(connection)
    deliveries.ask()
    row = filter_row.row(navigation.DELIVERIES, filters.FILTERS)
    with page.loading():
        snapshot = deliveries.load(connection, with_versions=opened.wants_versions())
    page.as_of(head, snapshot.as_of, "del", lambda: deliveries.refresh(connection, snapshot))
    page.left_out(snapshot.left_out)
    _without_jobs(snapshot)
    rows = snapshot.found.rows
    if rows.empty:
        page.empty("No deliveries", "Visier lists no data uploads for your account.")
        plan_panel.slot(connection, opened.NAME)
        return
    shown = rows[filters.mask(row, snapshot, known)]
    shown = shown[filters.by_kind(shown)]
    # A plan stands where whoever pressed the button looks: nothing else is as long.
    is_planned = drawer(opened.NAME).under_review is not None
    _shown(connection, snapshot, shown, is_planned=is_planned)
    if not is_planned:
        opened.draw(connection, snapshot, known)
        actions.bar(connection, snapshot)


def _without_jobs(snapshot: deliveries.DeliveriesSnapshot) -> None:
    if snapshot.refusal:
        with st.container(border=True, key="deliveries-by-time"):
            st.markdown("**:material/schedule: Deliveries are derived from upload times**")
            st.text(
                "Jobs cannot be listed, so uploads that arrived together count as one delivery. "
                "Overlapping batches look like one, and failures are unknown."
            )
            st.text(f"Visier reports: {snapshot.refusal}")


def _shown(
    connection: Connection,
    snapshot: deliveries.DeliveriesSnapshot,
    shown: pd.DataFrame,
    *,
    is_planned: bool,
) -> None:
    if shown.empty:
        page.nothing_matches("delivery", filters.FILTERS)
        plan_panel.slot(connection, opened.NAME)
        return
    strip.draw(snapshot, shown, opened=opened.key(), is_short=bool(opened.key()) and not is_planned)
    plan_panel.slot(connection, opened.NAME)
    if not is_planned:
        table.draw(snapshot, shown, opened=opened.key())


main()
