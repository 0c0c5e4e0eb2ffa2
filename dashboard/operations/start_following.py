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
from dashboard.streamlit_compat import user_activity
from services.clock import CLOCK
from services.monitoring import JobsSnapshot, is_overdue, pace
from services.operations.starts.outcomes import StartOutcome
from services.visier import Lane

# What others have seen is in the ledger: reading it costs no call.
LIST_READ_EVERY: Final = timedelta(seconds=5)
FOLLOWED_FOR: Final = timedelta(days=1)


def read(connection: Connection, outcome: StartOutcome, *, quietly: bool = False) -> StartOutcome:
    """Return a start as its jobs stand now; of one whose jobs have all ended nothing is asked.

    It costs one call of job-status where no screen of this identity has looked yet. `quietly` for
    where what cannot be read is told elsewhere.
    """
    if outcome.is_over or not outcome.noted.job_id:
        return outcome
    operation = outcome.noted.operation
    monitor = connection.job_monitor
    with suppress(*errors.KNOWN) if quietly else errors.boundary(f"jobs.{operation.id}"):
        snapshot = monitor.snapshot(connection.client, recovery_reads.window_of(operation))
        return outcome.as_listed(snapshot.jobs, snapshot.as_of)
    return at_hand(connection, outcome)


def at_hand(connection: Connection, outcome: StartOutcome) -> StartOutcome:
    """Return a start as its jobs stand by what was read already: no call is made for it."""
    snapshot = connection.job_monitor.kept(recovery_reads.window_of(outcome.noted.operation))
    if snapshot is None or outcome.is_over or not outcome.noted.job_id:
        return outcome
    return outcome.as_listed(snapshot.jobs, snapshot.as_of)


def draw(connection: Connection, outcome: StartOutcome) -> None:
    """Draw what came of a start that was `read`; while its jobs go on, look at them again.

    A look is one call of job-status, as often as `pace` allows. What it shows first is drawn with
    all that stands around it: one page tells of one look.
    """
    operation, monitor = outcome.noted.operation, connection.job_monitor
    window = recovery_reads.window_of(operation)
    drawn = monitor.kept(window)
    if outcome.is_over or drawn is None:
        start_outcome.draw(outcome)
        return
    wait, runs = _wait(connection, outcome, drawn), count()

    @st.fragment(run_every=wait, key=f"operation.jobs.{operation.id}.follow")
    @access.while_it_holds
    def beat() -> None:
        newest, now = drawn, outcome
        if next(runs):
            newest = monitor.poll(connection.client.in_lane(Lane.WATCH), window)
            now = outcome.as_listed(newest.jobs, newest.as_of)
            before = start_outcome.in_words(outcome, outcome.jobs["last_seen"].max())
            # What stands around it tells of the same jobs.
            if newest.number != drawn.number or before != start_outcome.in_words(now):
                user_activity.by_itself()
                st.rerun()
        start_outcome.draw(now)
        if newest.trouble:
            st.caption(f":material/sync_problem: The last refresh failed: {newest.trouble}")

    beat()


def _wait(connection: Connection, shown: StartOutcome, snapshot: JobsSnapshot) -> timedelta | None:
    """Return how long until the next look; none where nothing is to be expected of one."""
    is_young = CLOCK.now() - shown.noted.operation.started_at < FOLLOWED_FOR
    if shown.is_over or not (shown.goes_on or is_young):
        return None
    budget = connection.client.budget()
    return live.SOON if is_overdue(snapshot, budget, CLOCK.now()) else pace(snapshot, budget)


def in_a_list(connection: Connection, starts: Mapping[str, StartOutcome], opened: str) -> None:
    """Have the page run again when anybody has seen something new of starts that it lists.

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
