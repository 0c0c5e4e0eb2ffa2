"""The unusual deliveries of the last day, whatever the period: what came at four is told at six."""

from datetime import datetime, timedelta
from typing import Final

import pandas as pd
import streamlit as st

from dashboard import data, deliveries, exclusions, navigation, time_zone
from dashboard.components import delivery_words, figures, filters, formats, typed_time
from dashboard.connection import Connection
from services.monitoring import JobsSnapshot, Window
from services.monitoring.deliveries import Deliveries, find

# Whatever the period, an unusual delivery is news for a day.
LATELY: Final = timedelta(hours=24)
ICON: Final = ":material/local_shipping:"


def answer(
    connection: Connection,
    uploads: data.Snapshot,
    seen: JobsSnapshot | None,
    window: Window,
    now: datetime,
) -> None:
    """Show which delivery stands out: the one of most tenants, then the newest where it is another.

    Nothing is said where none does. `seen` are the jobs that were read already, in their `window`.
    What is wholly excluded is no alarm.
    """
    found = _at_hand(connection, uploads, seen, window)
    rows = found.rows
    is_late = rows["last_upload"].fillna(rows["arrived"]) >= pd.Timestamp(now - LATELY)
    unusual = rows[(rows["unusual"] > 0) & is_late & ~rows["is_excluded"]]
    if unusual.empty:
        return
    worst = worst_first(unusual)
    words = delivery_words.reasons(worst, found.reasons)
    for (_, row), why in zip(worst.iterrows(), words, strict=True):
        title = delivery_words.title(row, time_zone.chosen())
        figures.clause(
            f"**{title}**: {why}{still_included(row)}.",
            navigation.DELIVERIES,
            _query(row),
            icon=ICON,
            help_text=formats.exactly(row["arrived"]),
        )


def still_included(row: pd.Series) -> str:
    """Return how much of a delivery was left in, "" where nothing of it was excluded."""
    left = int(row["uploads"] - row["excluded"])
    return f"; {left:,} of {row['uploads']:,} uploads still included" if row["excluded"] else ""


def worst_first(unusual: pd.DataFrame) -> pd.DataFrame:
    """Return the delivery of most tenants and the newest of these, which are newest first."""
    most = unusual.sort_values(["tenants", "unusual"], ascending=False, kind="stable").iloc[:1]
    return pd.concat([most, unusual.iloc[:1]]).drop_duplicates("delivery_id")


def _query(row: pd.Series) -> navigation.Query:
    """Return the query of Deliveries for what is unusual and arrived in the minute of this one."""
    since = row["arrived"].floor("min")
    span = filters.in_link("del_from", "del_to", since=since, before=since + typed_time.MINUTE)
    return {"del_show": "unusual", **span}


def _at_hand(
    connection: Connection, uploads: data.Snapshot, seen: JobsSnapshot | None, window: Window
) -> Deliveries:
    """Return the deliveries of all uploads without a call, by the jobs that are known already.

    These are of a week where that is at hand. What came before the first of them is told by the
    times of uploads.
    """
    kept = connection.job_monitor.kept(deliveries.WINDOW)
    if kept is not None:
        seen, window = kept, deliveries.WINDOW
    if seen is not None and seen.refusal:
        seen = None
    since = None if seen is None else window.span(seen.as_of)[0]
    changes = exclusions.changes_here(connection)
    # Found once for each reading of the uploads: jobs that move on change nothing that has come.
    of = (uploads.as_of, repr(window), exclusions.key_of(changes))
    return _found(connection.identity.name, of, uploads, seen, since, changes)


@st.cache_resource(scope="session", ttl=timedelta(hours=1), max_entries=2, show_spinner=False)
def _found(
    identity: str,  # noqa: ARG001 - part of the key
    of: tuple[object, ...],  # noqa: ARG001 - part of the key
    _uploads: data.Snapshot,
    _seen: JobsSnapshot | None,
    _since: datetime | None,
    _changes: pd.DataFrame | None,
) -> Deliveries:
    return find(
        _uploads.frame,
        deliveries.NO_JOBS if _seen is None else _seen.jobs,
        jobs_since=_since,
        now=_uploads.as_of if _seen is None else max(_uploads.as_of, _seen.as_of),
        absences=exclusions.absences_of(_uploads.frame, _changes),
    )
