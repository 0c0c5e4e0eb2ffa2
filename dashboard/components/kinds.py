"""Of which kind a connection is, as a badge: its word is read without its colour."""

from typing import Final

import streamlit as st

from dashboard.connection import Connection
from dashboard.connection_settings import Kind

_BADGES: Final[dict[Kind, tuple[str, str]]] = {
    "production": ("red", ":material/bolt: PRODUCTION"),
    "test": ("green", ":material/labs: TEST"),
    "sandbox": ("orange", ":material/science: SANDBOX"),
}


def in_label(kind: Kind | None) -> str:
    """Return the badge as a label holds it, "" where no kind is set."""
    if kind is None:
        return ""
    colour, words = _BADGES[kind]
    return f":{colour}-badge[{words}]"


def badge(kind: Kind | None, explained: str | None = None) -> None:
    """Draw the badge, where a kind is set."""
    if kind is not None:
        st.markdown(in_label(kind), width="content", help=explained)


def target(connection: Connection) -> None:
    """Draw where a change goes: at production, and where there are others."""
    if connection.name or connection.kind == "production":
        name = f"**{connection.name}** " if connection.name else ""
        st.markdown(f"Applies to {name}{in_label(connection.kind)}")
