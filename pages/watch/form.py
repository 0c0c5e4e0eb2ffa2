"""The fields of a rule."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import time
from typing import Any, Final

import streamlit as st

from dashboard import saved_views, time_zone
from dashboard.components import rule_words, tenant_search
from dashboard.components.rule_words import KINDS
from dashboard.components.watch_link import handed_over
from dashboard.watch import notifying
from pages.watch.messages import names
from services.notifications.rules import (
    EVERY_DAY,
    EVERYONE,
    WORKING_DAYS,
    BrokenOff,
    BudgetLow,
    Condition,
    Daily,
    Deadline,
    Digest,
    Failed,
    NoCredential,
    Overdue,
    QuietHours,
    Rule,
    Slow,
    TenantSet,
    Unusual,
    Which,
    tenants_of,
)
from services.typed_text import clean, trimmed

SETS: Final = {
    Which.ALL: "All tenants",
    Which.SEARCH: "Search",
    Which.LIST: "List",
    Which.VIEW: "Saved view",
}
SEVEN: Final = time(7)
NO_DESTINATION: Final = (
    "No destination is configured, so it can tell nobody. Messages says how to set up mail, chat "
    "and other ways."
)
LOADED: Final = (
    "Loads count from the noon before it, by the clock of the watch. A version that only "
    "reprocesses earlier data is no load."
)


@dataclass(frozen=True)
class Offered:
    """What a field of a condition offers.

    `tenants` are those another screen has handed over; `failures` has the words of the kinds of
    failure on record by their keys.
    """

    tenants: tuple[str, ...]
    failures: Mapping[str, str]


def draw(before: Rule | None, failures: Mapping[str, str], *, key: str, is_new: bool) -> Rule:
    """Draw the fields, filled as the rule is; return the rule they make; raises WrongRule."""
    offered = Offered(handed_over() if is_new else (), failures)
    start: Any = before.condition if before else None
    kind = start.kind if start else "deadline"
    if is_new:
        kind = st.selectbox(
            "Report",
            list(KINDS),
            index=list(KINDS).index(kind),
            format_func=KINDS.__getitem__,
            key=f"{key}.kind",
            width=340,
        )
    shown = start if start is not None and start.kind == kind else None
    make = _FIELDS[kind]
    # Fields of another kind are other fields.
    condition = make(shown, f"{key}.{kind}", offered)
    destinations = _destinations(before, key)
    with st.expander("Quiet hours, runbook, assignee", key=f"{key}.more"):
        quiet = _quiet(before, key)
        runbook = st.text_input(
            "Runbook",
            value=before.runbook if before else "",
            key=f"{key}.runbook",
            placeholder="https://",
            help="Address of a page that says what to do. Messages and incidents link to it.",
        )
        assignee = st.text_input(
            "Assigned to",
            value=before.assignee if before else "",
            key=f"{key}.assignee",
            max_chars=200,
            width=300,
        )
        tells = st.checkbox(
            "Also tell when it is resolved",
            value=before.tells_resolved if before else True,
            key=f"{key}.resolved",
        )
    return Rule(condition, destinations, quiet, trimmed(runbook), trimmed(assignee), tells)


def _destinations(before: Rule | None, key: str) -> tuple[str, ...]:
    chosen = before.destinations if before else ()
    offered = [*dict.fromkeys([*names(), *chosen])]
    if not offered:
        st.caption(NO_DESTINATION)
        return ()
    told = st.multiselect(
        "Tell",
        offered,
        default=list(chosen) or (offered if len(offered) == 1 and before is None else []),
        key=f"{key}.to",
        placeholder="Choose destinations",
    )
    return tuple(told)


def _quiet(before: Rule | None, key: str) -> QuietHours | None:
    quiet = before.quiet if before else None
    with st.container(horizontal=True, vertical_alignment="bottom"):
        wants = st.checkbox(
            "Quiet hours",
            value=quiet is not None,
            key=f"{key}.quiet",
            help="Nothing is sent in them. What is still unresolved at their end is told then.",
        )
        if not wants:
            return None
        begin = st.time_input(
            "From", value=quiet.begins if quiet else time(22), key=f"{key}.begin", width=110
        )
        end = st.time_input(
            "To", value=quiet.ends if quiet else time(6), key=f"{key}.end", width=110
        )
        zone = _zone(quiet.zone if quiet else None, f"{key}.zone")
    return QuietHours(begin, end, zone)


def _zone(before: str | None, key: str) -> str:
    now = before or time_zone.chosen().key
    zones = list(time_zone.ZONES)
    return str(
        st.selectbox(
            "Time zone",
            zones,
            index=zones.index(now) if now in zones else 0,
            key=key,
            width=220,
        )
    )


def _daily(label: str, before: Daily | None, key: str) -> Daily:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        at = st.time_input(
            label, value=before.at if before else SEVEN, key=f"{key}.at", width=110, help=LOADED
        )
        zone = _zone(before.zone if before else None, f"{key}.in")
    days = st.pills(
        "On",
        list(EVERY_DAY),
        selection_mode="multi",
        default=list(before.days if before else WORKING_DAYS),
        format_func=rule_words.DAYS.__getitem__,
        key=f"{key}.days",
    )
    return Daily(at, zone, tuple(sorted(days)))


def _tenants(before: Condition | None, key: str, offered: Offered) -> TenantSet:
    """Draw which tenants it is about."""
    start = tenants_of(before) if before is not None else None
    given = offered.tenants
    start = start or (TenantSet(Which.LIST, codes=given) if given else EVERYONE)
    chosen = st.segmented_control(
        "Tenants",
        list(SETS),
        default=start.which,
        format_func=SETS.__getitem__,
        required=True,
        key=f"{key}.which",
    )
    which = Which(chosen)
    if which is Which.SEARCH:
        text = st.text_input(
            "Search for",
            value=start.text,
            key=f"{key}.search",
            help="Part of a tenant code or display name, a regular expression, or first..last. "
            "Tenants that fit later are included then.",
        )
        return TenantSet(which, text=clean(text))
    if which is Which.LIST:
        typed = st.text_area(
            "Tenant codes",
            value="\n".join(start.codes),
            key=f"{key}.codes",
            height=110,
            help="Separated by spaces, commas or lines.",
        )
        codes = tenant_search.SEPARATORS.split(typed)
        return TenantSet(which, codes=tuple(dict.fromkeys(filter(None, map(clean, codes)))))
    if which is Which.VIEW:
        return TenantSet(which, view=_view(start.view, key))
    return EVERYONE


def _view(before: str, key: str) -> str:
    """Draw the saved views that search for tenants; return the id of one."""
    found = {
        view.id: view.name
        for view in saved_views.listed()
        if notifying.OF_TENANTS.get(view.screen) in view.query
    }
    if before and before not in found:
        found[before] = "Deleted, or not shared with you"
    if not found:
        st.caption("No saved view searches for tenants.")
        return ""
    ids = list(found)
    return str(
        st.selectbox(
            "Saved view",
            ids,
            index=ids.index(before) if before in ids else 0,
            format_func=found.__getitem__,
            key=f"{key}.view",
        )
    )


def _deadline(before: Any, key: str, offered: Offered) -> Condition:
    tenants = _tenants(before, key, offered)
    by = _daily("Loaded by", before.by if before else None, key)
    warn = _number(
        "Warn, minutes before", before.warn_minutes if before else 60, f"{key}.warn", 0, 720
    )
    return Deadline(by, tenants, warn)


def _failed(before: Any, key: str, offered: Offered) -> Condition:
    tenants = _tenants(before, key, offered)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        more = _number("More than", before.more_than if before else 0, f"{key}.more", 0, 100_000)
        failure = _failure(before.failure if before else "", f"{key}.failure", offered.failures)
    return Failed(tenants, more, failure)


def _failure(before: str, key: str, failures: Mapping[str, str]) -> str:
    """Draw the kinds of failure on record; return the key of one, "" for any."""
    words = {"": "Any kind", **failures}
    # The rule may go by one that no night on record has: its words are not known.
    words.setdefault(before, before)
    keys = list(words)
    return str(
        st.selectbox(
            "Kind of failure",
            keys,
            index=keys.index(before),
            format_func=words.__getitem__,
            key=key,
            width=480,
            help="Those of the nights on record, the newest first. A tenant counts if this is what "
            "most of its failed jobs have in common.",
        )
    )


def _slow(before: Any, key: str, offered: Offered) -> Condition:
    tenants = _tenants(before, key, offered)
    late = st.checkbox(
        "Late jobs too",
        value=before.is_late_too if before else True,
        key=f"{key}.late",
        help="Stuck: far longer than any before. Late: longer than usual.",
    )
    return Slow(tenants, late)


def _unusual(before: Any, key: str, offered: Offered) -> Condition:
    tenants = _tenants(before, key, offered)
    least = _number(
        "At least so many tenants", before.at_least if before else 3, f"{key}.least", 1, 100_000
    )
    return Unusual(tenants, least)


def _overdue(before: Any, key: str, offered: Offered) -> Condition:
    return Overdue(_tenants(before, key, offered))


def _no_credential(before: Any, key: str, offered: Offered) -> Condition:
    return NoCredential(_tenants(before, key, offered))


def _budget(before: Any, key: str, _: Offered) -> Condition:
    percent = before.percent if before else 10
    return BudgetLow(_number("Less than, in percent", percent, f"{key}.percent", 1, 99))


def _broken_off(_: Any, __: str, ___: Offered) -> Condition:
    return BrokenOff()


def _digest(before: Any, key: str, offered: Offered) -> Condition:
    tenants = _tenants(before, key, offered)
    return Digest(_daily("At", before.at if before else None, key), tenants)


def _number(label: str, value: int, key: str, least: int, most: int) -> int:
    typed = st.number_input(
        label, value=value, min_value=least, max_value=most, step=1, key=key, width=200
    )
    return int(typed)


_FIELDS: Final[dict[str, Callable[[Any, str, Offered], Condition]]] = {
    "deadline": _deadline,
    "failed": _failed,
    "slow": _slow,
    "unusual": _unusual,
    "overdue": _overdue,
    "no_credential": _no_credential,
    "budget": _budget,
    "operation": _broken_off,
    "digest": _digest,
}
