"""What one browser session holds: one object of each feature, made when first asked for."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import streamlit as st

from dashboard.connection import Connection

T = TypeVar("T")

_OWN = "session."
_SELECTED = "session.selected."
_DRAFT = "session.draft."


def kept(name: str, make: Callable[[], T]) -> T:
    """Return what this browser session keeps under this name, made when it is first asked for."""
    key = _OWN + name
    if key not in st.session_state:
        st.session_state[key] = make()
    found: T = st.session_state[key]
    return found


def own(kind: type[T], name: str = "") -> T:
    """Return the one object of its kind, or of its kind and name, that this session has."""
    return kept(f"{kind.__module__}.{kind.__qualname__}.{name}", kind)


def forget_kept(beginning: str) -> None:
    """Forget what is kept under names that begin so."""
    for key in [key for key in st.session_state if str(key).startswith(_OWN + beginning)]:
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
    """Forget the connection and everything else this session holds."""
    left = own(SignIn)
    if left.connection is not None:
        left.connection.forget()
    # Everything, by whatever name: the next person in this tab must find nothing.
    st.session_state.clear()
    own(SignIn).is_left = True
    own(SignIn).times_left = left.times_left + 1


def selected(name: str) -> frozenset[str]:
    """Return the keys a person has selected under this name."""
    keys: frozenset[str] = st.session_state.get(_SELECTED + name, frozenset())
    return keys


def selection_key(name: str) -> str:
    """Return the name under which this session holds what is selected under a name."""
    return _SELECTED + name


def select(name: str, keys: frozenset[str]) -> None:
    """Replace what is selected under this name."""
    st.session_state[_SELECTED + name] = keys


def draft(name: str) -> Mapping[Any, Any]:
    """Return the changes a person has drafted under this name: a key and what it is to become."""
    changes: Mapping[Any, Any] = st.session_state.get(_DRAFT + name, {})
    return changes


def draft_key(name: str) -> str:
    """Return the name under which this session holds what is drafted under a name."""
    return _DRAFT + name


def put_draft(name: str, changes: Mapping[Any, Any]) -> None:
    """Replace what is drafted under this name."""
    st.session_state[_DRAFT + name] = changes


def is_asked(name: str, what: str) -> bool:
    """Return whether a person has agreed to exactly this costly step."""
    return _asked().get(name) == what


def ask(name: str, what: str) -> None:
    """Note that a person agrees to this."""
    _asked()[name] = what


def _asked() -> dict[str, str]:
    return kept("asked", dict)
