"""The shared call budget of one API key: who may call now, and who waits how long."""

import math
import random
import threading
import time
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
# Longer than that nobody looks at an empty page: it says how far it is instead.
CLICK_PATIENCE = 5.0
# How late a wait hears that nobody wants it any more.
SLICE = 1.0
_MINUTE, _HOUR = 60.0, 3600.0
# Before anybody who shares a key has heard its limit: enough to hear it by, and below any limit.
FEWEST_SLOTS = 10
# Whoever asks for longer is asked again after it: no budget of Visier's takes longer to fill.
LONGEST_WAIT = _HOUR


class Lane(StrEnum):
    """On whose behalf a call is made, the most urgent first."""

    CLICK = "click"
    BULK = "bulk"
    WATCH = "watch"


PATIENCE = {Lane.CLICK: CLICK_PATIENCE, Lane.BULK: math.inf, Lane.WATCH: 0.0}
_RESERVES = {Lane.CLICK: 0.0, Lane.BULK: RESERVE, Lane.WATCH: RESERVE}


@dataclass(frozen=True)
class Budget:
    """What is left of the call budget, None where unknown.

    ``blocked_seconds`` is the time until a call is tried again after a refusal, ``asked_seconds``
    how long Visier asked to wait; both are 0 when free.
    """

    minute_limit: int | None
    minute_remaining: int | None
    hour_limit: int | None
    hour_remaining: int | None
    blocked_seconds: float
    asked_seconds: float = 0.0


@dataclass(frozen=True)
class WaitPolicy:
    """How long one piece of work may wait: until ``deadline``, or until ``interrupted`` says so."""

    lane: Lane
    deadline: float
    interrupted: Callable[[], bool]
    operation: str


class Slots(Protocol):
    """The slots in one API key's minute, as many as its limit, for all processes together.

    Nobody waits in it or raises out of it; a process that cannot ask goes by what it hears.
    """

    def made(self) -> int | None:
        """Return how many slots there are: the limit as others heard it. None where unknown."""

    def take(self, limit: int, kept: int) -> Callable[[], None] | float:
        """Take a slot when more than ``kept`` of ``limit`` are free.

        Returns what gives it back once the answer is here, or the seconds until one may be free.
        """


class Call:
    """One request under way; ``heard`` takes in what its answer says about the budget."""

    def __init__(self, rate_limiter: "RateLimiter", answered_before: int) -> None:
        self._rate_limiter = rate_limiter
        self.answered_before = answered_before

    def heard(self, headers: RateLimitHeaders, *, refused: bool) -> None:
        """Take in the answer's rate-limit headers; ``refused`` when it was a 429."""
        self._rate_limiter.heard(self, headers, refused=refused)


def _wait(condition: threading.Condition, seconds: float) -> None:
    condition.wait(seconds)


class RateLimiter:
    """Lets calls pass within the limits of one API key, for any number of threads.

    Before the server has named its limits, ``assumed_per_minute`` calls a minute and sixty times as
    many an hour are taken as the limit (None: no limit until the server names one). ``slots`` are
    shared with other processes that use the same key. ``clock`` gives seconds, ``wait(condition,
    seconds)`` waits on a condition, ``jitter`` gives 0 to 1.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        wait: Callable[[threading.Condition, float], None] = _wait,
        *,
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
        self._in_flight = 0
        self._answered = 0
        self._has_heard = False
        self._blocked_until = self._asked_until = -math.inf

    def wait_policy(
        self, lane: Lane, operation: str, interrupted: Callable[[], bool] = lambda: False
    ) -> WaitPolicy:
        """Start the clock of one piece of work: a click waits 5 s, bulk work without end."""
        return WaitPolicy(lane, self._clock() + PATIENCE[lane], interrupted, operation)

    @contextmanager
    def call(self, wait_policy: WaitPolicy) -> Iterator[Call]:
        """Hold one call of the budget, waiting for it first.

        Raises RateLimited when the wait would outlast the patience, Interrupted when told to stop.
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

    def heard(self, call: Call, headers: RateLimitHeaders, *, refused: bool) -> None:
        """Take in what an answer says; ``Call.heard`` is the way here."""
        with self._changed:
            now = self._clock()
            self._has_heard = True
            # Others in flight, and those answered since this one left, may not be counted in it.
            unseen = self._in_flight - 1 + self._answered - call.answered_before
            minute_left = _MINUTE if headers.minute_left is None else headers.minute_left
            hour_left = _HOUR if headers.hour_left is None else headers.hour_left
            minute_told = _less(headers.minute_remaining, unseen)
            hour_told = _less(headers.hour_remaining, unseen)
            self._minute.hear(headers.minute_limit, minute_told, now + minute_left)
            self._hour.hear(headers.hour_limit, hour_told, now + hour_left)
            if refused:
                asked = headers.retry_after
                pause = minute_left + self._jitter() if asked is None else max(asked, SLICE)
                self._asked_until = max(self._asked_until, now + pause)
                self._blocked_until = min(self._asked_until, now + LONGEST_WAIT)

    def try_now(self) -> None:
        """Have the next call made although Visier asked to wait: a person wants to know."""
        with self._changed:
            self._blocked_until = self._asked_until = -math.inf
            self._changed.notify_all()

    def budget(self) -> Budget:
        """Give what is left this minute and this hour; all None before the first answer."""
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
                self._in_flight += 1
                self._minute.leave()
                self._hour.leave()
                call = Call(self, self._answered)
            taken = self._take(wait_policy.lane)
            if not isinstance(taken, float):
                return call, taken
            self._stay()
            with self._changed:
                self._wait_a_little(wait_policy, taken)

    def _take(self, lane: Lane) -> Callable[[], None] | float:
        """Take a slot among all processes, with nothing locked here in the meantime."""
        limit = self._minute.limit
        if self._slots is None or limit is None:
            return _nothing
        if not self._has_heard:
            # What is assumed may be more than Visier allows, and others have used that up.
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
        return max(delay, self._blocked_until - now)

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


def _less(told: int | None, unseen: int) -> int | None:
    return None if told is None else told - unseen


def _nothing() -> None:
    """Give back what was not taken."""
