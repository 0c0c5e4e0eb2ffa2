"""Whether the page is light or dark, for the pictures whose colours Streamlit does not choose."""

import streamlit as st


def is_dark() -> bool:
    """Return whether the browser shows the dark theme, as far as it has told.

    It tells with every run. After a change of the theme the next click draws anew; what is drawn
    has to be readable in either.
    """
    return st.context.theme.type == "dark"
