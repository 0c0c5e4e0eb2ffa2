"""The share of tenants that had loaded by a deadline, night by night."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta

import numpy as np
import pandas as pd

from services.ledger import Night
from services.monitoring.watch import NightFacts
from services.monitoring.watch.history import NOT_LISTED, NOT_LOADED, History
from services.monitoring.watch.recorded import document
from services.monitoring.watch.trends import Share
from services.notifications.freshness import fresh
from services.notifications.rules import Daily, Deadline, TenantSet, Which
from tests.services.notifications.nights import BERLIN, scope

SUNDAY = date(2026, 11, 29)
MONDAY = SUNDAY + timedelta(days=1)
NOON = 11  # of Berlin, in UTC
SEVEN = 19 * 60
"""Minutes from noon to seven."""
TENANTS = pd.Index(["t1", "t2", "t3", "t4"], dtype="str")
EVERYONE = np.ones(len(TENANTS), bool)
LOADED = [SEVEN, SEVEN + 1, NOT_LOADED, NOT_LISTED]


def nights(lists_at: Mapping[date, datetime | None]) -> History:
    """Give nights that all went alike; their versions were read last then."""
    at = datetime(2026, 11, 30, tzinfo=UTC)
    recorded = {
        night: Night(night, at, at, False, 3, document(NightFacts(lists_at=read_at)))
        for night, read_at in lists_at.items()
    }
    loaded = np.array([[each] * 2 for each in LOADED], np.int16)
    grid = np.zeros(loaded.shape, np.int8)
    return History(TENANTS, (SUNDAY, MONDAY), grid, loaded, loaded, loaded, recorded)


def noon(night: date) -> datetime:
    return datetime(night.year, night.month, night.day, NOON, tzinfo=UTC)


WHOLE = {SUNDAY: noon(SUNDAY), MONDAY: noon(MONDAY)}


def found(deadline: Deadline, history: History, rows: np.ndarray = EVERYONE) -> dict[date, Share]:
    return fresh(deadline, history, rows, [SUNDAY, MONDAY], scope=scope, zone=BERLIN)


def test_who_loaded_by_the_deadline_was_fresh_and_who_is_not_listed_does_not_count() -> None:
    by_seven = Deadline(Daily(time(7), "Europe/Berlin"))
    assert found(by_seven, nights(WHOLE)) == {SUNDAY: Share(1, 3), MONDAY: Share(1, 3)}
    by_eight = Deadline(Daily(time(8), "Europe/Berlin"))
    assert found(by_eight, nights(WHOLE))[MONDAY] == Share(2, 3)


def test_a_deadline_is_of_its_tenants_as_far_as_they_are_kept() -> None:
    of_two = TenantSet(Which.LIST, codes=("t2", "t3"))
    deadline = Deadline(Daily(time(8), "Europe/Berlin"), of_two)
    assert found(deadline, nights(WHOLE))[MONDAY] == Share(1, 2)
    only_third = np.array([False, False, True, False])
    assert found(deadline, nights(WHOLE), only_third)[MONDAY] == Share(0, 1)


def test_a_night_without_the_deadline_is_of_none_and_one_not_read_after_it_is_missing() -> None:
    on_mondays = Deadline(Daily(time(7), "Europe/Berlin", (0,)))
    assert found(on_mondays, nights(WHOLE)) == {SUNDAY: Share(0, 0), MONDAY: Share(1, 3)}
    just_before = noon(MONDAY) - timedelta(hours=5, minutes=1)
    assert found(on_mondays, nights({MONDAY: just_before})) == {}
    assert found(on_mondays, nights({MONDAY: just_before + timedelta(minutes=1)})) == {
        MONDAY: Share(1, 3)
    }
    assert found(on_mondays, nights({MONDAY: None})) == {}
