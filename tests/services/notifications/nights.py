"""Nights as the watch observes them, made by hand."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from services.monitoring.watch.observation import (
    NIGHT_SCHEMA,
    NightFacts,
    Observation,
    UnusualDelivery,
)
from services.notifications.rules import TenantSet, Which

BERLIN = ZoneInfo("Europe/Berlin")
NIGHT = date(2026, 11, 30)
"""A Monday."""
NAMES = {"t1": "Europa Health", "t2": "Callisto"}
EMPTY: dict[str, Any] = {
    "data_version": None,
    "version_at": pd.NaT,
    "began_at": pd.NaT,
    "loaded_at": pd.NaT,
    "upload_count": 0,
    "excluded_count": 0,
    "jobs_succeeded": 0,
    "jobs_failed": 0,
    "jobs_running": 0,
    "failure": None,
    "is_stuck": False,
    "is_late": False,
    "due_at": pd.NaT,
    "late_at": pd.NaT,
    "metrics": None,
}


def at(text: str, night: date = NIGHT, zone: ZoneInfo | None = None) -> datetime:
    """Return a time of day on the date of a night, or with a date of its own, in UTC."""
    whole = text if "T" in text else f"{night.isoformat()}T{text}"
    return datetime.fromisoformat(whole).replace(tzinfo=zone or UTC).astimezone(UTC)


def rows(tenants: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    """Return the rows of a night: by code what differs from a tenant of whom nothing is known."""
    frame = pd.DataFrame(
        [{"tenant_code": code, **EMPTY, **tenants[code]} for code in sorted(tenants)],
        columns=[*NIGHT_SCHEMA],
    )
    return frame.astype(
        {name: kind for name, kind in NIGHT_SCHEMA.items() if kind != "datetime64[ms, UTC]"}
    ).assign(
        **{
            name: pd.to_datetime(frame[name], utc=True).dt.as_unit("ms")
            for name, kind in NIGHT_SCHEMA.items()
            if kind == "datetime64[ms, UTC]"
        }
    )


def seen(
    tenants: Mapping[str, Mapping[str, Any]],
    when: str,
    *,
    night: date = NIGHT,
    facts: NightFacts | None = None,
) -> Observation:
    """Return what was known of a night at a time of day."""
    moment = at(when, night)
    read = replace(facts or NightFacts(), lists_at=moment, jobs_at=moment)
    return Observation(night, moment, rows(tenants), read)


def loaded(when: str, version: str = "v2", night: date = NIGHT) -> dict[str, Any]:
    """Return a tenant that has loaded."""
    return {"loaded_at": at(when, night), "data_version": version}


def delivery(delivery_id: str, *codes: str, arrived: str = "01:00") -> UnusualDelivery:
    """Return an unusual delivery."""
    return UnusualDelivery(delivery_id, at(arrived), ("few",), codes)


def scope(tenants: TenantSet, codes: "pd.Series[str]") -> "pd.Series[bool]":
    """Say which of these codes a set has: a search is part of a code, a view has the odd ones."""
    match tenants.which:
        case Which.ALL:
            return pd.Series(True, codes.index)
        case Which.LIST:
            return codes.isin([*tenants.codes])
        case Which.SEARCH:
            return codes.str.contains(tenants.text, regex=False)
        case Which.VIEW:
            return codes.str[-1].isin(["1", "3", "5", "7", "9"])


def missing(count: int) -> dict[str, dict[str, Any]]:
    """Return so many tenants of whom nothing is known."""
    return {code: {} for code in codes(count)}


def codes(count: int) -> Sequence[str]:
    """Return so many tenant codes."""
    return [f"t{number}" for number in range(1, count + 1)]
