"""The one door to the network."""

import ssl
from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from http.client import HTTPException, HTTPResponse, LineTooLong
from http.cookiejar import DefaultCookiePolicy
from io import BufferedReader, RawIOBase
from itertools import chain
from socket import socket
from types import MappingProxyType
from typing import Any, NamedTuple, cast

import requests
from requests.adapters import BaseAdapter, HTTPAdapter
from urllib3 import HTTPConnectionPool
from urllib3 import exceptions as urllib3_errors
from urllib3.connection import HTTPConnection, HTTPSConnection

from . import errors
from .answers import FileResponse, Response
from .endpoints import Expects
from .protocol import Request, is_loopback

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


class TransportFailure(Exception):
    """No answer came. The text names kinds of failure only, so that it can hold no secret."""


class NoSuchHost(TransportFailure):
    """The host name does not resolve; nothing was sent."""


class NotSent(TransportFailure):
    """No connection came about; nothing was sent."""


class UntrustedCertificate(TransportFailure):
    """The server could not prove who it is; nothing was sent. The text says what its proof is."""


class NoAnswer(TransportFailure):
    """The request left, or may have left, and no whole answer came back."""


class OutOfBounds(TransportFailure):
    """An answer came that takes too long or is too large. The text says which."""


_BREAKS = (requests.RequestException, urllib3_errors.HTTPError, UnicodeError, OutOfBounds)
_NO_HOST = (urllib3_errors.NameResolutionError,)
_NOT_SENT = (
    urllib3_errors.NewConnectionError,
    urllib3_errors.ConnectTimeoutError,
    urllib3_errors.ProxyError,
    urllib3_errors.LocationValueError,
    requests.exceptions.InvalidURL,
    requests.exceptions.InvalidProxyURL,
)
_UNKNOWN_AUTHORITY = "is signed by an authority this computer does not trust"
# The numbers are those of OpenSSL: X509_V_ERR_…
_CERTIFICATE_FAULTS: Mapping[int, str] = MappingProxyType(
    {
        9: "is not valid yet, by this computer's clock",
        10: "has expired",
        62: "belongs to another host name",
        64: "belongs to another address",
    }
)


class _Deadline:
    """The moment by which an answer has to be whole, whatever drips in until then."""

    def __init__(self, seconds: float, clock: Callable[[], float]) -> None:
        self._seconds = seconds
        self._clock = clock
        self._at = clock() + seconds

    def left(self) -> float:
        """Give the seconds left; raises OutOfBounds when there are none."""
        left = self._at - self._clock()
        if left <= 0:
            raise OutOfBounds(f"The answer was incomplete after {self._seconds:g} seconds.")
        return left

    def put_off(self, seconds: float) -> None:
        """Have the rest of the answer come within these seconds from now."""
        self._seconds, self._at = seconds, self._clock() + seconds


_deadline: ContextVar[_Deadline] = ContextVar("_deadline")


class _TimedReader(RawIOBase):
    """A socket's bytes. A timeout alone ends silence, not an answer that drips byte by byte."""

    def __init__(self, raw: RawIOBase, sock: socket, deadline: _Deadline) -> None:
        self._raw = raw
        self._sock = sock
        self._silence = sock.gettimeout()
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._deadline.left()
        self._sock.settimeout(left if self._silence is None else min(left, self._silence))
        try:
            count: int | None = self._raw.readinto(buffer)
        except TimeoutError:
            self._deadline.left()
            raise
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()


class _TimedResponse(HTTPResponse):
    """An answer whose status line, headers and body all have to come before the deadline."""

    def __init__(self, sock: socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        raw = self.fp.detach()
        self.fp = BufferedReader(_TimedReader(raw, sock, _deadline.get()))


class _PlainConnection(HTTPConnection):
    response_class = _TimedResponse


class _TlsConnection(HTTPSConnection):
    response_class = _TimedResponse

    def connect(self) -> None:
        try:
            super().connect()
        except ssl.SSLCertVerificationError:
            raise
        except (ssl.SSLError, TimeoutError) as error:
            # Else it could not be told from a connection that broke once the request had left.
            raise urllib3_errors.NewConnectionError(self, "no TLS") from error


_CONNECTIONS = MappingProxyType({"http": _PlainConnection, "https": _TlsConnection})


class _Adapter(HTTPAdapter):
    """Connections, direct and through a proxy, on which answers have a deadline."""

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> HTTPConnectionPool:
        pool = cast("HTTPConnectionPool", super().get_connection_with_tls_context(*args, **kwargs))
        pool.ConnectionCls = _CONNECTIONS[pool.scheme or "http"]
        return pool


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
            self._session.mount(scheme, adapter or _Adapter(pool_maxsize=32, max_retries=0))

    def send(self, request: Request, headers: Mapping[str, str]) -> Response:
        """Send a request and give what came back, whatever its status.

        Raises NoSuchHost, NotSent, UntrustedCertificate, NoAnswer or OutOfBounds, without the
        exception they stem from: that one holds the request, and with it the credentials.
        """
        _deadline.set(_Deadline(request.operation.bounds.seconds, self._clock))
        try:
            response = self._session.request(
                request.operation.method,
                self._address + request.target,
                headers=_all_headers(request, headers),
                data=request.body,
                timeout=self._timeouts,
                allow_redirects=False,
                auth=_as_it_is,
                stream=True,
            )
            return _received(request, response)
        except _BREAKS as error:
            failure = _failure(error)
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
            _deadline.get().put_off(FILE_SECONDS)
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
    except _BREAKS as error:
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


def _all_headers(request: Request, headers: Mapping[str, str]) -> dict[str, str]:
    if request.content_type is None:
        return dict(headers)
    return {**headers, "Content-Type": request.content_type}


def _as_it_is(prepared: requests.PreparedRequest) -> requests.PreparedRequest:
    # Without an auth of its own, requests takes one from .netrc and overwrites Authorization.
    return prepared


def _failure(error: BaseException) -> TransportFailure:
    if isinstance(error, OutOfBounds):
        return OutOfBounds(str(error))
    chain = list(dict.fromkeys(_chain(error)))
    text = " < ".join(type(link).__name__ for link in chain)
    for link in chain:
        if isinstance(link, ssl.SSLCertVerificationError):
            return UntrustedCertificate(
                _CERTIFICATE_FAULTS.get(link.verify_code, _UNKNOWN_AUTHORITY)
            )
    # What http.client says of more than 100 headers has no class of its own.
    if any(isinstance(link, LineTooLong) or type(link) is HTTPException for link in chain):
        return OutOfBounds("The headers of the answer are too long.")
    if any(isinstance(link, _NO_HOST) for link in chain):
        return NoSuchHost(text)
    if any(isinstance(link, _NOT_SENT) for link in chain):
        return NotSent(text)
    return NoAnswer(text)


def _chain(error: BaseException) -> Iterator[BaseException]:
    yield error
    inner = (*error.args, getattr(error, "reason", None), getattr(error, "original_error", None))
    for link in (*inner, error.__cause__):
        if isinstance(link, BaseException) and link is not error:
            yield from _chain(link)
