"""A security token that was typed and has ended: a new one is asked for, and the page stays."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard import access, bootstrap, list_load, session
from dashboard.components import errors
from dashboard.connection import Connection

CHECK_WHEN_REFUSED = "Check the security token: it may be incomplete or expired. Fetch a new one."
TITLE = "Your security token has expired"


def draw(place: DeltaGenerator, connection: Connection) -> bool:
    """Ask for a new token where the one that was typed has ended; return whether it has.

    Filters, what is selected and what is typed stay. What was read is not taken over: the new token
    may be somebody else's.
    """
    if not connection.client.awaits_token:
        return False
    with place, st.container(border=True, key="token-renewal"):
        st.markdown(f"## :material/key_off: {TITLE}")
        st.text(
            "Security tokens are short-lived and cannot be renewed from this dashboard. Enter a "
            "new one to continue. This page keeps its state until then."
        )
        with errors.sign_in_boundary(CHECK_WHEN_REFUSED):
            token = _form()
            if token:
                made = bootstrap.with_token(connection, token)
                with st.spinner("Signing in…"):
                    made.client.sign_in()
                list_load.forget()
                connection.forget()
                session.sign_in(made)
                st.rerun()
        st.button("Sign out", key="token.sign_out", type="tertiary", on_click=access.sign_out)
    return True


def _form() -> str:
    """Draw the field; return what was typed into it once it was sent."""
    with (
        st.form("token.form", border=False),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        typed = st.text_input(
            "New security token",
            type="password",
            key="token.new",
            autocomplete="off",
            width="stretch",
        )
        is_sent = st.form_submit_button("Continue", type="primary", icon=":material/login:")
    return typed if is_sent else ""
