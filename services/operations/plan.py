"""Plans: what a change would do, item by item, before anything is sent."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple
from uuid import uuid4

import numpy as np
import pandas as pd

from services.visier import Budget

from .kinds import Key, Kind, Query, Verb, read_key, write_key
from .reading import count_reads

COLUMNS = ("key", "tenant_code", "label", "before", "after", "eligible", "reason")
LONGEST_KEY = 1000
TOO_LONG = "Too much is chosen at once for this tenant: choose fewer files."
_BULK_SHARE = 0.8
_SECONDS_A_CALL = 0.5


@dataclass(frozen=True, eq=False)
class Concern:
    """A sentence to read before going on, and the tenants it is about (tenant_code and details).

    `noun` is what a row of them is.
    """

    sentence: str
    tenants: pd.DataFrame
    noun: str = "tenant"


class Todo(NamedTuple):
    """One item as the runner takes it."""

    key: Key
    before: str


@dataclass(frozen=True, eq=False)
class Plan:
    """What a verb would do to each chosen item; its ``id`` is spent by the first apply.

    ``items`` has the columns key (JSON text), tenant_code, label, before, after, eligible (bool)
    and reason (why not, else empty), besides those the verb's planning function names; `change`
    is before and after in words, where they are not good to read themselves. ``calls``
    counts the API calls it takes, reading again included. ``regret`` says why it cannot be undone,
    or only in part. ``places`` says where the list of tenants had each, ``query`` how it was asked,
    and ``unseen`` which tenants have items that it does not show. ``part_of`` is the operation it
    would be a part of.
    """

    kind: Kind = field(repr=False)
    items: pd.DataFrame = field(repr=False)
    warnings: tuple[Concern, ...] = ()
    places: Mapping[str, int] = field(default_factory=dict, repr=False)
    query: Query = field(default_factory=dict, repr=False)
    unseen: frozenset[str] = frozenset()
    undo_of: str | None = None
    retry_of: str | None = None
    part_of: str | None = None
    id: str = field(default_factory=lambda: str(uuid4()))

    @property
    def verb(self) -> Verb:
        """What would be done."""
        return self.kind.verb

    @property
    def chunk_size(self) -> int:
        """How many items go into one request at most."""
        return self.kind.most

    @property
    def regret(self) -> str:
        """Why this cannot be undone, or what undoing cannot restore; empty when it can be."""
        return self.kind.regret

    @property
    def is_final(self) -> bool:
        """Whether nothing of it can be undone."""
        return self.kind.undo is None

    @cached_property
    def eligible(self) -> pd.DataFrame:
        """The items that would be sent."""
        return self.items[self.items["eligible"]]

    @cached_property
    def skipped(self) -> pd.DataFrame:
        """The items that would not be sent, each with its reason."""
        return self.items[~self.items["eligible"]]

    @property
    def count(self) -> int:
        """How many items would be sent."""
        return len(self.eligible)

    @cached_property
    def chunks(self) -> list[list[Todo]]:
        """The items of each request, in the order of the list of tenants."""
        columns = (self.eligible["key"], self.eligible["before"])
        todo = [Todo(read_key(key), before) for key, before in zip(*columns, strict=True)]
        return cut(self.kind, todo, self.places)

    @cached_property
    def calls(self) -> int:
        """How many API calls it takes: each request, and reading again before it."""
        tenants = [{item.key[0] for item in chunk} for chunk in self.chunks]
        reads = sum(
            count_reads(self.kind.source, codes, self.places, self.query) + len(codes & self.unseen)
            for codes in tenants
        )
        return reads + len(tenants) * (1 + self.kind.looks_after)


def cut(kind: Kind, todo: Iterable[Todo], places: Mapping[str, int]) -> list[list[Todo]]:
    """Cut items to what one request takes, a tenant's own together as far as they fit."""
    chunks: list[list[Todo]] = []
    for own in _tenants_in_order(todo, places):
        for start in range(0, len(own), kind.most):
            part = own[start : start + kind.most]
            if not chunks or len(chunks[-1]) + len(part) > kind.most:
                chunks.append([])
            chunks[-1] += part
    return chunks


def _tenants_in_order(todo: Iterable[Todo], places: Mapping[str, int]) -> Iterator[list[Todo]]:
    tenants: dict[str, list[Todo]] = {}
    for item in todo:
        tenants.setdefault(item.key[0], []).append(item)
    last = len(places)
    yield from (tenants[code] for code in sorted(tenants, key=lambda code: places.get(code, last)))


def judged(kind: Kind, items: pd.DataFrame, keys: Sequence[Key]) -> pd.DataFrame:
    """Return items that have tenant_code, label and before, with key, after and judgement."""
    written = [write_key(key) for key in keys]
    refusals = {state: kind.refusal(state) for state in items["before"].unique()}
    reasons = items["before"].map(refusals).astype("str")
    reasons = reasons.mask(np.array([len(key) > LONGEST_KEY for key in written], bool), TOO_LONG)
    judged = items.assign(
        key=pd.array(written, dtype="str"), after=kind.after, eligible=reasons == "", reason=reasons
    )
    others = [name for name in items.columns if name not in COLUMNS]
    return judged[[*COLUMNS, *others]].reset_index(drop=True)


def plan_keys(
    kind: Kind, keys: Sequence[Key], labels: Sequence[str], frame: pd.DataFrame, otherwise: str
) -> pd.DataFrame:
    """Return judged items for keys that each stand for a whole tenant.

    ``otherwise`` is the state of those the frame does not show.
    """
    told = kind.states(frame, keys)
    items = {
        "tenant_code": pd.array([key[0] for key in keys], dtype="str"),
        "label": pd.array(labels, dtype="str"),
        "before": pd.array([told.get(key, otherwise) for key in keys], dtype="str"),
    }
    return judged(kind, pd.DataFrame(items), keys)


def places_of(frame: pd.DataFrame) -> dict[str, int]:
    """Say where a list of tenants, as it was read, had each."""
    return {code: place for place, code in enumerate(frame["tenant_code"].dropna().unique())}


def seconds_for(calls: int, budget: Budget) -> float:
    """Estimate the seconds that calls take under a call budget, a reserve left to clicks."""
    limit, left = budget.minute_limit, budget.minute_remaining
    sending = calls * _SECONDS_A_CALL
    if not limit or left is None:
        return budget.blocked_seconds + sending
    at_once = max(0.0, left - (1 - _BULK_SHARE) * limit)
    waiting = max(0.0, calls - at_once) / (_BULK_SHARE * limit) * 60
    return budget.blocked_seconds + max(sending, waiting)
