"""Whether the process serves requests, and whether it can do its work."""

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route

from dashboard import bootstrap
from services.ledger import LedgerTrouble

NOT_KEPT = {"Cache-Control": "no-store"}


async def healthz(_: Request) -> PlainTextResponse:
    """Answer that the process serves requests."""
    return PlainTextResponse("ok", headers=NOT_KEPT)


def readyz(_: Request) -> JSONResponse:
    """Return the state of the ledger and of the sandbox: 200 when all are ok, else 503.

    Visier is none of them: the dashboard is of use without it, and asking would cost calls.
    """
    found = {"ledger": _ledger()}
    if bootstrap.settings().has_sandbox:
        found["sandbox"] = _sandbox()
    is_ready = set(found.values()) == {"ok"}
    return JSONResponse(found, 200 if is_ready else 503, NOT_KEPT)


def _ledger() -> str:
    try:
        bootstrap.whole_ledger().check()
    except LedgerTrouble as trouble:
        return f"{trouble} {trouble.advice}"
    return "ok"


def _sandbox() -> str:
    if bootstrap.sandbox_is_running():
        return "ok"
    # Nobody who looks at the dashboard may come while it is not ready, so it is started here.
    bootstrap.sandbox()
    return "It was not running and has been restarted."


ROUTES = [Route("/healthz", healthz), Route("/readyz", readyz)]
