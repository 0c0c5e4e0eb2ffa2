"""The one door to the network."""

from collections.abc import Callable, Iterator, Mapping
from http.cookiejar import DefaultCookiePolicy
from itertools import chain
from typing import NamedTuple

import requests
from requests.adapters import BaseAdapter

from . import errors
from .answers import ReceivedFile, Response
from .endpoints import Expects
from .failures import BREAKS, OutOfBounds, failure_of
from .protocol import Request, is_loopback
from .timed_connections import Deadline, TimedAdapter, deadline

# 64 KiB: small enough to stop at the bound of an answer, large enough to cost nothing.
CHUNK = 2**16
FILE_TYPES = ("application/zip", "application/x-zip-compressed", "application/octet-stream")
# From its first bytes on: what comes in a browser's pace takes longer than any list.
FILE_SECONDS = 3600.0
_BROKE = "The connection broke or timed out before the whole file arrived."


class Timeouts(NamedTuple):
    """Seconds until a connection is given up, and of silence until an answer is.

    How long a whole answer may take says the operation's own `Bounds`.
    """

    connect: float = 5.0
    read: float = 60.0


TIMEOUTS = Timeouts()


class _Session(requests.Session):
    def get_redirect_target(self, resp: requests.Response) -> None:
        """Find no redirect: only to prepare one, requests would read a body without bounds."""


class Transport:
    """Sends requests to one address over pooled connections; safe to share between threads.

    No cookie is kept, no redirect followed, no request repeated, no .netrc read, TLS is verified.
    ``clock`` gives seconds; what an ``adapter`` is given goes over it in place of the network.
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
        self._session.trust_env = not is_loopback(address)
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, adapter or TimedAdapter(pool_maxsize=32, max_retries=0))

    def send(self, request: Request, headers: Mapping[str, str]) -> Response:
        """Send a request and give what came back, whatever its status.

        Raises NoSuchHost, NotSent, UntrustedCertificate, NoAnswer or OutOfBounds, without the
        exception they stem from: that one holds the request, and with it the credentials.
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
        raise failure

    def close(self) -> None:
        """Close the pooled connections."""
        self._session.close()


def _received(request: Request, response: requests.Response) -> Response:
    """Give a file unread, and anything else whole."""
    status, chunks = response.status_code, response.iter_content(CHUNK)
    headers = {name.lower(): value for name, value in response.headers.items()}
    if request.operation.expects is Expects.FILE:
        first = next(chunks, b"")
        is_file = headers.get("content-type", "").startswith(FILE_TYPES) or first.startswith(b"PK")
        chunks = chain([first], chunks)
        if 200 <= status < 300 and first and is_file:
            deadline.get().put_off(FILE_SECONDS)
            body = _handed_on(request, response, chunks)
            return ReceivedFile(status, headers, b"", body, response.close)
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
        # Not from its cause: that one holds the request, and with it the credentials.
        raise errors.NoAnswer(words, operation=request.operation.name) from None


def _body(chunks: Iterator[bytes], most: int) -> bytes:
    """Give the body, unpacked; what is beyond the bound is neither read nor unpacked."""
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
