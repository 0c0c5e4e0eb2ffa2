"""Connections on which an answer has a deadline: requests itself bounds silence only.

A timeout of requests starts anew with each byte, so an answer that drips would never end.
"""

import ssl
from collections.abc import Callable
from contextvars import ContextVar
from http.client import HTTPResponse
from io import BufferedReader, RawIOBase
from socket import socket
from types import MappingProxyType
from typing import Any, cast

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool
from urllib3 import exceptions as urllib3_errors
from urllib3.connection import HTTPConnection, HTTPSConnection

from .failures import OutOfBounds


class Deadline:
    """The moment by which an answer must be whole, however slowly it arrives."""

    def __init__(self, seconds: float, clock: Callable[[], float]) -> None:
        self._seconds = seconds
        self._clock = clock
        self._at = clock() + seconds

    def left(self) -> float:
        """Return the seconds left; raise OutOfBounds when there are none."""
        left = self._at - self._clock()
        if left <= 0:
            raise OutOfBounds(f"The answer was incomplete after {self._seconds:g} seconds.")
        return left

    def put_off(self, seconds: float) -> None:
        """Allow these seconds from now for the rest of the answer."""
        self._seconds, self._at = seconds, self._clock() + seconds


# The library below makes the connection and the response: no argument of ours reaches them.
deadline: ContextVar[Deadline] = ContextVar("deadline")


class _TimedReader(RawIOBase):
    """The bytes of a socket, each read bounded by the silence allowed and by the deadline."""

    def __init__(self, raw: RawIOBase, sock: socket, until: Deadline) -> None:
        self._raw = raw
        self._sock = sock
        self._silence = sock.gettimeout()
        self._deadline = until

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._deadline.left()
        self._sock.settimeout(left if self._silence is None else min(left, self._silence))
        try:
            count: int | None = self._raw.readinto(buffer)
        except TimeoutError:
            # Of silence and deadline the one that is over counts.
            self._deadline.left()
            raise
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()


class _TimedResponse(HTTPResponse):
    """An answer whose status line, headers and body must all arrive before the deadline."""

    def __init__(self, sock: socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        raw = self.fp.detach()
        self.fp = BufferedReader(_TimedReader(raw, sock, deadline.get()))


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
            # Otherwise it looks like a connection that broke after the request had left.
            raise urllib3_errors.NewConnectionError(self, "no TLS") from error


_CONNECTIONS = MappingProxyType({"http": _PlainConnection, "https": _TlsConnection})


class TimedAdapter(HTTPAdapter):
    """Connections, direct and through a proxy, on which answers have a deadline."""

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> HTTPConnectionPool:
        """Return a pool whose connections are those of this module."""
        pool = cast("HTTPConnectionPool", super().get_connection_with_tls_context(*args, **kwargs))
        pool.ConnectionCls = _CONNECTIONS[pool.scheme or "http"]
        return pool
