"""One job in a drawer: its facts, and the jobs above and below it."""

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard.ui import chrome, formats, states, tables

OPENED = "job_open"
FACTS = {
    "tenant_code": "Tenant",
    "tenant_name": "Name",
    "job_type": "Type",
    "job_type_word": "Visier's word for its type",
    "status_word": "Visier's word for its state",
    "start_time": "Started",
    "descendant_count": "Jobs below it",
}


def drawer(jobs: pd.DataFrame) -> None:
    """Show the job the link names; closing the drawer takes it out of the link."""
    if st.query_params.get(OPENED):
        _drawer(jobs)


def _close() -> None:
    st.query_params.pop(OPENED, None)


@st.dialog("Job", position="right", width="medium", on_dismiss=_close)
def _drawer(jobs: pd.DataFrame) -> None:
    named = st.query_params.get(OPENED)
    found = jobs[jobs["job_id"] == named]
    if found.empty:
        st.code(named, language=None)
        st.text("No job with this id started within the chosen window.")
        return
    job = found.iloc[0]
    _line("Job id").code(job["job_id"], language=None)
    _line("State").badge(
        states.label(job["status"], is_settled=job["is_settled"]),
        color=states.color(job["status"], is_settled=job["is_settled"]),
    )
    _facts(job)
    _jobs_above(job, jobs["job_id"])
    _children(jobs[jobs["parent_job_id"] == job["job_id"]])


def _line(label: str) -> DeltaGenerator:
    label_column, value_column = st.columns([1, 2], vertical_alignment="center")
    label_column.caption(label)
    return value_column


def _facts(job: pd.Series) -> None:
    for name, label in FACTS.items():
        value = job[name]
        if pd.isna(value) or value == "":
            continue
        if isinstance(value, pd.Timestamp):
            value = value.tz_convert(chrome.time_zone()).strftime("%Y-%m-%d %H:%M:%S %Z")
        _line(label).text(value)


def _jobs_above(job: pd.Series, known: "pd.Series[str]") -> None:
    parent, root = job["parent_job_id"], job["root_job_id"]
    if not pd.isna(parent):
        _job_above("Parent job", "parent", parent, known)
    if root not in (parent, job["job_id"]):
        _job_above("Topmost job in this window", "topmost", root, known)


def _job_above(label: str, name: str, job_id: str, known: "pd.Series[str]") -> None:
    line = _line(label)
    line.code(job_id, language=None)
    if job_id in known.array:
        line.button(
            f"Open the {name} job",
            key=f"job.open_{name}",
            icon=":material/arrow_upward:",
            on_click=st.query_params.update,
            args=({OPENED: job_id},),
        )
    else:
        line.caption("It did not start within the chosen window.")


def _children(children: pd.DataFrame) -> None:
    if children.empty:
        return
    st.caption(f"{formats.counted(len(children), 'job')} right below it. Tick one to open it.")
    shown = children.assign(key=children["job_id"], state=states.labels(children))
    columns: tables.Columns = {
        "state": states.column(),
        "job_type": st.column_config.TextColumn("Type", width=170),
        "tenant_code": st.column_config.TextColumn("Tenant", width=150),
        "tenant_name": "Name",
    }
    tables.rows(shown, columns, key="job.children", opens=OPENED)
