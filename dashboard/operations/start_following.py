"""The jobs of a start, followed while they go on."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from itertools import count
from typing import Final

import streamlit as st

from dashboard import access
from dashboard.components import errors, live
from dashboard.connection import Connection
from dashboard.operations import recovery_reads, start_outcome
from dashboard.streamlit_compat import unfaded, user_activity
from services.clock import CLOCK
from services.monitoring import JobsSnapshot, is_overdue, pace
from services.operations.starts.outcomes import StartOutcome
from services.visier import Lane

# What others have seen is in the ledger: reading it costs no call.
LIST_READ_EVERY: Final = timedelta(seconds=5)
# A processing job of all tenants is over by then; older starts are followed in Jobs.
FOLLOWED_FOR: Final = timedelta(days=1)


def read(connection: Connection, outcome: StartOutcome, *, quietly: bool = False) -> StartOutcome:
    """Return a start with the present state of its jobs; where all have ended, without a call.

    One call of job-status, unless a screen of this identity has polled. `quietly` where errors
    are shown elsewhere.
    """
    if outcome.is_over or not outcome.noted.job_id:
        return outcome
    operation = outcome.noted.operation
    monitor = connection.job_monitor
    # Quietly, beside a list: the row then shows what was known before.
    with suppress(*errors.KNOWN) if quietly else errors.boundary(f"jobs.{operation.id}"):
        snapshot = monitor.snapshot(connection.client, recovery_reads.window_of(operation))
        return outcome.as_listed(snapshot.jobs, snapshot.as_of)
    return at_hand(connection, outcome)


def at_hand(connection: Connection, outcome: StartOutcome) -> StartOutcome:
    """Return a start with the state of its jobs as read already, without a call."""
    snapshot = connection.job_monitor.kept(recovery_reads.window_of(outcome.noted.operation))
    if snapshot is None or outcome.is_over or not outcome.noted.job_id:
        return outcome
    return outcome.as_listed(snapshot.jobs, snapshot.as_of)


def draw(connection: Connection, outcome: StartOutcome, panel: str) -> None:
    """Draw what came of a start that was `read`; while its jobs go on, poll them.

    `panel` names where: Activity shows a start and the chain it is part of side by side.
    A poll is one call of job-status, as often as `pace` allows. What is drawn first agrees with
    the rest of the page: both come from one snapshot.
    """
    operation, monitor = outcome.noted.operation, connection.job_monitor
    window = recovery_reads.window_of(operation)
    drawn = monitor.kept(window)
    if outcome.is_over or drawn is None:
        start_outcome.draw(outcome)
        return
    wait, runs = _wait(connection, outcome, drawn), count()

    @st.fragment(run_every=wait, key=f"operation.jobs.{operation.id}.{panel}")
    @access.while_it_holds
    def beat() -> None:
        newest, now = drawn, outcome
        if next(runs):
            newest = monitor.poll(connection.client.in_lane(Lane.WATCH), window)
            now = outcome.as_listed(newest.jobs, newest.as_of)
            before = start_outcome.in_words(outcome, outcome.jobs["last_seen"].max())
            # The rest of the page shows the same jobs.
            if newest.number != drawn.number or before != start_outcome.in_words(now):
                user_activity.by_itself()
                st.rerun()
        start_outcome.draw(now)
        if newest.trouble:
            st.caption(f":material/sync_problem: The last refresh failed: {newest.trouble}")

    with unfaded.place(f"{panel}-{operation.id}"):
        beat()


def _wait(connection: Connection, shown: StartOutcome, snapshot: JobsSnapshot) -> timedelta | None:
    """Return the time until the next poll, None where none is due."""
    is_young = CLOCK.now() - shown.noted.operation.started_at < FOLLOWED_FOR
    if shown.is_over or not (shown.goes_on or is_young):
        return None
    budget = connection.client.budget()
    return live.SOON if is_overdue(snapshot, budget, CLOCK.now()) else pace(snapshot, budget)


def in_a_list(connection: Connection, starts: Mapping[str, StartOutcome], opened: str) -> None:
    """Run the page again when anybody has observed something new of the starts it lists.

    What was seen is in the ledger: Visier is not asked. The one that is `opened` is followed there.
    """
    since = CLOCK.now() - FOLLOWED_FOR
    before = {
        id_: start_outcome.in_words(start)
        for id_, start in starts.items()
        if id_ != opened
        and start.noted.job_id
        and not start.is_over
        and start.noted.operation.started_at > since
    }
    if not before:
        return
    operations, runs = [starts[id_].noted.operation for id_ in before], count()

    @st.fragment(run_every=LIST_READ_EVERY, key="act.starts")
    @access.while_it_holds
    def beat() -> None:
        if not next(runs):
            return
        now = start_outcome.known(connection, operations)
        if {id_: start_outcome.in_words(start) for id_, start in now.items()} != before:
            user_activity.by_itself()
            st.rerun()

    beat()
