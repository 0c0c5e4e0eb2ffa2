"""Failures: what went wrong how often, for whom, and what to do about all of one kind at once."""

import pandas as pd
import streamlit as st

from dashboard import bootstrap, session
from dashboard.connection import Connection
from dashboard.ui import (
    errors,
    filters,
    formats,
    job_actions,
    page,
    recovery_link,
    start_scope,
    tables,
)
from services.frames import FAILURES, JobType
from services.frames.membership import is_among
from services.watching import JobWatch, Window, failures

OPENED = "job_failure_group"
UNASKED = 4
PAGE = 1000
READABLE = (JobType.DISPATCHING, JobType.RECEIVING)


def draw(
    connection: Connection, window: Window, jobs: pd.DataFrame, mask: "pd.Series[bool]"
) -> None:
    """Draw the kinds of failure among the jobs of the mask, the most frequent first."""
    failed = jobs[mask & jobs["status"].isin(FAILURES)]
    if failed.empty:
        page.empty("No failures", "No job of this window and filter has failed.")
        return
    read_messages(connection, window, jobs, failed)
    groups = failures.groups(failed)
    columns: tables.Columns = {
        "fingerprint": st.column_config.TextColumn("What went wrong", width=350),
        "job_type": st.column_config.TextColumn("Type", width=110),
        "jobs": st.column_config.NumberColumn("Jobs", width=70),
        "tenants": st.column_config.NumberColumn("Tenants", width=80),
        "first": tables.time_column("First started"),
        "last": tables.time_column("Last started"),
        "example": st.column_config.TextColumn("In full, once", width=360),
        "key": st.column_config.TextColumn("Key", width=100),
    }
    st.caption("Ids, numbers, times and tenant codes are left out. Tick a row to act on its jobs.")
    tables.show(groups, columns, key="jobs.failures", of=len(groups), noun="kind", opens=OPENED)
    opened = st.query_params.get(OPENED, "")
    if opened in groups["key"].array:
        _group(failed[failures.of_group(failed, opened)], opened, window)


def read_messages(
    connection: Connection, window: Window, jobs: pd.DataFrame, failed: pd.DataFrame
) -> None:
    """Read why jobs failed, unasked while that takes few calls; else draw what reads it."""
    watch = bootstrap.job_watch(connection.identity)
    unread = _unread(watch, jobs, failed)
    if not unread:
        return
    sizes = jobs.dropna(subset="job_key").set_index("job_key")["descendant_count"]
    calls = sum(1 + len(kinds) * -(-sizes[top] // PAGE) for top, kinds in unread.items())
    count = int(is_among(failed["root_key"], unread).sum())
    asked = (
        f"Read why {formats.counted(count, 'job')} failed "
        f"(at most {formats.counted(int(calls), 'call')})"
    )
    if calls <= UNASKED or st.button(asked, key="jobs.failures.read", icon=":material/download:"):
        with errors.boundary(), st.spinner("Reading…"):
            for top, kinds in unread.items():
                watch.read_below(connection.client, window, [top], kinds)
            st.rerun()


def _unread(
    watch: JobWatch, jobs: pd.DataFrame, failed: pd.DataFrame
) -> dict[str, frozenset[JobType]]:
    """Return the topmost jobs whose lists may tell why jobs below failed, and which lists."""
    kind = failed["job_type"]
    silent = failed[
        ((kind == JobType.PROCESSING) & failed["message"].isna())
        | ((kind == JobType.EXTRACTION) & failed["stage"].isna())
    ]
    tops = jobs.loc[jobs["job_type"].isin(READABLE), "job_key"]
    below = silent[is_among(silent["root_key"], tops)].groupby("root_key")["job_type"]
    wanted = {str(top): frozenset(map(JobType, kinds.unique())) for top, kinds in below}
    return {top: kinds for top, kinds in wanted.items() if not watch.has_read(top, kinds)}


def _group(jobs: pd.DataFrame, key: str, window: Window) -> None:
    codes = jobs["tenant_code"].dropna().unique()
    with st.container(border=True, key="failure-group"):
        st.text(
            f"{formats.counted(len(jobs), 'job')} of {formats.counted(len(codes), 'tenant')} "
            "failed in this way."
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
                args=(job_actions.NAME, frozenset(jobs["job_key"].dropna())),
            )
            again = f"Process {formats.counted(len(codes), 'tenant')} again…"
            if st.button(again, key="jobs.failures.process", icon=":material/play_circle:"):
                start_scope.hand_over(list(codes))
            recovery_link.button(recovery_link.of_failure(key, window), key="jobs.failures.recover")
        with st.expander("The tenants, to copy", key="jobs.failures.codes", on_change="rerun"):
            st.code("\n".join(codes), language=None)


def _show(key: str) -> None:
    filters.put("job_failure", key, key)
    st.session_state["job_view"] = "Table"
    st.query_params.pop(OPENED, None)
