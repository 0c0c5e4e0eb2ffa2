"""Rules as data: what is reported, about which tenants, to whom and when not.

A rule is kept as JSON with a version. Names of days, zones and destinations are tokens; the
sentences that people read are made where they are shown.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Annotated, Final, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pandas as pd
from pydantic import Field, TypeAdapter, ValidationError

VERSION: Final = 1
EVERY_DAY: Final = (0, 1, 2, 3, 4, 5, 6)
"""Monday is 0."""
WORKING_DAYS: Final = (0, 1, 2, 3, 4)
WARNED_AT_MOST: Final = timedelta(hours=12)
LINK_AT_MOST: Final = 500
# An address has no more room; longer lists are pasted into a view.
TEXT_AT_MOST: Final = 2_000


class UnreadableRule(ValueError):
    """A stored rule that this version cannot read: damaged, or of a newer version."""


class WrongRule(ValueError):
    """A rule that can mean nothing; the text is a sentence for who writes it."""


class Which(StrEnum):
    """How a set of tenants is named."""

    ALL = "all"
    SEARCH = "search"
    LIST = "list"
    VIEW = "view"


@dataclass(frozen=True)
class TenantSet:
    """Which tenants a rule is about.

    `text` is what is searched for (SEARCH), `codes` the tenants (LIST), `view` the id of a saved
    view, of which the search for tenants counts (VIEW).
    """

    which: Which = Which.ALL
    text: str = ""
    codes: tuple[str, ...] = ()
    view: str = ""

    def __post_init__(self) -> None:
        if self.which is Which.SEARCH and not self.text:
            raise WrongRule("Enter what to search for.")
        if len(self.text) > TEXT_AT_MOST:
            raise WrongRule(f"Search for at most {TEXT_AT_MOST:,} characters.")
        if self.which is Which.LIST and not self.codes:
            raise WrongRule("Enter at least one tenant code.")
        if self.which is Which.VIEW and not self.view:
            raise WrongRule("Choose a saved view.")


EVERYONE: Final = TenantSet()

Scope = Callable[[TenantSet, "pd.Series[str]"], "pd.Series[bool]"]
"""Says which of these tenant codes a set has, aligned to them.

