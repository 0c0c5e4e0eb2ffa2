"""Which of several connections a tab is about: it stands in the address of every screen."""

from typing import Final

import streamlit as st

from dashboard import bootstrap, session

KEY: Final = "connection"
"""What the connection is called in the address, where several are configured."""


def several() -> tuple[str, ...]:
    """Return the names of the configured connections, none where there is only one."""
    names = tuple(bootstrap.settings().connections)
    return names if len(names) > 1 else ()


def in_address() -> str | None:
    """Return which connection the address names, or else is open; "" where there is only one.

    None for a name that is not configured: another connection must not be shown for it.
    """
    names = tuple(bootstrap.settings().connections)
    named = st.query_params.get(KEY) or session.open_name() or names[0]
    if named not in names:
        return None
    return named if len(names) > 1 else ""


def in_link() -> dict[str, str]:
    """Return the query of the connection that is open."""
    return {KEY: session.open_name()} if session.open_name() else {}


def keep_in_address() -> None:
    """Put the connection into the address: a link opens where it was made."""
    for name, value in in_link().items():
        if st.query_params.get(name) != value:
            st.query_params[name] = value
