"""Which deadlines fall into a night under way, and who will miss them."""

from datetime import date, time, timedelta

import numpy as np
import pandas as pd

from services.monitoring.watch.forecast import Forecast, Forecasts
from services.monitoring.watch.night import NEVER, at_clock_minute
from services.notifications.outlook import prospects
from services.notifications.rules import (
    Condition,
    Daily,
    Deadline,
    Overdue,
    Rule,
    TenantSet,
    Which,
)
from tests.services.monitoring.watch.worlds import ZONE, history
from tests.services.notifications.nights import at

TONIGHT = date(2026, 11, 30)
"""A Monday."""
MIDNIGHT = 720
TIMES = (MIDNIGHT + 60, MIDNIGHT + 240, MIDNIGHT + 480)
"""One in the morning, four and eight by the clocks of Berlin."""
BERLIN = ZONE.key


def forecast() -> Forecast:
    """Return what was to be expected at two in the morning, with the first tenant loaded."""
    nights = [TONIGHT - timedelta(days=days) for days in range(20, -1, -1)]
    loaded = np.array([[each + number % 5 for each in TIMES] for number in range(21)], np.int16)
    loaded[-1] = TIMES[0], NEVER, NEVER
    none = np.full_like(loaded, NEVER)
    seen_at = at_clock_minute(MIDNIGHT + 120, TONIGHT, ZONE)
    found = Forecasts(ZONE).of(history(nights, loaded, none, seen_at))
    assert found is not None
    return found


def scope(tenants: TenantSet, codes: "pd.Series[str]") -> "pd.Series[bool]":
    return codes.isin(tenants.codes) if tenants.which is Which.LIST else codes.notna()


def told(*conditions: Condition) -> list[tuple[str, str, bool, list[bool]]]:
    named = [(str(number), Rule(each)) for number, each in enumerate(conditions)]
    return [
        (each.rule_id, f"{each.due:%H:%M}", each.has_passed, each.misses.tolist())
        for each in prospects(named, forecast(), scope)
    ]


def test_deadlines_are_told_by_their_time_and_other_rules_are_none() -> None:
    assert told(
        Deadline(Daily(time(7), BERLIN)), Overdue(), Deadline(Daily(time(1, 30), BERLIN))
    ) == [
        ("2", "00:30", True, [False, True, True]),
        ("0", "06:00", False, [False, False, True]),
    ]


def test_a_deadline_is_at_its_time_in_its_own_zone() -> None:
    # Seven in Tokyo is before midnight in Berlin, and before Monday.
    assert told(Deadline(Daily(time(7), "Asia/Tokyo", days=(0,)))) == [
        ("0", "22:00", True, [True, True, True])
    ]
    assert told(Deadline(Daily(time(7), "Asia/Tokyo", days=(1, 2)))) == []


def test_only_its_tenants_miss_it() -> None:
    one = forecast().codes[1]
    due = Deadline(Daily(time(3), BERLIN), TenantSet(Which.LIST, codes=(one, "gone")))
    assert told(due) == [("0", "02:00", False, [False, True, False])]
    nobody = TenantSet(Which.LIST, codes=("gone",))
    assert told(Deadline(Daily(time(3), BERLIN), nobody)) == []


def test_the_last_minute_of_a_night_is_noon() -> None:
    (noon,) = told(Deadline(Daily(time(12), BERLIN)))
    assert noon[1] == f"{at('11:00'):%H:%M}"
    assert noon[3] == [False, False, False]
