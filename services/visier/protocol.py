"""Requests without I/O: where they go, what they carry, and what of it stays hidden."""

import ipaddress
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import orjson

from .endpoints import ENDPOINTS, Body, BodyEncoding, Operation
from .errors import InvalidArgument
from .providers import AUTH_PARAMS, secrets_in

Json = Any
Payload = dict[str, Any] | list[Any]

# A label of a host name (RFC 1035): 63 letters at most.
_VANITY_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_SECRET_NAME = re.compile(
    r"passw|secret|private|token(?!host)|bearer|auth_?code|(api|access|app|client)_?key"
    r"|^code$|assertion",
    re.IGNORECASE,
)
# In a form what precedes a secret may be an escape, whose last sign is a letter or a digit.
_WORD_START = r"(?:(?<!\w)|(?<=%[0-9A-Fa-f]{2}))"
_CONTENT_TYPES = {
    Body.FORM: "application/x-www-form-urlencoded",
    Body.MODEL: "application/x-www-form-urlencoded",
    Body.JSON: "application/json",
    Body.WRAPPED: "application/json",
}


@dataclass(frozen=True)
class Request:
    """One call without its credentials: ``target`` is path and query, percent-encoded.

    ``named`` are the parameters of its path and its query that have a value.
    """

    operation: Operation
    path: str
    target: str
    named: frozenset[str] = frozenset()
    content_type: str | None = None
    body: bytes | None = field(default=None, repr=False)
    secrets: frozenset[str] = field(default=frozenset(), repr=False)


def base_url(vanity_name: str) -> str:
    """Return the address of a tenant's API, ``https://{vanity_name}.api.visier.io``.

    Raises InvalidArgument for what cannot be a vanity name. The error does not repeat it: it may be
    an API key in the wrong field.
    """
    if not _VANITY_NAME.fullmatch(vanity_name):
        raise InvalidArgument(
            "A vanity name has at most 63 lower-case letters, digits and hyphens, and no hyphen "
            "at either end."
        )
    return f"https://{vanity_name}.api.visier.io"


def checked_address(address: str) -> str:
    """Return the address without a closing slash.

    Raises InvalidArgument unless it is https, or http to this very computer, and nothing but a
    host (and port, and path).
    """
    parts = urlsplit(address)
    if not parts.hostname or parts.username or parts.password or parts.query or parts.fragment:
        raise InvalidArgument("The address must be https:// and a host name only.")
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(address)):
        raise InvalidArgument("The address must begin with https://.")
    return address.rstrip("/")


def is_loopback(address: str) -> bool:
    """Return whether the address is on this computer."""
    host = urlsplit(address).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def header_safe(value: str, name: str) -> str:
    """Return the value without surrounding white space.

    Raises InvalidArgument, without the value, for what cannot travel in a header.
    """
    stripped = value.strip()
    if not travels_in_header(stripped):
        raise InvalidArgument(f"The {name} is empty or contains characters that cannot be sent.")
    return stripped


def travels_in_header(value: str) -> bool:
    """Return whether a key or token can be sent in a header or a cookie without quoting."""
    return bool(value) and value.isascii() and value.isprintable() and not set(value) & set(' ";,')


def build(
    name: str,
    encoding: BodyEncoding,
    *,
    ids: Mapping[str, str] | None = None,
    query: Mapping[str, object] | None = None,
    body: Mapping[str, Any] | None = None,
) -> Request:
    """Build the request of an operation; query parameters that are None are left out.

    Raises InvalidArgument for an id that cannot be part of a path and for a batch the API would not
    take.
    """
    operation = ENDPOINTS[name]
    path = operation.path.format_map(
        {key: _segment(key, value) for key, value in (ids or {}).items()}
    )
    asked = {key: _word(value) for key, value in (query or {}).items() if value is not None}
    way = operation.samples if encoding is BodyEncoding.SAMPLES else operation.openapi
    content = _fitted(operation, body or {}, encoding)
    return Request(
        operation=operation,
        path=path,
        target=f"{path}?{_encoded(asked)}" if asked else path,
        named=frozenset({*(ids or {}), *asked}),
        content_type=_CONTENT_TYPES.get(way),
        body=_written(way, content),
        secrets=frozenset(secret_values(content)),
    )


def _segment(name: str, value: str) -> str:
    # A segment of dots would lead to another path.
    if not value.strip("."):
        raise InvalidArgument(f"The {name.replace('_', ' ')} is empty or no id.")
    return quote(value, safe="")


def _word(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return iso_utc(value)
    return str(value)


def iso_utc(moment: datetime) -> str:
    """Return a time as the API writes its own: ISO 8601, UTC, with milliseconds.

    Raises InvalidArgument for a time without a zone.
    """
    if moment.tzinfo is None:
        raise InvalidArgument("A time without a time zone says nothing to the API.")
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"


def _encoded(fields: Mapping[str, str]) -> str:
    # The code samples do not encode; the & and + of a password or a pattern would then be lost.
    return urlencode(fields, quote_via=quote)


def _fitted(
    operation: Operation, body: Mapping[str, Any], encoding: BodyEncoding
) -> dict[str, Any]:
    if operation.batch is not None:
        items, most = body[operation.batch.field], operation.batch.most
        if not items:
            raise InvalidArgument(f"{operation.name} needs at least one item.")
        if most is not None and len(items) > most:
            raise InvalidArgument(
                f"{operation.name} takes at most {most} items at once, not {len(items)}."
            )
    kind = int if encoding is BodyEncoding.SAMPLES else str
    return {
        key: kind(value) if key in operation.epochs and value is not None else value
        for key, value in body.items()
    }


def _written(way: Body, content: Mapping[str, Any]) -> bytes | None:
    match way:
        case Body.NONE:
            return None
        case Body.FORM:
            return _encoded(content).encode()
        case Body.MODEL:
            return _encoded({"model": _json(content).decode()}).encode()
        case Body.JSON:
            return _json(content)
        case Body.WRAPPED:
            return _json({"model": content})


def _json(content: object) -> bytes:
    return orjson.dumps(content, default=_plain)


def _plain(value: object) -> Json:
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Iterable):
        return list(value)
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")


def secret_values(node: object, *, inside: bool = False) -> Iterator[str]:
    """Yield each text in a body whose name, or that of an object around it, is a secret's.

    The parameters of credentials go by the catalogue of providers instead.
    """
    if isinstance(node, Mapping):
        for key, value in node.items():
            if key == AUTH_PARAMS:
                yield from secrets_in(value)
                continue
            yield from secret_values(value, inside=inside or bool(_SECRET_NAME.search(key)))
    elif isinstance(node, str):
        if inside:
            yield node
    elif isinstance(node, Sequence):
        for value in node:
            yield from secret_values(value, inside=inside)


def redact(text: str, secrets: Iterable[str]) -> str:
    """Return the text with each secret of four characters or more masked, in any encoding.

    A secret shorter than twelve characters is masked only as a word of its own: it may be part of
    many others.
    """
    encoded: set[str] = set()
    for secret in secrets:
        escaped = _json(secret).decode()[1:-1]
        encoded |= {secret, escaped, quote(secret, safe=""), quote(escaped, safe="")}
    # The longest first: what is left of a secret once a part of it is masked would not be found.
    for secret in sorted(encoded, key=len, reverse=True):
        if len(secret) >= 12:
            text = text.replace(secret, "•••")
        elif len(secret) >= 4:
            text = re.sub(_WORD_START + re.escape(secret) + r"(?!\w)", "•••", text)
    return text


def whole_number(value: object) -> int | None:
    """Return a whole number of at most nine digits, None for anything else."""
    text = str(value).strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None
