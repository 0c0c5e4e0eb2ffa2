"""Plans: what a change would do, item by item, before anything is sent."""

from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import Any, NamedTuple, TypeAlias
from uuid import uuid4

import pandas as pd

from services.visier import Budget

from ..tokens import Verb
from .changes import Change, Key, Query, S, Skip, write_key
from .reading import count_reads
from .verb_spec import K, VerbSpec

# Characters of an item's key that the ledger's column holds.
LONGEST_KEY = 1000
# The rest of the call budget is reserved for clicks (services.visier.rate_limiter, RESERVE).
_BULK_SHARE = 0.8
# An average: the estimate only has to distinguish seconds from minutes.
_SECONDS_A_CALL = 0.5


class WarningKind(StrEnum):
    """What a person should know before applying a plan."""

    NONE_LEFT = "none_left"
    NONE_KNOWN_LEFT = "none_known_left"
    ONE_JOB_LEFT = "one_job_left"
    NO_FILES_LEFT = "no_files_left"
    OLDER_CHANGE_TOO = "older_change_too"
    NO_VERSION_LEFT = "no_version_left"
    NO_VERSION_KNOWN_LEFT = "no_version_known_left"
    OLD_FALLBACK = "old_fallback"
    NEWER_STAYS = "newer_stays"
    JOBS_BELOW_GO_ON = "jobs_below_go_on"
    SHARED_IDS = "shared_ids"
    OTHER_PROVIDER = "other_provider"
    IN_USE = "in_use"


@dataclass(frozen=True, eq=False)
class PlanWarning:
    """A warning and its rows: tenant_code and details; ``facts`` are its figures."""

    kind: WarningKind
    rows: pd.DataFrame
    facts: Mapping[str, Any] = field(default_factory=dict)


class PlannedItem(NamedTuple):
    """One item as the worker takes it."""

    key: Key
    before: Any


@dataclass(frozen=True, eq=False)
class Plan:
    """What a verb would do to each selected item; its ``id`` is spent by the first apply.

    ``facts`` has a row for each of the ``changes``, with the columns the verb's planning function
    documents. ``places`` are the positions of tenants in the list of all, ``query`` how that list
    was requested, and ``unseen`` the tenants with items it does not show. ``part_of`` is the
    recovery or chain it belongs to.
    """

    spec: VerbSpec[Any, Any] = field(repr=False)
    changes: Sequence[Change[Any]] = field(repr=False)
    facts: pd.DataFrame = field(default_factory=pd.DataFrame, repr=False)
    warnings: tuple[PlanWarning, ...] = ()
    places: Mapping[str, int] = field(default_factory=dict, repr=False)
    query: Query = field(default_factory=dict, repr=False)
    unseen: frozenset[str] = frozenset()
    undo_of: str | None = None
    retry_of: str | None = None
    part_of: str | None = None
    id: str = field(default_factory=lambda: str(uuid4()))

    @property
    def verb(self) -> Verb:
        """The verb of its changes."""
        return self.spec.verb

    @property
    def is_final(self) -> bool:
        """Whether nothing of it can be undone."""
        return self.spec.leaves_trace and not self.spec.can_undo

    @cached_property
    def items(self) -> pd.DataFrame:
        """Its changes as a table, in their order.

        Columns: key (JSON text), tenant_code, name str, before, after (states), eligible bool, skip
        (Skip or None), and those of ``facts``.
        """
        changes = self.changes
        columns = {
            "key": pd.array([write_key(each.key) for each in changes], dtype="str"),
            "tenant_code": pd.array([each.key[0] for each in changes], dtype="str"),
            "name": pd.array([each.name for each in changes], dtype="str"),
            "before": pd.Series([each.before for each in changes], dtype=object),
            "after": pd.Series([each.after for each in changes], dtype=object),
            "eligible": pd.array([each.skip is None for each in changes], dtype=bool),
            "skip": pd.Series([each.skip for each in changes], dtype=object),
        }
        return pd.concat([pd.DataFrame(columns), self.facts.reset_index(drop=True)], axis=1)

    @cached_property
    def eligible(self) -> pd.DataFrame:
        """The items that would be sent."""
        return self.items[self.items["eligible"]]

    @cached_property
    def skipped(self) -> pd.DataFrame:
        """The items that would not be sent, each with its reason."""
        return self.items[~self.items["eligible"]]

    @cached_property
    def count(self) -> int:
        """How many items would be sent."""
        return sum(each.skip is None for each in self.changes)

    @cached_property
    def batches(self) -> list[list[PlannedItem]]:
        """The items of each request, in the order of the list of tenants.

        Neighbours share a page of the list when they are read again.
        """
        going = (PlannedItem(each.key, each.before) for each in self.changes if each.skip is None)
        return batch(self.spec, going, self.places)

    @cached_property
    def calls(self) -> int:
        """How many API calls it takes: each request, and reading again before it."""
        tenants = [{item.key[0] for item in own} for own in self.batches]
        reads = sum(
            count_reads(self.spec.source, codes, self.places, self.query) + len(codes & self.unseen)
            for codes in tenants
        )
        return reads + len(tenants) * (1 + self.spec.verify_calls)


