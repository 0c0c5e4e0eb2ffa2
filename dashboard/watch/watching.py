"""The unattended watch of this process: built of the settings, for each connection it can watch."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

import streamlit as st

from dashboard import bootstrap, embedded_sandbox, metrics
from dashboard.connection import Connection
from dashboard.watch import notifying
from services.clock import CLOCK
from services.ledger import Lease
from services.monitoring.watch import Observation, WatchedPlace, Watching, WatchStatus, past

# A request is given up after 65 seconds, but a read that comes to nothing loses nothing.
LAST_LOOK_SECONDS: Final = 5.0
_log = logging.getLogger("dashboard")


class NotWatched(StrEnum):
    """Why a connection is not watched by this process."""

    OFF = "off"
    """The settings say so."""
    NO_CREDENTIALS = "no_credentials"
    """The settings hold no whole credentials: there is nobody to look as."""
    NOT_HERE = "not_here"
    """This process does not watch at all, as under test."""


@dataclass(frozen=True)
class Watches:
    """The watches by the name of their connection, and why others have none."""

    running: Mapping[str, Watching]
    missing: Mapping[str, NotWatched]

    def start(self) -> None:
        """Begin to watch; the log says what is not watched, and why."""
        for name, why in self.missing.items():
            if why is NotWatched.NO_CREDENTIALS:
                _log.info("%s is not watched: %s", name or "The connection", WITHOUT)
        for watching in self.running.values():
            watching.start()

    def tell_to_end(self) -> None:
        """Tell all watches to end, without waiting for them."""
        for watching in self.running.values():
            watching.tell()

    def leave(self, seconds: float) -> None:
        """Tell all watches to end, and wait so long at most for what they have begun."""
        self.tell_to_end()
        until = CLOCK.monotonic() + seconds
        for watching in self.running.values():
            watching.leave(max(0.0, until - CLOCK.monotonic()))

    def status(self, name: str) -> WatchStatus | NotWatched:
        """Return how the watch of a connection stands in this process, or why it has none."""
        if name in self.running:
            return self.running[name].status
        return self.missing.get(name, NotWatched.NOT_HERE)


WITHOUT: Final = (
    "its settings hold no API key, user name and password, so that nobody can look while no tab is"
    " open"
)


@st.cache_resource(
    show_spinner=False, max_entries=1, on_release=lambda made: made.leave(LAST_LOOK_SECONDS)
)
def watches() -> Watches:
    """Return the watches of this process, one for each connection; they are not started yet."""
    running: dict[str, Watching] = {}
    missing: dict[str, NotWatched] = {}
    settings = bootstrap.settings()
    # Where there is only one it goes by no name, as in the session of who looks at it.
    for name in settings.connections if len(settings.connections) > 1 else ("",):
        if not settings.dashboard_watch:
            missing[name] = NotWatched.OFF
            continue
        connection = bootstrap.default_connection(None, name)
        if connection is None:
            missing[name] = NotWatched.NO_CREDENTIALS
        else:
            running[name] = _watching(name, connection)
    return Watches(running, missing)


class _Watched:
    """What is watched of one connection: an embedded sandbox that was started again is another."""

    def __init__(self, name: str, connection: Connection) -> None:
        self._name = name
        self._take(connection)

    def _take(self, connection: Connection) -> None:
        self._identity = connection.identity
        self.names = notifying.WatchedNames(connection)
        self.place = WatchedPlace(
            connection.actor.place,
            connection.client,
            bootstrap.job_monitor(connection.identity),
            _past_of(connection) if connection.is_sandbox else None,
            self._connectors_of,
        )

    def _connectors_of(self, codes: Sequence[str]) -> dict[str, tuple[str, ...]]:
        place = self.place.place
        return notifying.connector_sets(bootstrap.whole_ledger(), place, codes, self.names)

    def now(self) -> WatchedPlace:
        """Return what is watched; a sandbox that has ended is started again."""
        connection = bootstrap.default_connection(None, self._name)
        if connection is not None and connection.identity != self._identity:
            self._take(connection)
        return self.place


def _watching(name: str, connection: Connection) -> Watching:
    settings = bootstrap.settings()
    zone = notifying.watch_zone()
    watched = _Watched(name, connection)

    def on_look(seen: Observation, lease: Lease) -> None:
        metrics.count_night(seen, zone, CLOCK.now(), name)
        notifying.notifier().look(watched.place.place, seen, watched.names, name=name, lease=lease)

    made = Watching(
        watched.now,
        bootstrap.whole_ledger,
        zone=zone,
        every=timedelta(minutes=settings.dashboard_watch_minutes),
        days=settings.dashboard_nights_days,
        on_look=on_look,
    )
    metrics.follow_watch(name, lambda: made.status.looked_at if made.status.holds_lease else None)
    return made


def _past_of(connection: Connection) -> past.Past:
    def ask(since: datetime, until: datetime) -> past.Answer:
        return embedded_sandbox.past(connection.identity.base_url, since, until)

    return past.of_sandbox(ask, notifying.watch_zone())
