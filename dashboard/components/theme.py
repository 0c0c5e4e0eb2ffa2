"""Whether the page is light or dark, for the pictures whose colours Streamlit does not choose."""

import streamlit as st

from dashboard.streamlit_compat import user_activity


def is_dark() -> bool:
    """Return whether the browser shows the dark theme, as far as it has told.

    It tells with every run, and `redraw_button` asks for one after a change of the theme; what is
    drawn has to be readable in either.
    """
    return st.context.theme.type == "dark"


def redraw_button() -> None:
    """Draw the button, which nobody sees, that browser.js presses in another theme."""
    st.button("Redraw", key="redraw", on_click=user_activity.by_itself)
