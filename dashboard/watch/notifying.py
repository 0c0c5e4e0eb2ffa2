"""What the watch tells people: its rules at each place, and messages on their way."""

import logging
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Final
from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st

from dashboard import bootstrap, data
from dashboard.components import tenant_search
from dashboard.connection import Connection
from dashboard.connection_settings import host_of
from dashboard.navigation import DATA_VERSIONS, DELIVERIES, JOBS, UPLOADS
from dashboard.settings import Settings
from services import visier
from services.clock import CLOCK, Clock
from services.frames import UnexpectedResponse
from services.ledger import Lease, Ledger, LedgerTrouble, Place, UnknownView
from services.monitoring.watch import recorded
from services.monitoring.watch.observation import Observation
from services.notifications import Delivery, Episodes
from services.notifications.destinations import Destinations
from services.notifications.incidents import Episode
from services.notifications.message_words import Links
from services.notifications.preview import COLUMNS
from services.notifications.rules import (
    NoCredential,
    Scope,
    TenantSet,
    UnreadableRule,
    Which,
    read,
    set_key,
)

NAMES_AGAIN: Final = timedelta(minutes=30)
"""So long after they could not be read, names are asked for again."""
NIGHTS_PREVIEWED: Final = 90
NIGHTS_AT_ONCE: Final = 10
ROWS_PREVIEWED: Final = 1_000_000
PREVIEWED_FOR: Final = timedelta(minutes=5)
EVERY: Final = timedelta(seconds=15)
"""How often what is due is looked for."""
# What is on its way then is uncertain, and shown so.
LAST_MESSAGE_SECONDS: Final = 5.0
OF_TENANTS: Final = {
    screen.name: f"{screen.filters}tenant" for screen in (DATA_VERSIONS, UPLOADS, DELIVERIES, JOBS)
}
"""The search for tenants of each screen that a saved view can filter by it."""
UNRESOLVED: Final = "unresolved"
"""The key of the tenants of what is reported and not over."""
_log = logging.getLogger("dashboard")

Names = Mapping[str, str]


@st.cache_resource(
    show_spinner=False, max_entries=1, on_release=lambda made: made.leave(LAST_MESSAGE_SECONDS)
)
def notifier() -> "Notifier":
    """Return what evaluates the rules of this process and delivers messages; not started yet."""
    return Notifier(bootstrap.settings(), bootstrap.whole_ledger, watch_zone())


def watch_zone() -> ZoneInfo:
    """Return the time zone of the nights."""
    return ZoneInfo(bootstrap.settings().dashboard_watch_zone)


