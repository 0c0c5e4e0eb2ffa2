"""Rows that move by themselves: a tick that was on its way meanwhile means another row.

A browser tells a tick by the number of its row (streamlit/streamlit#9505), and 150 ms after the
touch (streamlit/streamlit#8411). When a page that looks
again by itself has put rows in between, nobody knows which of the two is meant.
"""

from dataclasses import dataclass
from time import monotonic

import pandas as pd
import streamlit as st

from dashboard.streamlit_compat import user_activity

# The 150 ms of the table and a slow way here; nobody reads new rows and selects one faster.
TOLD_WITHIN_SECONDS = 0.5
MOVED = "The rows moved while you were selecting. Nothing was selected: select again."
_DRAWN = "row_shift_guard.drawn."


@dataclass(frozen=True, slots=True)
class _Drawn:
    keys: pd.Series
    run: int
    moved_at: float


def note(table: str, keys: pd.Series) -> None:
    """Note which rows a table is drawn with, by their keys in their order."""
    before: _Drawn | None = st.session_state.get(_DRAWN + table)
    run, moved_at = user_activity.runs(), -TOLD_WITHIN_SECONDS
    if before is not None:
        # What a click of the person moved is on the screen they clicked on next.
        is_by_itself = before.run == run
        has_moved = is_by_itself and not before.keys.array.equals(keys.array)
        moved_at = monotonic() if has_moved else before.moved_at
    st.session_state[_DRAWN + table] = _Drawn(keys, run, moved_at)


def have_just_moved(table: str) -> bool:
    """Return whether the rows of a table just moved, so that a selection may mean another row."""
    drawn: _Drawn | None = st.session_state.get(_DRAWN + table)
    return drawn is not None and monotonic() - drawn.moved_at < TOLD_WITHIN_SECONDS
