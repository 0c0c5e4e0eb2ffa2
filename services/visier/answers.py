"""Answers without I/O: what came back, and the payload or the typed error it means."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import orjson

from .endpoints import Expects, Operation
from .errors import (
    ApiKeyRefused,
    NotFound,
    NotPermitted,
    OutcomeUnknown,
    PasswordRefused,
    RateLimited,
    Refused,
    ServerTrouble,
    SignedOut,
    UnknownVanityName,
    UnreadableAnswer,
    VisierError,
)
from .protocol import Payload, Request, redact, travels_in_header
from .rate_limit_headers import rate_limit_headers

# localizedMessage is the one meant for people (Status envelope of the OpenAPI document); messages
# is the Source Files Download API's, error_description that of OAuth 2.0.
_MESSAGE_FIELDS = ("localizedMessage", "message", "messages", "error_description")
_CODE_FIELDS = ("errorCode", "code", "error")
# Visier explains in a sentence or two; a proxy may answer with a whole page.
_LONGEST_MESSAGE = 1000
# An id for support is short: what is longer is something else.
_LONGEST_RCI = 100
# What is beyond is no budget, no count and no wait that anybody means.
_MOST_DIGITS = 16
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
# The gateway before Visier answers with these alone.
_GATEWAY_FIELDS = {"message", "request_id"}

# Words come first: a status alone does not tell a wrong key from an expired token.
BY_WORDS: tuple[tuple[frozenset[int], re.Pattern[str], type[VisierError]], ...] = (
    (frozenset({401, 403}), re.compile(r"\bapi[ _-]?key", re.IGNORECASE), ApiKeyRefused),
    (frozenset({404}), re.compile("no route matched", re.IGNORECASE), UnknownVanityName),
)
SIGN_IN_BY_WORDS: tuple[tuple[frozenset[int], re.Pattern[str], type[VisierError]], ...] = (
    (frozenset(range(400, 600)), re.compile("vanity", re.IGNORECASE), UnknownVanityName),
)
# Source: the API documentation's page on status codes; 401 is for expired credentials.
BY_STATUS: Mapping[int, type[VisierError]] = {
    401: SignedOut,
    403: NotPermitted,
    404: NotFound,
    429: RateLimited,
}
# Before there is a session, a 401 is about the password and not about a token.
SIGN_IN_BY_STATUS: Mapping[int, type[VisierError]] = {
    400: PasswordRefused,
    401: PasswordRefused,
    403: PasswordRefused,
    404: UnknownVanityName,
    429: RateLimited,
}


@dataclass(frozen=True)
class Response:
    """An answer: its status, its headers by name in lower case, its body in bytes."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def size(self) -> int | None:
        """The size of the body in bytes."""
        return len(self.body)


@dataclass(frozen=True)
class FileResponse(Response):
    """A file to be passed on in ``chunks``, which can be read once.

    Reading raises NoAnswer where the file breaks off. A reader that stops early must ``close``.
    """

    chunks: Iterator[bytes] = field(repr=False)
    close: Callable[[], None] = field(repr=False)

    @property
    def size(self) -> int | None:
        """The size in bytes; None where it is not sent, or counts the compressed bytes."""
        length = self.headers.get("content-length", "").strip()
        is_number = length.isascii() and length.isdecimal() and len(length) < _MOST_DIGITS
        return int(length) if is_number and "content-encoding" not in self.headers else None


@dataclass(frozen=True)
class Envelope:
    """The parts of an error answer, whichever shape it has."""

    message: str
    rci: str = ""
    user_error: bool = False
    gateway: bool = False


def parse_response(
    request: Request, response: Response, secrets: Iterable[str] = ()
) -> Payload | FileResponse | str | None:
    """Return the payload of a successful answer: parsed JSON, the token as text, a file, or None.

    Every 2xx is a success, except JSON where a file was asked for. Raises the VisierError that the
    tables of this module choose.
    """
    # Any 2xx: the API's documentation names 206 and 207 beside 200.
    if not 200 <= response.status < 300:
        raise _error(request, response, secrets)
    match request.operation.expects:
        case Expects.NOTHING:
            # The code samples show no body here, the OpenAPI document has a JSON text.
            return None
        case Expects.FILE:
            if isinstance(response, FileResponse):
                return response
            if isinstance(_parsed(response.body), dict):
                raise _error(request, response, secrets)
            raise _unreadable(request.operation, response)
        case Expects.TEXT:
            content: object = _token(response.body)
        case Expects.JSON:
            content = _parsed(response.body)
    if isinstance(content, str if request.operation.expects is Expects.TEXT else dict | list):
        return content
    raise _unreadable(request.operation, response)


def wants_new_token(request: Request, response: Response) -> bool:
    """Return whether a 401 is about the token rather than the API key.

    A new token does not help against a wrong key: asking for one each time would never end.
    """
    return response.status == HTTPStatus.UNAUTHORIZED and (
        _chosen(request.operation, response.status, envelope(response)) is SignedOut
    )


