"""The script behind every browser session: sign-in gate, navigation, chrome, page."""

from pathlib import Path

import streamlit as st

from dashboard import bootstrap, metrics, navigation, session
from dashboard.ui import chrome, errors

ASSETS = Path(__file__).with_name("assets")


def main() -> None:
    """Draw the page the address names."""
    st.set_page_config(page_title="Visier loads", page_icon=ASSETS / "icon.svg", layout="wide")
    st.html(ASSETS / "style.css")
    if session.connection() is None and not session.has_signed_out():
        with errors.boundary():
            _sign_in_by_settings()
    connection = session.connection()
    if connection is not None and connection.is_sandbox:
        # It is started again when it has ended, at another address.
        connection = bootstrap.sandbox_connection()
        session.sign_in(connection)
    if connection is None:
        st.navigation(navigation.pages(signed_in=False), position="hidden").run()
        return
    chrome.forget_what_changed(connection)
    # The menu is drawn in the sidebar: Streamlit's own is no list to a screen reader.
    page = st.navigation(navigation.pages(signed_in=True), position="hidden")
    metrics.RERUNS.labels(page.title).inc()
    budget = chrome.sidebar(connection)
    with errors.boundary():
        page.run()
    with budget:
        chrome.running(connection)
        chrome.call_budget(connection.client.budget())


def _sign_in_by_settings() -> None:
    made = bootstrap.default_connection()
    if made is not None:
        session.sign_in(made)


main()
