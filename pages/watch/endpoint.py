"""Whether this dashboard receives what Visier pushes, and at which address."""

from urllib.parse import quote, urlsplit

import streamlit as st

from dashboard import access, bootstrap, wording
from dashboard.components import formats
from dashboard.connection import Connection
from dashboard.watch import pushed_reader
from dashboard.watch.pushes import ROUTE, PushStatus
from services.clock import CLOCK
from services.ledger import ReceivedEvent
from services.monitoring.phrases import duration

SECONDS_BETWEEN = 5
OFF = (
    "This dashboard receives no events: DASHBOARD_WEBHOOK_KEY is not set. Jobs, data versions and "
    "uploads are polled."
)
ON = "This dashboard receives events."
KEY_DOES_NOT_MATCH = (
    "Events arrive, but are signed with another key than DASHBOARD_WEBHOOK_KEY, so that they are "
    "refused. It must be the value of the encryption key that the webhook names."
)
NO_ADDRESS = "Set DASHBOARD_PUBLIC_URL to read here the address that Visier pushes to."


def addresses(connection: Connection) -> list[str]:
    """Return the addresses at which events of a connection are received, the usual one first."""
    base = bootstrap.settings().dashboard_public_url
    if not base:
        return []
    first = f"{base.rstrip('/')}{ROUTE}"
    if not connection.name:
        return [first]
    own = f"{first}/{quote(connection.name)}"
    is_first = connection.name == next(iter(bootstrap.settings().connections))
    return [own, first] if is_first else [own]


def told(target: str) -> str:
    """Return what may be shown of where a webhook pushes to: its host, and the path to here.

    An address may hold secrets of who receives there, in its path as well.
    """
    try:
        parts = urlsplit(target)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "…"
    is_of_dashboards = ROUTE in parts.path
    path = parts.path if is_of_dashboards else "/…"
    rest = "?…" if parts.query and is_of_dashboards else ""
    return f"{parts.scheme}://{parts.hostname or ''}{port}{path}{rest}"


def draw(connection: Connection) -> None:
    """Draw how far events get, again every few seconds, and where they are to be pushed."""
    with st.container(border=True, key="wa-endpoint"):
        _state(connection)
        known = addresses(connection)
        if known:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.text("Address to register:", width="content")
                st.code(known[0], language=None, width="content")
        else:
            st.caption(NO_ADDRESS)


def _state(connection: Connection) -> None:
    pushes = pushed_reader.pushes()
    if pushes.status is PushStatus.OFF:
        st.text(OFF)
        return

    @st.fragment(run_every=SECONDS_BETWEEN, key="wa.endpoint")
    @access.while_it_holds
    def tick() -> None:
        last = connection.ledger.webhook_events.last(connection.name)
        if pushes.status is PushStatus.KEY_DOES_NOT_MATCH:
            st.warning(KEY_DOES_NOT_MATCH, icon=":material/key_off:")
        else:
            st.text(ON)
        st.text(_last(last), help=formats.exactly(last.received_at) if last else None)

    tick()


def _last(last: ReceivedEvent | None) -> str:
    if last is None:
        return "No event has been received yet."
    ago = duration(max(0.0, (CLOCK.now() - last.received_at).total_seconds()))
    what = wording.PUSHED_EVENTS.get(last.event_type, last.event_type)
    return f"Last event {ago} ago: {what}"
