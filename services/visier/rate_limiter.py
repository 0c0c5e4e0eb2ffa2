"""The call budget of one API key: which call may go now, and how long the others wait.

Visier counts per API key, not per user: everybody and everything that uses the key shares it
(source: the API documentation's page on rate limits).
"""

import math
import random
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from .call_window import CallWindow
from .errors import Interrupted, RateLimited
from .rate_limit_headers import RateLimitHeaders

# A fifth is left to clicks: a person does not wait for a bulk change or a watch.
RESERVE = 0.2
# What only comforts, as names do, never takes the rows of the next screen their calls.
COMFORT_RESERVE = 0.5
# The watch goes on for ever, so it leaves to people whatever they need, and never takes more of a
# minute than this.
UNATTENDED_SHARE = 0.2
# Seconds a page waits for a call before it shows its progress instead.
CLICK_PATIENCE = 5.0
# Seconds after which a wait checks whether it was interrupted.
SLICE = 1.0
_MINUTE, _HOUR = 60.0, 3600.0
# Until a process that shares the key knows its limit: enough for a first answer, below any limit.
FEWEST_SLOTS = 10
# Visier's longest window is an hour: after it a call is tried again, whatever Visier asked for.
LONGEST_WAIT = _HOUR


class Lane(StrEnum):
    """On whose behalf a call is made, the most urgent first."""

    CLICK = "click"
    BULK = "bulk"
    WATCH = "watch"
    COMFORT = "comfort"
    UNATTENDED = "unattended"
    """On nobody's: the watch that looks while no tab is open."""


# Seconds. A watch does not wait: it comes back by itself at its next round.
PATIENCE = {
    Lane.CLICK: CLICK_PATIENCE,
    Lane.BULK: math.inf,
    Lane.WATCH: 0.0,
    Lane.COMFORT: 0.0,
    Lane.UNATTENDED: 0.0,
}
_RESERVES = {
    Lane.CLICK: 0.0,
    Lane.BULK: RESERVE,
    Lane.WATCH: RESERVE,
    Lane.COMFORT: COMFORT_RESERVE,
    Lane.UNATTENDED: COMFORT_RESERVE,
}


@dataclass(frozen=True)
class Budget:
    """What is left of the call budget, None where unknown.

    ``blocked_seconds`` is the time until a call is tried again after a 429, ``asked_seconds`` how
    long Visier asked to wait; both are 0 when no wait is left.
    """

    minute_limit: int | None
    minute_remaining: int | None
    hour_limit: int | None
    hour_remaining: int | None
    blocked_seconds: float
    asked_seconds: float = 0.0


@dataclass(frozen=True)
class WaitPolicy:
    """How long one piece of work may wait: until ``deadline``, or until it is ``interrupted``."""

    lane: Lane
    deadline: float
    interrupted: Callable[[], bool]
    operation: str


class Slots(Protocol):
    """The slots of one API key's minute, as many as its limit, shared by all processes.

    Its methods neither wait nor raise; a process that cannot reach them goes by the headers.
    """

    def made(self) -> int | None:
        """Return how many slots there are, the limit as others know it; None where unknown."""

    def take(self, limit: int, kept: int) -> Callable[[], None] | float:
        """Take a slot when more than ``kept`` of ``limit`` are free.

        Returns a function that gives it back after the answer, or the seconds to wait for one.
        """


class Call:
    """One request in flight; ``answered`` reads the budget from its answer."""

    def __init__(self, rate_limiter: "RateLimiter", answered_before: int) -> None:
        self._rate_limiter = rate_limiter
        self.answered_before = answered_before

    def answered(self, headers: RateLimitHeaders, *, refused: bool) -> None:
        """Read the answer's rate-limit headers; ``refused`` when it was a 429."""
        self._rate_limiter.record_answer(self, headers, refused=refused)


def _wait(condition: threading.Condition, seconds: float) -> None:
    condition.wait(seconds)


