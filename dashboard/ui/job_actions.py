"""What can be done with jobs: cancelling some, a subtree, or all that match."""

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import partial

import pandas as pd
import streamlit as st

from dashboard import bootstrap, session
from dashboard.ui import filters, formats, operation_panel, pressing, states, tables
from services.frames import ENDED, Status, job_tree
from services.frames.membership import is_among
from services.ledger import LIVE, Outcome, UnknownOperation
from services.operations import Verb, plan_cancel_jobs

NAME = "jobs"
OPENED = "job"


def bar(jobs: pd.DataFrame, shown: pd.DataFrame) -> None:
    """Draw the ways to cancel. `jobs` are all of the window, `shown` those that match."""
    chosen = is_among(jobs["job_id"], session.selected(NAME))
    branch, is_going = job_tree.branches(jobs, chosen), ~jobs["status"].isin(ENDED)
    below = int((branch & is_going & ~chosen).sum())
    going = shown.loc[is_going[shown.index] & ~shown["is_missing"], "job_id"]
    with st.container(horizontal=True, width="content"):
        st.button(
            "Details",
            key="jobs.details",
            icon=tables.OPEN,
            disabled=chosen.sum() != 1,
            help="Of the one job that is selected.",
            on_click=lambda: st.query_params.update({OPENED: jobs.loc[chosen, "job_id"].iloc[0]}),
        )
        _action(
            "jobs.cancel", f"Cancel {_counted(chosen.sum())}…", jobs, jobs.loc[chosen, "job_id"]
        )
        wanted = branch & (chosen | is_going)
        label = f"Cancel with all {below:,} below…" if below else "Cancel with all below…"
        branches = jobs.loc[wanted & (below > 0), "job_id"]
        _action("jobs.cancel_below", label, jobs, branches)
        _action(
            "jobs.cancel_matching", f"Cancel all {len(going):,} unfinished that match…", jobs, going
        )


def _counted(number: int) -> str:
    return formats.counted(int(number), "job")


def _action(key: str, label: str, jobs: pd.DataFrame, ids: Iterable[str]) -> None:
    chosen = list(ids)
    pressing.button(
        label,
        partial(review, jobs, chosen),
        key=key,
        reads=(session.selection_key(NAME), "job_"),
        icon=":material/cancel:",
        disabled=not chosen,
    )


def review(jobs: pd.DataFrame, ids: Iterable[str]) -> None:
    """Put the plan to cancel these jobs under review."""
    session.review(NAME, plan_cancel_jobs(ids, jobs[~jobs["is_missing"]]), filters.in_words("job_"))


def follow_up(jobs: pd.DataFrame) -> None:
    """Say how the jobs stand now that the operation shown on this page was to cancel."""
    followed = session.operation(NAME)
    if followed is None:
        return
    try:
        operation = operation_panel.written_down(followed)
    except UnknownOperation:
        return  # The panel below says so.
    if operation.verb != Verb.CANCEL_JOBS or operation.state in LIVE:
        return
    items = bootstrap.ledger().item_frame(followed)
    ids = items.loc[items["outcome"] != Outcome.SKIPPED, "label"]
    st.text(_how_they_stand(jobs[is_among(jobs["job_id"], ids)], len(ids)))


def _how_they_stand(cancelled: pd.DataFrame, of: int) -> str:
    faces = states.labels(cancelled).str[0].value_counts()
    words = [f"{n:,} {face}" for face, n in faces.items()]
    if of > len(cancelled):
        words.append(f"{of - len(cancelled):,} not in this window")
    waiting = cancelled[cancelled["status"] == Status.CANCELLING]
    since = waiting["changed_at"].min()
    if len(waiting) and not pd.isna(since):
        seconds = (pd.Timestamp(datetime.now(UTC)) - since).total_seconds()
        words.append(f"the longest has been cancelling for {formats.duration(seconds)}")
    were = "was" if of == 1 else "were"
    return f"Of {_counted(of)} that {were} to be cancelled: {', '.join(words)}."
