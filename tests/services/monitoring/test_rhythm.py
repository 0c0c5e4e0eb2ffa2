"""How often tenants get a data version, and whether the next one is overdue."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from services.monitoring.rhythm import Rhythm, overdue_by, rhythms, statuses
from tests.services.monitoring.observed import NOW, ago

HOUR = 60.0
DAY = 24 * HOUR
# A Friday.
FRIDAY = datetime(2026, 11, 20, 2, tzinfo=UTC)


def versions(**days_ago: list[float | None]) -> pd.DataFrame:
    return at(
        **{
            code: [None if day is None else ago(DAY * day) for day in days]
            for code, days in days_ago.items()
        }
    )


def at(**dates: list[datetime | None]) -> pd.DataFrame:
    rows = [(code, date) for code in dates for date in dates[code]]
    found = pd.DataFrame(rows, columns=["tenant_code", "data_version_date"])
    times = pd.to_datetime(found["data_version_date"], utc=True).dt.as_unit("ms")
    return found.astype({"tenant_code": "str"}).assign(data_version_date=times)


def latest(listed: pd.DataFrame) -> pd.DataFrame:
    by = listed.groupby("tenant_code", sort=False)["data_version_date"].max().reset_index()
    numbers = pd.Series(["1"] * len(by), dtype="str").where(by["data_version_date"].notna())
    return by.assign(data_version=numbers).join(rhythms(listed), on="tenant_code")


def state(listed: pd.DataFrame, now: datetime = NOW) -> list[str]:
    return list(statuses(latest(listed), now))


def days(gap: pd.Timedelta) -> float | None:
    return None if pd.isna(gap) else gap / pd.Timedelta(days=1)


def test_the_usual_gap_is_the_median_of_those_listed_in_whatever_order() -> None:
    gaps = rhythms(versions(weekly=[2, 9, 16, 23, 30], mixed=[9, 1, 3, 2], twice=[5, 12]))
    assert days(gaps["usual_gap"]["weekly"]) == 7
    assert days(gaps["usual_gap"]["mixed"]) == 1
    assert days(gaps["usual_gap"]["twice"]) is None


def test_who_has_no_version_or_one_has_no_rhythm() -> None:
    listed = versions(none=[None], one=[3], two=[3, 4])
    found = rhythms(listed).reindex(["none", "one", "two", "unheard of"])
    assert found.drop(columns="loaded_at").isna().all(axis=None)
    assert found["loaded_at"].notna().tolist() == [False, True, True, False]
    assert rhythms(versions()).empty
    assert state(listed) == ["none_enabled", "too_little_known", "too_little_known"]


@pytest.mark.parametrize(
    ("days_ago", "found"),
    [
        ([2, 9, 16, 23, 30], Rhythm.ON_TIME),
        ([7.8, 14.8, 21.8, 28.8], Rhythm.ON_TIME),
        ([8, 15, 22, 29], Rhythm.OVERDUE),
        ([1.2, 2.2, 3.2, 4.2, 5.2], Rhythm.ON_TIME),
        ([1.3, 2.3, 3.3, 4.3, 5.3], Rhythm.OVERDUE),
        ([0.01, 1.01, 2.01], Rhythm.ON_TIME),
        ([-1, 0, 1, 2], Rhythm.ODD_DATE),
        ([2, 9], Rhythm.TOO_LITTLE_KNOWN),
    ],
)
def test_a_version_is_overdue_some_hours_after_it_was_due_the_more_the_longer_the_gaps(
    days_ago: list[float | None], found: Rhythm
) -> None:
    assert state(versions(a=days_ago)) == [found]


def test_who_loads_irregularly_is_given_more_time() -> None:
    assert state(versions(by_the_clock=[9, 16, 23, 30, 37])) == [Rhythm.OVERDUE]
    assert state(versions(irregular=[9, 14, 23, 28, 37])) == [Rhythm.ON_TIME]


def test_one_load_that_did_not_come_does_not_change_the_rhythm() -> None:
    assert days(rhythms(versions(a=[1.5, 2.5, 4.5, 5.5, 6.5]))["usual_gap"]["a"]) == 1
    assert state(versions(a=[1.5, 2.5, 4.5, 5.5, 6.5])) == [Rhythm.OVERDUE]


def test_versions_that_were_made_again_of_one_load_are_no_gap_of_their_own() -> None:
    twice_each = versions(a=[2, 2.1, 9, 9.1, 16.1])
    assert days(rhythms(twice_each)["usual_gap"]["a"]) == pytest.approx(7, abs=0.11)
    assert state(versions(a=[9, 9.1, 9.2, 9.3, 16])) == [Rhythm.TOO_LITTLE_KNOWN]


def test_overdue_by_is_what_has_passed_since_it_was_due() -> None:
    found = latest(versions(late=[9, 16, 23], due=[7.1, 14.1, 21.1], never=[None]))
    assert [days(each) for each in overdue_by(found, NOW)] == [2, None, None]


def mondays_to_fridays(hour: float = 0) -> list[datetime | None]:
    return [FRIDAY + timedelta(hours=hour) - timedelta(days=day) for day in range(5)]


@pytest.mark.parametrize("hour", [0, 6, 20, 23], ids=str)
def test_who_loads_on_working_days_is_not_overdue_on_a_sunday(hour: float) -> None:
    listed, last = at(a=mondays_to_fridays(hour)), FRIDAY + timedelta(hours=hour)
    assert state(listed, last + timedelta(days=2)) == [Rhythm.ON_TIME]
    assert state(listed, last + timedelta(days=3, hours=5)) == [Rhythm.ON_TIME]
    assert state(listed, last + timedelta(days=3, hours=7)) == [Rhythm.OVERDUE]


def test_a_weekend_between_two_loads_is_no_gap() -> None:
    over_the_weekend = [FRIDAY - timedelta(days=day) for day in (1, 2, 3, 4, 7)]
    spread = at(a=[*over_the_weekend])
    due = rhythms(spread)["due_at"]["a"]
    assert due == pd.Timestamp(FRIDAY)


@pytest.mark.parametrize(
    "shifted", [timedelta(hours=8), -timedelta(hours=10)], ids=["west", "east"]
)
def test_the_weekend_of_who_is_west_or_east_of_utc_is_a_day_off_there(shifted: timedelta) -> None:
    # At eight in the evening in Vancouver, at four in the morning in Sydney.
    local = FRIDAY.replace(hour=20 if shifted > timedelta() else 4)
    dates: list[datetime | None] = [local + shifted - timedelta(days=day) for day in range(5)]
    last = local + shifted
    assert state(at(a=dates), last + timedelta(days=2, hours=12)) == [Rhythm.ON_TIME]
    assert state(at(a=dates), last + timedelta(days=3, hours=12)) == [Rhythm.OVERDUE]


def test_who_has_loaded_on_a_weekend_is_due_on_weekends() -> None:
    sunday = FRIDAY - timedelta(days=5)
    dates: list[datetime | None] = [sunday + timedelta(days=day) for day in range(5)]
    thursday = sunday + timedelta(days=4)
    assert state(at(a=dates), thursday + timedelta(days=2)) == [Rhythm.OVERDUE]


@pytest.mark.parametrize(("gap", "spread"), [(1.0, 1.0), (2.0, 2.0), (7.0, 6.0), (30.0, 12.0)])
def test_who_comes_some_hours_earlier_or_later_is_seldom_called_overdue(
    gap: float, spread: float
) -> None:
    source, tenants = np.random.default_rng(7), 1_000
    hours = np.arange(5) * gap * 24 + source.normal(0, spread, (tenants, 5))
    # Just before each of them loads again, on time.
    until = 5 * gap * 24 + source.normal(0, spread / 2, tenants)
    days_ago = (until[:, None] - hours) / 24
    listed = versions(**{str(number): list(each) for number, each in enumerate(days_ago)})
    assert state(listed).count(Rhythm.OVERDUE) <= tenants * 0.02


def test_dates_at_the_ends_of_the_calendar_cost_nobody_else_a_rhythm() -> None:
    strange = at(a=[datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC), NOW])
    assert state(pd.concat([strange, versions(b=[1.5, 2.5, 3.5, 4.5])]))[1] == Rhythm.OVERDUE