class RateLimiter:
    """Keeps calls within the limits of one API key, for any number of threads.

    Until an answer states the limits, ``assumed_per_minute`` calls a minute and sixty times as many
    an hour are assumed (None: no limit until then). ``slots`` are shared with other processes that
    use the key. ``clock`` returns seconds, ``wait(condition, seconds)`` waits on a condition,
    ``jitter`` returns 0 to 1.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        wait: Callable[[threading.Condition, float], None] = _wait,
        *,
        # Visier's default: 100 a minute and 6,000 an hour.
        assumed_per_minute: int | None = 100,
        jitter: Callable[[], float] = random.random,
        slots: Slots | None = None,
    ) -> None:
        self._clock = clock
        self._wait = wait
        self._jitter = jitter
        self._slots = slots
        self._changed = threading.Condition()
        per_hour = None if assumed_per_minute is None else assumed_per_minute * 60
        self._minute = CallWindow(_MINUTE, assumed_per_minute)
        self._hour = CallWindow(_HOUR, per_hour)
        self._unattended: deque[float] = deque()
        self._in_flight = 0
        self._answered = 0
        self._has_headers = False
        self._blocked_until = self._asked_until = -math.inf

    def wait_policy(
        self, lane: Lane, operation: str, interrupted: Callable[[], bool] = lambda: False
    ) -> WaitPolicy:
        """Return a policy that begins now: a click waits 5 s, bulk work without limit."""
        return WaitPolicy(lane, self._clock() + PATIENCE[lane], interrupted, operation)

    @contextmanager
    def call(self, wait_policy: WaitPolicy) -> Iterator[Call]:
        """Wait for one call of the budget and hold it during the block.

        Raises RateLimited when the wait would outlast the patience, Interrupted on request.
        """
        call, give_back = self._leave(wait_policy)
        try:
            yield call
        finally:
            self._end()
            give_back()

    def pause(self, seconds: float, wait_policy: WaitPolicy) -> None:
        """Wait some seconds within the patience, as ``call`` does."""
        until = self._clock() + seconds
        with self._changed:
            self._wait_for(wait_policy, lambda _lane, now: until - now)

    def record_answer(self, call: Call, headers: RateLimitHeaders, *, refused: bool) -> None:
        """Read the budget from an answer; called through ``Call.answered``."""
        with self._changed:
            now = self._clock()
            self._has_headers = True
            # The answer may not count the calls in flight, nor those answered since this one left.
            unseen = self._in_flight - 1 + self._answered - call.answered_before
            minute_left = _MINUTE if headers.minute_left is None else headers.minute_left
            hour_left = _HOUR if headers.hour_left is None else headers.hour_left
            minute_remaining = _less(headers.minute_remaining, unseen)
            hour_remaining = _less(headers.hour_remaining, unseen)
            self._minute.believe(headers.minute_limit, minute_remaining, now + minute_left)
            self._hour.believe(headers.hour_limit, hour_remaining, now + hour_left)
            if refused:
                # Without a Retry-After, which is not documented, the server's next minute is waited
                # for; the jitter keeps all who wait from returning at its first moment.
                asked = headers.retry_after
                pause = minute_left + self._jitter() if asked is None else max(asked, SLICE)
                self._asked_until = max(self._asked_until, now + pause)
                self._blocked_until = min(self._asked_until, now + LONGEST_WAIT)

    def try_now(self) -> None:
        """Allow the next call although Visier asked to wait; for a person's click."""
        with self._changed:
            self._blocked_until = self._asked_until = -math.inf
            self._changed.notify_all()

    def budget(self) -> Budget:
        """Return what is left of this minute and this hour; all None before the first answer."""
        with self._changed:
            now = self._clock()
            blocked = max(0.0, self._blocked_until - now)
            asked = self._asked(now)
            if not self._answered:
                return Budget(None, None, None, None, blocked, asked)
            return Budget(
                minute_limit=self._minute.limit,
                minute_remaining=self._minute.left(now, self._in_flight),
                hour_limit=self._hour.limit,
                hour_remaining=self._hour.left(now, self._in_flight),
                blocked_seconds=blocked,
                asked_seconds=asked,
            )

    def _asked(self, now: float) -> float:
        return max(0.0, self._asked_until - now) if self._blocked_until > now else 0.0

    def _leave(self, wait_policy: WaitPolicy) -> tuple[Call, Callable[[], None]]:
        while True:
            with self._changed:
                self._wait_for(wait_policy, self._delay)
                if wait_policy.lane is Lane.UNATTENDED:
                    self._unattended.append(self._clock())
                self._in_flight += 1
                self._minute.leave()
                self._hour.leave()
                call = Call(self, self._answered)
            # Outside the lock: a slot may be taken in a database, which can be slow.
            taken = self._take(wait_policy.lane)
            if not isinstance(taken, float):
                return call, taken
            self._stay()
            with self._changed:
                self._wait_a_little(wait_policy, taken)

    def _take(self, lane: Lane) -> Callable[[], None] | float:
        """Take a slot shared by all processes; return how to give it back, or seconds to wait."""
        limit = self._minute.limit
        if self._slots is None or limit is None:
            return _nothing
        if not self._has_headers:
            # The assumed limit may be above Visier's, and other processes may have used that up.
            limit = min(limit, self._slots.made() or FEWEST_SLOTS)
        return self._slots.take(limit, int(limit * _RESERVES[lane]))

    def _stay(self) -> None:
        with self._changed:
            self._in_flight -= 1
            self._minute.stay()
            self._hour.stay()
            self._changed.notify_all()

    def _end(self) -> None:
        with self._changed:
            now = self._clock()
            self._in_flight -= 1
            self._answered += 1
            self._minute.arrive(now)
            self._hour.arrive(now)
            self._changed.notify_all()

    def _delay(self, lane: Lane, now: float) -> float:
        windows = (self._minute, self._hour)
        delay = max(window.delay(now, self._in_flight, _RESERVES[lane]) for window in windows)
        share = self._share_delay(now) if lane is Lane.UNATTENDED else 0.0
        return max(delay, share, self._blocked_until - now)

    def _share_delay(self, now: float) -> float:
        """Return how long the watch waits until it has used less than its share of a minute."""
        while self._unattended and self._unattended[0] <= now - _MINUTE:
            self._unattended.popleft()
        limit = self._minute.limit
        if limit is None or len(self._unattended) < max(1, int(limit * UNATTENDED_SHARE)):
            return 0.0
        return self._unattended[0] + _MINUTE - now

    def _wait_for(self, wait_policy: WaitPolicy, delay_of: Callable[[Lane, float], float]) -> None:
        while (delay := delay_of(wait_policy.lane, self._clock())) > 0:
            self._wait_a_little(wait_policy, delay)

    def _wait_a_little(self, wait_policy: WaitPolicy, delay: float) -> None:
        if wait_policy.interrupted():
            raise Interrupted(
                "Stopped while waiting for call budget.", operation=wait_policy.operation
            )
        if self._clock() + delay > wait_policy.deadline:
            raise RateLimited(
                "This API key's call budget is used up for now.",
                retry_after=delay,
                asked=self._asked(self._clock()),
                operation=wait_policy.operation,
            )
        self._wait(self._changed, min(delay, SLICE))


def _less(remaining: int | None, unseen: int) -> int | None:
    return None if remaining is None else remaining - unseen


def _nothing() -> None:
    """Do nothing: without slots there is none to give back."""
