"""Deliveries: what came together, what became of it, and which delivery to look at first."""

import pandas as pd
import streamlit as st

from dashboard import deliveries, session
from dashboard.components import page, tenants
from dashboard.connection import Connection
from dashboard.operations import plan_panel
from dashboard.operations.drawer import drawer
from pages.deliveries import actions, filters, opened, strip, table


def main() -> None:
    """Load, filter, show, act."""
    connection = session.signed_in()
    head = page.head("Deliveries", "Uploads that arrived together, and their outcome.")
    known = tenants.directory(connection)
    deliveries.ask()
    filter_row = filters.place()
    with page.loading():
        look = deliveries.load(connection, with_versions=opened.wants_versions())
    page.as_of(head, look.as_of, "del", lambda: deliveries.refresh(connection, look))
    page.left_out(look.left_out)
    _without_jobs(look)
    rows = look.found.rows
    if rows.empty:
        page.empty("No deliveries", "Visier lists no data uploads for your account.")
        plan_panel.slot(connection, opened.NAME)
        return
    with filter_row:
        shown = rows[filters.mask(look, known)]
    # A plan stands where whoever pressed the button looks: nothing else is as long.
    is_planned = drawer(opened.NAME).under_review is not None
    _shown(connection, look, shown, is_planned=is_planned)
    if not is_planned:
        opened.draw(connection, look, known)
        actions.bar(connection, look)


def _without_jobs(look: deliveries.DeliveriesSnapshot) -> None:
    if look.refusal:
        with st.container(border=True, key="deliveries-by-time"):
            st.markdown("**:material/schedule: Deliveries are derived from upload times**")
            st.text(
                "Jobs cannot be listed, so uploads that arrived together count as one delivery. "
                "Overlapping batches look like one, and failures are unknown."
            )
            st.text(f"Visier reports: {look.refusal}")


def _shown(
    connection: Connection,
    look: deliveries.DeliveriesSnapshot,
    shown: pd.DataFrame,
    *,
    is_planned: bool,
) -> None:
    if shown.empty:
        page.nothing_matches("delivery", filters.FILTERS)
        plan_panel.slot(connection, opened.NAME)
        return
    strip.draw(look, shown, opened=opened.key(), is_short=bool(opened.key()) and not is_planned)
    plan_panel.slot(connection, opened.NAME)
    if not is_planned:
        table.draw(look, shown, opened=opened.key())


main()
