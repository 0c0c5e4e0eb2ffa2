"""One job in a drawer: its facts, the jobs above and below it, Visier's own answers."""

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard import access, wording
from dashboard.components import (
    errors,
    formats,
    job_names,
    states,
    tables,
    tenant_link,
)
from dashboard.components.failure_messages import NO_REASON
from dashboard.connection import Connection
from dashboard.operations import recovery_link
from dashboard.streamlit_compat import user_activity
from pages.jobs import actions, visier_answers
from pages.jobs.actions import OPENED
from services.frames import ENDED, FAILURES, LIVE, JobType, Status, job_tree
from services.frames.jobs import are_named, kind_and_id, named
from services.ledger import TrackedBy
from services.monitoring import JobMonitor, JobsSnapshot, Window
from services.monitoring.details import facts

OBSERVED = "Duration (observed)"
FACTS = {
    "tenant_name": "Tenant",
    "tenant_code": "Tenant code",
    "job_type": "Type",
    "job_type_word": "API type",
    "status_word": "API status",
    "stage": "Stage",
    "data_version": "Data version",
    "message": "Message",
    "parent_tenant_code": "Parent job's tenant",
    "total_jobs_dispatched": "Jobs dispatched",
    "start_time": "Started",
    "changed_at": "Status since (observed)",
    "ended_at": "End (observed)",
    "why": "Remark",
}


def drawer(
    connection: Connection, window: Window, snapshot: JobsSnapshot, jobs: pd.DataFrame
) -> None:
    """Show the job the link names; closing the drawer takes it out of the link."""
    if not st.query_params.get(OPENED, "").strip():
        return
    # Not st.dialog: Streamlit takes that away at the begin of every run, and a live page runs again
    # every few seconds. What lies over the page stays, with its focus and what is unfolded in it.
    with st.container(key="drawer-job"):
        st.button("Close", key="job.drawer-close", on_click=_close)
        shown = st.fragment(access.while_it_holds(user_activity.noted(_drawer)), key="job.drawer")
        shown(connection, window, snapshot, jobs)


def _close() -> None:
    st.query_params.pop(OPENED, None)


def _drawer(
    connection: Connection, window: Window, snapshot: JobsSnapshot, jobs: pd.DataFrame
) -> None:
    name, here = st.query_params.get(OPENED, "").strip(), jobs[~jobs["is_missing"]]
    found = named(here, name)
    if len(found) == 1:
        _job(connection, snapshot, found, jobs)
        return
    _, job_id = kind_and_id(name)
    st.markdown("## Job")
    alike = here[here["job_id"] == job_id]
    st.code(job_id, language=None)
    if alike.empty:
        _not_here(connection, window, name, job_id)
    else:
        _rows(alike, f"{formats.counted(len(alike), 'job')} with this id. Select one to open it.")


def _job(
    connection: Connection, snapshot: JobsSnapshot, found: pd.DataFrame, jobs: pd.DataFrame
) -> None:
    job = found.iloc[0]
    answers, trouble = visier_answers.ask(connection, snapshot, job, jobs)
    try:
        details = facts(answers, job["job_key"])
    except errors.KNOWN as odd:
        details, trouble = facts([], job["job_key"]), odd
    if len(details):
        job = job.where(job.notna(), details.iloc[0].reindex(job.index))
    row = found.assign(total_jobs_dispatched=pd.array([job["total_jobs_dispatched"]], "Int64"))
    below = job_tree.below(row)["below"].iloc[0]
    what = [job_names.name_of(job), _time(job)]
    st.markdown(f"## {formats.literal(' · '.join(filter(None, what)))}")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.badge(states.label(job["status"], below), color=states.color(job["status"], below))
        st.text(states.below_in_words(row).iloc[0], width="stretch")
    _line("Job id").code(job["job_id"], language=None)
    _facts(job)
    if job["status"] in FAILURES and pd.isna(job["message"]) and not trouble:
        _line("Why").text(f"{NO_REASON}.")
    _actions(connection.job_monitor, job, jobs)
    _jobs_above(job, jobs.loc[~jobs["is_missing"], "job_key"])
    _children(jobs[jobs["parent_key"] == job["job_key"]])
    # What dispatches or brings a batch is the administrating tenant's.
    if "~" in str(job["tenant_code"]):
        tenant_link.link(str(job["tenant_code"]))
    if job["job_type"] == JobType.RECEIVING:
        visier_answers.files(connection, job["job_id"])
        recovery_link.link(recovery_link.of_job(job["job_id"]))
    visier_answers.draw(connection, job["job_key"], answers, trouble)


