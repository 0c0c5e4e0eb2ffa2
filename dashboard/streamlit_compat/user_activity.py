"""When a person did something last in this browser session: a page that lives is not a person."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from itertools import count
from typing import ParamSpec

import streamlit as st

from services.clock import CLOCK

P = ParamSpec("P")

_BY_ITSELF = "user_activity.by_itself"
_AT = "user_activity.at"
_HANDSHAKE = "user_activity.handshake"
_RUNS = "user_activity.runs"


def note_run(handshake: str) -> bool:
    """Note a click, unless a timer or a browser that reconnected runs the script; say which it is.

    `handshake` names the connection of the browser. One that has lost the server has the script run
    when it finds it again (streamlit/streamlit#11890), by a message like that of a click: behind a
    proxy that ends connections nobody would ever have been away.
    """
    # Popped: the announcement is for one run only.
    by_itself = st.session_state.pop(_BY_ITSELF, False)
    reconnected = st.session_state.get(_HANDSHAKE, handshake) != handshake
    st.session_state[_HANDSHAKE] = handshake
    if by_itself or reconnected:
        return False
    st.session_state[_RUNS] = runs() + 1
    note()
    return True


def runs() -> int:
    """Return how often the script ran because a person did something."""
    number: int = st.session_state.get(_RUNS, 0)
    return number


def note() -> None:
    """Note that a person has done something just now."""
    st.session_state[_AT] = CLOCK.now()


def last() -> datetime:
    """Return when a person did something last (aware, UTC): now, when nothing was noted yet."""
    moment: datetime = st.session_state.get(_AT, CLOCK.now())
    return moment


def by_itself() -> None:
    """Announce that the script runs again without a click."""
    st.session_state[_BY_ITSELF] = True


def noted(draw: Callable[P, None]) -> Callable[P, None]:
    """Return a fragment that notes a click each time it runs alone; it may have no timer.

    Its first run belongs to the script, which knows why it runs: wrap it anew in every run.
    """
    runs = count()

    @wraps(draw)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        if next(runs):
            note()
        draw(*args, **kwargs)

    return run
