"""The signed-in connection of this browser session; the only module that names session keys."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import streamlit as st

from services import visier

_CONNECTION = "session.connection"
_DRAFT = "session.draft."
_SELECTED = "session.selected."
_SIGNED_OUT = "session.signed_out"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who is asking whom: what every cached answer is kept under."""

    base_url: str
    key_digest: str
    user: str
    target_tenant: str | None

    @property
    def host(self) -> str:
        """The host without its scheme, as a person knows it."""
        return urlsplit(self.base_url).netloc


@dataclass(frozen=True, slots=True)
class Connection:
    """A signed-in client and whose it is."""

    identity: Identity
    client: visier.Client = field(repr=False)
    is_sandbox: bool


def connection() -> Connection | None:
    """Return this browser session's connection, or None when nobody is signed in."""
    return st.session_state.get(_CONNECTION)


def signed_in() -> Connection:
    """Return this browser session's connection; pages run only when there is one."""
    made: Connection = st.session_state[_CONNECTION]
    return made


def sign_in(made: Connection) -> None:
    """Make this the session's connection."""
    st.session_state[_CONNECTION] = made
    st.session_state[_SIGNED_OUT] = False


def selected(name: str) -> frozenset[str]:
    """Return the keys a person has selected under this name."""
    keys: frozenset[str] = st.session_state.get(_SELECTED + name, frozenset())
    return keys


def select(name: str, keys: frozenset[str]) -> None:
    """Replace what is selected under this name."""
    st.session_state[_SELECTED + name] = keys


def draft(name: str) -> Mapping[str, bool]:
    """Return the changes a person has drafted under this name: a key and what it is to become."""
    changes: Mapping[str, bool] = st.session_state.get(_DRAFT + name, {})
    return changes


def put_draft(name: str, changes: Mapping[str, bool]) -> None:
    """Replace what is drafted under this name."""
    st.session_state[_DRAFT + name] = changes


def sign_out() -> None:
    """Forget the connection and everything else this session holds."""
    st.session_state.clear()
    st.session_state[_SIGNED_OUT] = True


def has_signed_out() -> bool:
    """Whether the person left on purpose, so that nothing signs them in again unasked."""
    return bool(st.session_state.get(_SIGNED_OUT))
