"""What a person sees when the dashboard itself fails: a sentence and an id, no traceback."""

import logging
import secrets

import streamlit as st

log = logging.getLogger("dashboard")


def log_and_show(error: BaseException) -> bool:
    """Log the error under a short id and show that id. True: Streamlit shows nothing more."""
    error_id = secrets.token_hex(4)
    log.error("Script error %s", error_id, exc_info=error, extra={"error_id": error_id})
    st.error("Internal error. It sent nothing to Visier.")
    st.text(f"Error id {error_id}. The server log has the details.")
    return True