class PlanningVerb(VerbSpec[K, S]):
    """A verb that can be planned anew, and back where ``can_undo``."""

    @abstractmethod
    def again(self, items: Sequence[Change[S]], current: pd.DataFrame, now: datetime) -> Plan:
        """Plan items anew against the present state."""

    def undo(self, items: Sequence[Change[S]], current: pd.DataFrame) -> Plan:
        """Plan to restore what applied items were before, where ``can_undo``."""
        raise NotImplementedError


Registry: TypeAlias = Mapping[str, PlanningVerb[Any, Any]]
"""The verbs there are, by their tokens."""


def batch(
    spec: VerbSpec[Any, Any], items: Iterable[PlannedItem], places: Mapping[str, int]
) -> list[list[PlannedItem]]:
    """Return items in batches of one request each, those of a tenant together where they fit."""
    tenants: dict[str, list[PlannedItem]] = {}
    for item in items:
        tenants.setdefault(item.key[0], []).append(item)
    batches: list[list[PlannedItem]] = []
    # In the order of the list, so that reading a batch again takes few pages.
    for code in sorted(tenants, key=lambda code: places.get(code, len(places))):
        own = tenants[code]
        for start in range(0, len(own), spec.batch_size):
            part = own[start : start + spec.batch_size]
            if not batches or len(batches[-1]) + len(part) > spec.batch_size:
                batches.append([])
            batches[-1] += part
    return batches


def evaluate_eligibility(
    spec: VerbSpec[Any, Any],
    keys: Sequence[Key],
    states: Iterable[Any],
    names: Sequence[str] | None = None,
    skips: Mapping[int, Skip] | None = None,
) -> list[Change[Any]]:
    """Return the changes of items in these states, in their order.

    ``skips`` are reasons by position, which come before the verb's own.
    """
    # Of thousands of items most are in the same few states.
    skip_of = lru_cache(maxsize=1000)(spec.skip)
    skips = skips or {}
    changes = []
    for place, (key, before) in enumerate(zip(keys, states, strict=True)):
        skip = skips.get(place) or skip_of(before)
        if len(write_key(key)) > LONGEST_KEY:
            skip = Skip.TOO_LONG
        name = names[place] if names else ""
        changes.append(Change(key, before, spec.goal(key, before), skip, name))
    return changes


def places_of(frame: pd.DataFrame) -> dict[str, int]:
    """Return the position of each tenant in a list of all tenants."""
    return {code: place for place, code in enumerate(frame["tenant_code"].dropna().unique())}


def seconds_for(calls: int, budget: Budget) -> float:
    """Return an estimate of the seconds that calls take, with the reserve left to clicks."""
    limit, left = budget.minute_limit, budget.minute_remaining
    sending = calls * _SECONDS_A_CALL
    if not limit or left is None:
        return budget.blocked_seconds + sending
    at_once = max(0.0, left - (1 - _BULK_SHARE) * limit)
    waiting = max(0.0, calls - at_once) / (_BULK_SHARE * limit) * 60
    return budget.blocked_seconds + max(sending, waiting)
