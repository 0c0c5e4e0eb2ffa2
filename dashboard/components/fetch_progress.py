"""How far a list is that takes long to read: it goes on by itself, and so does the page then."""

from itertools import count
from math import ceil

import streamlit as st

from dashboard import access, list_load, page_notes, session
from dashboard.components import formats
from dashboard.connection import Connection
from dashboard.streamlit_compat import user_activity
from services import visier

READING = "Reading the list"
SHARED = (
    "It continues automatically and keeps what it has read. Everyone with "
    "the same sign-in shares it. It stops two minutes after the last of them leaves this page."
)


def card(listed: list_load.Listed, part: str = "") -> None:
    """Draw, in the place of what a list would show, how far it is and what it waits for."""
    with st.container(border=True, key=f"fetching{part}"):
        st.markdown(f"## :material/downloading: {READING}")
        _follow(listed, part, "")
        st.caption(SHARED)


def line(listed: list_load.Listed, what: str, part: str) -> None:
    """Draw in one line how far a list is whose old answer stands on the page."""
    _follow(listed, part, f"{what}: ")


def quietly(without: page_notes.Without, part: str) -> None:
    """Keep a list being read that nobody waits for, and draw the page anew with what has come."""
    connection = session.signed_in()
    listed, runs = without.listed, count()

    @st.fragment(run_every=1.0, key=f"fetching.quietly{part}")
    @access.while_it_holds
    def tick() -> None:
        listed.saw(list_load.asker(connection))
        # The first run belongs to the page, which stands with what it had read.
        if next(runs) and (without.has_news or not listed.is_under_way):
            user_activity.by_itself()
            st.rerun()

    tick()


def _follow(listed: list_load.Listed, part: str, before: str) -> None:
    connection, runs = session.signed_in(), count()

    @st.fragment(run_every=1.0, key=f"fetching.tick{part}")
    @access.while_it_holds
    def tick() -> None:
        # A timer lives in the browser, so reading ends soon after the tab is closed.
        listed.saw(list_load.asker(connection))
        # The first run is the page's: to end it here would lose what was chosen in a menu below.
        if next(runs) and not listed.is_under_way:
            user_activity.by_itself()
            st.rerun()
        progress = listed.progress
        text = f"{before}{words(progress)}"
        if progress.expected:
            st.progress(progress.pages / progress.expected, text=text)
        else:
            st.text(text)
        if progress.wait:
            _try_now(connection, listed, part)

    tick()


def words(progress: visier.Progress) -> str:
    """Return the progress of a list, and what it waits for."""
    pages = formats.counted(progress.pages, "page")
    if progress.expected:
        so_far = f"{progress.pages:,} of about {formats.counted(progress.expected, 'page')}"
    else:
        so_far = f"{pages} so far"
    if not progress.wait:
        return f"{so_far}."
    left = formats.duration(ceil(progress.wait))
    return f"{so_far}. Waiting for the call budget; continues in {left}."


def _try_now(connection: Connection, listed: list_load.Listed, part: str) -> None:
    """Offer not to wait where Visier asked to, and not where the budget is merely used up."""
    if not connection.client.budget().asked_seconds:
        return

    def hurry() -> None:
        connection.client.try_now()
        listed.try_now()
        # In a fragment the script itself does not run, where clicks are noted.
        user_activity.note()

    st.button("Try now", key=f"fetching.now{part}", icon=":material/refresh:", on_click=hurry)
