import pytest

from services.sandbox import times
from services.sandbox.clock import Clock
from tests.services.sandbox.conftest import Wall


def test_dates_follow_the_wall_at_any_speed(wall: Wall) -> None:
    clock = Clock(60, wall)
    before = clock.now()
    wall.seconds += 2
    assert clock.now() - before == 2_000
    assert clock.machine() == 120_000


def test_at_speed_0_the_machine_moves_only_by_hand(wall: Wall) -> None:
    clock = Clock(0, wall)
    wall.seconds += 100
    assert clock.machine() == 0
    clock.advance(30)
    assert clock.machine() == 30_000


def test_advancing_by_hand_moves_dates_and_the_machine_at_its_speed(wall: Wall) -> None:
    clock = Clock(60, wall)
    before = clock.now()
    clock.advance(3)
    assert clock.now() - before == 3_000
    assert clock.machine() == 180_000


def test_a_new_speed_does_not_reach_back(wall: Wall) -> None:
    clock = Clock(10, wall)
    wall.seconds += 1
    clock.set_speed(1)
    wall.seconds += 1
    assert clock.machine() == 11_000


@pytest.mark.parametrize("speed", [0, 1, 60])
def test_an_event_is_dated_when_it_was_due_not_when_somebody_looked(
    wall: Wall, speed: float
) -> None:
    clock = Clock(speed, wall)
    due = clock.machine() + 60_000
    expected = clock.now() + 60_000 / (speed or 1)
    clock.advance(600)
    assert clock.date(due) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2019-10-02T20:35:21.420Z", "2019-10-02T20:35:21.420Z"),
        ("2019-10-02T20:35:21.420", "2019-10-02T20:35:21.420Z"),
        ("2019-10-02T22:35:21.420+02:00", "2019-10-02T20:35:21.420Z"),
        ("2019-10-02", "2019-10-02T00:00:00.000Z"),
        (1570048521420, "2019-10-02T20:35:21.420Z"),
        ("1570048521420", "2019-10-02T20:35:21.420Z"),
    ],
)
def test_times_are_read_in_every_form(value: object, expected: str) -> None:
    assert times.parse(value) == expected


@pytest.mark.parametrize("value", ["", "yesterday", "2019-13-01", "99999999999999999999"])
def test_what_is_no_time_is_a_value_error(value: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        times.parse(value)
