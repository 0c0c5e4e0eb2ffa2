"""Rate limiters of several processes that share the places of one key, under one clock."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.visier import Interrupted, Lane, RateLimited, RateLimiter
from services.visier.rate_limit_headers import RateLimitHeaders
from services.visier.rate_limiter import FEWEST_SLOTS
from tests.services.visier.clock import Clock


class SlotsInMemory:
    """What several processes would share, here in one."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._free_at: dict[int, float] = {}
        self.asked = 0

    def made(self) -> int | None:
        return len(self._free_at) or None

    def take(self, limit: int, kept: int) -> Callable[[], None] | float:
        self.asked += 1
        for number in range(limit):
            self._free_at.setdefault(number, 0.0)
        free_at = {number: self._free_at[number] for number in range(limit)}
        needed = sorted(free_at.values())[kept]
        if needed > self._clock.now:
            return min(60.0, needed - self._clock.now)
        number = min(free_at, key=lambda each: free_at[each])
        self._free_at[number] = self._clock.now + 125
        return lambda: self._free_at.update({number: self._clock.now + 60})


def call(rate_limiter: RateLimiter, lane: Lane = Lane.CLICK) -> None:
    with rate_limiter.call(rate_limiter.wait_policy(lane, "job_status")):
        pass


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def two(clock: Clock) -> tuple[RateLimiter, RateLimiter]:
    slots = SlotsInMemory(clock)
    return clock.rate_limiter(10, slots), clock.rate_limiter(10, slots)


def test_what_one_process_uses_another_has_no_more(two: tuple[RateLimiter, RateLimiter]) -> None:
    one, other = two
    for _ in range(7):
        call(one)
    for _ in range(3):
        call(other)
    for rate_limiter in two:
        with pytest.raises(RateLimited) as caught:
            call(rate_limiter)
        assert caught.value.retry_after == pytest.approx(60)


def test_bulk_work_of_two_leaves_the_reserve_to_clicks(
    clock: Clock, two: tuple[RateLimiter, RateLimiter]
) -> None:
    for rate_limiter in two * 8:
        call(rate_limiter, Lane.BULK)
    # Eight at once, eight a minute later.
    assert clock.now == pytest.approx(1000 + 60, abs=1)
    call(two[0], Lane.CLICK)
    call(two[1], Lane.CLICK)
    with pytest.raises(RateLimited):
        call(two[0], Lane.WATCH)


def test_a_call_that_waits_for_a_place_can_be_stopped_and_counts_for_nothing(
    clock: Clock, two: tuple[RateLimiter, RateLimiter]
) -> None:
    one, other = two
    for _ in range(10):
        call(one)
    with pytest.raises(Interrupted), other.call(other.wait_policy(Lane.BULK, "x", lambda: True)):
        pass
    clock.now += 61
    for _ in range(10):
        call(other)


def test_what_the_server_tells_is_not_lowered_by_a_call_that_did_not_leave(
    clock: Clock, two: tuple[RateLimiter, RateLimiter]
) -> None:
    one, other = two
    with other.call(other.wait_policy(Lane.CLICK, "x")) as under_way:
        under_way.answered(RateLimitHeaders(10, 5, 600, 500), refused=False)
    for _ in range(9):
        call(one)
    for _ in range(3):
        with pytest.raises(RateLimited):
            call(other)
    assert other.budget().minute_remaining == 5


def test_one_without_headers_yet_goes_by_the_limit_that_others_have_read(
    clock: Clock,
) -> None:
    slots = SlotsInMemory(clock)
    one, begun_anew = clock.rate_limiter(100, slots), clock.rate_limiter(100, slots)
    with one.call(one.wait_policy(Lane.CLICK, "x")) as first:
        first.answered(RateLimitHeaders(30, 29, 1800, 1799), refused=False)
    for _ in range(29):
        call(one)
    with pytest.raises(RateLimited):
        call(begun_anew)


def test_until_anybody_has_read_the_limit_few_calls_leave(clock: Clock) -> None:
    slots = SlotsInMemory(clock)
    two = clock.rate_limiter(100, slots), clock.rate_limiter(100, slots)
    for rate_limiter in two * (FEWEST_SLOTS // 2):
        call(rate_limiter)
    for rate_limiter in two:
        with pytest.raises(RateLimited):
            call(rate_limiter)


def test_without_a_limit_no_place_is_asked_for(clock: Clock) -> None:
    slots = SlotsInMemory(clock)
    rate_limiter = clock.rate_limiter(None, slots)
    call(rate_limiter)
    assert slots.asked == 0


@given(
    limit=st.integers(1, 12),
    steps=st.lists(
        st.tuples(st.integers(0, 2), st.sampled_from(Lane), st.floats(0, 30), st.floats(0, 50)),
        max_size=60,
    ),
)
def test_no_sliding_minute_of_three_processes_ever_holds_more_than_the_limit(
    limit: int, steps: list[tuple[int, Lane, float, float]]
) -> None:
    clock = Clock()
    slots = SlotsInMemory(clock)
    rate_limiters = [clock.rate_limiter(limit, slots) for _ in range(3)]
    counted: list[float] = []
    for number, lane, pause, latency in steps:
        clock.now += pause
        rate_limiter = rate_limiters[number]
        try:
            with rate_limiter.call(rate_limiter.wait_policy(lane, "job_status")):
                counted.append(clock.now + latency / 2)
                clock.now += latency
        except RateLimited:
            continue
    for end in counted:
        assert sum(end - 60 < moment <= end for moment in counted) <= limit
