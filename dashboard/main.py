"""The script behind every browser session: sign-in gate, navigation, sidebar, page."""

from pathlib import Path

import streamlit as st

from dashboard import (
    access,
    bootstrap,
    connections,
    metrics,
    navigation,
    saved_views,
    session,
)
from dashboard.components import errors, notes, theme, view_menu
from dashboard.connection import Connection
from dashboard.operations import drawer
from dashboard.shell import connection_switch, sidebar, token_renewal
from dashboard.streamlit_compat import own_widgets, unfaded, user_activity

ASSETS = Path(__file__).with_name("assets")


def main() -> None:
    """Draw the page the address names."""
    own_widgets.install()
    named = connections.in_address()
    # Before another one is opened, and before this run counts as a click.
    access.forget_what_is_over()
    if session.open_connection(named or session.open_name()):
        own_widgets.forget_callbacks()
    st.set_page_config(page_title=_title(), page_icon=ASSETS / "icon.svg", layout="wide")
    st.html(ASSETS / "style.css")
    is_click = user_activity.note_run(st.context.headers.get("Sec-Websocket-Key", ""))
    unfaded.page(by_itself=not is_click)
    connection = None if named is None else _connection()
    errors.keep_shown(by_itself=not is_click)
    sidebar.watch_for_the_end()
    if connection is None:
        _signed_out(is_configured=named is not None)
        return
    sidebar.forget_what_changed(connection)
    saved_views.read(connection)
    # The menu is drawn in the sidebar: Streamlit's own is no list to a screen reader.
    page = st.navigation(navigation.pages(signed_in=True), position="hidden")
    metrics.RERUNS.labels(page.title).inc()
    budget = sidebar.sidebar(connection, page)
    # Drawn twice: a token may end while the page reads.
    above = st.container()
    awaits_token = token_renewal.draw(above, connection)
    with errors.boundary():
        page.run()
    view_menu.draw(connection)
    notes.draw()
    theme.redraw_button()
    drawer.reload_guard()
    if not awaits_token:
        token_renewal.draw(above, connection)
    # Last: only now the page has spent its calls.
    with budget:
        sidebar.running(connection)
        sidebar.call_budget(connection.client.budget())


def _title() -> str:
    """Return the title of the browser tab: it tells tabs of several connections apart."""
    # Strangers are not told which connections there are.
    name = "" if access.keeps_out() else session.open_name()
    kind = bootstrap.configured(name).kind
    return " · ".join(filter(None, (name, name and kind, "Visier loads")))


def _signed_out(*, is_configured: bool) -> None:
    page = st.navigation(navigation.pages(signed_in=False), position="hidden")
    if access.keeps_out() or (is_configured and not connections.several()):
        page.run()
        return
    # By itself Streamlit would not follow a link to the page it stands on.
    st.html(sidebar.IN_THE_BROWSER, unsafe_allow_javascript=True)
    if not is_configured:
        connection_switch.not_configured(page)
        return
    connections.keep_in_address()
    connection_switch.beside(page)
    page.run()


def _connection() -> Connection | None:
    """Return the connection that is open and holds; sign in by the settings where they can."""
    made = session.connection()
    if made is None and not session.own(session.SignIn).is_left and not access.keeps_out():
        with errors.boundary():
            made = bootstrap.default_connection(access.person(), session.open_name())
    if made is not None and made.is_sandbox:
        # It is started again when it has ended, at another address.
        made = bootstrap.sandbox_connection(made.person, made.name)
    if made is not None:
        session.sign_in(made)
    return made


main()
