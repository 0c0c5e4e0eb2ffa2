"""Failures: what went wrong how often, for whom, and what to do about all of one kind at once."""

import pandas as pd
import streamlit as st

from dashboard import session
from dashboard.components import failure_messages, filters, formats, page, tables
from dashboard.components.failure_messages import NO_REASON, NOT_READ
from dashboard.connection import Connection
from dashboard.operations import recovery_link, start_link
from pages.jobs import actions
from services.frames import FAILURES
from services.monitoring import Window, failures, reasons

OPENED = "job_failure_group"


def draw(
    connection: Connection, window: Window, jobs: pd.DataFrame, mask: "pd.Series[bool]"
) -> None:
    """Draw the kinds of failure among the jobs of the mask, the most frequent first."""
    failed = jobs[mask & jobs["status"].isin(FAILURES)]
    if failed.empty:
        page.empty("No failures", "No failed job matches this window and filter.")
        return
    unread = failure_messages.read(connection, window, jobs, failed)
    groups = failures.groups(failed)
    groups = groups.assign(fingerprint=failure_messages.in_words(groups, failed, unread))
    columns: tables.Columns = {
        "fingerprint": st.column_config.TextColumn("What went wrong", width=350),
        "job_type": st.column_config.TextColumn("Type", width=110),
        "jobs": tables.count_column("Jobs", width=70),
        "tenants": tables.count_column("Tenants", width=80),
        "first": tables.time_column("First started"),
        "last": tables.time_column("Last started"),
        "example": st.column_config.TextColumn("Example message", width=360),
        "key": st.column_config.TextColumn("Key", width=100),
    }
    tables.show(groups, columns, key="jobs.failures", of=len(groups), noun="kind", opens=OPENED)
    if words := why(failed, unread):
        st.text(words)
    st.caption("Grouped by message pattern. Select a row to act on its jobs.")
    opened = st.query_params.get(OPENED, "")
    if opened in groups["key"].array:
        _group(failed[failures.of_group(failed, opened)], opened, window)


def why(failed: pd.DataFrame, unread: frozenset[str]) -> str:
    """Return why most jobs failed, and of how many no reason is known."""
    waiting = int(reasons.wait(failed, unread).sum())
    without = int(failed["message"].isna().sum()) - waiting
    parts = [
        failures.cause(failures.groups(failed)),
        f"{NO_REASON} for {without:,}" if without else "",
        f"{NOT_READ} for {waiting:,}" if waiting else "",
    ]
    return " · ".join(filter(None, parts))


def _group(jobs: pd.DataFrame, key: str, window: Window) -> None:
    codes = jobs["tenant_code"].dropna().unique()
    with st.container(border=True, key="failure-group"):
        st.text(
            f"{formats.counted(len(jobs), 'job')} of {formats.counted(len(codes), 'tenant')} "
            "failed with this message pattern."
        )
        with st.container(horizontal=True):
            st.button(
                f"Show {formats.counted(len(jobs), 'job')}",
                key="jobs.failures.show",
                icon=":material/table_rows:",
                on_click=_show,
                args=(key,),
            )
            st.button(
                f"Select {formats.counted(len(jobs), 'job')}",
                key="jobs.failures.select",
                icon=":material/check_box:",
                on_click=session.select,
                args=(actions.NAME, frozenset(jobs["job_key"].dropna())),
            )
            again = f"Reprocess {formats.counted(len(codes), 'tenant')}…"
            if st.button(again, key="jobs.failures.process", icon=":material/play_circle:"):
                start_link.hand_over(list(codes))
            recovery_link.button(recovery_link.of_failure(key, window), key="jobs.failures.recover")
        with st.expander("Tenant codes to copy", key="jobs.failures.codes", on_change="rerun"):
            st.code("\n".join(codes), language=None)


def _show(key: str) -> None:
    filters.put("job_failure", key, key)
    st.session_state["job_view"] = "table"
    st.query_params.pop(OPENED, None)
