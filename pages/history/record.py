"""What is on record of a night, and why not more is."""

from datetime import date, datetime
from typing import Final

import pandas as pd
import streamlit as st

from dashboard.components import formats
from dashboard.connection import Connection
from dashboard.watch import history, notifying, watching
from dashboard.watch.watching import NotWatched
from dashboard.wording import NIGHT_STATES
from services.monitoring.watch import NightState, WatchStatus, measured
from services.monitoring.watch.history import History
from services.monitoring.watch.night import empty_rows, span
from services.monitoring.watch.recorded import facts_of

COUNTED: Final = {
    state: NIGHT_STATES[state] for state in (NightState.FAILED, NightState.LATE, NightState.LOADED)
}
_OF_NIGHT: Final = [
    *("tenant_code", "loaded_at", "upload_count", "excluded_count", "jobs_failed", "late_at"),
    "metrics",
]
PARTS: Final = {
    "jobs": "jobs",
    "reasons": "why jobs failed",
    "versions": "data versions",
    "uploads": "uploads",
    "metrics": "metric values",
}
WHY: Final = {
    NotWatched.OFF: "The watch is turned off (DASHBOARD_WATCH). Nights are recorded only while "
    "it runs.",
    NotWatched.NO_CREDENTIALS: "The settings of this connection hold no whole service credential, "
    "so nobody can look while no tab is open. docs/operating.md explains how to set one up.",
    NotWatched.NOT_HERE: "This process does not watch, and no other has recorded a night here yet.",
}


def why_none(connection: Connection) -> str:
    """Return why no night is on record at this place."""
    status = watching.watches().status(connection.name)
    if isinstance(status, NotWatched):
        return WHY[status]
    return "The watch has just begun: the first look takes from seconds to a few minutes."


def trouble(status: WatchStatus | NotWatched) -> None:
    """Show why the watch of this process sees less than it should, if so."""
    if isinstance(status, NotWatched):
        return
    told = [f"The watch cannot read {PARTS[part]}: {why}" for part, why in status.troubles.items()]
    if status.crash:
        told.append(f"The last look came to nothing and is tried again: {status.crash}")
    for text in told:
        # Text of the API is data: never markdown.
        st.caption(formats.literal(text))


def of_night(connection: Connection, night: date) -> pd.DataFrame:
    """Return what is on record of a night, by tenant: the columns that the table shows."""
    return history.rows_of(connection, night, _OF_NIGHT, empty_rows()[_OF_NIGHT])


def metric_words(texts: "pd.Series[str]") -> "pd.Series[str]":
    """Return metric values on record as people read them, missing where there are none."""
    read = map(measured.read, texts)
    words = [" · ".join(f"{name} {_number(each[name])}" for name in each) or None for each in read]
    return pd.Series(words, texts.index, dtype="str")


def _number(value: float) -> str:
    return f"{value:,.0f}" if value == round(value) else f"{value:,.2f}"


def of_what(found: History, night: date, now: datetime) -> str:
    """Return how far a night is on record, as the end of a sentence about it."""
    known = found.recorded.get(night)
    if known is None:
        return "was not observed"
    if facts_of(known.facts).is_given:
        return "is told by the sandbox, not observed"
    if is_under_way(night, now):
        return f"is under way, looked at {formats.here(known.looked_at)}"
    if known.is_complete:
        return "was observed to its end"
    return f"was observed until {formats.here(known.looked_at)}"


def is_whole(found: History, night: date, now: datetime) -> bool:
    """Return whether nothing of a night is missing, as far as it has gone."""
    known = found.recorded.get(night)
    return known is not None and (known.is_complete or is_under_way(night, now))


def is_under_way(night: date, now: datetime) -> bool:
    """Return whether a night has begun and not ended."""
    begins, ends = span(night, notifying.watch_zone())
    return begins <= now < ends


def latest(found: History, now: datetime) -> date:
    """Return the newest night of which much can be known: one under way from midnight on."""
    newest = found.nights[-1]
    has_begun = newest <= now.astimezone(notifying.watch_zone()).date()
    return newest if has_begun or len(found.nights) == 1 else found.nights[-2]
