"""The time the overview is about."""

from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from dashboard import time_zone
from dashboard.components import filters, job_choices, token_choices
from dashboard.wording import SPANS
from services.monitoring import Window

WINDOWS = {token: SPANS[token] for token in (job_choices.LAST_NIGHT, "24h", "7d")}


@dataclass(frozen=True, slots=True)
class Period:
    """A window of jobs by its token, when it begins (a whole minute, UTC), and that in words."""

    token: str
    window: Window
    since: pd.Timestamp
    words: str


def choose(now: datetime) -> Period:
    """Draw the choice; return what is chosen, as seen from now."""
    token = token_choices.one(
        "Since", WINDOWS, key="ov_since", default=job_choices.LAST_NIGHT, shows_label=False
    )
    window = job_choices.named(token)
    since = pd.Timestamp(window.span(now)[0]).tz_convert("UTC").floor("min")
    if token == job_choices.LAST_NIGHT:
        evening = since.tz_convert(time_zone.chosen())
        return Period(token, window, since, f"since yesterday {evening:%H:%M}")
    return Period(token, window, since, f"in the last {SPANS[token]}")


def loaded_query(period: Period, before: pd.Timestamp | None = None) -> dict[str, str]:
    """Return the query of Data versions for the tenants loaded in the period, up to a time."""
    return filters.in_link("dv_from", "dv_to", since=period.since, before=before)
