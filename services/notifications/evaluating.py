"""What a rule finds in what was observed of a night; pure.

A finding has a cause: twelve tenants with one cause are one finding. What was not observed is
neither found nor taken as good.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import singledispatch
from typing import Any, Final
from zoneinfo import ZoneInfo

import pandas as pd

from services.clock import LONG_AGO
from services.monitoring.watch.observation import Observation
from services.monitoring.watch.totals import words_of

from .rules import (
    EVERYONE,
    BrokenOff,
    BudgetLow,
    Condition,
    Daily,
    Deadline,
    Digest,
    Failed,
    NoCredential,
    Overdue,
    Scope,
    Slow,
    TenantSet,
    Unusual,
    tenants_of,
)

NOON: Final = time(12)
FAILURES_NAMED: Final = 5
"""A finding names so many failure patterns, those of most tenants."""


class Stage(StrEnum):
    """How far it has come."""

    WARNING = "warning"
    """It will be so unless something happens."""
    BROKEN = "broken"


@dataclass(frozen=True)
class Finding:
    """What a rule finds: why (`cause`, the same for the same episode), and which tenants.

    `tenants` are codes in their order, none where it is about none. `facts` is a JSON object of
    what a message says about it.
    """

    cause: str
    tenants: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    stage: Stage = Stage.BROKEN


@dataclass(frozen=True)
class View:
    """An observation as a rule is to look at it.

    `zone` is that of the watch, whose nights end at noon. In `hindsight` the night is over: what
    was so at some time of it counts, as far as its rows still tell; `as_of` is a moment of it at
    which it is judged, None for when it was observed.
    """

    observation: Observation
    scope: Scope
    zone: ZoneInfo
    hindsight: bool = False
    as_of: datetime | None = None

    @property
    def at(self) -> datetime:
        """When it was observed."""
        return self.observation.at

    @property
    def lists_at(self) -> datetime:
        """When the versions of the tenants were read: who has loaded since is not known."""
        return self.as_of or self.observation.facts.lists_at or LONG_AGO

    @property
    def is_past(self) -> bool:
        """Whether the night was over when it was observed."""
        return self.at > night_span(self.night, self.zone)[1]

    @property
    def night(self) -> date:
        """The date on which the night ends."""
        return self.observation.night

    def rows(self, condition: Condition) -> pd.DataFrame:
        """Return the rows of the tenants that a condition is about."""
        rows, tenants = self.observation.rows, tenants_of(condition)
        return rows if tenants is None else rows[self.scope(tenants, rows["tenant_code"])]

    def moments(self, daily: Daily) -> Iterator[datetime]:
        """Yield the moments of a time of day that lie in this night, in UTC."""
        return moments(daily, self.night, self.zone)


def moments(daily: Daily, night: date, zone: ZoneInfo) -> Iterator[datetime]:
    """Yield the moments of a time of day that lie in a night of a zone, in UTC."""
    begin, end = night_span(night, zone)
    # A zone far from that of the watch has its own date.
    for days in (-2, -1, 0, 1):
        moment = daily.on(night + timedelta(days=days))
        if moment is not None and begin < moment <= end:
            yield moment


def night_span(night: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return the noon at which a night begins and the one at which it ends, in UTC."""
    before, after = (
        datetime.combine(day, NOON, zone).astimezone(UTC)
        for day in (night - timedelta(days=1), night)
    )
    return before, after


@singledispatch
def evaluate(condition: Condition, view: View) -> list[Finding]:
    """Return what a rule finds; nothing for a digest, which is told at its time."""
    raise TypeError(condition, view.night)


@evaluate.register
def _deadline(condition: Deadline, view: View) -> list[Finding]:
    rows, found = view.rows(condition), []
    for due in view.moments(condition.by):
        stage, asked = Stage.BROKEN, due
        if view.lists_at < due:
            stage, asked = Stage.WARNING, due - condition.warning
            if not condition.warn_minutes or view.lists_at < asked:
                continue
        # Live, whoever has loaded by now is late no more.
        loaded = rows["loaded_at"]
        missing = loaded.isna() | (loaded > asked) if view.hindsight else loaded.isna()
        tenants = _codes(rows, missing)
        if tenants:
            facts = {"due": due.isoformat(), "of": len(rows)}
            found.append(Finding(due.isoformat(), tenants, facts, stage))
    return found


@evaluate.register
def _failed(condition: Failed, view: View) -> list[Finding]:
    rows = view.rows(condition)
    has_failed = (rows["jobs_failed"] > 0) & rows["loaded_at"].isna()
    if condition.failure:
        has_failed &= rows["failure"] == condition.failure
    tenants = _codes(rows, has_failed)
    if len(tenants) <= condition.more_than:
        return []
    counts = rows.loc[has_failed, "failure"].value_counts().head(FAILURES_NAMED)
    failures = [[str(key), int(count)] for key, count in counts.items()]
    jobs = int(rows.loc[has_failed, "jobs_failed"].sum())
    cause = f"{view.night.isoformat()} {condition.failure}".strip()
    kinds = failure_kinds(condition.tenants, view, map(str, counts.index))
    return [Finding(cause, tenants, {"failures": failures, "jobs": jobs, **kinds})]


