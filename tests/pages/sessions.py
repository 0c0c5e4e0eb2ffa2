"""What the browser session behind a page holds, by the functions that read and change it."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar
from unittest.mock import patch

from streamlit.runtime.state import session_state_proxy
from streamlit.testing.v1 import AppTest

P = ParamSpec("P")
T = TypeVar("T")


def in_session(app: AppTest, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call a function of `dashboard.session` and its like as the script of this page would."""
    with patch.object(session_state_proxy, "get_session_state", lambda: app.session_state):
        return function(*args, **kwargs)
