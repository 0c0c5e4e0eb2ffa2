"""Going from one configured connection to another, by links: also in a new tab."""

from typing import TYPE_CHECKING

import streamlit as st

from dashboard import bootstrap, connections, session, time_zone
from dashboard.components import kinds

if TYPE_CHECKING:
    from streamlit.navigation.page import StreamlitPage

BRAND = "**:primary[:material/stacks:] Visier loads**"
WIDTH = 640  # as the sign-in screen
NOT_CONFIGURED = "This dashboard has no connection called “{name}”. Choose one it has:"


def folded(page: "StreamlitPage") -> None:
    """Draw which connection is open, which unfolds to all of them."""
    with st.expander(_label(session.open_name()), key="over-connections"):
        links(page)


def links(page: "StreamlitPage") -> None:
    """Draw a link to this screen at each connection; its filters stay behind."""
    opened = session.open_name()
    with st.container(key="connections", gap="xsmall"):
        for name in bootstrap.settings().connections:
            st.page_link(
                page,
                label=_label(name),
                icon=":material/radio_button_checked:"
                if name == opened
                else ":material/radio_button_unchecked:",
                query_params={**time_zone.in_link(()), connections.KEY: name},
            )


def beside(page: "StreamlitPage") -> None:
    """Draw the links beside the sign-in screen, where they stand on every other."""
    with st.sidebar:
        st.markdown(BRAND)
        links(page)


def not_configured(page: "StreamlitPage") -> None:
    """Say that the address names no connection there is, and offer those there are."""
    with st.container(horizontal_alignment="center"), st.container(width=WIDTH):
        st.title("Connection not found", anchor=False)
        st.text(NOT_CONFIGURED.format(name=st.query_params.get(connections.KEY)))
        links(page)


def _label(name: str) -> str:
    return f"**{name}** {kinds.in_label(bootstrap.configured(name).kind)}"
