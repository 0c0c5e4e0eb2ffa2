"""What an event that Visier pushed names: a hint where to look, never the truth.

Visier publishes the envelope and the ids of a job's event; whether other fields are there, and how
they are spelt, is not known. What is there is read, what is not is done without.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

import orjson

from services.ledger import JOB_ID_LIMIT

# An event names one job and two above it, perhaps some tenants: more is no hint any more.
NAMED_AT_MOST: Final = 50
_DEEPEST: Final = 4
# Of the sender's clock: what is later than this was not told by a clock at all.
_AHEAD: Final = timedelta(minutes=5)


class EventType(StrEnum):
    """What happened, as far as it concerns loads."""

    JOB_SUCCEEDED = "job_succeeded"
    JOB_FAILED = "job_failed"
    JOB_RESCHEDULED = "job_rescheduled"
    VERSION_PUBLISHED = "version_published"
    DATA_UPLOADED = "data_uploaded"
    OTHER = "other"


# Without case and separators: one of Visier's samples spells ALERT_NOTIFICATION what its own
# enumeration calls alertNotification.
_TYPES: Final = {
    "jobresultsuccess": EventType.JOB_SUCCEEDED,
    "jobresultfailure": EventType.JOB_FAILED,
    "jobreschedule": EventType.JOB_RESCHEDULED,
    "dvpublish": EventType.VERSION_PUBLISHED,
    "datauploadnotification": EventType.DATA_UPLOADED,
}
_ENDS: Final = (EventType.JOB_SUCCEEDED, EventType.JOB_FAILED)
_JOB: Final = "jobid"
_TENANT: Final = re.compile(r"tenant(code|id)?s?")


class UnreadableEvent(ValueError):
    """A body that is no event; says why, without repeating it."""


@dataclass(frozen=True, slots=True)
class PushedEvent:
    """One event: ``job_ids`` and ``tenant_codes`` are what to read, in the order they are named.

    ``event_id`` is the digest of the body where it names none. ``at`` is when it happened (aware,
    UTC), None where that is not told. ``ended`` is the id of the job that ended then, or empty.
    ``type_word`` is Visier's own.
    """

    event_id: str
    event_type: EventType
    type_word: str
    at: datetime | None
    job_ids: tuple[str, ...]
    tenant_codes: tuple[str, ...]
    ended: str


def read(body: bytes, received_at: datetime) -> PushedEvent:
    """Return what a body tells; raises UnreadableEvent where it is no JSON object."""
    try:
        envelope = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise UnreadableEvent("It is no JSON.") from None
    if not isinstance(envelope, dict):
        raise UnreadableEvent("It is no JSON object.")
    event_id, word = envelope.get("eventId"), envelope.get("eventType")
    is_id = isinstance(event_id, str) and 0 < len(event_id) <= JOB_ID_LIMIT
    type_word = word[:JOB_ID_LIMIT] if isinstance(word, str) else ""
    event_type = _TYPES.get(_plain(type_word), EventType.OTHER)
    named = list(_named(envelope.get("event"), _DEEPEST))
    jobs = [(name, text) for name, text in named if name.endswith(_JOB)]
    own = [text for name, text in jobs if name == _JOB]
    return PushedEvent(
        event_id=str(event_id) if is_id else hashlib.sha256(body).hexdigest(),
        event_type=event_type,
        type_word=type_word,
        at=_time(envelope.get("timestamp"), received_at),
        job_ids=_first([text for _, text in jobs]),
        tenant_codes=_first([text for name, text in named if _TENANT.fullmatch(name)]),
        ended=own[0] if own and event_type in _ENDS else "",
    )


def _plain(word: str) -> str:
    return re.sub(r"[^a-z]", "", word.lower())


def _named(node: Any, depth: int) -> Iterator[tuple[str, str]]:
    """Yield the texts of an event with the plain names of their fields, also those of lists."""
    if depth == 0 or not isinstance(node, dict):
        return
    for name, value in node.items():
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, dict):
                yield from _named(each, depth - 1)
            elif isinstance(each, str) and 0 < len(each) <= JOB_ID_LIMIT:
                yield _plain(name), each


def _first(texts: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))[:NAMED_AT_MOST]


def _time(value: Any, received_at: datetime) -> datetime | None:
    """Return epoch milliseconds, as text or as a number, None for what cannot be the time of it."""
    try:
        at = datetime.fromtimestamp(int(value) / 1000, UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None
    return at if at <= received_at + _AHEAD else None