def _not_here(connection: Connection, window: Window, name: str, job_id: str) -> None:
    st.text("No job with this id started in this window.")
    if st.button("Look for it (1 call)", key="job.fetch", icon=":material/search:"):
        with errors.boundary("details"):
            monitor = connection.job_monitor
            read = monitor.fetch(connection.client, window, [job_id])
            if are_named(read.listed, [name, job_id]).any():
                st.rerun()
            st.text("Visier does not know this job, or no longer lists it.")


def _line(label: str) -> DeltaGenerator:
    label_column, value_column = st.columns([1, 2], vertical_alignment="center")
    label_column.caption(label)
    return value_column


def _time(job: pd.Series) -> str:
    """Return how long a job runs or took, as it is said in a title; "" where that is not known."""
    took, _ = _took(job)
    if not took or job["status"] in LIVE - {Status.RUNNING}:
        return ""
    return f"{'running' if job['status'] == Status.RUNNING else 'took'} {took}"


def _facts(job: pd.Series) -> None:
    for name, label in FACTS.items():
        value = job[name]
        if pd.isna(value) or value in ("", 0):
            continue
        if name == "job_type":
            value = wording.JOB_TYPES[value]
        if isinstance(value, pd.Timestamp):
            value = formats.exactly(value)
        _line(label).text(value)
    took, label = _took(job)
    if took:
        _line(label).text(took)


def _took(job: pd.Series) -> tuple[str, str]:
    if job["status"] in LIVE:
        return job_names.running_for(job), "Running time"
    if pd.isna(job["seconds"]):
        # Its end was seen some looks late, and Visier reports none.
        if job[["start_time", "ended_at"]].isna().any():
            return "", ""
        most = (job["ended_at"] - job["start_time"]).total_seconds()
        return f"at most {formats.duration(most)}", OBSERVED
    return formats.duration(job["seconds"]), OBSERVED


def _actions(monitor: JobMonitor, job: pd.Series, jobs: pd.DataFrame) -> None:
    below = jobs[job_tree.branches(jobs, jobs["job_key"] == job["job_key"])]
    going = below.loc[~below["status"].isin(ENDED), "job_key"]
    with st.container(horizontal=True):
        if job["status"] not in ENDED and st.button(
            "Cancel this job…", key="job.cancel", icon=":material/cancel:"
        ):
            _review(jobs, [job["job_key"]])
        others = going[going != job["job_key"]]
        if len(others) and st.button(
            f"Cancel with {formats.counted(len(others), 'child job')}…",
            key="job.cancel_below",
            icon=":material/cancel:",
        ):
            _review(jobs, going)
        is_tracked = job["job_id"] in {each.job_id for each in monitor.tracked()}
        if st.button(
            "Stop tracking" if is_tracked else "Track",
            key="job.track",
            icon=":material/push_pin:",
            help="A tracked job stays listed in every window while Visier knows it.",
        ):
            if is_tracked:
                monitor.untrack(job["job_id"])
            else:
                monitor.track(job["job_id"], TrackedBy.BY_HAND)
            st.rerun()


def _review(jobs: pd.DataFrame, keys: "list[str] | pd.Series[str]") -> None:
    actions.review(jobs, keys)
    _close()
    st.rerun()


def _jobs_above(job: pd.Series, known: "pd.Series[str]") -> None:
    parent, root = job["parent_job_id"], job["root_key"]
    # Without one in the tree, jobs are each other's ancestors: its id is all that leads there.
    above = parent if pd.isna(job["parent_key"]) else job["parent_key"]
    if not pd.isna(parent):
        _job_above("Parent job", "parent", above, known)
    if root not in (above, job["job_key"]):
        _job_above("Top job in this window", "topmost", root, known)


def _job_above(label: str, name: str, key: str, known: "pd.Series[str]") -> None:
    line = _line(label)
    line.code(kind_and_id(key)[1], language=None)
    is_here = key in known.array
    if not is_here:
        line.caption("It did not start in this window.")
    line.button(
        f"Open the {name} job" if is_here else f"Look for the {name} job",
        key=f"job.open_{name}",
        icon=":material/arrow_upward:",
        on_click=st.query_params.update,
        args=({OPENED: key},),
    )


def _children(children: pd.DataFrame) -> None:
    if children.empty:
        return
    _rows(
        children, f"{formats.counted(len(children), 'job')} directly below. Select one to open it."
    )


def _rows(jobs: pd.DataFrame, what: str) -> None:
    st.caption(what)
    shown = jobs.assign(key=jobs["job_key"], state=states.labels(jobs))
    columns: tables.Columns = {
        "state": states.column(width=205),
        "job_type": st.column_config.TextColumn("Type", width=95),
        **tables.tenant_columns(shown),
    }
    tables.rows(shown, columns, key="job.children", opens=OPENED)
