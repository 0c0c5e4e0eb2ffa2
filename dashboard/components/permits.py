"""What this person may do, said before they try; what counts is asked where it is sent."""

import streamlit as st

from dashboard import access, wording
from dashboard.connection import Connection
from services.operations import EVERY_VERB, Permissions


def explain(connection: Connection, verb: str) -> bool:
    """Return whether this person may do this; draw the reason when they may not."""
    refusal = access.permissions(connection).refusal(verb)
    if refusal:
        st.caption(f":material/lock: {wording.refusal(refusal.verb, refusal.closed)}")
    return refusal is None


def badge(connection: Connection) -> None:
    """Draw that this person may not do everything, where that is so."""
    may = access.permissions(connection)
    if not _is_everything(may):
        is_limited = may.verbs and not may.closed
        st.badge("LIMITED" if is_limited else "READ-ONLY", icon=":material/lock:", color="blue")


def _is_everything(may: Permissions) -> bool:
    return not may.closed and set(may.verbs) >= EVERY_VERB


def summary(connection: Connection) -> None:
    """Draw what this person may do, unless it is everything."""
    may = access.permissions(connection)
    if _is_everything(may):
        return
    allowed = () if may.closed else sorted(may.verbs)
    if may.closed:
        st.caption(wording.closed(may.closed))
        return
    groups = ", ".join(sorted(connection.person.groups or ())) if connection.person else ""
    st.text(f"Your groups: {groups or 'none'}")
    st.caption(
        f"You may: {'; '.join(wording.verb(verb) for verb in allowed)}."
        if allowed
        else "You may view only."
    )
