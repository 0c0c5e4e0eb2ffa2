"""Why jobs failed, in words; read unasked where that takes few calls."""

import pandas as pd
import streamlit as st

from dashboard.components import errors, formats
from dashboard.connection import Connection
from services.monitoring import JobMonitor, Window, failures, reasons

NO_REASON = "Visier reports no reason"
NOT_READ = "reason not read yet"


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


def unread(monitor: JobMonitor, jobs: pd.DataFrame, failed: pd.DataFrame) -> frozenset[str]:
    """Return the keys of the topmost jobs below which it is not read why jobs failed: no call."""
    found = reasons.lists(jobs, failed, monitor.has_read)
    return frozenset(each.top for each in found if not each.is_read)


def in_words(
    groups: pd.DataFrame, failed: pd.DataFrame, unread: frozenset[str]
) -> "pd.Series[str]":
    """Return what each group has in common, and of those without a reason why there is none.

    `groups` are those of `failed`, and `unread` is as of the function of that name.
    """
    waiting = failures.groups(failed[reasons.wait(failed, unread)])["key"]
    are_read = ~groups["key"].isin(waiting)
    why_not = are_read.map({True: f" · {NO_REASON}", False: f" · {NOT_READ}"})
    return groups["fingerprint"] + why_not.where(groups["example"].isna(), "")
