"""What a person has to know about the list of jobs before reading it."""

import re

import pandas as pd
import streamlit as st

from dashboard import bootstrap, session
from dashboard.connection import Connection
from dashboard.ui import states
from services.frames.jobs import kind_and_id
from services.frames.membership import is_among
from services.ledger import TrackedJob
from services.visier import InvalidArgument
from services.watching import JobsLook, JobWatch

JOB_ID = re.compile(r"[^\s/?#]{1,200}")
NO_JOB_ID = "A job id has no spaces or slashes and at most 200 characters: paste the id alone."


def draw(look: JobsLook) -> None:
    """Say what is missing, cut off or refused, and why looking again failed."""
    if look.refusal:
        with st.container(border=True, key="jobs-refused"):
            st.markdown("## :material/visibility_off: The list of all jobs is not available")
            st.text(f"Visier's words: {look.refusal}")
            st.caption(
                "Shown are the jobs that are tracked here and what is below them, read through the "
                "endpoints of dispatching and receiving jobs. They tell no start times and nothing "
                "of a single extraction or processing job. What is started here is tracked by "
                "itself; any other dispatching or receiving job you can track by its id. "
                "The list is asked for again every ten minutes, and by Refresh."
            )
    if look.trouble:
        with st.container(border=True, key="jobs-trouble"):
            st.markdown(
                "**:material/sync_problem: Looking again failed; this is what was seen last**"
            )
            st.text(look.trouble)
    if look.not_listed:
        with st.container(border=True, key="jobs-not-listed"):
            st.markdown("**:material/hourglass_top: Not listed yet**")
            st.text("\n".join(look.not_listed))
            st.caption("A new job can take some minutes to be listed. It is looked for meanwhile.")
    if look.may_be_cut:
        st.caption(
            ":material/content_cut: Visier returned a suspiciously round number of jobs: the list "
            "may be cut off. Choose a shorter window."
        )


def track(connection: Connection, look: JobsLook) -> None:
    """Draw the field that tracks a job, and those that are tracked."""
    watch = bootstrap.job_watch(connection.identity)
    tracked = watch.tracked()

    def add() -> None:
        job_id = str(st.session_state["jobs.track"]).strip()
        if not job_id:
            return
        if not JOB_ID.fullmatch(job_id):
            session.keep_error(InvalidArgument(NO_JOB_ID))
            return
        st.session_state["jobs.track"] = ""
        # A link names a job by its type too, which Visier is not told.
        watch.track(kind_and_id(job_id)[1], "By hand")

    label = f"Tracked ({len(tracked)})" if tracked else "Track a job"
    with st.popover(label, icon=":material/push_pin:"):
        st.text_input(
            "Job id",
            key="jobs.track",
            on_change=add,
            placeholder="Paste an id and press Enter",
            help="A tracked job is shown whatever the window, as long as Visier knows it.",
        )
        ids = [job.job_id for job in tracked]
        known = look.jobs[is_among(look.jobs["job_id"], ids)]
        for job in tracked:
            _tracked(watch, job, known[known["job_id"] == job.job_id])


def _tracked(watch: JobWatch, job: TrackedJob, known: pd.DataFrame) -> None:
    """Draw a tracked id and how it stands; jobs of several types may have it."""
    with st.container(horizontal=True, vertical_alignment="center"):
        for kind, status in zip(known["job_type"], known["status"], strict=True):
            label = states.label(status)
            st.badge(f"{kind} {label}" if len(known) > 1 else label, color=states.color(status))
        if known.empty:
            st.badge("? Not known to Visier", color="gray")
        st.code(job.job_id, language=None)
        st.button(
            "",
            key=f"jobs.untrack.{job.job_id}",
            icon=":material/close:",
            help="Stop tracking this job",
            on_click=watch.untrack,
            args=(job.job_id,),
        )
