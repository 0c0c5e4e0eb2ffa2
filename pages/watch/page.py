"""Watch: the rules of the watch, what they found, and what was told about it."""

import streamlit as st

from dashboard import navigation, session
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
from dashboard.wording import WATCH_VIEWS
from pages.watch import actions, incident, incidents, messages, read, rule, rules
from services.operations import Verb

FILTERS: dict[str, object] = {
    "wa_text": "",
    "wa_state": incidents.UNRESOLVED,
    "wa_kind": [],
}
CHIPS = {"wa_kind": Chip("Kind", KINDS)}


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
    if view == "rules":
        rules.draw(found, text, kinds, FILTERS)
    elif view == "messages":
        messages.draw(connection, found, text)
    else:
        incidents.draw(found, text, kinds, FILTERS)
    if watch_link.RULE in st.query_params:
        rule.drawer(connection, found)
    elif actions.OPENED in st.query_params:
        incident.drawer(connection, found)


main()
