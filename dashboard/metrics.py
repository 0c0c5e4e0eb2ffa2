"""What the operator may measure, in the format of Prometheus; served apart, on a port of its own.

No label holds an API key, a user or a tenant: a key is told apart by the first digits of its
digest.
"""

from collections.abc import Callable, Iterator

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
from services.ledger import Operation, Outcome, State
from services.operations.starts.forms import FORMS
from services.visier import Exchange

NOT_SERVED = (
    "DASHBOARD_METRICS_PORT and DASHBOARD_METRICS_ADDRESS have to be a free port at an address of"
    " this computer: {port} at {address} cannot be had ({error})."
)
SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
SESSIONS = "active_sessions"  # by this name Streamlit counts the tabs that are connected

REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)
PlatformCollector(registry=REGISTRY)

REQUESTS = Counter(
    "visier_requests",
    "Requests sent to Visier, by the operation of its API and what came of them",
    ("operation", "outcome"),
    registry=REGISTRY,
)
REQUEST_SECONDS = Histogram(
    "visier_request_seconds",
    "Seconds until Visier's answer",
    ("operation",),
    buckets=SECONDS,
    registry=REGISTRY,
)
BUDGET = Gauge(
    "visier_calls_left",
    "Calls left of an API key's budget, as of its last request",
    ("key", "window"),
    registry=REGISTRY,
)
OPERATIONS = Counter(
    "dashboard_operations",
    "Operations this process has carried out, by how they ended",
    ("verb", "outcome"),
    registry=REGISTRY,
)
ITEMS = Counter(
    "dashboard_operation_items",
    "Items of those operations, by what became of them",
    ("verb", "outcome"),
    registry=REGISTRY,
)
TENANTS = Gauge(
    "visier_tenants",
    "Tenants by how their latest data version stands to their rhythm, as a screen last showed it",
    ("key", "rhythm"),
    registry=REGISTRY,
)
RERUNS = Counter("dashboard_reruns", "Runs of the whole script", ("page",), registry=REGISTRY)


class _Sessions(Collector):
    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Give the number of browser tabs that are connected, as Streamlit counts them."""
        counted = 0
        if runtime.exists():
            stats = runtime.get_instance().stats_mgr.get_stats([SESSIONS])
            counted = sum(int(getattr(stat, "value", 0)) for stat in stats.get(SESSIONS, ()))
        yield GaugeMetricFamily("dashboard_sessions", "Browser tabs connected", counted)


REGISTRY.register(_Sessions())


def serve(port: int, address: str) -> Callable[[], None]:
    """Serve the figures over HTTP on this address; return what ends that.

    Raises dashboard.settings.WrongSetting where they cannot be served.
    """
    try:
        server, thread = start_http_server(port, address, REGISTRY)
    except OSError as error:
        why = error.strerror or error
        raise WrongSetting(NOT_SERVED.format(port=port, address=address, error=why)) from None

    def end() -> None:
        server.shutdown()
        server.server_close()
        thread.join()

    return end


def of_key(key_digest: str) -> Callable[[Exchange], None]:
    """Return what counts the requests made with one API key."""
    key = key_digest[:8]

    def count(exchange: Exchange) -> None:
        REQUESTS.labels(exchange.operation, outcome(exchange.status)).inc()
        REQUEST_SECONDS.labels(exchange.operation).observe(exchange.seconds)
        budget = exchange.budget
        left = {"minute": budget.minute_remaining, "hour": budget.hour_remaining}
        for window, calls in left.items():
            if calls is not None:
                BUDGET.labels(key, window).set(calls)

    return count


def count_tenants(key_digest: str, judged: "pd.Series[str]") -> None:
    """Note how many tenants are on time, overdue, …: of services.monitoring.rhythm.judged."""
    for word, number in judged.value_counts().items():
        TENANTS.labels(key_digest[:8], word).set(number)


def outcome(status: int | None) -> str:
    """Return one of a few words for what came of a request."""
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
    """Return how an operation has ended: that Visier took a start says nothing of its jobs."""
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
