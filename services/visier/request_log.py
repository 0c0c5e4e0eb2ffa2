"""The outcome of one request, for the log and for metrics."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from .rate_limiter import Budget

_log = logging.getLogger("services.visier")


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request that was sent: ``status`` and ``size`` (bytes) are those of its answer.

    Without an answer ``status`` is None and ``failure`` names the kind of failure. ``budget`` is
    what was left of the API key's call budget.
    """

    operation: str
    method: str
    path: str
    seconds: float
    budget: Budget
    status: int | None = None
    size: int = 0
    failure: str = ""


Observer = Callable[[Exchange], None]


def unobserved(_: Exchange) -> None:
    """Ignore an exchange."""


def log(exchange: Exchange) -> None:
    """Log one line for a request: no header, no body, no query, hence no secret."""
    facts = {
        "operation": exchange.operation,
        "method": exchange.method,
        "path": exchange.path,
        "status": exchange.status,
        "ms": round(exchange.seconds * 1000),
        "bytes": exchange.size,
        "minute_remaining": exchange.budget.minute_remaining,
    }
    head = f"{exchange.operation} {exchange.method} {exchange.path}"
    # A warning: somebody may have to look into the network.
    if exchange.status is None:
        _log.warning("%s: no answer (%s)", head, exchange.failure, extra=facts)
        return
    _log.info(
        "%s: %d in %d ms, %d bytes, calls left this minute: %s",
        head,
        exchange.status,
        facts["ms"],
        exchange.size,
        exchange.budget.minute_remaining,
        extra=facts,
    )
