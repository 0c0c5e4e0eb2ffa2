"""The keys that do something, and the list of them."""

import streamlit as st

from dashboard import navigation
from dashboard.components.page import REFRESH_KEY

HELP = "H"

KEYS = {
    "Ctrl+K, Cmd+K": "Goes to a screen, action, saved view, tenant, job or operation.",
    f"?, {HELP}": "Shows this list.",
    REFRESH_KEY: "Refreshes the page.",
    "Tab, Shift+Tab": "Goes to the next or previous field, button or table.",
    "T": "Goes to the table, or to the next one.",
    "Arrow keys": "Move between cells of a table or options of a choice.",
    "Shift+Space": "In a table: selects or deselects the row.",
    "Ctrl+F": "In a table: searches it.",
    "Enter": "Presses the button, also in a table. In a table that is edited: edits the cell.",
    "Esc": "Closes the drawer or dialog.",
}
TYPED = "Single-key shortcuts work while you are not typing."


def help_button() -> None:
    """Draw the button that lists the keys."""
    st.button(
        ":material/keyboard:",
        key="keyboard",
        help="Keyboard",
        shortcut=HELP,
        type="tertiary",
        # Two things over a page at once are an error.
        disabled=navigation.is_covered(),
        on_click=_list,
    )


@st.dialog("Keyboard", icon=":material/keyboard:")
def _list() -> None:
    st.table({"Key": list(KEYS), "What it does": list(KEYS.values())})
    st.caption(TYPED)
