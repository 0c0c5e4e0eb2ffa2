"""Reading why jobs failed: unasked where that takes few calls."""

import pandas as pd
import streamlit as st

from dashboard.components import errors, formats
from dashboard.connection import Connection
from services.monitoring import Window, reasons


def read(
    connection: Connection, window: Window, jobs: pd.DataFrame, failed: pd.DataFrame
) -> frozenset[str]:
    """Read why jobs failed, unasked as far as that takes few calls; draw what reads the rest.

    Returns the keys of the topmost jobs below which it is not read.
    """
    monitor = connection.job_monitor
    found = reasons.lists(jobs, failed, monitor.has_read)
    reading = reasons.affordable(found)
    unread = [each for each in found if not each.is_read]
    if not reading and unread:
        count = formats.counted(sum(each.failed for each in unread), "job")
        calls = formats.counted(sum(each.calls for each in unread), "call")
        label = f"Read why {count} failed (at most {calls})"
        if st.button(label, key="jobs.failures.read", icon=":material/download:"):
            reading = unread
    if reading:
        with errors.boundary("failures"), st.spinner("Reading…"):
            for each in reading:
                monitor.read_below(connection.client, window, [each.top], each.kinds)
            st.rerun()
    return frozenset(each.top for each in unread)
