"""Disabling data versions, each by its number.

Key: tenant_code, data_version, the date as the API writes it (empty when unknown), the category's
objectName (empty for the primary one). States: Latest enabled, Enabled, Disabled.
Data and Job Handling API, PUT /v1/op/data-versions/disable.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import pandas as pd

from services.frames import data_versions, results
from services.frames.membership import is_among
from services.frames.times import parse_one
from services.ledger import Item
from services.visier import Client, Payload, iso_utc

from .kinds import Key, Kind, Query, Results, Source, Verb, read_key
from .plan import Concern, Plan, judged, places_of

LATEST, ENABLED, DISABLED = "Latest enabled", "Enabled", "Disabled"
UNLISTED, NO_VERSION = "Not listed", "No enabled version"
LISTED = 5


def _page(client: Client, start: int, query: Query) -> Payload:
    return client.latest_enabled_dv(
        start=start,
        limit=1000,
        number_of_versions=LISTED,
        data_category=query.get("data_category"),
    )


def _every(client: Client, query: Query) -> Iterator[Payload]:
    return client.iter_latest_enabled_dv(data_category=query.get("data_category"))


def _tenant(client: Client, code: str, query: Query) -> Iterator[Payload]:
    return client.iter_latest_enabled_dv(tenant_code=code, data_category=query.get("data_category"))


def date_text(date: pd.Timestamp) -> str:
    """Write a version's date for its key; a missing one is the empty text."""
    return "" if pd.isna(date) else iso_utc(date)


def states(frame: pd.DataFrame, keys: Sequence[Key]) -> dict[Key, str]:
    """Say how each version stands, as far as the enabled ones listed tell."""
    enabled: dict[str, list[tuple[str, object]]] = {}
    columns = (frame[name] for name in ("tenant_code", "data_version", "data_version_date"))
    for code, number, date in zip(*columns, strict=True):
        enabled.setdefault(code, []).append((number, date))
    listed = {key: enabled[key[0]] for key in keys if key[0] in enabled}
    told = {key: _state(key, versions) for key, versions in listed.items()}
    return {key: state for key, state in told.items() if state}


def _state(key: Key, versions: list[tuple[str, object]]) -> str:
    """Say how a version stands beside those listed, newest first; nothing when it may be older."""
    numbers = [number for number, _ in versions]
    if key[1] in numbers:
        return LATEST if numbers[0] == key[1] else ENABLED
    date, oldest = parse_one(key[2]), versions[-1][1]
    may_be_older = len(numbers) >= LISTED and not (date and _is_after(date, oldest))
    return "" if may_be_older else DISABLED


def _is_after(date: object, oldest: Any) -> bool:
    return bool(not pd.isna(oldest) and date > oldest)


def _object(key: Key) -> dict[str, Any]:
    category = {"dataCategory": key[3]} if key[3] else {}
    return {"tenantCode": key[0], "dataVersion": key[1], **category}


def _objects(keys: Sequence[Key]) -> list[dict[str, Any]]:
    return [_object(key) for key in keys]


def _row(row: Mapping[str, Any]) -> Key:
    return row["tenant_code"], row["data_version"]


_NAMES = ["tenant_code", "data_version"]


def plan_disable_data_versions(
    selection: pd.DataFrame,
    versions: pd.DataFrame,
    *,
    now: datetime,
    fallback_older_than: timedelta = timedelta(days=7),
    data_category: str = "",
) -> Plan:
    """Plan to disable data versions, each by its number.

    ``selection`` has tenant_code and, if need be, data_version: where that is missing, the latest
    enabled version is meant and its number resolved here. ``versions`` is the unfiltered list as
    ``services.frames.data_versions`` gives it for ``data_category`` (an objectName). Items also
    have data_version and data_version_date (datetime64[ms, UTC]), and falls_back_to and
    falls_back_date: what readers see instead where the latest would go, missing where that is none
    that is listed, and where the latest stays. Warns of tenants left without an enabled version,
    of those that fall back to one older than ``fallback_older_than``, and of those where a newer
    one stays in use.
    """
    listed = versions.dropna(subset="data_version").drop_duplicates(_NAMES)
    found = _chosen(selection, listed).merge(listed, how="left", on=_NAMES, indicator="listed")
    numbers, dates = found["data_version"].fillna(""), found["data_version_date"]
    items = pd.DataFrame(
        {
            "tenant_code": found["tenant_code"],
            "label": [_label(*row) for row in zip(numbers, dates, strict=True)],
            "before": _before(found, listed),
            "data_version": found["data_version"],
            "data_version_date": dates,
        }
    )
    keys = [
        (code, number, date_text(date), data_category)
        for code, number, date in zip(found["tenant_code"], numbers, dates, strict=True)
    ]
    planned = judged(DISABLE, items, keys)
    going = planned[planned["eligible"]]
    left = _left(going, listed)
    planned = planned.merge(left.rename(columns=_FALLBACK), how="left", on="tenant_code")
    warnings = (
        *_warnings(left, listed, now, fallback_older_than),
        *_newer_stays(going, listed),
    )
    query = {"data_category": data_category} if data_category else {}
    return Plan(DISABLE, planned, warnings, places_of(versions), query)


def _latest(listed: pd.DataFrame) -> "pd.Series[str]":
    return listed.drop_duplicates("tenant_code").set_index("tenant_code")["data_version"]


