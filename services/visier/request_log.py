"""What one request came to: for the log, and for whoever counts."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from .rate_limiter import Budget

_log = logging.getLogger("services.visier")


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request that was sent: ``status`` and ``size`` (bytes) are those of its answer.

    Without an answer ``status`` is None and ``failure`` names the kind of it. ``budget`` is what
    was left of the API key's call budget then.
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
    """Let an exchange pass."""


def log(exchange: Exchange) -> None:
    """Write the one line of a request: no header, no body, no query, so no secret."""
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
