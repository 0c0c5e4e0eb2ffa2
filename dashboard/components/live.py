"""A page that polls its jobs: when they were read, a pause, and Refresh."""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard import access, navigation
from dashboard.components import errors, formats, page
from dashboard.connection import Connection
from dashboard.streamlit_compat import user_activity
from dashboard.watch import pushed_reader
from dashboard.watch.pushes import PushStatus
from services import visier
from services.clock import CLOCK
from services.monitoring import JobsSnapshot, Window, is_overdue, pace
from services.monitoring.phrases import duration
from services.monitoring.snapshots import FAST

# The page is drawn first with what is there.
SOON = timedelta(seconds=2)
# Nights bring an event every few seconds; after such a silence the last one tells nothing.
PUSHED_LATELY = timedelta(minutes=15)
KEY_DOES_NOT_MATCH = (
    "Visier pushes events, but signs them with another key than DASHBOARD_WEBHOOK_KEY. Jobs are "
    "polled."
)
PACE = (
    "Refreshes every few seconds while jobs run, less often otherwise, only while a tab is "
    "open. All tabs share one refresh."
)


def head(
    place: DeltaGenerator,
    connection: Connection,
    window: Window,
    snapshot: JobsSnapshot,
    *,
    key: str,
    follow: str = "",
    also: Callable[[], None] | None = None,
) -> None:
    """Show when the jobs were read; unless paused, poll them at their own pace.

    `key` names the pause in the address, differently on every screen: Back to one would bring the
    pause of the other. `follow` is the job whose lists are read along, `also` what else Refresh
    reads.
    """

    def refresh_now() -> None:
        with errors.kept():
            monitor = connection.job_monitor
            monitor.refresh(connection.client, window, than=snapshot.as_of, whole=True)
            if also is not None:
                also()

    with place:
        as_of = st.container(width="content", key="live-as-of")
        is_live = st.toggle("Live", True, key=key, bind="query-params", help=PACE)
        st.button(
            "Refresh",
            key="jobs.refresh",
            icon=":material/refresh:",
            shortcut=page.REFRESH_KEY,
            on_click=refresh_now,
        )
    with as_of:
        _beat(connection, window, snapshot, follow, is_live=is_live)
    errors.show_kept()


def _beat(
    connection: Connection, window: Window, drawn: JobsSnapshot, follow: str, *, is_live: bool
) -> None:
    runs = count()
    budget = connection.client.budget()
    # What other tabs have read is drawn at once, however old it is, and polled soon after.
    is_old = is_overdue(drawn, budget, CLOCK.now())
    wait = SOON if is_old else pace(drawn, budget)
    pushes = pushed_reader.pushes()
    if pushes.status is PushStatus.RECEIVING:
        # It costs no call before an event has named something.
        wait = min(wait, FAST)

    def last() -> datetime | None:
        return pushes.last(connection.name)

    newest = drawn

    @st.fragment(run_every=wait if is_live else None, key="jobs.beat")
    @access.while_it_holds
    def beat() -> None:
        nonlocal newest
        # Before anything else: what has not been drawn when the script is run again is gone.
        told = st.caption(**_as_of(newest, last(), is_live=is_live))
        # The first run belongs to the page, which has just read: only the timer polls.
        if next(runs) and is_live and not connection.client.awaits_token:
            client = connection.client.in_lane(visier.Lane.WATCH)
            newest = connection.job_monitor.poll(client, window, follow=follow, older=True)
            is_news = newest.number != drawn.number or (is_old and newest is not drawn)
            # A dialog would be taken away and come back, and lose what is typed into it. Closing it
            # runs the page.
            if (is_news and not navigation.is_covered()) or client.awaits_token:
                user_activity.by_itself()
                st.rerun()
            told.caption(**_as_of(newest, last(), is_live=is_live))

    beat()
    if pushes.status is PushStatus.KEY_DOES_NOT_MATCH:
        st.caption(":material/sync_problem: not pushed", width="content", help=KEY_DOES_NOT_MATCH)


def _as_of(snapshot: JobsSnapshot, last: datetime | None, *, is_live: bool) -> dict[str, Any]:
    """Return what a caption says of when the jobs were read, and the last event was received."""
    words, exact = _words(snapshot, last, is_live=is_live), formats.exactly(snapshot.as_of)
    return {"body": words, "width": "content", "help": exact}


def _words(snapshot: JobsSnapshot, last: datetime | None, *, is_live: bool) -> str:
    words = f"as of {formats.read_at(snapshot.as_of)}"
    if not is_live:
        return f"{words}, paused"
    silence = None if last is None else CLOCK.now() - last
    if silence is not None and silence <= PUSHED_LATELY:
        seconds = max(0.0, silence.total_seconds())
        words = f"{words}, pushed, last event {duration(seconds)} ago"
    return f":material/sync_problem: {words}" if snapshot.trouble else words
