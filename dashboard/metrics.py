"""Prometheus metrics for the operator, served on a port of their own.

No label holds an API key, a user or a tenant: the first digits of its digest identify a key.
`connection` is what the settings call one of several, empty where they have only one.
"""

import math
from collections.abc import Callable, Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

import pandas as pd
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    start_http_server,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from streamlit import runtime

from dashboard.settings import WrongSetting
from services.clock import CLOCK
from services.ledger import Ledger, LedgerTrouble, Operation, Outcome, State
from services.monitoring.watch import NightState, Observation, night, states
from services.operations.starts.forms import FORMS
from services.visier import LoggedRequest

NOT_SERVED = (
    "DASHBOARD_METRICS_PORT and DASHBOARD_METRICS_ADDRESS must be a free port and an address of"
    " this computer: cannot listen on {port} at {address} ({error})."
)
# Up to 60: a request is given up after 65 seconds.
SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
SESSIONS = "active_sessions"  # by this name Streamlit counts the tabs that are connected

# Not the default registry: that also serves what other libraries register.
REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)
PlatformCollector(registry=REGISTRY)

REQUESTS = Counter(
    "visier_requests",
    "Requests sent to Visier, by connection, API operation and outcome",
    ("connection", "operation", "outcome"),
    registry=REGISTRY,
)
REQUEST_SECONDS = Histogram(
    "visier_request_seconds",
    "Response time of Visier in seconds, by connection and API operation",
    ("connection", "operation"),
    buckets=SECONDS,
    registry=REGISTRY,
)
BUDGET = Gauge(
    "visier_calls_left",
    "Calls left in an API key's budget after its last request, by window",
    ("key", "window"),
    registry=REGISTRY,
)
OPERATIONS = Counter(
    "dashboard_operations",
    "Operations finished by this process, by verb and outcome",
    ("verb", "outcome"),
    registry=REGISTRY,
)
ITEMS = Counter(
    "dashboard_operation_items",
    "Items of finished operations, by verb and outcome",
    ("verb", "outcome"),
    registry=REGISTRY,
)
TENANTS = Gauge(
    "visier_tenants",
    "Tenants by rhythm status of their latest data version, as last shown on a screen",
    ("connection", "key", "rhythm"),
    registry=REGISTRY,
)
NIGHT = Gauge(
    "dashboard_night_tenants",
    "Tenants by how the newest recorded night went for them",
    ("connection", "state"),
    registry=REGISTRY,
)
LAST_LOOK = Gauge(
    "dashboard_watch_last_look_seconds",
    "Seconds since the watch of this process recorded its last look; NaN before the first",
    ("connection",),
    registry=REGISTRY,
)
RERUNS = Counter("dashboard_reruns", "Full script runs, by page", ("page",), registry=REGISTRY)


class _Sessions(Collector):
    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield the number of connected browser tabs, as Streamlit counts them."""
        counted = 0
        # There is none under test, and at the start before the first page.
        if runtime.exists():
            stats = runtime.get_instance().stats_mgr.get_stats([SESSIONS])
            counted = sum(int(getattr(stat, "value", 0)) for stat in stats.get(SESSIONS, ()))
        yield GaugeMetricFamily("dashboard_sessions", "Connected browser tabs", counted)


REGISTRY.register(_Sessions())


class _Watch(Collector):
    """Incidents and messages, counted in the ledger when they are asked for."""

    def __init__(self, ledger: Callable[[], Ledger]) -> None:
        self._ledger = ledger

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield how many incidents and messages are in each state; nothing without the ledger."""
        try:
            ledger = self._ledger()
            counted = (
                ("dashboard_incidents", "Unresolved incidents", ledger.incidents.counts()),
                ("dashboard_messages", "Messages of the watch", ledger.outbox.counts()),
            )
        except LedgerTrouble:
            return
        for name, about, counts in counted:
            family = GaugeMetricFamily(name, f"{about}, by state", labels=("state",))
            for state, count in counts.items():
                family.add_metric((state,), count)
            yield family


def count_watch(ledger: Callable[[], Ledger]) -> Callable[[], None]:
    """Serve how many incidents and messages there are; return a function that ends that."""
    collector = _Watch(ledger)
    REGISTRY.register(collector)
    return lambda: REGISTRY.unregister(collector)


def serve(port: int, address: str) -> Callable[[], None]:
    """Serve the metrics over HTTP on this address; return a function that stops the server.

    Raises dashboard.settings.WrongSetting where they cannot be served.
    """
    try:
        server, thread = start_http_server(port, address, REGISTRY)
    except OSError as error:
        why = error.strerror or error
        raise WrongSetting(NOT_SERVED.format(port=port, address=address, error=why)) from None

    def end() -> None:
        # Both: shutdown ends the loop, and only close frees the port.
        server.shutdown()
        server.server_close()
        thread.join()

    return end


def of_key(key_digest: str) -> Callable[[LoggedRequest], None]:
    """Return an observer that counts the requests of one API key."""
    key = key_digest[:8]

    def count(request: LoggedRequest) -> None:
        of = request.connection, request.operation
        REQUESTS.labels(*of, outcome(request.status)).inc()
        REQUEST_SECONDS.labels(*of).observe(request.seconds)
        budget = request.budget
        left = {"minute": budget.minute_remaining, "hour": budget.hour_remaining}
        for window, calls in left.items():
            if calls is not None:
                BUDGET.labels(key, window).set(calls)

    return count


def count_tenants(key_digest: str, statuses: "pd.Series[str]", connection: str = "") -> None:
    """Set the number of tenants per status of services.monitoring.rhythm.statuses."""
    for word, number in statuses.value_counts().items():
        TENANTS.labels(connection, key_digest[:8], word).set(number)


def count_night(seen: Observation, zone: ZoneInfo, now: datetime, connection: str = "") -> None:
    """Set the number of tenants by state of the night under way; another is passed over."""
    begins, ends = night.span(seen.night, zone)
    if not begins <= now < ends:
        return
    counts = states(seen, ends, now, is_complete=False).value_counts()
    for state in NightState:
        NIGHT.labels(connection, state).set(int(counts.get(state, 0)))


def follow_watch(connection: str, looked_at: Callable[[], datetime | None]) -> None:
    """Serve how many seconds ago the watch of a connection looked last."""

    def ago() -> float:
        at = looked_at()
        return math.nan if at is None else (CLOCK.now() - at).total_seconds()

    LAST_LOOK.labels(connection).set_function(ago)


def outcome(status: int | None) -> str:
    """Return the outcome label of a request."""
    match status:
        case None:
            return "no_answer"
        case 429:
            return "rate_limited"
        case _ if status < 400:
            return "answered"
        case _:
            return "refused" if status < 500 else "server_error"


def ended_as(operation: Operation) -> str:
    """Return how an operation ended: an accepted start says nothing about its jobs."""
    is_start = operation.verb in FORMS and operation.item_counts[Outcome.SUCCEEDED]
    return "started" if is_start else operation.state.lower()


def count_operation(ended: Operation) -> None:
    """Count an operation that has ended, and its items unless somebody may still finish them."""
    OPERATIONS.labels(ended.verb, ended_as(ended)).inc()
    if ended.state is State.INTERRUPTED:
        return
    for word, number in ended.item_counts.items():
        is_start = ended.verb in FORMS and word is Outcome.SUCCEEDED
        ITEMS.labels(ended.verb, "started" if is_start else word.name.lower()).inc(number)