def _parsed(body: bytes) -> object:
    # JSON does not allow a byte order mark; some servers send one.
    body = body.removeprefix(b"\xef\xbb\xbf")
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return _mended(body)


def _mended(body: bytes) -> object:
    """Parse what is JSON but for single characters and numbers: each costs itself, nothing else.

    A byte that is no UTF-8 and half of a surrogate pair become U+FFFD; a number that nobody can
    hold becomes text.
    """
    try:
        parsed = json.loads(
            body.decode("utf-8", "replace"),
            # 64 bits hold 19 digits; from 4,300 on Python itself refuses to make a number of them.
            parse_int=lambda digits: int(digits) if len(digits) < 20 else digits,
            parse_constant=str,
        )
        return _without_halves(parsed)
    except (ValueError, RecursionError):
        return None


def _without_halves(node: object) -> object:
    if isinstance(node, str):
        return _LONE_SURROGATE.sub("\ufffd", node)
    if isinstance(node, list):
        return [_without_halves(each) for each in node]
    if isinstance(node, dict):
        return {_without_halves(key): _without_halves(each) for key, each in node.items()}
    return node


def _token(body: bytes) -> str | None:
    text = body.decode("utf-8", "replace").strip()
    # Documented is the bare token; a JSON text, or an object with asid, is taken as well.
    if text[:1] in {'"', "{"}:
        parsed = _parsed(body)
        text = str(parsed.get("asid", "")) if isinstance(parsed, dict) else str(parsed or "")
        text = text.strip()
    return text if travels_in_header(text) and not _is_web_page(text.encode()) else None


def _unreadable(operation: Operation, response: Response) -> VisierError:
    if not response.body.strip():
        message = "Visier's answer is empty; data was expected."
    elif _is_web_page(response.body):
        message = "The answer is a web page; data was expected."
    else:
        message = "The answer cannot be read."
    # Visier answered, so a write may well have been done.
    kind = OutcomeUnknown if operation.writes else UnreadableAnswer
    return kind(message, operation=operation.name, status=response.status)


def _is_web_page(body: bytes) -> bool:
    return body.lstrip()[:1] == b"<"


def envelope(response: Response) -> Envelope:
    """Read an error answer of any shape: Status, gRPC, ApiError, OAuth, gateway, text, nothing."""
    parsed = _parsed(response.body)
    if not isinstance(parsed, dict):
        return Envelope(_loose_text(parsed, response) or _reason(response.status))
    told = [parsed.get(name) for name in (*_MESSAGE_FIELDS, *_CODE_FIELDS)]
    words = (str(word).strip() for word in told if isinstance(word, str | int))
    message = next(filter(None, words), "")
    rci = parsed.get("rci")
    return Envelope(
        message=message or _reason(response.status),
        rci=rci if isinstance(rci, str) else "",
        user_error=parsed.get("userError") is True,
        gateway="message" in parsed and parsed.keys() <= _GATEWAY_FIELDS,
    )


def _loose_text(parsed: object, response: Response) -> str:
    if isinstance(parsed, str):
        return parsed.strip()
    text = response.body.decode("utf-8", "replace").strip()
    if parsed is not None or text == "null" or _is_web_page(response.body):
        return ""
    return text


def _reason(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return f"HTTP status {status}"


def _error(request: Request, response: Response, secrets: Iterable[str]) -> VisierError:
    said = envelope(response)
    kind = _chosen(request.operation, response.status, said)
    hidden = {*secrets, *request.secrets}
    facts: dict[str, Any] = {
        "operation": request.operation.name,
        "status": response.status,
        # Cut last: half a secret would not be recognised.
        "rci": redact(said.rci, hidden)[:_LONGEST_RCI],
        "user_error": said.user_error,
    }
    if kind is RateLimited or response.status == HTTPStatus.SERVICE_UNAVAILABLE:
        facts["retry_after"] = rate_limit_headers(response.headers).retry_after or 0.0
    if kind is NotFound:
        facts["named"] = request.named
    return kind(redact(said.message, hidden)[:_LONGEST_MESSAGE], **facts)


def _chosen(operation: Operation, status: int, said: Envelope) -> type[VisierError]:
    words = (*SIGN_IN_BY_WORDS, *BY_WORDS) if operation.signs_in else BY_WORDS
    for statuses, pattern, kind in words:
        if status in statuses and pattern.search(said.message):
            return kind
    # The gateway checks the key, Visier the token.
    if status == HTTPStatus.UNAUTHORIZED and said.gateway and not operation.signs_in:
        return ApiKeyRefused
    by_status = SIGN_IN_BY_STATUS if operation.signs_in else BY_STATUS
    if status in by_status:
        return by_status[status]
    if status < 500:
        return Refused
    return OutcomeUnknown if operation.writes else ServerTrouble
