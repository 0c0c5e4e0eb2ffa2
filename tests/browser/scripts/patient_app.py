"""A page that is as slow at its callbacks and at its end as on a busy machine."""

import threading
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.runtime.state.session_state import SessionState, WStates

from dashboard.streamlit_compat import whole_callbacks

HARM_DONE_WITHIN_SECONDS = 1
tidying, told, tidied = (threading.Event() for _ in range(3))
take_in, tidy_up = SessionState.set_widgets_from_proto, WStates.remove_stale_widgets


def take_in_and_tell(state: SessionState, *args: Any) -> None:
    """Take in what an event tells of the widgets; while a run tidies up, let it be done first."""
    take_in(state, *args)
    if tidying.is_set():
        told.set()
        tidied.wait(HARM_DONE_WITHIN_SECONDS)


def tidy_up_slowly(states: WStates, *args: Any) -> None:
    """Put a copy in the place of what is kept of the widgets; lose what is told meanwhile."""
    copy = WStates(dict(states.states), states.widget_metadata)
    tidy_up(copy, *args)
    told.clear()
    tidied.clear()
    tidying.set()
    told.wait(HARM_DONE_WITHIN_SECONDS)
    states.states = copy.states
    tidying.clear()
    tidied.set()


setattr(SessionState, "set_widgets_from_proto", take_in_and_tell)  # noqa: B010 - as mypy has it
setattr(WStates, "remove_stale_widgets", tidy_up_slowly)  # noqa: B010 - as mypy has it
whole_callbacks.install()
app = st.App(Path(__file__).with_name("patient_page.py").resolve())
