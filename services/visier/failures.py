"""Failures without an answer, and which exceptions of the libraries mean which of them.

What matters is whether the request may have left: only what surely did not is safe to send again.
"""

import ssl
from collections.abc import Iterator, Mapping
from http.client import HTTPException, LineTooLong
from types import MappingProxyType

import requests
from urllib3 import exceptions as urllib3_errors


class TransportFailure(Exception):
    """There is no answer. The text names kinds of failure only, so that it holds no secret."""


class NoSuchHost(TransportFailure):
    """The host name does not resolve; nothing was sent."""


class NotSent(TransportFailure):
    """No connection was made; nothing was sent."""


class UntrustedCertificate(TransportFailure):
    """The server's certificate is not valid; nothing was sent. The text says what is wrong."""


class NoAnswer(TransportFailure):
    """The request may have left, and there is no whole answer."""


class OutOfBounds(TransportFailure):
    """An answer takes too long or is too large. The text says which."""


BREAKS = (requests.RequestException, urllib3_errors.HTTPError, UnicodeError, OutOfBounds)
_NO_HOST = (urllib3_errors.NameResolutionError,)
# Each of these is raised before the first byte of a request leaves.
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


def failure_of(error: BaseException) -> TransportFailure:
    """Return what one of BREAKS means, without the exception: that one holds the credentials."""
    if isinstance(error, OutOfBounds):
        return OutOfBounds(str(error))
    # The libraries wrap one another's exceptions, in their arguments as well as in their causes.
    chain = list(dict.fromkeys(_links(error)))
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


def _links(error: BaseException) -> Iterator[BaseException]:
    yield error
    inner = (*error.args, getattr(error, "reason", None), getattr(error, "original_error", None))
    for link in (*inner, error.__cause__):
        if isinstance(link, BaseException) and link is not error:
            yield from _links(link)
