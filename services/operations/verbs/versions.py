"""Disabling data versions, each by its number.

Data and Job Handling API, PUT /v1/op/data-versions/disable.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar, NamedTuple

import numpy as np
import pandas as pd
from typing_extensions import override

from services.frames import data_versions, results
from services.frames.membership import is_among
from services.frames.times import parse_one
from services.visier import LATEST_LISTED, PAGE_SIZE, Client, Payload, iso_utc

from ..engine.changes import Change, Key, Query, Skip
from ..engine.plan import (
    Plan,
    PlanningVerb,
    PlanWarning,
    WarningKind,
    evaluate_eligibility,
    places_of,
)
from ..engine.verb_spec import Answer, Source
from ..tokens import Verb


class VersionKey(NamedTuple):
    """One version with its date as the API writes it, empty where unknown.

    ``data_category`` is an objectName, empty for the primary one. Two tenants can have versions of
    one number.
    """

    tenant_code: str
    data_version: str
    date: str = ""
    data_category: str = ""


class VersionState(StrEnum):
    """The state of a version; NONE where the tenant has no enabled one."""

    LATEST = "latest"
    ENABLED = "enabled"
    DISABLED = "disabled"
    UNLISTED = "unlisted"
    NONE = "none"


_SKIPS: Mapping[VersionState, Skip | None] = {
    VersionState.LATEST: None,
    VersionState.ENABLED: None,
    VersionState.DISABLED: Skip.ALREADY_DONE,
    VersionState.UNLISTED: Skip.NOT_LISTED,
    VersionState.NONE: Skip.NOTHING_THERE,
}


def _page(client: Client, start: int, query: Query) -> Payload:
    return client.latest_enabled_dv(
        start=start,
        limit=PAGE_SIZE,
        number_of_versions=LATEST_LISTED,
        data_category=query.get("data_category"),
    )


def _every(client: Client, query: Query) -> Iterator[Payload]:
    return client.iter_latest_enabled_dv(data_category=query.get("data_category"))


def _tenant(client: Client, code: str, query: Query) -> Iterator[Payload]:
    return client.iter_latest_enabled_dv(tenant_code=code, data_category=query.get("data_category"))


class _Answer(Answer[VersionKey]):
    @override
    def to_frame(self, payloads: Iterable[object]) -> pd.DataFrame:
        return results.from_disable_dv(payloads)

    @override
    def names(self, key: VersionKey) -> Key:
        return key[:2]

    @override
    def named_by(self, row: Mapping[str, Any]) -> Key:
        return row["tenant_code"], row["data_version"]


class DisableVersions(PlanningVerb[VersionKey, VersionState]):
    """Disable versions; Visier has no operation to enable one again, so it cannot be undone."""

    verb: ClassVar = Verb.DISABLE_VERSIONS
    operation: ClassVar = "disable_dv"
    field: ClassVar = "dataVersionObjects"
    batch_size = PAGE_SIZE
    key_type: ClassVar = VersionKey
    state_type: ClassVar = VersionState
    source = Source(data_versions.to_frame, _tenant, _page, _every)
    answer = _Answer()

    @override
    def query(self, key: VersionKey) -> Query:
        """Return the data category, whose versions are a list of their own."""
        return {"data_category": key.data_category} if key.data_category else {}

    @override
    def states(
        self, frame: pd.DataFrame, keys: Sequence[VersionKey]
    ) -> dict[VersionKey, VersionState]:
        """Return the state of each version, as far as the list of enabled ones shows it."""
        enabled: dict[str, list[tuple[str, object]]] = {}
        columns = (frame[name] for name in ("tenant_code", "data_version", "data_version_date"))
        for code, number, date in zip(*columns, strict=True):
            enabled.setdefault(code, []).append((number, date))
        listed = {key: enabled[key.tenant_code] for key in keys if key.tenant_code in enabled}
        found = {key: _state(key, versions) for key, versions in listed.items()}
        return {key: state for key, state in found.items() if state is not None}

    @override
    def skip(self, state: VersionState) -> Skip | None:
        """Return None for an enabled version."""
        return _SKIPS[state]

    @override
    def goal(self, key: VersionKey, before: VersionState) -> VersionState:
        return VersionState.DISABLED

    @override
    def objects(self, keys: Sequence[VersionKey]) -> list[dict[str, Any]]:
        """Return each version, with its category where it is not the primary one."""
        # Always with its number: without, Visier disables the latest one, another one each time.
        return [
            {"tenantCode": key.tenant_code, "dataVersion": key.data_version}
            | ({"dataCategory": key.data_category} if key.data_category else {})
            for key in keys
        ]

    @override
    def again(
        self, items: Sequence[Change[VersionState]], current: pd.DataFrame, now: datetime
    ) -> Plan:
        keys = [VersionKey(*item.key) for item in items]
        selection = pd.DataFrame([key[:2] for key in keys], columns=_NAMES, dtype="str")
        # A plan is of one data category.
        category = keys[0].data_category if keys else ""
        return plan_disable_data_versions(selection, current, now=now, data_category=category)


DISABLE = DisableVersions()
_NAMES = ["tenant_code", "data_version"]


def _state(key: VersionKey, versions: Sequence[tuple[str, Any]]) -> VersionState | None:
    """Return a version's state by the versions listed, newest first; None when it may be older."""
    numbers = [number for number, _ in versions]
    if key.data_version in numbers:
        is_latest = numbers[0] == key.data_version
        return VersionState.LATEST if is_latest else VersionState.ENABLED
    if any(pd.isna(number) and not pd.isna(date) for number, date in versions):
        # It may be the version without a number. A tenant without versions has neither field.
        return None
    date, oldest = parse_one(key.date), versions[-1][1]
    # With five listed, an older version may be enabled and not listed.
    is_newer = date is not None and not pd.isna(oldest) and date > oldest
    may_be_older = len(numbers) >= LATEST_LISTED and not is_newer
    return None if may_be_older else VersionState.DISABLED


