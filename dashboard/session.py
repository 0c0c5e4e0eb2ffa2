"""What one browser session holds: one object of each feature, made when first asked for.

All of it belongs to the connection that is open, and is held apart from that of any other.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from dashboard import time_zone
from dashboard.connection import Connection

T = TypeVar("T")

_OWN = "session."
_SELECTED = "selected."
_DRAFT = "draft."
_OPEN = "open_connection"
# Not of a connection but of whoever sits before it: the time zone, and when they did something.
_OF_A_PERSON = (_OPEN, time_zone.KEY, "user_activity.")


def open_name() -> str:
    """Return the name of the connection this run of the script is about, "" for the only one.

    A callback that waits for Visier goes on beside the run that opens another connection
    (whole_callbacks.py): what it tells belongs to the one it began with.
    """
    run = get_script_run_ctx(suppress_warning=True)
    pinned = {} if run is None else run.__dict__
    if _OPEN not in pinned:
        pinned[_OPEN] = st.session_state.get(_OPEN, "")
    name: str = pinned[_OPEN]
    return name


def open_connection(name: str) -> bool:
    """Open a connection and return whether it takes the place of another.

    Of that one nothing is held in any field, filter or table any more.
    """
    is_another = _OPEN in st.session_state and name != open_name()
    if is_another:
        _forget_unless(lambda key: key.startswith(_OWN))
    st.session_state[_OPEN] = name
    if run := get_script_run_ctx(suppress_warning=True):
        run.__dict__[_OPEN] = name
    return is_another


def _forget_unless(holds: Callable[[str], bool]) -> None:
    for key in map(str, [*st.session_state]):
        if not (holds(key) or key.startswith(_OF_A_PERSON)):
            del st.session_state[key]


def _key(name: str) -> str:
    return f"{_OWN}{open_name()}.{name}"


def kept(name: str, make: Callable[[], T]) -> T:
    """Return what this browser session keeps under this name, made when it is first asked for."""
    key = _key(name)
    if key not in st.session_state:
        st.session_state[key] = make()
    found: T = st.session_state[key]
    return found


def own(kind: type[T], name: str = "") -> T:
    """Return the one object of its kind, or of its kind and name, that this session has."""
    return kept(f"{kind.__module__}.{kind.__qualname__}.{name}", kind)


def forget_kept(beginning: str) -> None:
    """Forget what is kept under names that begin so."""
    for key in [key for key in st.session_state if str(key).startswith(_key(beginning))]:
        del st.session_state[key]


@dataclass
class SignIn:
    """Who is signed in, whether a person left on purpose, and how often that was."""

    connection: Connection | None = None
    is_left: bool = False
    times_left: int = 0


def connection() -> Connection | None:
    """Return this browser session's connection, or None when nobody is signed in."""
    return own(SignIn).connection


def signed_in() -> Connection:
    """Return this browser session's connection; pages run only when there is one."""
    made = connection()
    assert made is not None  # noqa: S101 - main.py draws the sign-in screen otherwise
    return made


def connections() -> dict[str, Connection]:
    """Return by name every connection this browser session is signed in to."""
    held = [each for each in st.session_state.values() if isinstance(each, SignIn)]
    return {each.connection.name: each.connection for each in held if each.connection}


def forget_elsewhere(made: Connection) -> None:
    """Forget a connection that is not open, and everything that this session holds of it."""
    made.forget()
    for key in [key for key in st.session_state if str(key).startswith(f"{_OWN}{made.name}.")]:
        del st.session_state[key]


def sign_in(made: Connection) -> None:
    """Make this the session's connection; at another place nothing of the one before is held.

    A plan or a start under review there would be sent here.
    """
    before, times_left = connection(), own(SignIn).times_left
    if before is not None and before.actor.place != made.actor.place:
        forget_kept("")
        own(SignIn).times_left = times_left
    own(SignIn).connection = made
    own(SignIn).is_left = False


def sign_in_again() -> None:
    """Try the credentials of the settings once more; forget those that a person typed."""
    made = connection()
    if made is not None and made.is_by_settings:
        made.client.try_to_sign_in_again()
    else:
        sign_out()


def sign_out() -> None:
    """Forget the connection that is open and everything else this session holds of it."""
    left, own_keys = own(SignIn), _key("")
    if left.connection is not None:
        left.connection.forget()
    # Everything, by whatever name: the next person in this tab must find nothing.
    _forget_unless(lambda key: key.startswith(_OWN) and not key.startswith(own_keys))
    own(SignIn).is_left = True
    own(SignIn).times_left = left.times_left + 1


def selected(name: str) -> frozenset[str]:
    """Return the keys a person has selected under this name."""
    keys: frozenset[str] = st.session_state.get(selection_key(name), frozenset())
    return keys


def selection_key(name: str) -> str:
    """Return the name under which this session holds what is selected under a name."""
    return _key(_SELECTED + name)


def select(name: str, keys: frozenset[str]) -> None:
    """Replace what is selected under this name."""
    st.session_state[selection_key(name)] = keys


def draft(name: str) -> Mapping[Any, Any]:
    """Return the changes a person has drafted under this name: a key and what it is to become."""
    changes: Mapping[Any, Any] = st.session_state.get(draft_key(name), {})
    return changes


def draft_key(name: str) -> str:
    """Return the name under which this session holds what is drafted under a name."""
    return _key(_DRAFT + name)


def put_draft(name: str, changes: Mapping[Any, Any]) -> None:
    """Replace what is drafted under this name."""
    st.session_state[draft_key(name)] = changes


def is_asked(name: str, what: str) -> bool:
    """Return whether a person has agreed to exactly this costly step."""
    return _asked().get(name) == what


def ask(name: str, what: str) -> None:
    """Note that a person agrees to this."""
    _asked()[name] = what


def _asked() -> dict[str, str]:
    return kept("asked", dict)
