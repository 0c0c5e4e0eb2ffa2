"""The first rows of a long table, drawn before all of them.

A table of 5,000 rows is a message of 1.5 MB, and nothing of it is drawn before the last byte has
come. Drawn with its first rows first, it is there while the others are on their way. Streamlit
refuses to draw one key twice in a run: here the first time is forgotten, and the browser takes the
second for the same table with other rows.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

FIRST: Final = 100
# What is shorter comes in the time of one round trip anyway.
LONG: Final = 1_000


def are_worth_it(count: int, key: str) -> bool:
    """Return whether a table that reports its selection is long, and new to the browser."""
    return count > LONG and key not in st.session_state


@contextmanager
def forgotten() -> Iterator[None]:
    """Let what is drawn inside be drawn again in this run under the same keys."""
    context = get_script_run_ctx()
    if context is None:
        raise RuntimeError("Outside of a script nothing is drawn.")
    drawn = (context.shared.widget_ids_this_run, context.shared.widget_user_keys_this_run)
    before = [names.snapshot() for names in drawn]
    yield
    for names, known in zip(drawn, before, strict=True):
        names.clear()
        for name in known:
            names.check_and_add(name)
