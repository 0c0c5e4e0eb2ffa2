"""Whether the next load of a tenant is overdue: in every place by the same rule.

Each tenant is measured by its own rhythm; by a fixed age only where the settings name one. Both
count from the last load where uploads are at hand, else from the latest version.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

import pandas as pd
import streamlit as st

from dashboard import bootstrap, data, exclusions, metrics
from dashboard.components import formats
from dashboard.components.job_states import Color
from dashboard.connection import Connection
from dashboard.wording import RHYTHMS
from services.monitoring import rhythm
from services.monitoring.loads import loaded_at
from services.monitoring.rhythm import Rhythm

FACES: Final[Mapping[Rhythm, tuple[str, Color]]] = MappingProxyType(
    {
        Rhythm.ON_TIME: ("✓", "green"),
        Rhythm.OVERDUE: ("◁", "orange"),
        Rhythm.TOO_LITTLE_KNOWN: ("≈", "gray"),
        Rhythm.NONE_ENABLED: ("∅", "red"),
        Rhythm.ODD_DATE: ("?", "gray"),
    }
)
"""The mark and the colour of each."""
WHAT_IS_ODD = "The latest version's date is in the future or cannot be read."
_BY_RHYTHM = (
    "Overdue: later than the tenant's own rhythm allows, including its usual "
    "variation. Too little known: fewer than three loads are listed."
)
_BY_AGE = "Overdue: the last load is older than {age} (a setting of this dashboard)."
_BY_LOADS = "A version reprocessed from earlier uploads does not count as a load."
_BY_VERSIONS = (
    "Uploads are not read here, so every version counts as a load, even one "
    "reprocessed from earlier uploads."
)
# Tenants of one list or another, and of categories.
_KEPT: Final = 4


def _limit() -> timedelta | None:
    """Return from which age on every version is overdue, where the settings name one."""
    hours = bootstrap.settings().dashboard_fresh_hours
    return None if hours is None else timedelta(hours=hours)


def rule(read: data.DataVersions) -> str:
    """Return what counts as overdue, in words."""
    limit = _limit()
    counted = _BY_LOADS if read.knows_loads else _BY_VERSIONS
    if limit is None:
        return f"{_BY_RHYTHM} {counted}"
    return f"{_BY_AGE.format(age=formats.duration(limit.total_seconds()))} {counted}"


def from_loads(
    connection: Connection, read: data.DataVersions, uploads: data.Snapshot | None
) -> data.DataVersions:
    """Return the tenants with the rhythm of their loads; as they are where uploads are not known.

    `uploads` are of the same tenants.
    """
    if uploads is None:
        return read
    changes = exclusions.changes_here(connection)
    of = (read.as_of, uploads.as_of, len(read.tenants), exclusions.key_of(changes))
    return _from_loads(connection.identity.name, of, read, uploads, changes)


def at_hand(connection: Connection) -> data.Snapshot | None:
    """Return the uploads of every tenant where they were read already: no call is made for them."""
    listed = data.load_uploads.of(connection, None)
    return listed.so_far() if listed.is_complete else None


# A resource, not data: cache_data would pickle the frames and copy them in every run.
@st.cache_resource(
    scope="session", ttl=timedelta(hours=1), max_entries=_KEPT, show_spinner=False
)  # a filter or a selection measures nothing anew
def _from_loads(
    identity: str,  # noqa: ARG001 - part of the key
    of: tuple[object, ...],  # noqa: ARG001 - part of the key
    _read: data.DataVersions,
    _uploads: data.Snapshot,
    _changes: pd.DataFrame | None,
) -> data.DataVersions:
    uploads = _uploads.frame
    # What was made after the uploads were read may hold one that is not among them.
    read_until = None if _uploads.as_of >= _read.as_of else pd.Timestamp(_uploads.as_of)
    at = loaded_at(
        _read.versions,
        uploads,
        absences=exclusions.absences_of(uploads, _changes),
        read_until=read_until,
    )
    found = rhythm.rhythms(_read.versions, at)
    own = _read.tenants.drop(columns=list(found)).join(found, on="tenant_code")
    versions = _read.versions.assign(loaded_at=at)
    return replace(_read, versions=versions, tenants=own, knows_loads=True)


def with_deadlines(tenants: pd.DataFrame) -> pd.DataFrame:
    """Return the tenants with due_at and late_at as the settings have it.

    `tenants` is as `data.load_data_versions` gives it, where these are those of its own rhythm.
    """
    limit = _limit()
    if limit is None:
        return tenants
    late_at = tenants["loaded_at"] + limit
    return tenants.assign(due_at=late_at, late_at=late_at)


def masks(tenants: pd.DataFrame, now: datetime) -> dict[Rhythm, "pd.Series[bool]"]:
    """Return of which tenants each rhythm is true, worst first; exactly one is of each tenant."""
    found = rhythm.statuses(with_deadlines(tenants), now)
    return {each: found == each for each in RHYTHMS}


def overdue_seconds(tenants: pd.DataFrame, now: datetime) -> "pd.Series[float]":
    """Return the seconds for which each overdue tenant has been due, missing for all others."""
    seconds: pd.Series[float] = (
        rhythm.overdue_by(with_deadlines(tenants), now).dt.total_seconds().round()
    )
    return seconds


def measure(connection: Connection, tenants: pd.DataFrame, now: datetime) -> None:
    """Count the overdue tenants in the metrics."""
    found = rhythm.statuses(with_deadlines(tenants), now)
    metrics.count_tenants(connection.identity.key_digest, found, connection.name)
