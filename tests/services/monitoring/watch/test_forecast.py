"""What is expected of a night under way: who is due, when the rest comes, who misses a deadline."""

from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

from services.monitoring.watch.forecast import NIGHTS_AT_LEAST, Forecast, Forecasts
from services.monitoring.watch.history import NOTHING
from services.monitoring.watch.night import NEVER, at_clock_minute, clock_minutes
from tests.services.monitoring.watch.worlds import DAY, ZONE, history

TONIGHT = date(2026, 11, 30)
"""A Monday."""
HOUR = 60
MIDNIGHT = 12 * HOUR


def at(hour: int, minute: int = 0) -> int:
    """Return the minute of a night at a time in its morning."""
    return MIDNIGHT + hour * HOUR + minute


def asked(
    earlier: list[list[int]],
    now: int,
    loaded: list[int],
    *,
    began: list[int] | None = None,
    took: int = NEVER,
    tonight: date = TONIGHT,
    unseen: Collection[date] = (),
) -> Forecast:
    """Ask in a night, after nights of which each says when its tenants loaded.

    `took` is how long after its first job each of their loads came.
    """
    nights = [tonight - days * DAY for days in range(len(earlier), -1, -1)]
    times = np.array([*earlier, loaded], np.int16)
    begun = np.where((times > NEVER) & (took > NEVER), times - took, NEVER).astype(np.int16)
    if began is not None:
        begun[-1] = began
    on_record = history(nights, times, begun, at_clock_minute(now, tonight, ZONE), unseen=unseen)
    found = Forecasts(ZONE).of(on_record)
    assert found is not None
    return found


def like(night: list[int], count: int = 30, spread: int = 3) -> list[list[int]]:
    """Return nights like this one, a few minutes sooner or later."""
    return [
        [
            each + (number * 7 % (2 * spread + 1)) - spread if each > NEVER else NEVER
            for each in night
        ]
        for number in range(count)
    ]


def clock(found: Forecast, minute: float) -> str:
    """Return what clocks show at a minute of the night."""
    return f"{found.at(minute).astimezone(ZONE):%H:%M}"


USUAL = [at(1), at(1, 30), at(2), at(4)]


def test_the_rest_is_expected_when_it_usually_comes() -> None:
    found = asked(like(USUAL), at(3), [at(1), at(1, 30), at(2), NEVER])
    assert found.has_loaded.tolist() == [True, True, True, False]
    assert found.rest.tolist() == [False, False, False, True]
    assert not found.stays_out.any()
    assert found.end is not None
    assert "03:57" <= clock(found, found.end.likely) <= "04:03"
    assert found.end.likely <= found.end.nine_in_ten <= at(4, 10)
    assert found.end.nights >= NIGHTS_AT_LEAST


def test_a_night_that_is_late_so_far_stays_late() -> None:
    found = asked(like(USUAL), at(4), [at(2), at(2, 30), at(3), NEVER])
    assert found.end is not None
    assert "04:55" <= clock(found, found.end.likely) <= "05:05"


def test_who_has_begun_comes_as_soon_as_its_jobs_usually_take() -> None:
    waits = [at(1), at(1, 30), at(2), NEVER]
    began = [at(0, 40), at(1, 10), at(1, 40), at(7, 30)]
    idle = asked(like(USUAL), at(7, 35), waits, took=20)
    found = asked(like(USUAL), at(7, 35), waits, took=20, began=began)
    # Never so late before: without its job nobody would wait for it any more.
    assert idle.stays_out.tolist() == [False, False, False, True]
    assert not found.stays_out.any()
    due = at_clock_minute(at(8), TONIGHT, ZONE)
    assert idle.misses(due).tolist() == [False, False, False, True]
    assert not found.misses(due).any()
    assert found.misses(at_clock_minute(at(7, 40), TONIGHT, ZONE)).tolist() == [*[False] * 3, True]


def test_whose_jobs_have_taken_far_too_long_is_not_waited_for() -> None:
    began = [at(0, 40), at(1, 10), at(1, 40), at(3, 40)]
    found = asked(like(USUAL), at(8), [at(1), at(1, 30), at(2), NEVER], took=20, began=began)
    assert found.stays_out.tolist() == [False, False, False, True]
    assert found.end is None


def test_only_those_are_due_that_load_in_such_a_night() -> None:
    nights = [TONIGHT - days * DAY for days in range(56, 0, -1)]
    earlier = [
        [
            at(1),
            at(1) if night.weekday() < 5 else NEVER,
            at(1) if night.weekday() == 0 else NEVER,
            at(1) if night.weekday() == 3 else NEVER,
            at(1) if number % 2 == 0 else NEVER,
            at(1) if number % 2 else NEVER,
            at(1) if number < 40 else NEVER,
            NEVER,
        ]
        for number, night in enumerate(nights)
    ]
    found = asked(earlier, at(0), [NEVER] * 8)
    # Daily, on working days, on Mondays, every other day: not on Thursdays, nor who has stopped.
    assert found.rest.tolist() == [True, True, True, False, True, False, False, False]


