"""Changes as data: an item's key, its state before and after, and why it is skipped.

There are no words here: screens make them from these tokens.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, Generic, TypeAlias, TypeVar

import orjson

Key: TypeAlias = tuple[Any, ...]
"""A verb's own NamedTuple; its first part is the tenant's code."""

Query: TypeAlias = Mapping[str, str]
S = TypeVar("S")

STATE_VERSION: Final = 1
"""The version of the format of states in the ledger."""


class Skip(StrEnum):
    """Why an item is skipped."""

    ALREADY_DONE = "already_done"
    NOT_LISTED = "not_listed"
    NOTHING_THERE = "nothing_there"
    UNKNOWN = "unknown"
    TOO_LONG = "too_long"
    CHANGED_SINCE = "changed_since"
    WERE_MIXED = "were_mixed"
    ENDED = "ended"
    DISPATCHING = "dispatching"
    RECEIVING = "receiving"
    RESCHEDULED = "rescheduled"
    INHERITED = "inherited"
    NO_CREDENTIAL = "no_credential"
    NO_WAY_BACK = "no_way_back"
    TWICE = "twice"


class Finding(StrEnum):
    """Why an item has its outcome, as far as that is known."""

    NOT_SENT = "not_sent"
    NOT_READ = "not_read"
    NO_LONGER_LISTED = "no_longer_listed"
    LEFT_OUT = "left_out"
    CHANGED = "changed"
    NO_RESULT = "no_result"
    CONTRADICTION = "contradiction"
    ANOTHER = "another"
    IN_PART = "in_part"
    UNKNOWN_WORD = "unknown_word"
    MAY_HAVE = "may_have"
    NO_ID = "no_id"
    STILL_THERE = "still_there"
    NOT_LOOKED = "not_looked"
    NOT_READ_BEFORE = "not_read_before"
    NOT_READ_BACK = "not_read_back"
    NOT_SHOWN = "not_shown"
    NOT_RECEIVED = "not_received"
    NO_TRACE = "no_trace"
    PERSON = "person"
    LOOKED_DONE = "looked_done"
    LOOKED_NOT_DONE = "looked_not_done"
    LOOKED_TOO_EARLY = "looked_too_early"
    LOOKED_CHANGED = "looked_changed"
    LOOKED_UNSEEN = "looked_unseen"
    READ_BACK = "read_back"
    UNDER_WAY = "under_way"
    HANDED_ON = "handed_on"
    BROKEN_OFF = "broken_off"
    ENDED = "ended"
    CUT_SHORT = "cut_short"
    TOO_LARGE = "too_large"


@dataclass(frozen=True, slots=True)
class Change(Generic[S]):
    """One item of a plan; ``name`` is Visier's name of it, where its key has none.

    It is sent unless there is a reason to ``skip`` it.
    """

    key: Key
    before: S
    after: S
    skip: Skip | None = None
    name: str = ""


@dataclass(frozen=True)
class Note:
    """The basis of an item's outcome: a finding, its facts as JSON takes them, Visier's words."""

    finding: Finding | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    words: str = ""


def write_key(key: Key) -> str:
    """Return a key as the ledger keeps it: a JSON list."""
    # orjson does not take a named tuple for a list.
    return orjson.dumps(tuple(key)).decode()


def read_key(text: str) -> tuple[Any, ...]:
    """Return the parts of a key of any verb; the first is the tenant's code."""
    return tuple(orjson.loads(text))


def write_state(state: object) -> str:
    """Return a state as the ledger keeps it, whole: a JSON list of the version and the state."""
    return orjson.dumps([STATE_VERSION, state]).decode()


def by_tenant(keys: Iterable[Key]) -> dict[str, list[Key]]:
    """Return keys by their tenant, in their order."""
    found: dict[str, list[Key]] = {}
    for key in keys:
        found.setdefault(key[0], []).append(key)
    return found
