"""Start jobs: load, extract, process or consolidate, once."""

import streamlit as st

from dashboard import session
from dashboard.components import errors, page, tenants, token_choices
from dashboard.connection import Connection
from dashboard.operations import confirm_start, operation_panel, start_link, start_panel
from dashboard.operations.drawer import START, drawer
from dashboard.operations.start_wording import STARTS
from pages.start_jobs import form, scope, summary
from services.operations import Verb
from services.operations.starts.forms import FORMS


def main() -> None:
    """Ask what to start, say it in words, start it once."""
    connection = session.signed_in()
    page.head("Start jobs")
    errors.show_kept()
    followed = drawer(START).operation
    if followed is not None:
        scope.unlink_others()
        _follow(connection, followed)
        return
    start_panel.unsettled_starts(connection)
    scope.take_hand_over()
    verb = token_choices.one(
        "Job",
        {verb: STARTS[verb] for verb in FORMS},
        key=start_link.KIND_OF_START,
        default=Verb.START_PROCESSING,
        shows_label=False,
    )
    left, right = st.columns([3, 2], gap="medium")
    with left:
        filled = form.draw(connection, FORMS[Verb(verb)], tenants.listed(connection))
    with right, st.container(border=True, key="start-summary"):
        summary.draw(connection, filled)


def _follow(connection: Connection, operation_id: str) -> None:
    with st.container(border=True, key="operation-panel"):
        operation_panel.show(connection, operation_id, name=START)
        st.button("Start another", key="start.again", on_click=_again)


def _again() -> None:
    drawer(START).follow(None)
    confirm_start.forget()


main()
