"""The only module that makes HTTP requests to Visier."""

from collections.abc import Callable, Iterator, Mapping
from http.cookiejar import DefaultCookiePolicy
from itertools import chain
from typing import NamedTuple

import requests
from requests.adapters import BaseAdapter

from . import errors
from .answers import FileResponse, Response
from .endpoints import Expects
from .failures import BREAKS, OutOfBounds, failure_of
from .protocol import Request, is_loopback
from .timed_connections import Deadline, TimedAdapter, deadline

# 64 KiB: small enough to stop at the bound of an answer, large enough to cost nothing.
CHUNK = 2**16
# By its type, or by the PK that a ZIP file begins with; any other answer is words, not a file.
FILE_TYPES = ("application/zip", "application/x-zip-compressed", "application/octet-stream")
# From its first bytes on: a file comes at the pace of the browser that downloads it.
FILE_SECONDS = 3600.0
_BROKE = "The connection broke or timed out before the whole file arrived."


class Timeouts(NamedTuple):
    """Seconds for a connection, and of silence before an answer is given up.

    A whole answer is bounded by the `Bounds` of its operation.
    """

    # TCP and TLS across an ocean take a tenth of it.
    connect: float = 5.0
    read: float = 60.0


TIMEOUTS = Timeouts()


class _Session(requests.Session):
    def get_redirect_target(self, resp: requests.Response) -> None:
        """Find none: to prepare a redirect, requests would read a body without bounds."""


class Transport:
    """Sends requests to one address over pooled connections; safe to share between threads.

    It keeps no cookies, follows no redirects, repeats no requests, reads no .netrc, and verifies
    TLS. ``clock`` returns seconds; an ``adapter`` takes requests in place of the network.
    """

    def __init__(
        self,
        address: str,
        user_agent: str,
        timeouts: Timeouts,
        clock: Callable[[], float],
        adapter: BaseAdapter | None = None,
    ) -> None:
        self._address = address
        self._timeouts = timeouts
        self._clock = clock
        self._session = _Session()
        self._session.headers["User-Agent"] = user_agent
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        # A proxy of the environment has no way to this very computer.
        self._session.trust_env = not is_loopback(address)
        for scheme in ("https://", "http://"):
            # No retries: whether a call may be repeated depends on its operation.
            self._session.mount(scheme, adapter or TimedAdapter(pool_maxsize=32, max_retries=0))

    def send(self, request: Request, headers: Mapping[str, str]) -> Response:
        """Send a request and return the answer, whatever its status.

        Raises NoSuchHost, NotSent, UntrustedCertificate, NoAnswer or OutOfBounds, without their
        cause: that exception holds the request, and with it the credentials.
        """
        own = {"Content-Type": request.content_type} if request.content_type else {}
        deadline.set(Deadline(request.operation.bounds.seconds, self._clock))
        try:
            response = self._session.request(
                request.operation.method,
                self._address + request.target,
                headers={**headers, **own},
                data=request.body,
                timeout=self._timeouts,
                allow_redirects=False,
                auth=_as_it_is,
                stream=True,
            )
            return _received(request, response)
        except BREAKS as error:
            failure = failure_of(error)
        # Outside of the handler, so that the exception is not its context either.
        raise failure

    def close(self) -> None:
        """Close the pooled connections."""
        self._session.close()


def _received(request: Request, response: requests.Response) -> Response:
    """Return a file to be read later, and any other answer whole."""
    status, chunks = response.status_code, response.iter_content(CHUNK)
    headers = {name.lower(): value for name, value in response.headers.items()}
    if request.operation.expects is Expects.FILE:
        first = next(chunks, b"")
        is_file = headers.get("content-type", "").startswith(FILE_TYPES) or first.startswith(b"PK")
        chunks = chain([first], chunks)
        if 200 <= status < 300 and first and is_file:
            deadline.get().put_off(FILE_SECONDS)
            body = _handed_on(request, response, chunks)
            return FileResponse(status, headers, b"", body, response.close)
    with response:
        return Response(status, headers, _body(chunks, request.operation.bounds.size))


def _handed_on(
    request: Request, response: requests.Response, chunks: Iterator[bytes]
) -> Iterator[bytes]:
    try:
        with response:
            yield from chunks
    except BREAKS as error:
        words = str(error) if isinstance(error, OutOfBounds) else _BROKE
        # Without its cause: that exception holds the request, and with it the credentials.
        raise errors.NoAnswer(words, operation=request.operation.name) from None


def _body(chunks: Iterator[bytes], most: int) -> bytes:
    """Return the unpacked body; raise OutOfBounds once it has more than ``most`` bytes."""
    kept, size = [], 0
    for chunk in chunks:
        size += len(chunk)
        if size > most:
            raise OutOfBounds(f"The answer is larger than {most // 2**20:,} MB.")
        kept.append(chunk)
    return b"".join(kept)


def _as_it_is(prepared: requests.PreparedRequest) -> requests.PreparedRequest:
    # Without an auth of its own, requests takes one from .netrc and overwrites Authorization.
    return prepared
