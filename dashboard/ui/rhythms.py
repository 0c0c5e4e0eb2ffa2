"""Whether the next data version of a tenant is overdue: in every place by the same rule.

Each tenant is measured by its own rhythm; by a fixed age only where the settings name one.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

import pandas as pd

from dashboard import bootstrap, metrics
from dashboard.connection import Connection
from dashboard.job_states import Color
from dashboard.ui import formats
from services.watching import rhythm
from services.watching.rhythm import Rhythm

ON_TIME, OVERDUE, TOO_LITTLE_KNOWN, NONE_ENABLED, ODD_DATE = (
    "On time",
    "Overdue",
    "Too little known",
    "None enabled",
    "Odd date",
)
WORDS: Final[Mapping[Rhythm, str]] = MappingProxyType(
    {
        Rhythm.NONE_ENABLED: NONE_ENABLED,
        Rhythm.OVERDUE: OVERDUE,
        Rhythm.ON_TIME: ON_TIME,
        Rhythm.TOO_LITTLE_KNOWN: TOO_LITTLE_KNOWN,
        Rhythm.ODD_DATE: ODD_DATE,
    }
)
"""The name of each, worst first."""
FACES: Final[Mapping[str, tuple[str, Color]]] = MappingProxyType(
    {
        ON_TIME: ("✓", "green"),
        OVERDUE: ("◁", "orange"),
        TOO_LITTLE_KNOWN: ("≈", "gray"),
        NONE_ENABLED: ("∅", "red"),
        ODD_DATE: ("?", "gray"),
    }
)
"""The mark and the colour of each."""
WHAT_IS_ODD = "The latest version is dated in the future, or its date cannot be read."
_BY_RHYTHM = (
    "Overdue: the tenant's own rhythm says that a version was due, and more time has passed than "
    "its versions usually differ by. Too little known: fewer than three versions of it are listed."
)
_BY_AGE = "Overdue: the latest version is older than {age}, as set for this dashboard."


def _limit() -> timedelta | None:
    """Return from which age on every version is overdue, where the settings name one."""
    hours = bootstrap.settings().dashboard_fresh_hours
    return None if hours is None else timedelta(hours=hours)


def rule() -> str:
    """Say in words what is overdue."""
    limit = _limit()
    if limit is None:
        return _BY_RHYTHM
    return _BY_AGE.format(age=formats.duration(limit.total_seconds()))


def with_deadlines(tenants: pd.DataFrame) -> pd.DataFrame:
    """Return the tenants with due_at and late_at as the settings have it.

    `tenants` is as `data.load_data_versions` gives it, where these are those of its own rhythm.
    """
    limit = _limit()
    if limit is None:
        return tenants
    late_at = tenants["data_version_date"] + limit
    return tenants.assign(due_at=late_at, late_at=late_at)


def masks(tenants: pd.DataFrame, now: datetime) -> dict[str, "pd.Series[bool]"]:
    """Return of which tenants each of WORDS is true, worst first; exactly one is of each tenant."""
    found = rhythm.judged(with_deadlines(tenants), now)
    return {word: found == each for each, word in WORDS.items()}


def overdue_seconds(tenants: pd.DataFrame, now: datetime) -> "pd.Series[float]":
    """Return the seconds for which each overdue tenant has been due, missing for all others."""
    seconds: pd.Series[float] = (
        rhythm.overdue_by(with_deadlines(tenants), now).dt.total_seconds().round()
    )
    return seconds


def measure(connection: Connection, tenants: pd.DataFrame, now: datetime) -> None:
    """Have counted for whoever watches this dashboard how many tenants are overdue."""
    found = rhythm.judged(with_deadlines(tenants), now)
    metrics.count_tenants(connection.identity.key_digest, found)
