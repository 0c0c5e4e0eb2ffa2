"""How a night went for each tenant, as far as it was observed; pure."""

from datetime import datetime
from enum import StrEnum
from typing import Final

import numpy as np
import pandas as pd

from services.frames.schema import categories

from .observation import Observation


class NightState(StrEnum):
    """How a night went for a tenant."""

    FAILED = "failed"
    """Nothing new was loaded, and one of its jobs failed."""
    LATE = "late"
    """Nothing new was loaded, and by its rhythm it was overdue; or a job is stuck or late."""
    EXCLUDED = "excluded"
    """All that came was excluded."""
    LOADED = "loaded"
    NOTHING_CAME = "nothing_came"
    NOT_OBSERVED = "not_observed"


STATES: Final = tuple(NightState)
COLUMNS: Final = (
    *("tenant_code", "loaded_at", "upload_count", "excluded_count"),
    *("jobs_failed", "is_stuck", "is_late", "late_at"),
)
"""The columns of a night's rows of which `states` makes use."""


def states(
    observation: Observation, ends: datetime, now: datetime, *, is_complete: bool
) -> "pd.Series[str]":
    """Return how a night went for each of its rows: a category (NightState).

    `ends` is when the night ends, `is_complete` whether it was read whole after that. That nothing
    came is known only of such a night, and of one under way as far as it has gone; what was seen
    stays seen.
    """
    rows, facts = observation.rows, observation.facts
    came, out = rows["upload_count"], rows["excluded_count"]
    has_loaded = rows["loaded_at"].notna()
    is_overdue = rows["late_at"] < pd.Timestamp(min(observation.at, ends))
    # Of a night that nobody saw end, what was missing may have come later.
    is_whole = is_complete or now < ends
    is_known = is_whole and facts.jobs_at is not None and facts.lists_at is not None
    rules = {
        NightState.EXCLUDED: (came > 0) & (out == came),
        NightState.LOADED: has_loaded,
        NightState.FAILED: rows["jobs_failed"] > 0,
        NightState.LATE: (is_overdue & is_known) | rows["is_stuck"] | rows["is_late"],
    }
    rest = NightState.NOTHING_CAME if is_known else NightState.NOT_OBSERVED
    places = [STATES.index(state) for state in rules]
    codes = np.select([np.asarray(each) for each in rules.values()], places, STATES.index(rest))
    return pd.Series(pd.Categorical.from_codes(codes, dtype=categories(NightState)), rows.index)
