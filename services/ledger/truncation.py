"""Making text fit to be kept."""

import unicodedata
from collections.abc import Sequence
from typing import Final

LIMITS: Final = {
    "user": 200,
    "tenant": 200,
    "host": 300,
    "identity": 500,
    "verb": 100,
    "reason": 2_000,
    "filter_text": 4_000,
    "tenant_code": 200,
    "name": 300,
    "message": 2_000,
    "kind": 50,
    "text": 2_000,
    "who": 200,
    "parent_job_id": 300,
    "job_type": 100,
    "job_type_word": 200,
    "status": 100,
    "status_word": 200,
    "stage": 200,
    "data_version": 100,
    "note": 2_000,
    "assignee": 200,
}
_SEARCHED: Final = frozenset({"user", "reason", "filter_text"})
# Enough for what a person reads of a request; a batch of 1,000 objects would be megabytes.
EXCERPT_LIMIT: Final = 20_000
# A key is in an index, whose rows databases bound (PostgreSQL: 2,704 bytes).
KEY_LIMIT: Final = 1_000
JOB_ID_LIMIT: Final = 200  # a part of keys that PostgreSQL holds to 2,704 bytes
_CUT = " … (cut)"


def kept(texts: dict[str, str]) -> dict[str, str]:
    """Return the texts as they are kept: cut to the limit of their name, searched ones composed."""
    return {
        name: _cut(composed(text) if name in _SEARCHED else text, LIMITS[name])
        for name, text in texts.items()
    }


def composed(text: str) -> str:
    """Return the text with its accents composed (NFC): no database takes them for the same."""
    return unicodedata.normalize("NFC", text)


def kept_column(name: str, values: Sequence[str]) -> list[str]:
    """Return the texts of one column as they come back from the database, cut to its limit."""
    limit = LIMITS[name]
    together = "".join(values)
    if together.isascii() and "\0" not in together and max(map(len, values), default=0) <= limit:
        return list(values)
    return [_cut(storable(text), limit) for text in values]


def excerpt(text: str) -> str:
    """Return the beginning of a document that is there to be looked at, and never to be parsed."""
    return _cut(text, EXCERPT_LIMIT)


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - len(_CUT)] + _CUT


def storable(text: str) -> str:
    """Return the text without what PostgreSQL (NUL) or UTF-8 (half characters) cannot hold."""
    if text.isascii() and "\0" not in text:
        return str(text)
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}").encode(errors="replace").decode()


def key(text: str) -> str:
    """Return an item's key as it is kept; a cut one would be another's, so it may not be long."""
    if len(text) > KEY_LIMIT:
        raise ValueError(
            f"An item's key may have {KEY_LIMIT} characters, this one has {len(text)}."
        )
    return storable(text)
