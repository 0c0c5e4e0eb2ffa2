"""Who changed a recovery, and when: told in Activity and beside its report."""

import streamlit as st

from dashboard import wording
from dashboard.components import formats
from dashboard.connection import Connection
from services.operations.recovery.incident import changes


def draw(connection: Connection, recovery_id: str) -> None:
    """Draw the newest changes of a recovery, the newest first."""
    found = changes(connection.ledger, recovery_id)
    if not found:
        return
    with st.expander(formats.counted(len(found), "change"), key=f"rec.changes.{recovery_id}"):
        for each in found:
            words = f"{formats.here(each.at)} {wording.CHANGES[each.what]} by {each.who}"
            st.text(words, help=formats.exactly(each.at))
