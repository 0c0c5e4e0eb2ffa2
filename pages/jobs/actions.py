"""What can be done with jobs: cancelling some, a subtree, or all that match."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

import pandas as pd
import streamlit as st

from dashboard import session
from dashboard.components import filters, formats, states, tables
from dashboard.connection import Connection
from dashboard.operations import operation_panel
from dashboard.operations.drawer import drawer
from dashboard.streamlit_compat import deferred_button
from services.clock import CLOCK
from services.frames import ENDED, Status, job_tree
from services.frames.jobs import are_named
from services.frames.membership import is_among
from services.ledger import LIVE, Outcome, UnknownOperation
from services.monitoring import Window
from services.operations import Verb, plan_cancel_jobs
from services.operations.engine.reconcile import every_item
from services.operations.verbs.cancelling import job_named_by

# Of these nothing was asked for: of the changed ones, most had ended before.
NOT_ASKED = frozenset({Outcome.SKIPPED, Outcome.CHANGED_SINCE_PLAN})
NAME = "jobs"
OPENED = "job"


@dataclass
class Cancellable:
    """The selected jobs of a window that could still be cancelled when they were drawn last."""

    keys: frozenset[str] = frozenset()
    window: Window | None = None


def let_go(jobs: pd.DataFrame, window: Window) -> None:
    """Deselect the jobs that have ended, with all below them, since they could be cancelled."""
    before, selected = session.own(Cancellable), session.selected(NAME)
    is_chosen = is_among(jobs["job_key"], selected)
    keys = frozenset(jobs.loc[is_chosen & ~jobs["is_settled"] & ~jobs["is_missing"], "job_key"])
    # What began before the window is no longer listed once it has ended.
    gone = (before.keys & selected) - keys if before.window == window else frozenset()
    if gone:
        session.select(NAME, selected - gone)
    before.keys, before.window = keys, window


def bar(jobs: pd.DataFrame) -> None:
    """Draw what can be done with the selected among all jobs of the window."""
    chosen = is_among(jobs["job_key"], session.selected(NAME))
    branch, is_going = job_tree.branches(jobs, chosen), ~jobs["status"].isin(ENDED)
    active, below = int((chosen & is_going).sum()), int((branch & is_going & ~chosen).sum())
    if chosen.sum() == 1:
        st.button(
            "Details",
            key="jobs.details",
            icon=tables.OPEN,
            on_click=lambda: st.query_params.update({OPENED: jobs.loc[chosen, "job_key"].iloc[0]}),
        )
    if not active + below:
        st.text("Nothing left to cancel", width="content")
    if active:
        of = f"{active:,} of " if active < chosen.sum() else ""
        label = f"Cancel {of}{_counted(chosen.sum())}…"
        _action("jobs.cancel", label, jobs, jobs.loc[chosen & is_going, "job_key"])
    if below:
        label = f"Cancel {'with ' if active else ''}{formats.counted(below, 'child job')}…"
        # Of a selected one that cannot be cancelled itself the plan says why.
        wanted = branch & (chosen | is_going)
        _action("jobs.cancel_below", label, jobs, jobs.loc[wanted, "job_key"])


def cancel_matching(shown: pd.DataFrame, jobs: pd.DataFrame) -> None:
    """Offer to cancel what is active among the jobs that match, if anything is."""
    is_going = ~shown["status"].isin(ENDED) & ~shown["is_missing"]
    if is_going.any():
        count = formats.counted(int(is_going.sum()), "active job")
        label = f"Cancel {count} in this filter…"
        _action("jobs.cancel_matching", label, jobs, shown.loc[is_going, "job_key"])


def _counted(number: int) -> str:
    return formats.counted(int(number), "job")


def _action(key: str, label: str, jobs: pd.DataFrame, keys: Iterable[str]) -> None:
    chosen = list(keys)
    deferred_button.button(
        label,
        partial(review, jobs, chosen),
        key=key,
        reads=(session.selection_key(NAME), "job_"),
        icon=":material/cancel:",
    )


def review(jobs: pd.DataFrame, keys: Iterable[str]) -> None:
    """Put the plan to cancel the jobs of these keys under review."""
    known = jobs[~jobs["is_missing"]]
    drawer(NAME).review(plan_cancel_jobs(keys, known), filters.in_words("job_"))


def follow_up(connection: Connection, jobs: pd.DataFrame) -> None:
    """Show how the jobs stand now that the operation shown on this page was to cancel."""
    followed = drawer(NAME).operation
    if followed is None:
        return
    try:
        operation = operation_panel.written_down(connection, followed)
    except UnknownOperation:
        return  # The panel below says so.
    if operation.verb != Verb.CANCEL_JOBS or operation.state in LIVE:
        return
    ledger = connection.ledger
    sent = every_item(ledger, followed, frozenset(Outcome) - NOT_ASKED)
    keys = [job_named_by(item.key) for item in sent]
    if keys:
        st.text(_how_they_stand(jobs[are_named(jobs, keys)], len(keys)))


def _how_they_stand(cancelled: pd.DataFrame, of: int) -> str:
    faces = states.labels(cancelled).str[0].value_counts()
    words = [f"{n:,} {face}" for face, n in faces.items()]
    if of > len(cancelled):
        words.append(f"{of - len(cancelled):,} not in this window")
    waiting = cancelled[cancelled["status"] == Status.CANCELLING]
    since = waiting["changed_at"].min()
    if len(waiting) and not pd.isna(since):
        seconds = (pd.Timestamp(CLOCK.now()) - since).total_seconds()
        words.append(f"the longest has been cancelling for {formats.duration(seconds)}")
    return f"Cancel requested for {_counted(of)}: {', '.join(words)}."
