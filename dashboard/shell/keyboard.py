"""The keys that do something, and the list of them."""

import streamlit as st

from dashboard.components.page import REFRESH_KEY

HELP = "H"

KEYS = {
    f"?, {HELP}": "Shows this list.",
    REFRESH_KEY: "Refreshes what the page shows.",
    "Tab, Shift+Tab": "Goes to the next field, button or table, or back.",
    "Arrow keys": "Move in a table from cell to cell, and among the words of a row of choices.",
    "Shift+Space": "In a table: ticks the row, or takes its tick away.",
    "Ctrl+F": "In a table: searches in it.",
    "Enter": "In a table: opens the cell to be edited; elsewhere: presses the button.",
    "Esc": "Closes what lies over the page.",
}
# What the link opens over a page: the details of a job, the guided tour.
OVER_THE_PAGE = ("job", "tour")
TYPED = "Single letters and signs work while nothing is being typed."


def help_button() -> None:
    """Draw the button that lists the keys."""
    st.button(
        "Keyboard",
        key="keyboard",
        icon=":material/help:",
        shortcut=HELP,
        type="tertiary",
        # Two things over a page at once are an error.
        disabled=any(name in st.query_params for name in OVER_THE_PAGE),
        on_click=_list,
    )


@st.dialog("Keyboard", icon=":material/keyboard:")
def _list() -> None:
    st.table({"Key": list(KEYS), "What it does": list(KEYS.values())})
    st.caption(TYPED)