def failure_kinds(tenants: TenantSet, view: View, keys: Iterable[str]) -> dict[str, Any]:
    """Return what is recorded of kinds of failure, as JSON: `kinds` by key, of all `failed_jobs`.

    A kind has its words and how many jobs failed so. Nothing is told to a rule of some tenants: the
    night's numbers are those of all.
    """
    found = view.observation.facts.failures
    if found is None or tenants != EVERYONE:
        return {}
    known = {kind.key: kind for kind in found.kinds}
    kinds = {
        key: {"words": words_of(known[key]), "jobs": known[key].jobs}
        for key in keys
        if key in known
    }
    return {"kinds": kinds, "failed_jobs": found.jobs}


@evaluate.register
def _slow(condition: Slow, view: View) -> list[Finding]:
    rows = view.rows(condition)
    is_slow = rows["is_stuck"] | (rows["is_late"] & condition.is_late_too)
    if not view.hindsight:
        is_slow &= rows["jobs_running"] > 0
    tenants = _codes(rows, is_slow)
    stuck = int((rows["is_stuck"] & is_slow).sum())
    return [Finding(view.night.isoformat(), tenants, {"stuck": stuck})] if tenants else []


@evaluate.register
def _unusual(condition: Unusual, view: View) -> list[Finding]:
    found = []
    for each in view.observation.facts.unusual:
        codes = pd.Series(sorted(set(each.tenant_codes)), dtype="str")
        tenants = tuple(codes[view.scope(condition.tenants, codes)])
        if len(tenants) >= condition.at_least:
            arrived = each.arrived_at.isoformat()
            facts = {"delivery": each.delivery_id, "reasons": [*each.reasons], "arrived": arrived}
            found.append(Finding(each.delivery_id, tenants, facts))
    return found


@evaluate.register
def _overdue(condition: Overdue, view: View) -> list[Finding]:
    rows = view.rows(condition)
    # A missing time is after no other.
    tenants = _codes(
        rows, (rows["late_at"] <= pd.Timestamp(view.lists_at)) & rows["loaded_at"].isna()
    )
    return [Finding(view.night.isoformat(), tenants)] if tenants else []


@evaluate.register
def _no_credential(condition: NoCredential, view: View) -> list[Finding]:
    codes = pd.Series(sorted(set(view.observation.facts.without_credential or ())), dtype="str")
    tenants = tuple(codes[view.scope(condition.tenants, codes)])
    return [Finding(view.night.isoformat(), tenants)] if tenants else []


@evaluate.register
def _budget(condition: BudgetLow, view: View) -> list[Finding]:
    left = view.observation.facts.budget_left
    if left is None or left * 100 >= condition.percent:
        return []
    return [Finding(view.night.isoformat(), facts={"left": left})]


@evaluate.register
def _broken_off(_: BrokenOff, view: View) -> list[Finding]:
    return [Finding(each, facts={"operation": each}) for each in view.observation.facts.operations]


@evaluate.register
def _digest(_: Digest, __: View) -> list[Finding]:
    return []


def come_right(
    condition: Condition, view: View, tenants: tuple[str, ...], opened: date
) -> dict[str, str]:
    """Return which of these tenants, found in the night `opened`, are in order, by what version.

    It is the data version that has come since; "" where nothing but the trouble is over, or where
    the tenant is not listed any more.
    """
    rows = view.observation.rows.set_index("tenant_code").reindex(pd.Index(tenants, dtype="str"))
    is_later = view.night > opened
    # What an unusual delivery brought is loaded too: only the next night's load is newer.
    has_loaded = rows["loaded_at"].notna() & (is_later or not isinstance(condition, Unusual))
    found = {str(code): _text(rows.at[code, "data_version"]) for code in rows.index[has_loaded]}
    over = set[str]()
    if isinstance(condition, NoCredential):
        # A load says nothing about credentials.
        found, without = {}, view.observation.facts.without_credential
        over = set() if without is None else {*tenants} - {*without}
    elif isinstance(condition, Slow):
        runs = rows["jobs_running"].fillna(0) > 0
        is_slow = rows["is_stuck"].eq(True) | rows["is_late"].eq(True)
        # Missing rows, and jobs that could not be listed, were not observed.
        is_there = rows["jobs_running"].notna() & (view.observation.facts.jobs_at is not None)
        over = set(map(str, rows.index[is_there & ~(runs & is_slow)]))
    if is_later and len(view.observation.rows):
        is_gone = ~pd.Index(tenants).isin(view.observation.rows["tenant_code"])
        over |= {code for code, gone in zip(tenants, is_gone, strict=True) if gone}
    return found | dict.fromkeys(sorted(over - found.keys()), "")


def is_over(condition: Condition, view: View, cause: str) -> bool:
    """Return whether what is about no tenants is over; false where it was not observed."""
    facts = view.observation.facts
    if isinstance(condition, BudgetLow):
        return facts.budget_left is not None and not evaluate(condition, view)
    return isinstance(condition, BrokenOff) and cause not in facts.operations


def _codes(rows: pd.DataFrame, chosen: "pd.Series[bool]") -> tuple[str, ...]:
    return tuple(rows.loc[chosen, "tenant_code"])


def _text(value: Any) -> str:
    return "" if pd.isna(value) else str(value)
