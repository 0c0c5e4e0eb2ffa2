"""Jobs: what runs, what failed and what belongs together, as a table or as a tree."""

from datetime import UTC, datetime, timedelta

import pandas as pd
import streamlit as st

from dashboard import data, session
from dashboard.ui import chrome, filters, formats, page, states, tables, tenants
from services.frames import WORST_FIRST, job_tree

WINDOWS = {
    "1 hour": timedelta(hours=1),
    "6 hours": timedelta(hours=6),
    "24 hours": timedelta(days=1),
    "3 days": timedelta(days=3),
    "7 days": timedelta(days=7),
}
TABLE, TREE = "Table", "Tree"
FILTERS = ("job_tenant", "job_type", "job_state", "job_id")
EXPORT = (
    "job_id",
    "tenant_code",
    "tenant_name",
    "job_type",
    "job_type_word",
    "status",
    "status_word",
    "start_time",
    "parent_job_id",
)
OPEN_JOBS = "jobs.open"
DETAILS = "jobs.details"
FACTS = {
    "job_id": "Job id",
    "tenant_code": "Tenant",
    "tenant_name": "Name",
    "job_type": "Type",
    "job_type_word": "Visier's word for its type",
    "status": "State",
    "status_word": "Visier's word for its state",
    "start_time": "Started",
    "parent_job_id": "Parent job",
    "root_job_id": "Topmost job in this window",
    "descendant_count": "Jobs below it",
}
INDENT = "\u2003\u2003"


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
    _figures(jobs)
    if not mask.any():
        page.nothing_matches("job", FILTERS)
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
        _tree(jobs, mask)
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


def _table(shown: pd.DataFrame, of: int) -> None:
    rows = _for_show(shown.sort_values("start_time", ascending=False, na_position="last"))
    columns: tables.Columns = {
        "tenant_code": tables.code_column(),
        "tenant_name": st.column_config.TextColumn("Name", width=200),
        **_columns(),
    }
    chosen = tables.show(
        rows, columns, key="jobs.table", of=of, noun="job", selectable=True, export=EXPORT
    )
    _open_details(chosen)


def _tree(jobs: pd.DataFrame, mask: "pd.Series[bool]") -> None:
    open_jobs: set[str] = st.session_state.setdefault(OPEN_JOBS, set())
    rows = job_tree.visible(jobs, open_jobs)
    rows = rows[job_tree.around(jobs, mask)[rows.index]]
    ids = list(rows["job_id"])

    def toggle() -> None:
        open_jobs.symmetric_difference_update({ids[st.session_state["jobs.toggle"]["row"]]})

    columns: tables.Columns = {
        "toggle": st.column_config.ButtonColumn(
            "", type="tertiary", key="jobs.toggle", on_click=toggle, pinned=True, width=48
        ),
        "job": st.column_config.TextColumn("Job", pinned=True, width=200),
        "below": st.column_config.TextColumn("Below it", width=170),
        **_columns(),
        "note": st.column_config.TextColumn("Note", width=200),
    }
    with st.container(horizontal=True):
        st.button(
            "Expand all", key="jobs.expand", on_click=open_jobs.update, args=(jobs["job_id"],)
        )
        st.button("Collapse all", key="jobs.collapse", on_click=open_jobs.clear)
    chosen = tables.show(
        _for_show(rows).assign(
            toggle=_toggles(rows, open_jobs),
            job=_indented(rows),
            below=_below(rows),
            note=_note(rows),
        ),
        columns,
        key="jobs.tree",
        of=len(jobs),
        noun="job",
        selectable=True,
        export=EXPORT,
    )
    _open_details(chosen)


def _for_show(jobs: pd.DataFrame) -> pd.DataFrame:
    return jobs.assign(
        state=states.labels(jobs["status"], jobs["status_word"]),
        age=formats.age_seconds(jobs["start_time"], datetime.now(UTC)),
    )


def _columns() -> tables.Columns:
    return {
        "job_type": st.column_config.TextColumn("Type", width=120),
        "state": states.column(),
        "start_time": tables.time_column("Started"),
        "age": tables.age_column("Started ago"),
        "tenant_name": st.column_config.TextColumn("Name", width=200),
        "job_id": st.column_config.TextColumn("Job id", width=290),
        "parent_job_id": st.column_config.TextColumn("Parent job", width=290),
    }


def _toggles(rows: pd.DataFrame, open_jobs: set[str]) -> "pd.Series[str]":
    is_open = rows["job_id"].isin(open_jobs)
    sign = is_open.map({True: ":material/expand_more:", False: ":material/chevron_right:"})
    return sign.where(rows["child_count"] > 0, None)


def _indented(rows: pd.DataFrame) -> "pd.Series[str]":
    return rows["depth"].map(lambda depth: INDENT * depth) + rows["tenant_code"].fillna("")


def _note(rows: pd.DataFrame) -> "pd.Series[str]":
    return rows["is_orphan"].map({True: "Its parent is not in this window", False: ""})


def _below(rows: pd.DataFrame) -> "pd.Series[str]":
    """Return the descendants of each job by state, the worst first: `2 ✕  5 ▶  113 ✓`."""
    texts = pd.Series("", index=rows.index)
    for status in WORST_FIRST:
        count = rows[job_tree.STATUS_COLUMNS[status]]
        part = count.map("{:,} ".format) + states.STATES[status][0] + "  "
        texts += part.where(count > 0, "")
    return texts


def _open_details(job: pd.Series | None) -> None:
    """Open the drawer once for each row that is selected."""
    job_id = None if job is None else job["job_id"]
    if job is not None and job_id != st.session_state.get(DETAILS):
        _details(job)
    st.session_state[DETAILS] = job_id


@st.dialog("Job", position="right", width="medium")
def _details(job: pd.Series) -> None:
    for name, label in FACTS.items():
        value = job[name]
        if pd.isna(value) or value == "":
            continue
        if isinstance(value, pd.Timestamp):
            value = value.tz_convert(chrome.time_zone()).strftime("%Y-%m-%d %H:%M:%S %Z")
        label_column, value_column = st.columns([1, 2], vertical_alignment="center")
        label_column.caption(label)
        if name.endswith("_id"):
            value_column.code(value, language=None)
        else:
            value_column.text(value)


main()
