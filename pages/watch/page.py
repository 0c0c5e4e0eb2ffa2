"""Watch: the rules of the watch, what they found, and what was told about it."""

from itertools import count

import streamlit as st

from dashboard import access, navigation, session
from dashboard.components import (
    filter_row,
    page,
    permits,
    token_choices,
    token_filters,
    typed,
    watch_link,
)
from dashboard.components.filter_row import Chip
from dashboard.components.rule_words import KINDS
from dashboard.connection import Connection
from dashboard.operations import plan_panel
from dashboard.streamlit_compat import user_activity
from dashboard.wording import WATCH_VIEWS
from pages.watch import actions, incident, incidents, messages, read, rule, rules, webhooks
from services.operations import Verb

FILTERS: dict[str, object] = {
    "wa_text": "",
    "wa_state": incidents.UNRESOLVED,
    "wa_kind": [],
}
CHIPS = {"wa_kind": Chip("Kind", KINDS)}
# The watch looks no more often than once a minute; who sends a test waits for it.
SECONDS, SECONDS_OF_A_TEST = 10.0, 2.0


def main() -> None:
    """Load, filter, show, act."""
    connection = session.signed_in()
    head = page.head("Watch")
    with page.loading():
        found = read.everything(connection)
    with head:
        may = permits.explain(connection, Verb.CHANGE_RULES)
        st.button(
            "New rule",
            key="wa.new",
            icon=":material/add:",
            type="primary",
            disabled=not may,
            on_click=rule.open_form,
        )
    row = filter_row.row(navigation.WATCH, (*FILTERS, "wa_view"))
    with row.first:
        text = typed.line(
            "Find",
            key="wa_text",
            bind="query-params",
            type="search",
            placeholder="Tenant, rule or person",
            label_visibility="collapsed",
            width=240,
        )
        view = token_choices.view(WATCH_VIEWS, key="wa_view")
    with row.more():
        kinds = token_filters.tokens("Kind", KINDS, key="wa_kind", width=300)
    row.draw_chips(CHIPS, FILTERS)
    # First: a result stays, also where webhooks cannot be read again.
    plan_panel.slot(connection, webhooks.NAME)
    if view == "rules":
        rules.draw(found, text, kinds, FILTERS)
    elif view == "messages":
        messages.draw(connection, found, text)
    elif view == "webhooks":
        webhooks.draw(connection, head, text)
    else:
        incidents.draw(found, text, kinds, FILTERS)
    if watch_link.RULE in st.query_params:
        rule.drawer(connection, found)
    elif actions.OPENED in st.query_params:
        incident.drawer(connection, found)
    _stay_up_to_date(connection, found)


def _stay_up_to_date(connection: Connection, found: read.Found) -> None:
    """Draw the page anew when the ledger holds something else, unless a drawer lies over it."""
    runs = count()
    is_covered = navigation.is_covered() or any(
        name in st.query_params for name in (watch_link.RULE, actions.OPENED)
    )

    @st.fragment(
        run_every=SECONDS_OF_A_TEST if messages.is_test_under_way(found) else SECONDS,
        key="wa.beat",
    )
    @access.while_it_holds
    def beat() -> None:
        # The first run belongs to the page, which has just read.
        if next(runs) and not is_covered and read.everything(connection) != found:
            user_activity.by_itself()
            st.rerun()

    beat()


main()