class Notifier:
    """Evaluates the rules of places that are watched, and delivers messages.

    `ledger` raises services.ledger.LedgerTrouble when its database cannot be used; `zone` is that
    of the watch.
    """

    def __init__(
        self,
        settings: Settings,
        ledger: Callable[[], Ledger],
        zone: ZoneInfo,
        clock: Clock = CLOCK,
    ) -> None:
        self._settings = settings
        self._ledger = ledger
        self._zone = zone
        self._clock = clock
        self._names: dict[Place, Names] = {}
        self._connections: dict[Place, str] = {}
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None
        # A test and the loop deliver one after the other: each message is taken by one anyway.
        self._one = threading.Lock()

    def look(
        self,
        place: Place,
        observation: Observation,
        names: Callable[[], Names] = dict,
        *,
        name: str = "",
        lease: Lease | None = None,
    ) -> None:
        """Evaluate the rules of a place: to be called after each look of the watch.

        `names` gives the display names of its tenants by code, as far as known; it is asked only
        where there are rules. `name` is what the settings call its connection, "" for the only
        one; `lease` is that of the watch. Raises LeaseLost and LedgerTrouble.
        """
        ledger = self._ledger()
        # What nobody has seen is nothing to report.
        if observation.facts.is_given:
            return
        if ledger.rules.listed(place):
            self._names[place] = names() or self._names.get(place, {})
        if name:
            self._connections[place] = name
        scope = scope_at(ledger, place, self._names.get(place, {}))
        Episodes(ledger, place, zone=self._zone, scope=scope).look(observation, lease)

    def deliver(self) -> int:
        """Send what is due; return how many messages left. Raises LedgerTrouble."""
        destinations = Destinations(self._settings.dashboard_destinations or {})
        delivery = Delivery(
            self._ledger(),
            destinations,
            zone=self._zone,
            links=self._links,
            names=self._some_names,
            now=self._clock.now,
        )
        with self._one:
            return delivery.deliver()

    def deliver_soon(self) -> None:
        """Deliver what is due in a thread of its own: somebody waits for it on a screen."""
        if self._settings.dashboard_destinations:
            threading.Thread(target=self._deliver, name="message", daemon=True).start()

    def start(self) -> None:
        """Deliver what is due from now on, in a thread; without destinations there is none."""
        if self._settings.dashboard_destinations:
            self._thread = threading.Thread(target=self._loop, name="messages", daemon=True)
            self._thread.start()

    def leave(self, seconds: float) -> None:
        """End the thread, and wait so long at most for the message that is on its way."""
        self._ending.set()
        if self._thread is not None:
            self._thread.join(seconds)

    def _loop(self) -> None:
        while not self._ending.is_set():
            self._deliver()
            self._clock.wait(self._ending, EVERY.total_seconds())

    def _deliver(self) -> None:
        try:
            self.deliver()
        except LedgerTrouble as trouble:
            _log.warning("messages wait: %s", trouble)

    def _links(self, place: Place) -> Links:
        base = self._settings.dashboard_public_url
        name = self._connections.get(place) or _connection_at(self._settings, place)
        return Links(base or "", {"connection": name} if name else {})

    def _some_names(self, place: Place, codes: Collection[str]) -> Names:
        known = self._names.get(place, {})
        return {code: known[code] for code in codes if code in known}


