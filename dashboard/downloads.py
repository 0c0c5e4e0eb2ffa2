"""Handing a source file on to the browser that asked for it, as it comes from Visier.

A person presses a button on a page; the page draws a link that holds a ticket, which this process
keeps. It is good for one download, a minute long, for the browser and the sign-in it was drawn for.
"""

import threading
from typing import Final
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from dashboard import bootstrap, browser_mark, wording
from dashboard.connection import Connection
from dashboard.tickets import PATH, Ticket
from services import visier
from services.clock import CLOCK
from services.ledger import LedgerTrouble
from services.operations import NotAllowed
from services.operations.downloads import Download, FileTooLarge, Wanted, download

ROUTE: Final = f"{PATH}/{{token}}"
# Each may keep a thread waiting for Visier, of which the server has forty.
AT_ONCE: Final = 8
NOT_GOOD: Final = (
    "This link has expired. It works once, within a minute, in the browser and "
    "sign-in it was made for. Request the file again."
)
BUSY: Final = "Too many downloads are running. Request the file again in a minute."
# nginx is to pass a file on as it comes, not to keep it first.
_HEADERS: Final = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
_KNOWN = (visier.VisierError, visier.InvalidArgument, LedgerTrouble, NotAllowed, FileTooLarge)
_places = threading.BoundedSemaphore(AT_ONCE)


async def hand_over(asked: Request) -> Response:
    """Answer a ticket with its file; or in words why there is none."""
    if asked.method != "GET":
        # A look ahead is no download: it would spend the ticket.
        return PlainTextResponse("", 405, _HEADERS)
    ticket = bootstrap.tickets().take(asked.path_params["token"], browser_mark.of(asked.cookies))
    if ticket is None or not _is_signed_in(ticket.connection):
        return PlainTextResponse(NOT_GOOD, 404, _HEADERS)
    if not _places.acquire(blocking=False):
        return PlainTextResponse(BUSY, 503, _HEADERS)
    try:
        begun = await run_in_threadpool(_begin, ticket)
    except _KNOWN as error:
        _places.release()
        return PlainTextResponse(_in_words(error), 502, _HEADERS)
    except BaseException:
        _places.release()
        raise
    return _HandedOn(begun, _headers(ticket.wanted, begun))


def _in_words(error: Exception) -> str:
    if isinstance(error, NotAllowed):
        return wording.refusal(error.verb, error.closed)
    return str(error)


def _is_signed_in(connection: Connection) -> bool:
    """Return whether the sign-in a ticket was made for still holds."""
    who = connection.person
    has_ended = who is not None and who.sign_in in bootstrap.ended_sign_ins()
    return who is None or not (has_ended or who.until <= CLOCK.now())


def _begin(ticket: Ticket) -> Download:
    connection = ticket.connection
    return download(
        connection.ledger,
        connection.client,
        ticket.wanted,
        connection.actor,
        identity=connection.identity.name,
        permissions=ticket.permissions,
        megabytes=connection.app.settings().dashboard_download_mb,
    )


class _HandedOn(StreamingResponse):
    """A file on its way; when the browser has gone, too, what became of it is written down."""

    def __init__(self, begun: Download, headers: dict[str, str]) -> None:
        super().__init__(begun.chunks, headers=headers)
        self._begun = begun

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the file as it comes."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            # Also after the browser left: else the connection to Visier would stay open.
            await run_in_threadpool(self._begun.chunks.close)
            self._begun.close()
            _places.release()


def _headers(wanted: Wanted, begun: Download) -> dict[str, str]:
    length = {} if begun.size is None else {"Content-Length": str(begun.size)}
    return {
        **_HEADERS,
        **length,
        "Content-Type": "application/zip",
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(wanted.saved_as, safe='')}",
    }
