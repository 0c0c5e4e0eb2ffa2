"""Widgets of one connection that are none of another's, though they stand on the same page.

Streamlit finds what a browser tells of a widget by an id of page and key (1.67). On the way from
one connection to another a page stays, so that what was typed, ticked or pressed at the one would
be taken for the other's: the browser tells all it has drawn with every click, and a press may be on
its way. Here the id also holds the connection that is open. And Streamlit keeps the callback of
every widget it has ever drawn: those of the connection before are forgotten.
"""

from functools import wraps
from typing import Any

from streamlit.elements.lib import utils
from streamlit.runtime.state import get_session_state

from dashboard import session


def install() -> None:
    """Patch Streamlit in this process; a second call changes nothing."""
    # Private parts of Streamlit 1.67: tests/pages/test_connections.py shows when they are others.
    compute = utils._compute_element_id
    if hasattr(compute, "__wrapped__"):
        return

    @wraps(compute)
    def of_this_connection(element_type: str, user_key: str | None = None, **told: Any) -> str:
        return compute(element_type, user_key, **told, connection=session.open_name())

    utils._compute_element_id = of_this_connection


def forget_callbacks() -> None:
    """Drop the callbacks of all widgets drawn so far; call it before a run draws any."""
    get_session_state()._state._new_widget_state.widget_metadata.clear()