class WatchedNames:
    """The display names of a connection that is watched, read in the background."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        # Held here: they go with the last who holds them.
        self._lists = bootstrap.shared_lists(connection.identity)

    def __call__(self) -> Names:
        """Return the names by code, as far as they are read, and have the others read."""
        listed = data.load_tenants.among(self._lists)
        with suppress(visier.StillFetching, visier.VisierError, UnexpectedResponse):
            listed.get(self._client, patience=0.0, hold=NAMES_AGAIN.total_seconds())
        known = listed.so_far()
        if known is None:
            return {}
        named = known.frame.dropna(subset="display_name")
        return dict(zip(named["tenant_code"], named["display_name"], strict=True))

    def _client(self) -> visier.Client:
        return self._connection.client


@st.cache_resource(
    show_spinner=False,
    max_entries=8,
    ttl=PREVIEWED_FOR,
    hash_funcs={Place: lambda place: (place.host, place.tenant)},
)
def recorded_nights(place: Place, on_record: int) -> list[Observation]:
    """Return the newest nights on record at a place for previews, as of some minutes ago.

    `on_record` is how many there are (`nights_on_record`): of others the nights are read anew.
    At most NIGHTS_PREVIEWED, fewer of many tenants: so many rows as fit. Raises LedgerTrouble.
    """
    ledger = bootstrap.whole_ledger()
    newest = ledger.nights.listed(place, limit=1)
    tenants = max([1, *(each.tenant_count for each in newest)])
    limit = min(on_record, NIGHTS_PREVIEWED, max(1, ROWS_PREVIEWED // tenants))
    return [seen for _, seen in recorded.read(ledger, place, limit=limit, columns=COLUMNS)]


def nights_on_record(place: Place) -> int:
    """Return how many nights are on record at a place. Raises LedgerTrouble."""
    return len(bootstrap.whole_ledger().nights.listed(place, limit=_kept_at_most()))


def every_night(place: Place) -> Iterator[Observation]:
    """Yield all nights on record at a place for a preview, newest first. Raises LedgerTrouble.

    Only some of them are held at once: those of a year of 50,000 tenants would be gigabytes.
    """
    ledger = bootstrap.whole_ledger()
    nights = ledger.nights.listed(place, limit=_kept_at_most())
    for some in (nights[at : at + NIGHTS_AT_ONCE] for at in range(0, len(nights), NIGHTS_AT_ONCE)):
        rows = recorded.rows(ledger, place, [each.night for each in some], COLUMNS)
        # One that cannot be read is left out.
        known = (each for each in some if each.night in rows)
        yield from (recorded.observation(each, rows[each.night]) for each in known)


def _kept_at_most() -> int:
    # Until they are pruned, the night under way is one more.
    return bootstrap.settings().dashboard_nights_days + 1


def _connection_at(settings: Settings, place: Place) -> str:
    """Return what the settings call the connection to a place, "" where they have only one."""
    connections = settings.connections
    for name, each in connections.items():
        own = "" if each.is_embedded else host_of(each.address), each.target_tenant_id or ""
        if len(connections) > 1 and own == (place.host, place.tenant):
            return name
    return ""


def scope_at(ledger: Ledger, place: Place, names: Names) -> Scope:
    """Return what says which tenants a set has at a place; a view that is gone has none."""

    def scope(tenants: TenantSet, codes: "pd.Series[str]") -> "pd.Series[bool]":
        match tenants.which:
            case Which.LIST:
                return codes.isin([*tenants.codes])
            case Which.SEARCH:
                return _matches(codes, names, tenants.text)
            case Which.VIEW:
                try:
                    text = search_of(ledger, place, tenants.view)
                except UnknownView:
                    _log.warning("a rule goes by a saved view that is gone: %s", tenants.view)
                    return pd.Series(False, codes.index)
                return _matches(codes, names, text)
            case _:
                return pd.Series(True, codes.index)

    return scope


def connector_sets(
    ledger: Ledger, place: Place, codes: Sequence[str], names: Callable[[], Names]
) -> dict[str, tuple[str, ...]]:
    """Return which of these tenants rules about connectors have, by the key of each set.

    Beside them are, as a set of their own, the tenants of what such a rule has reported and is not
    over, which may have left its set meanwhile. Raises services.ledger.LedgerTrouble.
    """
    rules = {each.id: each.body for each in ledger.rules.listed(place) if each.is_enabled}
    sets = {rule_id: tenants for rule_id, tenants in map(_of_connectors, rules.items()) if tenants}
    if not sets:
        return {}
    listed = pd.Series(list(codes), dtype="str")
    scope = scope_at(ledger, place, names())
    found = {set_key(each): tuple(listed[scope(each, listed)]) for each in sets.values()}
    told = {
        code
        for each in ledger.incidents.listed(place)
        if each.resolved_at is None and each.rule_id in sets
        for code in Episode.of(each).tenants
    }
    return found | {UNRESOLVED: tuple(listed[listed.isin(told)])}


def _of_connectors(rule: tuple[str, str]) -> tuple[str, TenantSet | None]:
    """Return the id of a rule and, where it is about connectors, its tenants."""
    rule_id, body = rule
    with suppress(UnreadableRule):
        condition = read(body).condition
        return rule_id, condition.tenants if isinstance(condition, NoCredential) else None
    return rule_id, None


def search_of(ledger: Ledger, place: Place, view_id: str) -> str:
    """Return what a saved view searches for among tenants, "" for all; raises UnknownView."""
    screen, query = ledger.saved_views.filters_of(place, view_id)
    return next(iter(query.get(OF_TENANTS.get(screen, ""), ())), "")


def _matches(codes: "pd.Series[str]", names: Names, text: str) -> "pd.Series[bool]":
    named = codes.map(dict(names)).fillna("").astype("str")
    mask: pd.Series[bool] = tenant_search.match(codes, named, text).mask
    return mask