def plan_disable_data_versions(
    selection: pd.DataFrame,
    versions: pd.DataFrame,
    *,
    now: datetime,
    fallback_older_than: timedelta = timedelta(days=7),
    data_category: str = "",
) -> Plan:
    """Return a plan to disable data versions, each by its number.

    ``selection`` has tenant_code and optionally data_version: where that is missing, the latest
    enabled version is meant and its number resolved here. ``versions`` is the unfiltered frame of
    ``services.frames.data_versions`` for ``data_category`` (an objectName). Items also have
    data_version, data_version_date (datetime64[ms, UTC]), falls_back_to and falls_back_date: the
    version users see once the latest is disabled, missing where none is listed and where the latest
    stays. Warns of tenants left without an enabled version, of those that fall back to one older
    than ``fallback_older_than``, and of those where a newer one stays in use.
    """
    listed = versions.dropna(subset="data_version").drop_duplicates(_NAMES)
    found = _chosen(selection, listed).merge(listed, how="left", on=_NAMES, indicator="listed")
    numbers, dates = found["data_version"].fillna(""), found["data_version_date"]
    keys = [
        VersionKey(code, number, "" if pd.isna(date) else iso_utc(date), data_category)
        for code, number, date in zip(found["tenant_code"], numbers, dates, strict=True)
    ]
    states = _before(found, listed)
    changes = evaluate_eligibility(DISABLE, keys, states)
    is_going = np.array([each.skip is None for each in changes], bool)
    going = found.assign(is_latest=states == VersionState.LATEST)[is_going]
    left = _left(going, listed)
    fallback = left.rename(columns=_FALLBACK)
    facts = found[[*_NAMES, "data_version_date"]].merge(fallback, how="left", on="tenant_code")
    facts = facts.drop(columns="tenant_code")
    query = {"data_category": data_category} if data_category else {}
    old = _warnings(left, listed, now, fallback_older_than)
    warnings = (*old, *_newer_stays(going, listed))
    return Plan(DISABLE, changes, facts, warnings, places_of(versions), query)


