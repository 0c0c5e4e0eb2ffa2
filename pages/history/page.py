"""History: how the nights went, for each tenant, as far as they were observed."""

import pandas as pd
import streamlit as st

from dashboard import navigation, session
from dashboard.components import filter_row, page, tenants, token_choices, tonight
from dashboard.watch import forecast, history, watching
from pages.history import filters as history_filters
from pages.history import nights, record, trends, two_nights


def main() -> None:
    """Load, filter, show."""
    connection = session.signed_in()
    head = page.head("History")
    row = filter_row.row(navigation.HISTORY, history_filters.PARAMETERS)
    with row.end:
        # Drawn whatever there is to see: what is not drawn leaves the address.
        view = token_choices.view(history_filters.VIEWS, key="hist_view")
    with page.loading():
        found = history.load(connection)
    page.as_of(head, found.looked_at, "hist", _read_again)
    # What stands below keeps its place: moved, it would be drawn twice until the run has ended.
    notices = st.container()
    with notices:
        record.trouble(watching.watches().status(connection.name))
    if not found.nights:
        page.empty("No night on record", record.why_none(connection))
        return
    every = tenants.with_names(
        pd.DataFrame({"tenant_code": found.codes}, dtype="str"), tenants.at_hand(connection)
    )
    outlook = forecast.load(connection, found)
    if outlook is not None:
        with notices:
            tonight.draw(outlook)
    kept = history_filters.mask(row, every, outlook)
    if view == history_filters.TRENDS:
        trends.draw(connection, found, every, kept)
    elif view == history_filters.TWO:
        two_nights.draw(connection, row, found, every, kept)
    else:
        nights.draw(connection, row, found, every, kept)


def _read_again() -> None:
    """Read the ledger again, which every run does."""


main()