The dashboard gives it: a search goes by names, and a view is read from the ledger.
"""


@dataclass(frozen=True)
class Daily:
    """A time of day on chosen weekdays in a zone."""

    at: time
    zone: str
    days: tuple[int, ...] = EVERY_DAY

    def __post_init__(self) -> None:
        zone_of(self.zone)
        if not self.days or not set(self.days) <= set(EVERY_DAY):
            raise WrongRule("Choose at least one day.")

    def on(self, day: date) -> datetime | None:
        """Return the moment of this day in UTC, None on a day that is not chosen.

        A time that the clocks skip counts as if they had not been changed yet; of one that comes
        twice the first counts.
        """
        if day.weekday() not in self.days:
            return None
        return datetime.combine(day, self.at, zone_of(self.zone)).astimezone(UTC)


@dataclass(frozen=True)
class Deadline:
    """Tenants must have loaded by a time of day; `warn_minutes` before it a warning, 0 for none.

    What was loaded since the noon before it counts.
    """

    by: Daily
    tenants: TenantSet = EVERYONE
    warn_minutes: int = 0
    kind: Literal["deadline"] = "deadline"

    def __post_init__(self) -> None:
        if not 0 <= self.warn_minutes <= WARNED_AT_MOST / timedelta(minutes=1):
            raise WrongRule("Warn at most 12 hours before.")

    @property
    def warning(self) -> timedelta:
        """How long before the deadline it warns."""
        return timedelta(minutes=self.warn_minutes)


@dataclass(frozen=True)
class Failed:
    """More than so many tenants failed in a night, or failed in one way, and have not loaded since.

    `failure` is the key of a failure pattern, "" for any.
    """

    tenants: TenantSet = EVERYONE
    more_than: int = 0
    failure: str = ""
    kind: Literal["failed"] = "failed"

    def __post_init__(self) -> None:
        if self.more_than < 0:
            raise WrongRule("More than 0 tenants at least.")


@dataclass(frozen=True)
class Slow:
    """A job of a tenant is stuck, or runs late."""

    tenants: TenantSet = EVERYONE
    is_late_too: bool = True
    kind: Literal["slow"] = "slow"


@dataclass(frozen=True)
class Unusual:
    """A delivery is unusual and brought at least so many of the tenants."""

    tenants: TenantSet = EVERYONE
    at_least: int = 3
    kind: Literal["unusual"] = "unusual"

    def __post_init__(self) -> None:
        if self.at_least < 1:
            raise WrongRule("At least 1 tenant.")


@dataclass(frozen=True)
class Overdue:
    """A tenant is overdue against its own rhythm."""

    tenants: TenantSet = EVERYONE
    kind: Literal["overdue"] = "overdue"


@dataclass(frozen=True)
class NoCredential:
    """A tenant has a connector without a working credential."""

    tenants: TenantSet = EVERYONE
    kind: Literal["no_credential"] = "no_credential"


@dataclass(frozen=True)
class BudgetLow:
    """Less than so many percent of the call budget were left."""

    percent: int = 10
    kind: Literal["budget"] = "budget"

    def __post_init__(self) -> None:
        if not 1 <= self.percent <= 99:
            raise WrongRule("From 1 to 99 percent.")


@dataclass(frozen=True)
class BrokenOff:
    """An operation was interrupted, or its outcome is uncertain."""

    kind: Literal["operation"] = "operation"


@dataclass(frozen=True)
class Digest:
    """A summary of the night at a time of day; it opens no incident."""

    at: Daily
    tenants: TenantSet = EVERYONE
    kind: Literal["digest"] = "digest"


Condition = Annotated[
    Deadline | Failed | Slow | Unusual | Overdue | NoCredential | BudgetLow | BrokenOff | Digest,
    Field(discriminator="kind"),
]
OfTenants = Deadline | Failed | Slow | Unusual | Overdue | NoCredential | Digest
"""The conditions that are about tenants."""


@dataclass(frozen=True)
class QuietHours:
    """Hours in which nothing is sent; what is still so at their end is told then.

    They may go past midnight.
    """

    begins: time
    ends: time
    zone: str

    def __post_init__(self) -> None:
        zone_of(self.zone)
        if self.begins == self.ends:
            raise WrongRule("Quiet hours end at another time than they begin.")

    def end_after(self, moment: datetime) -> datetime:
        """Return the moment itself, or in quiet hours the moment at which they end, in UTC."""
        zone = zone_of(self.zone)
        today = moment.astimezone(zone).date()
        # From yesterday on: the quiet hours of a night may have begun then.
        for day in (today - timedelta(days=1), today):
            last = day + timedelta(days=self.ends < self.begins)
            begin = datetime.combine(day, self.begins, zone).astimezone(UTC)
            end = datetime.combine(last, self.ends, zone).astimezone(UTC)
            if begin <= moment < end:
                return end
        return moment


@dataclass(frozen=True)
class Rule:
    """What is reported, to which destinations (names of the settings), and what to do then.

    `runbook` is the address of a page that says what to do, "" for none; `assignee` is who looks
    after its incidents. `tells_resolved` is whether those who were told are told when it is over.
    """

    condition: Condition
    destinations: tuple[str, ...] = ()
    quiet: QuietHours | None = None
    runbook: str = ""
    assignee: str = ""
    tells_resolved: bool = True

    def __post_init__(self) -> None:
        if self.runbook and not _is_address(self.runbook):
            raise WrongRule("The runbook is an address that begins with https:// or http://.")


@dataclass(frozen=True)
class _Body:
    """A rule as it is stored."""

    version: Literal[1]
    rule: Rule


_BODY: Final = TypeAdapter(_Body)


_SET: Final = TypeAdapter(TenantSet)
OF_RULE: Final = TypeAdapter(Rule)
"""Reads a rule from what its JSON holds under `rule`; raises ValueError."""


def written(rule: Rule) -> str:
    """Return a rule as JSON with its version."""
    return _BODY.dump_json(_Body(VERSION, rule)).decode()


def read(body: str) -> Rule:
    """Return the rule that JSON of `written` says; raises UnreadableRule."""
    try:
        return _BODY.validate_json(body).rule
    except ValidationError as error:
        # What pydantic says repeats the values.
        raise UnreadableRule("This rule cannot be read by this version.") from error


def tenants_of(condition: Condition) -> TenantSet | None:
    """Return the tenants that a condition is about, None where it is about none."""
    return condition.tenants if isinstance(condition, OfTenants) else None


def set_key(tenants: TenantSet) -> str:
    """Return by what a set of tenants is known where it has no place: short, the same for ever."""
    return sha256(_SET.dump_json(tenants)).hexdigest()[:16]


def zone_of(name: str) -> ZoneInfo:
    """Return a time zone by its name; raises WrongRule."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise WrongRule("Choose a time zone such as Europe/Berlin.") from error


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return (
            parts.scheme in ("http", "https")
            and bool(parts.hostname)
            and len(text) <= LINK_AT_MOST
            and text.isprintable()
            and " " not in text
        )
    except ValueError:
        return False
