"""A page that looks again by itself: when its jobs were read, a pause, and looking now."""

from collections.abc import Callable
from datetime import timedelta
from itertools import count

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard import access, time_zone
from dashboard.components import errors, formats, page
from dashboard.connection import Connection
from dashboard.streamlit_compat import user_activity
from services import visier
from services.clock import CLOCK
from services.monitoring import JobMonitor, JobsSnapshot, Window, is_overdue, pace

SOON = timedelta(seconds=2)


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
    """Say when the jobs were read; while nothing is paused, look again at their own pace.

    What other tabs have seen meanwhile costs no call. `key` names the pause in the address, by
    another name on every screen: Back to one would bring the pause of the other. `follow` names
    the job whose lists are to be read along; `also` is what else Refresh reads anew.
    """

    def refresh_now() -> None:
        try:
            _monitor(connection).refresh(connection.client, window, than=snapshot.as_of, whole=True)
            if also is not None:
                also()
        except errors.KNOWN as error:
            errors.keep(error)

    with place:
        as_of = st.container(width="content")
        is_live = st.toggle(
            "Live",
            True,
            key=key,
            bind="query-params",
            help=(
                "Refreshes every few seconds while jobs run, less often otherwise, and never "
                "while no tab is open. All tabs share one refresh."
            ),
        )
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


def _monitor(connection: Connection) -> JobMonitor:
    return connection.job_monitor


def _beat(
    connection: Connection, window: Window, drawn: JobsSnapshot, follow: str, *, is_live: bool
) -> None:
    runs = count()
    budget = connection.client.budget()
    # What others have read is drawn at once, however old it is, and then looked at anew.
    is_old = is_overdue(drawn, budget, CLOCK.now())
    wait = SOON if is_old else pace(drawn, budget)

    @st.fragment(run_every=wait if is_live else None, key="jobs.beat")
    @access.while_it_holds
    def beat() -> None:
        newest = drawn
        # The first run belongs to the page, which has just looked: only the timer looks again.
        if next(runs) and is_live and not connection.client.awaits_token:
            client = connection.client.in_lane(visier.Lane.WATCH)
            newest = _monitor(connection).poll(client, window, follow=follow, older=True)
            is_news = newest.number != drawn.number or (is_old and newest is not drawn)
            if is_news or client.awaits_token:
                user_activity.by_itself()
                st.rerun()
        st.caption(_words(newest, is_live=is_live), width="content")

    beat()


def _words(snapshot: JobsSnapshot, *, is_live: bool) -> str:
    words = f"as of {formats.clock_time(snapshot.as_of, time_zone.chosen())}"
    if not is_live:
        return f"{words}, paused"
    return f":material/sync_problem: {words}" if snapshot.trouble else words
