"""The outcome of one request, for the log and for metrics."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from .rate_limiter import Budget

_log = logging.getLogger("services.visier")


@dataclass(frozen=True, slots=True)
class LoggedRequest:
    """One request that was sent: ``status`` and ``size`` (bytes) are those of its answer.

    Without an answer ``status`` is None and ``failure`` names the kind of failure. ``budget`` is
    what was left of the API key's call budget. ``connection`` is the name of the client, if any.
    """

    operation: str
    method: str
    path: str
    seconds: float
    budget: Budget
    status: int | None = None
    size: int = 0
    failure: str = ""
    connection: str = ""


Observer = Callable[[LoggedRequest], None]


def unobserved(_: LoggedRequest) -> None:
    """Ignore a request."""


def log(request: LoggedRequest) -> None:
    """Log one line for a request: no header, no body, no query, hence no secret."""
    facts = {
        "operation": request.operation,
        "method": request.method,
        "path": request.path,
        "status": request.status,
        "ms": round(request.seconds * 1000),
        "bytes": request.size,
        "minute_remaining": request.budget.minute_remaining,
    }
    head = f"{request.operation} {request.method} {request.path}"
    if request.connection:
        facts["connection"] = request.connection
        head = f"{request.connection}: {head}"
    # A warning: somebody may have to look into the network.
    if request.status is None:
        _log.warning("%s: no answer (%s)", head, request.failure, extra=facts)
        return
    _log.info(
        "%s: %d in %d ms, %d bytes, calls left this minute: %s",
        head,
        request.status,
        facts["ms"],
        request.size,
        request.budget.minute_remaining,
        extra=facts,
    )
