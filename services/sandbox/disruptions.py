"""Faults of the transport: delays, cut connections, answers that are not Visier's."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from http import HTTPStatus
from typing import TYPE_CHECKING

import orjson
from starlette.responses import HTMLResponse, Response, StreamingResponse

from services.sandbox.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request

    from services.sandbox.faults import Fault

HTML = "<!doctype html><title>Sign in</title><h1>Sign in to Visier</h1>"
JSON = "application/json"
GATEWAY_TEXTS = {
    429: "API rate limit exceeded",
    502: "An invalid response was received from the upstream server",
    503: "The upstream server is currently unavailable",
    504: "The upstream server is timing out",
}
VISIER_CODES = {400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED"}


async def strike(fault: Fault, request: Request, answer: Response | None) -> Response | None:
    """Apply a fault; return the answer that replaces the true one, or None.

    `answer` is the true one when the operation has taken effect already.
    """
    if fault.status_code:
        return _with_status(fault, answer)
    if fault.fault in ("latency", "hang"):
        await _pause(request, fault.seconds)
    if fault.fault in ("hang", "cut"):
        return await _cut(request)
    return _instead(fault, answer)


def _with_status(fault: Fault, answer: Response | None) -> Response | None:
    status = fault.status_code
    if status < 300:
        if answer:
            answer.status_code = status
        return answer
    headers = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
    # These come from the gateway, in its own form, before Visier sees the request.
    if status in GATEWAY_TEXTS:
        return _json({"message": fault.value or GATEWAY_TEXTS[status]}, status, headers)
    sentence = fault.value or f"{HTTPStatus(status).phrase} (a fault asked for it)."
    refusal = ApiError(status, VISIER_CODES.get(status, "INTERNAL"), sentence)
    return _json(refusal.body("RCIP991031"), status, headers)


def _json(body: dict[str, object], status: int, headers: dict[str, str]) -> Response:
    return Response(orjson.dumps(body), status, headers, JSON)


def _instead(fault: Fault, answer: Response | None) -> Response | None:
    body = bytes(answer.body) if answer else b'{"jobId": "'
    match fault.fault:
        case "slow_body" if answer:
            return StreamingResponse(_slowly(body, fault.seconds), media_type=JSON)
        case "html":
            return HTMLResponse(HTML)
        case "malformed":
            return Response(body[: max(1, len(body) // 2)], media_type=JSON)
        case "empty":
            return Response(media_type=JSON)
        case "gateway":
            message = fault.value or GATEWAY_TEXTS.get(fault.status, "")
            return _json({"message": message}, fault.status, {})
    return None


async def _slowly(body: bytes, seconds: float) -> AsyncIterator[bytes]:
    half = len(body) // 2
    yield body[:half]
    await asyncio.sleep(seconds)
    yield body[half:]


async def _pause(request: Request, seconds: float) -> None:
    """Wait, but no longer than the client stays connected."""
    # The time has passed and the client is still there: the answer goes on.
    with suppress(TimeoutError):
        await asyncio.wait_for(_gone(request), seconds)


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def _cut(request: Request) -> Response:
    """Cut the connection; the answer returned reaches nobody."""
    request.state.transport.abort()
    await _gone(request)
    return Response(status_code=0)
