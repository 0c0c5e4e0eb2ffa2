"""The time the overview is about."""

from dataclasses import dataclass
from datetime import datetime

import pandas as pd
import streamlit as st

from dashboard import time_zone
from dashboard.components import filters, job_choices
from services.monitoring import Window

NAMES = (job_choices.LAST_NIGHT, "24 hours", "7 days")


@dataclass(frozen=True, slots=True)
class Period:
    """A window of jobs by its name, when it begins (a whole minute, UTC), and that in words."""

    name: str
    window: Window
    since: pd.Timestamp
    words: str


def choose(now: datetime) -> Period:
    """Draw the choice; return what is chosen, as seen from now."""
    chosen = st.segmented_control(
        "Since",
        NAMES,
        default=job_choices.LAST_NIGHT,
        required=True,
        key="ov_since",
        bind="query-params",
        label_visibility="collapsed",
    )
    name = chosen or job_choices.LAST_NIGHT
    window = job_choices.named(name)
    since = pd.Timestamp(window.span(now)[0]).tz_convert("UTC").floor("min")
    if name == job_choices.LAST_NIGHT:
        evening = since.tz_convert(time_zone.chosen())
        return Period(name, window, since, f"since yesterday {evening:%H:%M}")
    return Period(name, window, since, f"in the last {name}")


def loaded_query(period: Period, before: pd.Timestamp | None = None) -> dict[str, str]:
    """Return the query of Data versions for the tenants loaded in the period, up to a time."""
    return filters.in_link("dv_from", "dv_to", since=period.since, before=before)
