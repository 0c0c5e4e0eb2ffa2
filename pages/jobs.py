"""Jobs: what runs, what failed and what belongs together, as a table or as a tree."""

from datetime import timedelta

import pandas as pd
import streamlit as st

from dashboard import data, session
from dashboard.ui import filters, job_details, job_table, job_tree, page, tenants
from services.frames import Status

WINDOWS = {
    "1 hour": timedelta(hours=1),
    "6 hours": timedelta(hours=6),
    "24 hours": timedelta(days=1),
    "3 days": timedelta(days=3),
    "7 days": timedelta(days=7),
}
TABLE, TREE = "Table", "Tree"
FILTERS: dict[str, object] = {"job_tenant": "", "job_type": [], "job_state": [], "job_id": ""}
# Tile -> the states it counts; what no other tile counts is in the last.
FIGURES = {
    "Failed": (Status.FAILED, Status.ERROR),
    "Running": (Status.RUNNING,),
    "Waiting": (Status.PENDING, Status.RESCHEDULING),
    "Succeeded": (Status.SUCCEEDED,),
    "Other": (
        Status.CANCELLING,
        Status.CANCELLED,
        Status.ROLLED_BACK,
        Status.RESCHEDULED,
        Status.UNKNOWN,
    ),
}


def main() -> None:
    """Load, filter, show."""
    connection = session.signed_in()
    head = page.head("Jobs", "What runs, what failed, and what belongs together.")
    known = tenants.directory(connection)
    filter_row = filters.row()
    with filter_row:
        window = _window()
    with page.loading():
        look = data.load_jobs(connection, window)
    page.as_of(head, look.as_of, "jobs", lambda: data.load_jobs.refresh(connection, window))
    jobs = tenants.with_names(look.frame, known)
    if jobs.empty:
        page.empty("No jobs", "Visier lists no job that started in this window.")
        return
    with filter_row:
        mask = _filter(jobs, known)
    job_details.drawer(jobs)
    if not mask.any():
        page.nothing_matches("job", FILTERS)
        return
    _figures(jobs[mask])
    view = st.segmented_control(
        "View",
        (TABLE, TREE),
        default=TABLE,
        required=True,
        key="job_view",
        bind="query-params",
        label_visibility="collapsed",
    )
    if view == TREE:
        job_tree.draw(jobs, mask, _searched())
    else:
        job_table.draw(jobs[mask], len(jobs))


def _searched() -> str:
    """Return the filter in force in a text of its own, "" for none."""
    given = {name: value for name in FILTERS if (value := st.session_state.get(name))}
    return str(given) if given else ""


def _window() -> timedelta:
    chosen = st.segmented_control(
        "Started within",
        list(WINDOWS),
        default="24 hours",
        required=True,
        key="job_window",
        bind="query-params",
    )
    return WINDOWS[chosen or "24 hours"]


def _figures(jobs: pd.DataFrame) -> None:
    counts = jobs["status"].value_counts()
    with st.container(horizontal=True):
        st.metric("Jobs", f"{len(jobs):,}", border=True)
        for title, counted in FIGURES.items():
            number = counts.reindex(counted, fill_value=0).sum()
            several = ", ".join(counted) if len(counted) > 1 else None
            st.metric(title, f"{number:,}", border=True, help=several)


def _filter(jobs: pd.DataFrame, known: data.TenantDirectory) -> "pd.Series[bool]":
    mask = tenants.search(jobs, known, key="job_tenant")
    mask &= filters.one_of(jobs["job_type"], "Type", key="job_type")
    mask &= filters.one_of(jobs["status"], "State", key="job_state")
    job_id = st.text_input(
        "Job id",
        key="job_id",
        bind="query-params",
        type="search",
        placeholder="Whole or part",
        width=200,
    )
    if job_id:
        mask &= jobs["job_id"].str.contains(job_id.strip(), case=False, regex=False)
    return mask


main()
