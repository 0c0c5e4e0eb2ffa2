"""Rules of the watch in sentences."""

from collections.abc import Callable, Mapping, Sequence
from datetime import time
from textwrap import shorten
from typing import Any, Final

from dashboard.components.formats import counted
from services.notifications.rules import (
    EVERY_DAY,
    WORKING_DAYS,
    Daily,
    Rule,
    TenantSet,
    Which,
)

DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
CODES_NAMED: Final = 3
FAILURE_AT_MOST: Final = 100
KINDS: Final[Mapping[str, str]] = {
    "deadline": "Deadline",
    "failed": "Failures",
    "slow": "Stuck or late jobs",
    "unusual": "Unusual delivery",
    "overdue": "Overdue against its rhythm",
    "no_credential": "No working credential",
    "budget": "Call budget nearly spent",
    "operation": "Interrupted or uncertain operation",
    "digest": "Digest of the night",
}
"""What a rule reports, as people choose it."""


def sentence(rule: Rule, views: Mapping[str, str], failures: Mapping[str, str]) -> str:
    """Return what a rule reports, in one sentence.

    `views` has the names of saved views by id, `failures` the words of kinds of failure by key.
    """
    about: Any = rule.condition
    words: dict[str, Callable[[], str]] = {
        "deadline": lambda: (
            f"{_who(about.tenants, views)} must have loaded by {daily(about.by)}"
            f"{_warning(about.warn_minutes)}."
        ),
        "failed": lambda: (
            f"{_more_than(about.more_than)} of {tenant_set(about.tenants, views)} failed in a night"
            f"{_of_kind(about.failure, failures)}."
        ),
        "slow": lambda: (
            f"A job of {tenant_set(about.tenants, views)} is stuck"
            f"{' or late' if about.is_late_too else ''}."
        ),
        "unusual": lambda: (
            f"An unusual delivery brings at least {about.at_least:,} of "
            f"{tenant_set(about.tenants, views)}."
        ),
        "overdue": lambda: (
            f"One of {tenant_set(about.tenants, views)} is overdue against its rhythm."
        ),
        "no_credential": lambda: (
            f"A connector of {tenant_set(about.tenants, views)} has no working credential."
        ),
        "budget": lambda: f"Less than {about.percent} % of the call budget is left.",
        "operation": lambda: "An operation is interrupted or its outcome uncertain.",
        "digest": lambda: (
            f"The night of {tenant_set(about.tenants, views)} in a message at {daily(about.at)}."
        ),
    }
    return words[about.kind]()


def daily(when: Daily) -> str:
    """Return a time of day with its zone and its days."""
    return f"{clock(when.at)} {when.zone}{on_days(when.days)}"


def on_days(days: Sequence[int]) -> str:
    """Return ` on working days` and the like, "" for every day."""
    if set(days) == set(EVERY_DAY):
        return ""
    if set(days) == set(WORKING_DAYS):
        return " on working days"
    return f" on {', '.join(DAYS[day] for day in sorted(days))}"


def clock(at: time) -> str:
    """Return a time of day as `07:00`."""
    return f"{at:%H:%M}"


def tenant_set(tenants: TenantSet, views: Mapping[str, str]) -> str:
    """Return which tenants a set has."""
    match tenants.which:
        case Which.SEARCH:
            return f"tenants matching “{tenants.text}”"
        case Which.LIST if len(tenants.codes) <= CODES_NAMED:
            return ", ".join(tenants.codes)
        case Which.LIST:
            return counted(len(tenants.codes), "listed tenant")
        case Which.VIEW:
            return f"tenants of the view “{views.get(tenants.view, 'deleted or not shared')}”"
        case _:
            return "all tenants"


def _who(tenants: TenantSet, views: Mapping[str, str]) -> str:
    words = tenant_set(tenants, views)
    # Codes stay as they are.
    return words if tenants.which is Which.LIST else words[:1].upper() + words[1:]


def _more_than(count: int) -> str:
    return f"More than {count:,}" if count else "One"


def _of_kind(failure: str, failures: Mapping[str, str]) -> str:
    if not failure:
        return ""
    words = failures.get(failure)
    # Of a kind that no night on record has, nothing but its key is known.
    kind = f"“{shorten(words, FAILURE_AT_MOST, placeholder=' …')}”" if words else failure
    return f", of the kind {kind}"


def _warning(minutes: int) -> str:
    if not minutes:
        return ""
    hours, rest = divmod(minutes, 60)
    parts = [f"{hours} h"] * bool(hours) + [f"{rest} min"] * bool(rest)
    return f", warned {' '.join(parts)} before"
