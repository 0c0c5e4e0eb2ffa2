"""Jobs: what runs, what failed and what belongs together, as a table or as a tree."""

from datetime import UTC, datetime, timedelta

import pandas as pd
import streamlit as st

from dashboard import data, session
from dashboard.data import Look
from dashboard.ui import filters, formats, page, states, tables, tenants
from services import frames

WINDOWS = {
    "1 hour": timedelta(hours=1),
    "6 hours": timedelta(hours=6),
    "24 hours": timedelta(days=1),
    "3 days": timedelta(days=3),
    "7 days": timedelta(days=7),
}
TABLE, TREE = "Table", "Tree"
DEFAULTS: dict[str, object] = {"job_tenant": "", "job_type": [], "job_state": [], "job_id": ""}
OPEN_JOBS = "jobs.open"
INDENT = "\u2003\u2003"


def main() -> None:
    """Load, filter, show."""
    connection = session.signed_in()
    head = page.head("Jobs", "What runs, what failed, and what belongs together.")
    known = tenants.directory(connection)
    window = _window()
    with page.loading():
        look = data.load_jobs(connection, window)
    page.as_of(head, look.as_of, "jobs", lambda: data.load_jobs.clear(connection, window))
    jobs = tenants.with_names(look.frame, known)
    if jobs.empty:
        page.empty("No jobs", "Visier lists no job that started in this window.")
        return
    _figures(jobs)
    mask = _filter(jobs, known)
    if not mask.any():
        page.nothing_matches("job", DEFAULTS)
        return
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
        _tree(jobs, mask, look)
    else:
        _table(jobs[mask], len(jobs))


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
    failed = int(counts.get("Failed", 0) + counts.get("Error", 0))
    waiting = int(counts.get("Pending", 0) + counts.get("Rescheduling", 0))
    with st.container(horizontal=True):
        st.metric("Jobs", f"{len(jobs):,}", border=True)
        st.metric("Failed", f"{failed:,}", border=True, help="Failed or Error")
        st.metric("Running", f"{int(counts.get('Running', 0)):,}", border=True)
        st.metric("Waiting", f"{waiting:,}", border=True, help="Pending or Rescheduling")
        st.metric("Succeeded", f"{int(counts.get('Succeeded', 0)):,}", border=True)


def _filter(jobs: pd.DataFrame, known: data.TenantDirectory) -> "pd.Series[bool]":
    search, kind, state, job = st.columns([3, 2.5, 2.5, 2], vertical_alignment="bottom")
    with search:
        mask = tenants.search(jobs, known, key="job_tenant")
    with kind:
        mask &= filters.one_of(jobs["job_type"], "Type", key="job_type")
    with state:
        mask &= filters.one_of(jobs["status"], "State", key="job_state")
    with job:
        job_id = st.text_input(
            "Job id", key="job_id", bind="query-params", type="search", placeholder="Whole or part"
        )
    if job_id:
        mask &= jobs["job_id"].str.contains(job_id.strip(), case=False, regex=False)
    return mask


def _table(shown: pd.DataFrame, of: int) -> None:
    rows = shown.sort_values("start_time", ascending=False, na_position="last")
    rows = rows.assign(
        state=states.labels(rows["status"], rows["status_word"]),
        age=formats.age_seconds(rows["start_time"], datetime.now(UTC)),
    )
    chosen = tables.show(
        rows,
        _columns({"tenant_code": tables.code_column()}),
        key="jobs.table",
        of=of,
        noun="job",
        selectable=True,
    )
    if chosen is not None:
        _details(chosen)


def _columns(first: dict[str, object]) -> dict[str, object]:
    return {
        **first,
        "tenant_name": "Name",
        "job_type": "Type",
        "state": states.column(),
        "start_time": tables.time_column("Started"),
        "age": tables.age_column("Started ago"),
        "job_id": st.column_config.TextColumn("Job id", width=290),
        "parent_job_id": st.column_config.TextColumn("Parent job", width=290),
    }


def _tree(jobs: pd.DataFrame, mask: "pd.Series[bool]", look: Look) -> None:
    whole = frames.job_tree.roll_up(frames.job_tree.with_ancestors(jobs, mask))
    open_jobs: set[str] = st.session_state.setdefault(OPEN_JOBS, set())
    rows = frames.job_tree.visible(whole, open_jobs)
    rows = rows.assign(
        toggle=_toggles(rows, open_jobs),
        job=INDENT_OF_DEPTH(rows),
    )


main()
