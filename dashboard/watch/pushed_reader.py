"""Who reads what a pushed event names: all that look at its connection, and the process itself."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import streamlit as st

from dashboard import bootstrap, data
from dashboard.connection import Connection
from dashboard.connection_settings import host_of
from dashboard.watch.pushes import Pushes
from services import visier
from services.monitoring import Recent
from services.monitoring.pushed_events import PushedEvent

# A day of jobs is one call, with which most of what is named comes along.
WINDOW: Final = Recent(timedelta(days=1))


@st.cache_resource(show_spinner=False, max_entries=1)
def pushes() -> Pushes:
    """Return what becomes of the events that Visier pushes to this process."""
    threads = bootstrap.threads()
    return Pushes(
        bootstrap.whole_ledger,
        PushedReader,
        lambda work: threads.start(work, "pushed events"),
        threads.leaving,
        is_on=bootstrap.settings().dashboard_webhook_key is not None,
    )


class PushedReader:
    """Reads what events name, of one connection by its name in the settings."""

    def __init__(self, name: str) -> None:
        self._name = name

    def hint(self, events: Sequence[PushedEvent]) -> None:
        """Tell every job monitor there which jobs to read; forget what is kept of named tenants."""
        own = self._own()
        if own is not None:
            # Made here where nobody has looked at jobs yet: it is told as well.
            _ = own.job_monitor
        host = own.identity.host if own else host_of(bootstrap.configured(self._name).address)
        job_ids = dict.fromkeys(job_id for event in events for job_id in event.job_ids)
        ends = {event.ended: event.at for event in events if event.ended and event.at}
        for monitor in bootstrap.job_monitors_at(host):
            monitor.push(job_ids, ends)
        codes = {code for event in events for code in event.tenant_codes}
        for lists in bootstrap.shared_lists_at(host):
            for code in codes:
                data.forget_tenant(lists, code)

    def read(self) -> bool:
        """Read with the credentials of the settings, where they hold whole ones.

        Returns whether a job that an event has named is still to be read. Raises what reading
        raises.
        """
        own = self._own()
        if own is None:
            return False
        client = own.client.in_lane(visier.Lane.WATCH)
        own.job_monitor.poll(client, WINDOW)
        return own.job_monitor.awaits_pushed(WINDOW)

    def _own(self) -> Connection | None:
        return bootstrap.default_connection(None, self._name)
