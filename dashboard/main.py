"""The script behind every browser session: sign-in gate, navigation, sidebar, page."""

from pathlib import Path

import streamlit as st

from dashboard import access, bootstrap, metrics, navigation, saved_views, session
from dashboard.components import errors, notes, view_menu
from dashboard.connection import Connection
from dashboard.shell import sidebar, token_renewal
from dashboard.streamlit_compat import user_activity

ASSETS = Path(__file__).with_name("assets")


def main() -> None:
    """Draw the page the address names."""
    st.set_page_config(page_title="Visier loads", page_icon=ASSETS / "icon.svg", layout="wide")
    st.html(ASSETS / "style.css")
    connection = _connection()
    is_click = user_activity.note_run(st.context.headers.get("Sec-Websocket-Key", ""))
    errors.keep_shown(by_itself=not is_click)
    if connection is None:
        st.navigation(navigation.pages(signed_in=False), position="hidden").run()
        return
    sidebar.forget_what_changed(connection)
    saved_views.read(connection)
    # The menu is drawn in the sidebar: Streamlit's own is no list to a screen reader.
    page = st.navigation(navigation.pages(signed_in=True), position="hidden")
    metrics.RERUNS.labels(page.title).inc()
    budget = sidebar.sidebar(connection)
    sidebar.watch_for_the_end(connection)
    # Drawn twice: a token may end while the page reads.
    above = st.container()
    awaits_token = token_renewal.draw(above, connection)
    with errors.boundary():
        page.run()
    view_menu.draw(connection)
    notes.draw()
    if not awaits_token:
        token_renewal.draw(above, connection)
    # Last: only now the page has spent its calls.
    with budget:
        sidebar.running(connection)
        sidebar.call_budget(connection.client.budget())


def _connection() -> Connection | None:
    """Return the connection that holds: what has ended is forgotten before anything is drawn."""
    made = session.connection()
    over = made and access.is_over(made)
    if over:
        access.sign_out(over)
        return None
    if made is None and not session.own(session.SignIn).is_left and not access.keeps_out():
        with errors.boundary():
            made = bootstrap.default_connection(access.person())
    if made is not None and made.is_sandbox:
        # It is started again when it has ended, at another address.
        made = bootstrap.sandbox_connection(made.person)
    if made is not None:
        session.sign_in(made)
    return made


main()
