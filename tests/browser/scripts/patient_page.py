"""What is called first is taken only when something else has come."""

from threading import Event

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.scriptrunner_utils.script_requests import ScriptRequestType

LOOKS, BETWEEN_LOOKS_SECONDS = 2000, 0.01


def take(name: str) -> None:
    """Note what was ticked or pressed; when it is the first, not before the next has come."""
    context = get_script_run_ctx()
    if context is None or context.script_requests is None:
        raise RuntimeError("There is no run.")
    for _ in range(LOOKS if name.startswith("first") else 0):
        if context.script_requests._state is not ScriptRequestType.CONTINUE:
            break
        Event().wait(BETWEEN_LOOKS_SECONDS)
    st.session_state["taken"] = (*st.session_state.get("taken", ()), name)


for tick in ("first_tick", "second_tick", "third_tick"):
    st.checkbox(tick, key=tick, on_change=take, args=(tick,))
for press in ("first_press", "second_press"):
    st.button(press, key=press, on_click=take, args=(press,))
st.text(" ".join(("Taken:", *st.session_state.get("taken", ()))))