def _latest(listed: pd.DataFrame) -> "pd.Series[str]":
    return listed.drop_duplicates("tenant_code").set_index("tenant_code")["data_version"]


def _chosen(selection: pd.DataFrame, listed: pd.DataFrame) -> pd.DataFrame:
    """Return tenant_code and data_version of the selection; the number is missing without one."""
    selection = selection.dropna(subset="tenant_code")
    codes = selection["tenant_code"].astype("str")
    # Resolved here and not by Visier, where each repeat would disable the next older one.
    latest = codes.map(_latest(listed)).astype("str")
    asked = selection.get("data_version")
    numbers = latest if asked is None else asked.astype("str").fillna(latest)
    return pd.DataFrame({"tenant_code": codes, "data_version": numbers}).drop_duplicates()


def _before(found: pd.DataFrame, listed: pd.DataFrame) -> pd.Series:
    is_latest = found["data_version"] == found["tenant_code"].map(_latest(listed))
    state = pd.Series(VersionState.ENABLED, found.index, object).mask(
        is_latest, VersionState.LATEST
    )
    state = state.mask(found["listed"] == "left_only", VersionState.UNLISTED)
    return state.mask(found["data_version"].isna(), VersionState.NONE)


_FALLBACK = {"data_version": "falls_back_to", "data_version_date": "falls_back_date"}


def _left(going: pd.DataFrame, listed: pd.DataFrame) -> pd.DataFrame:
    """Return the next version of each tenant whose latest is disabled, missing where none is.

    Columns: tenant_code, data_version str, data_version_date datetime64[ms, UTC].
    """
    affected = going.loc[going["is_latest"], "tenant_code"]
    own = listed[is_among(listed["tenant_code"], affected)]
    marked = own.merge(going[_NAMES], how="left", on=_NAMES, indicator="going")
    staying = marked[marked["going"] == "left_only"].drop_duplicates("tenant_code")
    return pd.DataFrame({"tenant_code": affected.unique()}).merge(
        staying[[*_NAMES, "data_version_date"]], how="left", on="tenant_code"
    )


def _warnings(
    left: pd.DataFrame, listed: pd.DataFrame, now: datetime, older_than: timedelta
) -> Iterator[PlanWarning]:
    counts = left["tenant_code"].map(listed["tenant_code"].value_counts())
    without = left["data_version"].isna()
    is_old = ~without & ~(left["data_version_date"] >= now - older_than)
    for kind, concerned in (
        # With as many as Visier lists at most, there may be an older one.
        (WarningKind.NO_VERSION_LEFT, without & (counts < LATEST_LISTED)),
        (WarningKind.NO_VERSION_KNOWN_LEFT, without & (counts >= LATEST_LISTED)),
        (WarningKind.OLD_FALLBACK, is_old),
    ):
        if concerned.any():
            facts = {"older_than": older_than} if kind is WarningKind.OLD_FALLBACK else {}
            yield PlanWarning(kind, left[concerned].reset_index(drop=True), facts)


def _newer_stays(going: pd.DataFrame, listed: pd.DataFrame) -> Iterator[PlanWarning]:
    """Yield a warning of tenants whose latest version stays, with that version."""
    codes = going["tenant_code"]
    others = codes[~is_among(codes, codes[going["is_latest"]])]
    latest = listed[is_among(listed["tenant_code"], others)].drop_duplicates("tenant_code")
    if len(latest):
        stays = {"data_version": "stays", "data_version_date": "stays_date"}
        staying = latest[["tenant_code", *stays]].rename(columns=stays)
        yield PlanWarning(WarningKind.NEWER_STAYS, staying.reset_index(drop=True))
