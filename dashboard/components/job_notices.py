"""What a person has to know about the list of jobs before reading it."""

from collections.abc import Callable

import pandas as pd
import streamlit as st

from dashboard import wording
from dashboard.components import errors, page, states, typed
from dashboard.connection import Connection
from services.frames import job_tree
from services.frames.jobs import kind_and_id
from services.frames.membership import is_among
from services.ledger import TrackedBy, TrackedJob
from services.monitoring import JobsSnapshot
from services.typed_text import clean
from services.visier import InvalidArgument


def draw(snapshot: JobsSnapshot) -> None:
    """Show what is missing, cut off or refused, and why a refresh failed."""
    if snapshot.refusal:
        with st.container(border=True, key="jobs-refused"):
            st.markdown("## :material/visibility_off: The job list is not available")
            st.text(f"Visier's message: {snapshot.refusal}")
            st.caption(
                "This page shows tracked jobs and their child jobs, read through the dispatching "
                "and receiving job endpoints. These report no start times and no single "
                "extraction or processing jobs. Jobs started from this dashboard are tracked "
                "automatically; track any other dispatching or receiving job by its id. The job "
                "list is retried every ten minutes and on Refresh."
            )
    page.left_out(snapshot.left_out)
    if snapshot.trouble:
        with st.container(border=True, key="jobs-trouble"):
            st.markdown("**:material/sync_problem: Refresh failed; this is the last result**")
            st.text(snapshot.trouble)
    if snapshot.forgotten:
        st.text(
            "The job history cannot be read: late and stuck jobs and end times are "
            f"unknown. {snapshot.forgotten} It is retried every minute."
        )
    if snapshot.not_listed:
        with st.container(border=True, key="jobs-not-listed"):
            st.markdown("**:material/hourglass_top: Not listed yet**")
            st.text("\n".join(snapshot.not_listed))
            st.caption(
                "A new job can take some minutes to appear in the list. The dashboard keeps "
                "looking for it."
            )
    if snapshot.may_be_cut:
        st.caption(
            ":material/content_cut: Visier returned a suspiciously round number of jobs, so the "
            "list may be incomplete. Choose a shorter window."
        )


def track(connection: Connection, snapshot: JobsSnapshot) -> None:
    """Draw the field that tracks a job, and those that are tracked."""
    monitor = connection.job_monitor
    tracked = monitor.tracked()

    def remove(job_id: str) -> None:
        with errors.kept():
            monitor.untrack(job_id)

    def add() -> None:
        # A link names a job by its type too, which Visier is not told.
        _, job_id = kind_and_id(clean(str(st.session_state["jobs.track"])))
        if not job_id:
            return
        if not typed.JOB_ID.fullmatch(job_id):
            errors.keep(InvalidArgument(typed.NO_JOB_ID))
            return
        with errors.kept():
            monitor.track(job_id, TrackedBy.BY_HAND)
            st.session_state["jobs.track"] = ""

    with st.container(key="tracked-jobs"):
        st.text_input(
            "Track a job",
            key="jobs.track",
            on_change=add,
            placeholder="Paste an id and press Enter",
            help="A tracked job stays listed in every window while Visier knows it.",
        )
        ids = [job.job_id for job in tracked]
        known = snapshot.jobs[is_among(snapshot.jobs["job_id"], ids)]
        known = known.assign(below=job_tree.below(known)["below"])
        for job in tracked:
            _tracked(job, known[known["job_id"] == job.job_id], remove)


def _tracked(job: TrackedJob, known: pd.DataFrame, remove: Callable[[str], None]) -> None:
    """Draw a tracked id and how it stands; jobs of several types may have it."""
    with st.container(horizontal=True, vertical_alignment="center"):
        for kind, *status_and_below in known[["job_type", "status", "below"]].itertuples(
            index=False
        ):
            label = states.label(*status_and_below)
            st.badge(
                f"{wording.JOB_TYPES[kind]} {label}" if len(known) > 1 else label,
                color=states.color(*status_and_below),
            )
        if known.empty:
            st.badge("? Unknown to Visier", color="gray")
        st.code(job.job_id, language=None)
        st.button(
            "",
            key=f"jobs.untrack.{job.job_id}",
            icon=":material/close:",
            help="Stop tracking this job",
            on_click=remove,
            args=(job.job_id,),
        )
