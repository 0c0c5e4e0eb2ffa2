"""The rate limiter under a clock that only moves when somebody waits or the test says so."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.visier import Budget, Interrupted, Lane, RateLimited, RateLimiter
from services.visier.rate_limit_headers import RateLimitHeaders, rate_limit_headers
from services.visier.rate_limiter import WaitPolicy
from tests.services.visier.clock import Clock

SILENT = RateLimitHeaders()


@pytest.fixture
def clock() -> Clock:
    return Clock()


def wait_policy(
    rate_limiter: RateLimiter, lane: Lane, interrupted: Callable[[], bool] = lambda: False
) -> WaitPolicy:
    return rate_limiter.wait_policy(lane, "job_status", interrupted)


def call(
    rate_limiter: RateLimiter,
    lane: Lane = Lane.CLICK,
    headers: RateLimitHeaders = SILENT,
    *,
    refused: bool = False,
) -> None:
    with rate_limiter.call(wait_policy(rate_limiter, lane)) as under_way:
        under_way.answered(headers, refused=refused)


def calls_that_pass(rate_limiter: RateLimiter, lane: Lane) -> int:
    for passed in range(1000):
        try:
            call(rate_limiter, lane)
        except RateLimited:
            return passed
    return 1000


def told(minute: int, hour: int = 5000, limit: int = 100) -> RateLimitHeaders:
    return RateLimitHeaders(limit, minute, 60 * limit, hour)


def test_nothing_is_known_before_the_first_answer(clock: Clock) -> None:
    assert clock.rate_limiter().budget() == Budget(None, None, None, None, 0.0)


def test_the_budget_follows_the_headers(clock: Clock) -> None:
    rate_limiter = clock.rate_limiter()
    call(rate_limiter, headers=told(41, 1234, limit=200))
    assert rate_limiter.budget() == Budget(200, 41, 12000, 1234, 0.0)


def test_without_headers_it_counts_for_itself(clock: Clock) -> None:
    rate_limiter = clock.rate_limiter()
    call(rate_limiter)
    call(rate_limiter)
    assert rate_limiter.budget() == Budget(100, 98, 6000, 5998, 0.0)


def test_without_any_limit_everything_passes(clock: Clock) -> None:
    rate_limiter = clock.rate_limiter(per_minute=None)
    assert calls_that_pass(rate_limiter, Lane.WATCH) == 1000
    assert rate_limiter.budget() == Budget(None, None, None, None, 0.0)


def test_a_limit_the_server_names_counts_even_when_none_was_assumed(clock: Clock) -> None:
    rate_limiter = clock.rate_limiter(per_minute=None)
    call(rate_limiter, headers=told(9, limit=10))
    assert calls_that_pass(rate_limiter, Lane.CLICK) == 9


@pytest.mark.parametrize(("lane", "passing"), [(Lane.CLICK, 100), (Lane.WATCH, 80)])
def test_the_reserve_is_kept_for_clicks(clock: Clock, lane: Lane, passing: int) -> None:
    rate_limiter = clock.rate_limiter()
    assert calls_that_pass(rate_limiter, lane) == passing
    assert calls_that_pass(rate_limiter, Lane.CLICK) == 100 - passing


def test_bulk_leaves_the_reserve_and_waits_for_as_long_as_it_takes(clock: Clock) -> None:
    rate_limiter = clock.rate_limiter()
    for _ in range(200):
        call(rate_limiter, Lane.BULK)
    # 80 at once, 80 a minute later, the last 40 another minute later
    assert clock.now == pytest.approx(1000 + 120)
    assert max(clock.waits) <= 1.0


def test_the_reserve_holds_for_the_hour_too(clock: Clock) -> None:
    rate_limiter = clock.rate_limiter()
    call(rate_limiter, headers=told(100, 1200))
    with pytest.raises(RateLimited):
        call(rate_limiter, Lane.WATCH)
    call(rate_limiter, Lane.CLICK)


def test_a_click_waits_a_little_and_no_longer(clock: Clock) -> None:
    rate_limiter = clock.rate_limiter()
    assert calls_that_pass(rate_limiter, Lane.CLICK) == 100
    clock.now += 56
    call(rate_limiter, Lane.CLICK)
    assert clock.now == pytest.approx(1060)


def test_a_click_that_would_wait_longer_says_how_long_at_once(clock: Clock) -> None:
    rate_limiter = clock.rate_limiter()
    calls_that_pass(rate_limiter, Lane.CLICK)
    clock.now += 50
    with pytest.raises(RateLimited) as caught:
        call(rate_limiter, Lane.CLICK)
    assert caught.value.retry_after == pytest.approx(10)
    assert caught.value.operation == "job_status"
    assert clock.now == 1050


def test_watching_never_waits(clock: Clock) -> None:
    rate_limiter = clock.rate_limiter()
    calls_that_pass(rate_limiter, Lane.WATCH)
    clock.now += 59.9
    with pytest.raises(RateLimited):
        call(rate_limiter, Lane.WATCH)
    assert not clock.waits


def test_watching_takes_nothing_that_bulk_work_waits_for(clock: Clock) -> None:
    rate_limiter = clock.rate_limiter()
    seen: list[str] = []

    def try_watching() -> bool:
        if not seen:
            seen.append("interrupted")
            with pytest.raises(RateLimited):
                call(rate_limiter, Lane.WATCH)
            call(rate_limiter, Lane.CLICK)
        return False

    call(rate_limiter, headers=told(20))
    with rate_limiter.call(wait_policy(rate_limiter, Lane.BULK, try_watching)):
        assert seen


def test_what_others_use_of_the_key_counts(clock: Clock) -> None:
    rate_limiter = clock.rate_limiter()
    call(rate_limiter, headers=told(3))
    assert calls_that_pass(rate_limiter, Lane.CLICK) == 3


def test_the_servers_count_is_believed_until_its_minute_is_over(clock: Clock) -> None:
    rate_limiter = clock.rate_limiter()
    call(rate_limiter, headers=RateLimitHeaders(100, 0, 6000, 5000, minute_left=4.0))
    call(rate_limiter, Lane.CLICK)
    assert clock.now == pytest.approx(1004)


def test_a_refusal_is_waited_out_as_long_as_it_says(clock: Clock) -> None:
    rate_limiter = clock.rate_limiter()
    call(rate_limiter, headers=RateLimitHeaders(retry_after=7.0), refused=True)
    assert rate_limiter.budget().blocked_seconds == 7.0
    with pytest.raises(RateLimited) as caught:
        call(rate_limiter, Lane.CLICK)
    assert caught.value.retry_after == 7.0
    call(rate_limiter, Lane.BULK)
    assert clock.now == pytest.approx(1007)
    assert rate_limiter.budget().blocked_seconds == 0.0


def test_a_refusal_without_retry_after_waits_for_the_servers_next_minute(clock: Clock) -> None:
    rate_limiter = clock.rate_limiter()
    call(rate_limiter, headers=RateLimitHeaders(minute_left=20.0), refused=True)
    call(rate_limiter, Lane.BULK)
    assert clock.now == pytest.approx(1020.5)


def test_a_refusal_that_says_nothing_waits_a_whole_minute(clock: Clock) -> None:
    rate_limiter = clock.rate_limiter()
    call(rate_limiter, refused=True)
    assert rate_limiter.budget().blocked_seconds == 60.5


def test_a_refusal_that_asks_for_no_pause_gets_one(clock: Clock) -> None:
    rate_limiter = clock.rate_limiter()
    call(rate_limiter, headers=RateLimitHeaders(retry_after=0.0), refused=True)
    assert rate_limiter.budget().blocked_seconds == 1.0


def test_waiting_work_can_be_stopped(clock: Clock) -> None:
    rate_limiter = clock.rate_limiter()
    calls_that_pass(rate_limiter, Lane.CLICK)
    stops = iter([False, False, True])
    with (
        pytest.raises(Interrupted),
        rate_limiter.call(wait_policy(rate_limiter, Lane.BULK, lambda: next(stops))),
    ):
        pass
    assert clock.now == pytest.approx(1002)


def test_requests_in_flight_are_counted(clock: Clock) -> None:
    rate_limiter = clock.rate_limiter(per_minute=2)
    with rate_limiter.call(wait_policy(rate_limiter, Lane.CLICK)):
        assert calls_that_pass(rate_limiter, Lane.CLICK) == 1


def test_what_the_server_has_not_yet_counted_is_taken_off_what_it_tells(clock: Clock) -> None:
    rate_limiter = clock.rate_limiter()
    call(rate_limiter)
    with (
        rate_limiter.call(wait_policy(rate_limiter, Lane.CLICK)) as first,
        rate_limiter.call(wait_policy(rate_limiter, Lane.CLICK)) as second,
    ):
        second.answered(told(50), refused=False)
        assert rate_limiter.budget().minute_remaining == 49
        first.answered(told(51), refused=False)
    assert rate_limiter.budget().minute_remaining == 50


def test_an_older_answer_that_comes_late_gives_nothing_back(clock: Clock) -> None:
    rate_limiter = clock.rate_limiter()
    with rate_limiter.call(wait_policy(rate_limiter, Lane.CLICK)) as first:
        call(rate_limiter, headers=told(48))
        call(rate_limiter, headers=told(47))
        first.answered(told(49), refused=False)
    assert rate_limiter.budget().minute_remaining == 47


def test_a_call_that_fails_gives_its_place_back_a_minute_later(clock: Clock) -> None:
    rate_limiter = clock.rate_limiter(per_minute=1)
    with (
        pytest.raises(OSError, match="cut"),
        rate_limiter.call(wait_policy(rate_limiter, Lane.CLICK)),
    ):
        raise OSError("cut")
    clock.now += 60
    call(rate_limiter, Lane.CLICK)


def eighths(most: int) -> st.SearchStrategy[float]:
    """Spans of time whose sums and differences are exact, so that the bound below can be."""
    return st.integers(0, 8 * most).map(lambda number: number / 8)


@given(
    limit=st.integers(1, 12),
    steps=st.lists(
        st.tuples(st.sampled_from(Lane), eighths(30), eighths(3)),
        max_size=60,
    ),
)
def test_no_sliding_minute_ever_holds_more_than_the_limit(
    limit: int, steps: list[tuple[Lane, float, float]]
) -> None:
    clock = Clock()
    rate_limiter = clock.rate_limiter(per_minute=limit)
    counted: list[float] = []
    for lane, pause, latency in steps:
        clock.now += pause
        try:
            with rate_limiter.call(wait_policy(rate_limiter, lane)):
                counted.append(clock.now + latency / 2)
                clock.now += latency
        except RateLimited:
            continue
    for end in counted:
        assert sum(end - 60 < moment <= end for moment in counted) <= limit


def test_many_threads_share_one_budget(clock: Clock) -> None:
    rate_limiter = clock.rate_limiter(per_minute=10)
    server = threading.Lock()
    counted: list[float] = []

    def work() -> None:
        with rate_limiter.call(wait_policy(rate_limiter, Lane.BULK)), server:
            counted.append(clock.now)

    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(work) for _ in range(100)]:
            done.result()
    assert len(counted) == 100
    for end in counted:
        assert sum(end - 60 < moment <= end for moment in counted) <= 10


NOON = datetime(2026, 3, 1, 12, 30, 45, tzinfo=UTC)


@pytest.mark.parametrize(
    ("retry_after", "seconds"),
    [
        ("30", 30.0),
        (format_datetime(NOON + timedelta(seconds=90), usegmt=True), 90.0),
        (format_datetime(NOON - timedelta(seconds=90), usegmt=True), 0.0),
        ("soon", None),
        ("-5", None),
        ("", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(retry_after: str, seconds: float | None) -> None:
    headers = {"retry-after": retry_after, "date": format_datetime(NOON, usegmt=True)}
    assert rate_limit_headers(headers).retry_after == seconds


def test_the_date_tells_how_much_of_the_servers_minute_and_hour_is_left() -> None:
    headers = rate_limit_headers({"date": format_datetime(NOON, usegmt=True)})
    assert (headers.minute_left, headers.hour_left) == (15.0, 1755.0)


def test_odd_headers_say_nothing() -> None:
    headers = {
        "x-ratelimit-limit-minute": "many",
        "x-ratelimit-remaining-minute": "-1",
        "date": "yesterday",
    }
    assert rate_limit_headers(headers) == RateLimitHeaders()


def test_the_watch_takes_a_fifth_of_a_minute_at_most(clock: Clock) -> None:
    rate_limiter = clock.rate_limiter()
    assert calls_that_pass(rate_limiter, Lane.UNATTENDED) == 20
    with pytest.raises(RateLimited) as limited:
        call(rate_limiter, Lane.UNATTENDED)
    assert limited.value.retry_after == 60
    # That is no wait for anybody else.
    assert calls_that_pass(rate_limiter, Lane.WATCH) == 60
    clock.now += 60
    assert calls_that_pass(rate_limiter, Lane.UNATTENDED) == 20


def test_the_watch_waits_while_people_leave_less_than_half(clock: Clock) -> None:
    rate_limiter = clock.rate_limiter()
    call(rate_limiter, headers=told(51))
    assert calls_that_pass(rate_limiter, Lane.UNATTENDED) == 1
    call(rate_limiter, headers=told(30))
    assert calls_that_pass(rate_limiter, Lane.UNATTENDED) == 0
    assert calls_that_pass(rate_limiter, Lane.CLICK) == 30
