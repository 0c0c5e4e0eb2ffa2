"""The one door to the network."""

import ssl
from collections.abc import Iterator, Mapping
from http.cookiejar import DefaultCookiePolicy
from itertools import chain, islice
from typing import NamedTuple

import requests
from requests.adapters import HTTPAdapter
from urllib3 import exceptions as urllib3_errors

from . import errors
from .answers import Received, ReceivedFile
from .endpoints import Expects
from .protocol import Request, is_loopback

CHUNK = 2**16
# What stands in the place of a file is a few words.
MESSAGE_CHUNKS = 16
FILE_TYPES = ("application/zip", "application/x-zip-compressed", "application/octet-stream")


class Timeouts(NamedTuple):
    """Seconds until a connection is given up, and of silence until an answer is."""

    connect: float = 5.0
    read: float = 60.0


TIMEOUTS = Timeouts()


class TransportFailure(Exception):
    """No answer came. The text names kinds of failure only, so that it can hold no secret."""


class NoSuchHost(TransportFailure):
    """The host name does not resolve; nothing was sent."""


class NotSent(TransportFailure):
    """No connection came about; nothing was sent."""


class NoAnswer(TransportFailure):
    """The request left, or may have left, and no whole answer came back."""


_NO_HOST = (urllib3_errors.NameResolutionError,)
_NOT_SENT = (
    urllib3_errors.NewConnectionError,
    urllib3_errors.ConnectTimeoutError,
    urllib3_errors.ProxyError,
    ssl.SSLCertVerificationError,
    requests.exceptions.InvalidURL,
    requests.exceptions.InvalidProxyURL,
)


class Transport:
    """Sends requests to one address over pooled connections; safe to share between threads.

    No cookie is kept, no redirect followed, no request repeated, no .netrc read, TLS is verified.
    """

    def __init__(self, address: str, user_agent: str, timeouts: Timeouts) -> None:
        self._address = address
        self._timeouts = timeouts
        self._session = requests.Session()
        self._session.headers["User-Agent"] = user_agent
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self._session.trust_env = not is_loopback(address)
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, HTTPAdapter(pool_maxsize=32, max_retries=0))

    def send(self, request: Request, headers: Mapping[str, str]) -> Received:
        """Send a request and give what came back, whatever its status.

        Raises NoSuchHost, NotSent or NoAnswer, without the exception they stem from: that one
        holds the request, and with it the credentials.
        """
        try:
            response = self._session.request(
                request.operation.method,
                self._address + request.target,
                headers=_all_headers(request, headers),
                data=request.body,
                timeout=self._timeouts,
                allow_redirects=False,
                auth=_as_it_is,
                stream=request.operation.expects is Expects.FILE,
            )
            headers = {name.lower(): value for name, value in response.headers.items()}
            if request.operation.expects is Expects.FILE:
                return _file_or_words(request, response, headers)
            return Received(response.status_code, headers, response.content)
        except requests.RequestException as error:
            failure = _failure(error)
        raise failure

    def close(self) -> None:
        """Close the pooled connections."""
        self._session.close()


def _file_or_words(
    request: Request, response: requests.Response, headers: Mapping[str, str]
) -> Received:
    """Give a file unread, or whole what says in its place why there is none."""
    status, chunks = response.status_code, response.iter_content(CHUNK)
    first = next(chunks, b"")
    is_file = headers.get("content-type", "").startswith(FILE_TYPES) or first.startswith(b"PK")
    if 200 <= status < 300 and first and is_file:
        body = _handed_on(request, response, chain([first], chunks))
        return ReceivedFile(status, headers, b"", body, response.close)
    with response:
        return Received(status, headers, first + b"".join(islice(chunks, MESSAGE_CHUNKS)))


def _handed_on(
    request: Request, response: requests.Response, chunks: Iterator[bytes]
) -> Iterator[bytes]:
    try:
        with response:
            yield from chunks
    except requests.RequestException:
        words = "The connection broke or fell silent before the whole file came."
        # Not from its cause: that one holds the request, and with it the credentials.
        raise errors.NoAnswer(words, operation=request.operation.name) from None


def _all_headers(request: Request, headers: Mapping[str, str]) -> dict[str, str]:
    if request.content_type is None:
        return dict(headers)
    return {**headers, "Content-Type": request.content_type}


def _as_it_is(prepared: requests.PreparedRequest) -> requests.PreparedRequest:
    # Without an auth of its own, requests takes one from .netrc and overwrites Authorization.
    return prepared


def _failure(error: BaseException) -> TransportFailure:
    chain = list(dict.fromkeys(_chain(error)))
    text = " < ".join(type(link).__name__ for link in chain)
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
