"""What stands around every page: head, connection, call budget, time zone."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard import (
    access,
    bootstrap,
    connections,
    data,
    list_load,
    navigation,
    saved_views,
    session,
    tenant_reads,
    time_zone,
    wording,
)
from dashboard.components import formats, kinds, permits, view_menu
from dashboard.connection import Connection
from dashboard.operations.drawer import awaited
from dashboard.shell import connection_switch, keyboard, palette, tour
from dashboard.streamlit_compat import user_activity
from services import visier
from services.clock import CLOCK
from services.ledger import (
    LIVE,
    IncidentState,
    LedgerTrouble,
    Operation,
    OperationFilter,
    UnknownOperation,
)
from services.operations import Verb
from services.operations.verbs.cancelling import job_id_in

if TYPE_CHECKING:
    from streamlit.navigation.page import StreamlitPage

# The sidebar has room for no more above the call budget.
RUNNING_AT_MOST = 5
VIEWS_AT_MOST = 8
SIMULATED = "A simulated Visier on this machine. Nothing here is real."
# A page of jobs and its names take some ten calls: below this share the next ones may have to wait.
LOW = 0.2
# seconds: so late is an ended sign-in noticed on a page that nobody touches
LOOK_FOR_THE_END = 30.0
# What was read just after an operation's end, by the clock of another machine, is read once more.
CLOCKS_APART = timedelta(seconds=5)
# A module runs once, however often the page is drawn.
IN_THE_BROWSER = '<script type="module" src="browser.js"></script>'


def sidebar(connection: Connection, page: "StreamlitPage") -> DeltaGenerator:
    """Draw the sidebar; return the place for what runs and what is left of the call budget."""
    time_zone.keep_in_address()
    connections.keep_in_address()
    with st.sidebar:
        _brand(connection, page)
        _menu(connection)
        _views()
        status = st.container(key="status", gap="xsmall")
        with st.container(horizontal=True, key="foot", gap="xsmall"):
            # As the filters: in a popover the time zone would leave the address (filter_row.py).
            with st.expander("Account", icon=":material/account_circle:", key="over-account"):
                _account(connection)
            # Not in there: what is closed hears no shortcut.
            keyboard.help_button()
        st.html(IN_THE_BROWSER, unsafe_allow_javascript=True)
    return status


def _brand(connection: Connection, page: "StreamlitPage") -> None:
    """Draw the product's name, the tenant signed in to and what kind of connection it is."""
    with st.container(key="brand", gap="xxsmall"):
        st.markdown(connection_switch.BRAND)
        if connections.several():
            connection_switch.folded(page)
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            st.text(connection.identity.target_tenant or connection.identity.host, width="stretch")
            if not connections.several():
                kinds.badge(connection.kind, SIMULATED if connection.is_sandbox else None)
            permits.badge(connection)
        with st.container(horizontal=True, gap="small"):
            palette.button(connection)
            if connection.is_sandbox:
                tour.button()


def _menu(connection: Connection) -> None:
    titles = {navigation.WATCH.name: _watch_title(connection)}
    with st.container(key="menu", gap="xxsmall"):
        section = ""
        for screen in (*navigation.SCREENS, navigation.ACTIVITY):
            if screen.section != section:
                section = screen.section
                st.caption(section)
            query = saved_views.default_of(screen)
            title = titles.get(screen.name, screen.title)
            navigation.link(screen, title, query, icon=screen.icon, width="stretch")


def _watch_title(connection: Connection) -> str:
    """Return the title of Watch with the number of open incidents, where it can be read."""
    title = navigation.WATCH.title
    try:
        counts = connection.ledger.incidents.counts(connection.actor.place)
    except LedgerTrouble:
        return title
    is_open = counts[IncidentState.OPEN]
    return f"{title} ({is_open:,})" if is_open else title


def _views() -> None:
    """Draw links to saved views: one's own of all screens, then those that others share."""
    screens = {screen.name: screen for screen in (*navigation.SCREENS, navigation.ACTIVITY)}
    views = [view for view in saved_views.listed() if view.screen in screens]
    if not views:
        return
    with st.container(key="saved-views", gap="xxsmall"):
        st.caption("Saved views")
        for view in views[:VIEWS_AT_MOST]:
            screen = screens[view.screen]
            view_menu.link(screen, view, icon=screen.icon, within="sidebar")
        if len(views) > VIEWS_AT_MOST:
            st.caption(f"{len(views) - VIEWS_AT_MOST:,} more in Views of their screens")


def _who(connection: Connection) -> str:
    """Return who is signed in: the person whom OpenID Connect names, or the user of Visier."""
    return connection.person.name if connection.person else connection.identity.user


def _account(connection: Connection) -> None:
    """Draw who is signed in where, what they may do, the time zone, the keys and the way out."""
    identity = connection.identity
    with st.container(key="connection-card", gap="xsmall"):
        st.text(_who(connection))
        if connection.person and not connection.is_sandbox:
            st.text(f"As {identity.user}")
        st.text(identity.host)
        if identity.target_tenant:
            st.text(f"In tenant {identity.target_tenant}")
        permits.summary(connection)
    st.selectbox(
        "Time zone",
        time_zone.ZONES,
        index=None,
        placeholder=time_zone.of_browser(),
        key=time_zone.KEY,
        bind="query-params",
        help="All times are shown and entered in this zone.",
    )
    _way_out(connection)