@pytest.mark.parametrize("known", [0, NIGHTS_AT_LEAST - 1, NIGHTS_AT_LEAST])
def test_with_too_few_nights_it_cannot_tell(known: int) -> None:
    found = asked(like(USUAL, known), at(0), [NEVER] * 4)
    assert found.nights_known == known
    assert found.can_tell == (found.end is not None) == (known == NIGHTS_AT_LEAST)


def test_nights_that_nobody_saw_end_tell_nothing() -> None:
    unseen = [TONIGHT - days * DAY for days in range(1, 26)]
    assert not asked(like(USUAL, 30), at(0), [NEVER] * 4, unseen=unseen).can_tell


def test_when_all_have_loaded_there_is_nothing_left_to_tell() -> None:
    found = asked(like(USUAL), at(5), USUAL)
    assert not found.rest.any()
    assert found.is_due.all()
    assert found.end is None
    assert not found.misses(at_clock_minute(at(7), TONIGHT, ZONE)).any()


def test_who_has_loaded_counts_although_it_was_not_due() -> None:
    found = asked(like([at(1), NEVER]), at(2), [at(1), at(1, 10)])
    assert found.is_due.tolist() == [True, True]
    assert not found.rest.any()


def test_a_deadline_is_missed_by_who_comes_later_and_by_who_does_not_come() -> None:
    earlier = like([at(1), at(4), at(8), NEVER])
    found = asked(earlier, at(2), [at(1), NEVER, NEVER, NEVER])
    ahead, passed = (at_clock_minute(each, TONIGHT, ZONE) for each in (at(7), at(1)))
    assert found.misses(ahead).tolist() == [False, False, True, True]
    assert not found.has_passed(ahead)
    # At a minute past: what came in time is known.
    assert found.has_passed(passed)
    assert found.misses(passed).tolist() == [True] * 4
    assert found.misses(passed + timedelta(minutes=1)).tolist() == [False, True, True, True]


@pytest.mark.parametrize("night", [date(2026, 3, 29), date(2026, 10, 25)])
def test_in_a_night_in_which_clocks_change_loads_come_by_the_clock(night: date) -> None:
    found = asked(like(USUAL), at(1, 45), [at(1), at(1, 30), NEVER, NEVER], tonight=night)
    assert found.end is not None
    assert "03:57" <= clock(found, found.end.likely) <= "04:10"


@pytest.mark.parametrize(
    ("night", "time", "minute"),
    [
        (date(2026, 7, 1), "2026-06-30T12:00+02:00", 0),
        (date(2026, 7, 1), "2026-07-01T05:00:59+02:00", at(5)),
        (date(2026, 3, 29), "2026-03-29T01:59+01:00", at(1, 59)),
        (date(2026, 3, 29), "2026-03-29T03:00+02:00", at(3)),
        (date(2026, 10, 25), "2026-10-25T02:30+02:00", at(2, 30)),
        (date(2026, 10, 25), "2026-10-25T05:00+01:00", at(5)),
    ],
)
def test_a_time_is_the_minute_that_clocks_show(night: date, time: str, minute: int) -> None:
    moment = datetime.fromisoformat(time).astimezone(UTC)
    times = pd.Series([moment, None], dtype="datetime64[ms, UTC]")
    assert clock_minutes(times, night, ZoneInfo("Europe/Berlin")).tolist() == [minute, NEVER]
    assert at_clock_minute(minute, night, ZONE) == moment.replace(second=0)


def test_without_a_look_there_is_no_forecast() -> None:
    none = np.empty((1, 0), np.int16)
    assert Forecasts(ZONE).of(NOTHING) is None
    assert Forecasts(ZONE).of(history([TONIGHT], none, none, None)) is None


def test_what_earlier_nights_tell_is_worked_out_once() -> None:
    forecasts = Forecasts(ZONE)
    nights = [TONIGHT - days * DAY for days in range(20, -1, -1)]

    def look(now: int, loaded: list[int]) -> Forecast:
        times = np.array([*like(USUAL, 20), loaded], np.int16)
        none = np.full_like(times, NEVER)
        found = forecasts.of(history(nights, times, none, at_clock_minute(now, TONIGHT, ZONE)))
        assert found is not None
        return found

    first, second = look(at(0), [NEVER] * 4), look(at(2), [at(1), at(1, 30), NEVER, NEVER])
    assert second.earlier is first.earlier
    assert second.rest.tolist() != first.rest.tolist()
