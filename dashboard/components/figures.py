"""A figure that is a link to exactly the rows it counts."""

import streamlit as st
from streamlit.elements.lib.grid_container import GridContainer

from dashboard import navigation
from dashboard.components.job_states import Color
from dashboard.navigation import Query, Screen

NARROWEST = 124
NOT_KNOWN = "—"


def row() -> GridContainer:
    """Return a place for tiles, as many side by side as fit."""
    return st.grid("auto", min_column_width=NARROWEST, gap="xsmall")


def tile(
    word: str,
    number: int | None,
    to: Screen,
    query: Query,
    *,
    mark: str = "",
    color: Color = "gray",
) -> None:
    """Draw a number below its mark and word, all of it a link; nothing to see is grey.

    A number that is not known is None: it is no 0.
    """
    shown = color if number else "gray"
    text = NOT_KNOWN if number is None else f"{number:,}"
    with st.container(border=True, key=f"figure-{word.lower().replace(' ', '-')}"):
        label = f":{shown}[{mark} {word}] **{text}**"
        navigation.link(to, label, query, icon="", width="stretch")


def clause(words: str, to: Screen, query: Query, *, icon: str, help_text: str = "") -> None:
    """Draw part of a sentence, its number in bold, as a link."""
    navigation.link(to, words, query, icon=icon, help_text=help_text)