def watch_for_the_end() -> None:
    """Forget a connection when it is over, also on a page that nobody clicks any more.

    For this timer, too, Streamlit runs the script again, with all that stands in the fields, when a
    browser has lost the server and found it again (streamlit/streamlit#11890): where a page has
    none, what was told meanwhile would be lost.
    """
    limit = bootstrap.settings().dashboard_idle_minutes * 60
    drawn_on = time_zone.today()

    @st.fragment(run_every=max(1.0, min(LOOK_FOR_THE_END, limit / 4)), key="shell.end")
    def tick() -> None:
        is_over = any(map(access.is_over, session.connections().values()))
        # Past midnight a time without its day would be one of another day.
        if is_over or time_zone.today() != drawn_on:
            user_activity.by_itself()
            st.rerun()

    tick()


def forget_what_changed(connection: Connection) -> None:
    """Forget what was read before an operation of anybody of this identity has ended."""
    # What is read is shared, so what changes it is too: whoever began an operation may have closed
    # the tab when it ends.
    begun = list_load.begun(connection)
    begun |= awaited()
    for operation_id in tuple(begun):
        try:
            operation = connection.ledger.operation(operation_id)
        except UnknownOperation:
            # The click that begins it may be writing it down at this moment: who clicked looks on.
            begun.discard(operation_id)
            continue
        except LedgerTrouble:
            begun.discard(operation_id)
            awaited().discard(operation_id)
            continue
        if operation.state not in LIVE:
            begun.discard(operation_id)
            awaited().discard(operation_id)
            ended = operation.state_at + CLOCKS_APART
            data.forget_what_changes(connection, ended, _cancelled(connection, operation))
            if operation.verb in tenant_reads.CHANGED_BY:
                codes = connection.ledger.item_frame(operation_id)["tenant_code"].unique()
                tenant_reads.forget_changed(connection, operation.verb, list(codes))


def _cancelled(connection: Connection, operation: Operation) -> list[str]:
    """Return the ids of the jobs that an operation was to cancel."""
    if operation.verb != Verb.CANCEL_JOBS:
        return []
    count = sum(operation.item_counts.values())
    items = connection.ledger.items(operation.id, limit=count)
    return [job_id_in(item.key) for item in items]


def running(connection: Connection) -> None:
    """Show what is being applied now, with links to it."""
    actor = connection.actor
    live = OperationFilter(tenant=actor.tenant, host=actor.host, states=tuple(LIVE))
    try:
        found = connection.ledger.operations(live, RUNNING_AT_MOST)
    except LedgerTrouble as trouble:
        st.caption(f":material/warning: Nothing can be applied. {trouble} {trouble.advice}")
        return
    for operation in found:
        navigation.link(
            navigation.ACTIVITY,
            f"{wording.STATES[operation.state]}: {wording.verb(operation.verb)}",
            {"act_op": operation.id},
            icon=":material/progress_activity:",
        )


def _way_out(connection: Connection) -> None:
    several = connections.several()
    # Where several are configured, they are all there is to connect to.
    if (
        connection.is_sandbox
        and not several
        and st.button("Connect to your tenant", icon=":material/login:", key="shell.connect")
    ):
        navigation.go_to(navigation.SIGN_IN)
    if connection.person or not connection.is_sandbox:
        # Signing out of the provider ends every connection.
        out_of = f" of {connection.name}" if several and not connection.person else ""
        st.button(
            f"Sign out{out_of}",
            icon=":material/logout:",
            key="shell.sign_out",
            on_click=access.sign_out,
        )


def call_budget(budget: visier.Budget) -> None:
    """Say in one quiet line what is left of the API key's call budget; it takes colour when low."""
    left = [
        _Left(remaining, limit, per)
        for remaining, limit, per in (
            (budget.minute_remaining, budget.minute_limit, "minute"),
            (budget.hour_remaining, budget.hour_limit, "hour"),
        )
        if remaining is not None and limit
    ]
    if not left:
        st.caption("Call budget: not read yet")
        return
    # The hour is worth a word only where it is what runs out first.
    scarcest = min(left, key=lambda each: each.share)
    st.caption(scarcest.in_words(), help=" ".join(each.in_words(coloured=False) for each in left))
    if budget.blocked_seconds > 0:
        st.caption(_asked_to_wait(budget, CLOCK.now() + timedelta(microseconds=999_999)))


@dataclass(frozen=True, slots=True)
class _Left:
    """How many calls are left of how many, in a minute or an hour."""

    remaining: int
    limit: int
    per: str

    @property
    def share(self) -> float:
        return self.remaining / self.limit

    def in_words(self, *, coloured: bool = True) -> str:
        words = f"{self.remaining:,} of {self.limit:,} calls left this {self.per}."
        return f":orange[:material/speed: {words}]" if coloured and self.share < LOW else words


def _asked_to_wait(budget: visier.Budget, now: datetime) -> str:
    zone = time_zone.chosen()
    again = formats.clock_time(now + timedelta(seconds=budget.blocked_seconds), zone)
    if budget.asked_seconds <= budget.blocked_seconds + 1:
        return f"Visier asked to wait until {again}."
    until = formats.here(now + timedelta(seconds=budget.asked_seconds))
    return f"Visier asked to wait until {until}. The dashboard retries at {again}."
