"""Where Visier pushes events to: each is checked, written down and answered, and read afterwards.

A request has no Origin and no sign-in: its signature lets it in, here and nowhere else. Nothing of
it is shown or logged but its size and its type.
"""

import asyncio
import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse

from dashboard import bootstrap
from dashboard.watch import pushed_reader
from services.clock import CLOCK
from services.ledger import LedgerTrouble, ReceivedEvent
from services.monitoring import pushed_events
from services.visier.webhook_signatures import HEADER, SignatureForm, matching_form

# An event of a job has some 400 bytes; one of an audit may have thousands.
LARGEST: Final = 256 * 2**10
# Visier counts an event as failed after 3 to 5 seconds: a body that takes longer is not its own.
BODY_SECONDS: Final = 2.0
# A batch of 5,000 jobs may end within minutes. What is refused is sent again by Visier, and what
# is never received is found by polling.
AT_ONCE: Final = 500
PER_SECOND: Final = 50.0
# Behind a proxy that names nobody all are one sender; more than these are forgotten.
SENDERS: Final = 1000
_NOT_KEPT: Final = {"Cache-Control": "no-store"}
_log = logging.getLogger("dashboard")


class RateBound:
    """How many requests a sender may make: so many at once, and then so many a second."""

    def __init__(
        self,
        at_once: int = AT_ONCE,
        per_second: float = PER_SECOND,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._at_once = at_once
        self._per_second = per_second
        self._clock = clock
        self._lock = threading.Lock()
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def lets_in(self, sender: str) -> bool:
        """Count a request; return whether the sender may make it now."""
        now = self._clock()
        with self._lock:
            left, at = self._left.pop(sender, (float(self._at_once), now))
            left = min(float(self._at_once), left + (now - at) * self._per_second)
            self._left[sender] = (left - 1 if left >= 1 else left), now
            while len(self._left) > SENDERS:
                self._left.popitem(last=False)
        return left >= 1


rate_bound = RateBound()


class _Refused(Exception):
    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status


async def receive(asked: Request) -> PlainTextResponse:
    """Answer 200 once the event is written down, also when it was before.

    404 while the endpoint is off, 429 above the rate, 413 above the size, 408 for a body that does
    not arrive, 401 without a signature that is right, 400 for what is no event, 503 while it cannot
    be written down.
    """
    try:
        await _take(asked)
    except _Refused as refused:
        return PlainTextResponse(str(refused), refused.status, _NOT_KEPT)
    return PlainTextResponse("Received", 200, _NOT_KEPT)


async def _take(asked: Request) -> None:
    key = bootstrap.settings().dashboard_webhook_key
    connection = _connection(asked.path_params.get("connection", ""))
    if key is None or connection is None:
        raise _Refused(404, "Not found")
    if not rate_bound.lets_in(asked.client.host if asked.client else ""):
        raise _Refused(429, "Too many requests")
    body = await _body(asked)
    form = _signed(key.get_secret_value(), body, asked.headers)
    now = CLOCK.now()
    try:
        event = pushed_events.read(body, now)
    except pushed_events.UnreadableEvent as error:
        _log.warning("Refused a pushed event of %d bytes: %s", len(body), error)
        raise _Refused(400, "Not an event") from None
    kept = ReceivedEvent(event.event_id, now, connection, event.type_word, form, body.decode())
    try:
        await run_in_threadpool(pushed_reader.pushes().take, kept)
    except LedgerTrouble:
        raise _Refused(503, "The event cannot be kept") from None


def _connection(named: str) -> str | None:
    """Return a connection as it calls itself, the first where none is named; None for no other."""
    names = list(bootstrap.settings().connections)
    if named and named not in names:
        return None
    return (named or names[0]) if len(names) > 1 else ""


async def _body(asked: Request) -> bytes:
    try:
        body = await asyncio.wait_for(_bounded(asked), BODY_SECONDS)
    except (TimeoutError, ClientDisconnect):
        raise _Refused(408, "The body did not arrive") from None
    return body


async def _bounded(asked: Request) -> bytes:
    named = asked.headers.get("content-length", "0")
    if not named.isdecimal() or int(named) > LARGEST:
        raise _Refused(413, "Too large")
    body = bytearray()
    async for chunk in asked.stream():
        body += chunk
        if len(body) > LARGEST:
            raise _Refused(413, "Too large")
    return bytes(body)


def _signed(key: str, body: bytes, headers: Headers) -> SignatureForm:
    form = matching_form(key, body, headers.get(HEADER, ""))
    pushes = pushed_reader.pushes()
    if form is None:
        # One without a signature is anybody's: it says nothing of the key.
        pushes.refused(is_signed=HEADER in headers)
        raise _Refused(401, "The signature is missing or wrong")
    pushes.matched(form)
    return form