def _chosen(selection: pd.DataFrame, listed: pd.DataFrame) -> pd.DataFrame:
    """Return tenant_code and data_version of what is meant, the number missing where none is."""
    codes = selection["tenant_code"].astype("str")
    latest = codes.map(_latest(listed)).astype("str")
    asked = selection.get("data_version")
    numbers = latest if asked is None else asked.astype("str").fillna(latest)
    return pd.DataFrame({"tenant_code": codes, "data_version": numbers}).drop_duplicates()


def _before(found: pd.DataFrame, listed: pd.DataFrame) -> "pd.Series[str]":
    is_latest = found["data_version"] == found["tenant_code"].map(_latest(listed))
    state = pd.Series(ENABLED, found.index, "str").mask(is_latest, LATEST)
    state = state.mask(found["listed"] == "left_only", UNLISTED)
    return state.mask(found["data_version"].isna(), NO_VERSION)


def _label(number: str, date: pd.Timestamp) -> str:
    return number if pd.isna(date) else f"{number} of {date:%Y-%m-%d %H:%M} UTC"


def _in_words(span: timedelta) -> str:
    """Write a span as people say it: 7 days, 36 hours."""
    hours = span / timedelta(hours=1)
    number, unit = (hours / 24, "day") if hours % 24 == 0 else (hours, "hour")
    return f"{number:,g} {unit}" + ("" if number == 1 else "s")


_FALLBACK = {"data_version": "falls_back_to", "data_version_date": "falls_back_date"}


def _left(going: pd.DataFrame, listed: pd.DataFrame) -> pd.DataFrame:
    """Return what each tenant whose latest version goes is left with, missing where nothing is.

    Columns: tenant_code, data_version str, data_version_date datetime64[ms, UTC].
    """
    affected = going.loc[going["before"] == LATEST, "tenant_code"]
    own = listed[is_among(listed["tenant_code"], affected)]
    marked = own.merge(going[_NAMES], how="left", on=_NAMES, indicator="going")
    staying = marked[marked["going"] == "left_only"].drop_duplicates("tenant_code")
    return pd.DataFrame({"tenant_code": affected.unique()}).merge(
        staying[[*_NAMES, "data_version_date"]], how="left", on="tenant_code"
    )


def _warnings(
    left: pd.DataFrame, listed: pd.DataFrame, now: datetime, older_than: timedelta
) -> Iterator[Concern]:
    counts = left["tenant_code"].map(listed["tenant_code"].value_counts())
    without = left["data_version"].isna()
    for sentence, concerned in (
        (NONE_LEFT, without & (counts < LISTED)),
        (NONE_KNOWN, without & (counts >= LISTED)),
        (
            OLD_FALLBACK.replace("{span}", _in_words(older_than)),
            ~without & ~(left["data_version_date"] >= now - older_than),
        ),
    ):
        if concerned.any():
            about = left[concerned].reset_index(drop=True)
            yield Concern(sentence.format(tenants=_who(about)), about)


def _newer_stays(going: pd.DataFrame, listed: pd.DataFrame) -> Iterator[Concern]:
    """Warn of tenants whose latest version stays, with that version."""
    codes = going["tenant_code"]
    others = codes[~is_among(codes, codes[going["before"] == LATEST])]
    latest = listed[is_among(listed["tenant_code"], others)].drop_duplicates("tenant_code")
    if len(latest):
        stays = {"data_version": "stays", "data_version_date": "stays_date"}
        told = latest[["tenant_code", *stays]].rename(columns=stays).reset_index(drop=True)
        yield Concern(_stays(told), told)


def _stays(told: pd.DataFrame) -> str:
    if len(told) > 1:
        return NEWER_STAY.format(tenants=_who(told), so=_SO)
    return ONE_STAYS.format(number=told["stays"].iloc[0], tenant=_who(told), so=_SO)


def _who(tenants: pd.DataFrame) -> str:
    """Return the one tenant by its code, or how many there are."""
    return tenants["tenant_code"].iloc[0] if len(tenants) == 1 else f"{len(tenants):,} tenants"


def _again(items: Sequence[Item], current: pd.DataFrame, now: datetime) -> Plan:
    keys = [read_key(item.key) for item in items]
    selection = pd.DataFrame([key[:2] for key in keys], columns=_NAMES, dtype="str")
    category = keys[0][3] if keys else ""
    return plan_disable_data_versions(selection, current, now=now, data_category=category)


NONE_LEFT = "{tenants} would be left without any enabled data version: readers see nothing."
NONE_KNOWN = (
    "{tenants} would lose all five data versions that Visier lists; whether an older one is"
    " still enabled cannot be seen from here."
)
OLD_FALLBACK = "{tenants} would fall back to a data version older than {span}."
ONE_STAYS = "The newer data version {number} of {tenant} stays in use: {so}"
NEWER_STAY = "At {tenants} a newer data version stays in use: {so}"
_SO = "readers see no change, and it may hold the same uploads."

DISABLE = Kind(
    verb=Verb.DISABLE_VERSIONS,
    operation="disable_dv",
    field="dataVersionObjects",
    most=1000,
    send=Client.disable_dv,
    objects=_objects,
    source=Source(data_versions.to_frame, _tenant, _page, _every),
    states=states,
    results=Results(results.from_disable_dv, lambda key: key[:2], _row),
    query=lambda key: {"data_category": key[3]} if key[3] else {},
    eligible={
        LATEST: "",
        ENABLED: "",
        DISABLED: "It is not enabled.",
        UNLISTED: "It is not among the enabled versions that Visier lists: at most five a tenant.",
        NO_VERSION: "The tenant has no enabled data version.",
    },
    goal=DISABLED,
    after=DISABLED,
    again=_again,
    regret=(
        "A disabled data version cannot be enabled again from here; a new processing job makes a"
        " new one."
    ),
)
