"""The state of a job as an icon, a word and a colour together."""

import pandas as pd
import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

# Canonical state -> (mark, colour). A mark alone tells states apart without colour.
STATES = {
    "Failed": ("✕", "red"),
    "Error": ("⚠", "red"),
    "Cancelling": ("◔", "violet"),
    "Running": ("▶", "blue"),
    "Pending": ("…", "gray"),
    "Rescheduling": ("↻", "orange"),
    "Rescheduled": ("↷", "orange"),
    "Rolled back": ("↶", "orange"),
    "Cancelled": ("⊘", "violet"),
    "Unknown": ("?", "gray"),
    "Succeeded": ("✓", "green"),
}


def label(state: str) -> str:
    """Return mark and word of a canonical state."""
    return f"{STATES[state][0]} {state}"


def labels(status: pd.Series, word: pd.Series) -> pd.Series:
    """Return each state as a list of one label, as a column of labels wants it.

    A word that is none of the known states is shown as it came.
    """
    known = [[label(state)] for state in status.cat.categories]
    lists = pd.Series([known[code] for code in status.cat.codes], index=status.index, dtype=object)
    raw = word.fillna("Unknown").map(lambda text: [f"{STATES['Unknown'][0]} {text}"])
    return lists.mask(status == "Unknown", raw)


def column(title: str = "State") -> ColumnConfig:
    """Return the column configuration that colours the labels."""
    return st.column_config.MultiselectColumn(
        title,
        options=[label(state) for state in STATES],
        color=[color for _, color in STATES.values()],
        width=130,
    )
