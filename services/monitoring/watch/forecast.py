"""Will we make it: when the rest of a night will be loaded, and who will miss a deadline; pure.

A forecast is tried on the nights before: each of them is asked when it was as far as this one is,
knowing no more than was known by then, and how far off the answer was says how far off this one may
be. Whole nights are compared and not tenants one by one: those of a night come late together.

Times are whole minutes of `night.clock_minutes`. Arrays of several nights are as in `usual`.
"""

import threading
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from math import ceil
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pandas as pd

from .history import History
from .night import NEVER, Minutes, at_clock_minute, clock_minutes, span
from .recorded import facts_of
from .states import STATES, NightState
from .usual import Flags, Usual, spans, usual

# One more night ends before the k-th of n with a chance of k / (n + 1): of fewer than nine, none
# bounds nine in ten.
_TRIED_AT_LEAST: Final = 9
# In the first night on record nobody knew who was due, and in the first week hardly.
NIGHTS_AT_LEAST: Final = _TRIED_AT_LEAST + 1
_WEEK: Final = 7
_NINE_IN_TEN: Final = 0.9
# Where by all that is usual nothing is left to wait for, something comes within this time.
_LEAST_LEFT: Final = 15.0
_DAY: Final = 1500
"""No two times of a night, of up to 25 hours, are further apart."""
_EVER: Final = 2 * _DAY
# What is so of all tenants counts as much as so many nights of one's own.
_OF_ALL: Final = 3.0
_LIKELY: Final = 0.5

Numbers = npt.NDArray[np.float64]
Bounds = tuple[npt.NDArray[np.int_], npt.NDArray[np.int_]]


@dataclass(frozen=True, eq=False)
class Moment:
    """What was known of a night at a minute of it, by tenant.

    `loaded` and `began` are NEVER where that had not happened by then. `rest` are those that were
    due and had not loaded. `lag` is by how many minutes the night was late, None where too few had
    loaded to tell; `lag_at_least` is the same, or for how long those that should have loaded had
    been waited for. `ends_at` is when the last of the rest was to be expected, not before `minute`.
    """

    minute: int
    loaded: Minutes
    began: Minutes
    rest: Flags
    lag: int | None
    lag_at_least: int
    ends_at: int

    @property
    def left(self) -> float:
        """For how many minutes the rest was to be waited for."""
        return max(float(self.ends_at - self.minute), _LEAST_LEFT)


def moment(loaded: Minutes, began: Minutes, usual: Usual, place: int, minute: int) -> Moment:
    """Return what was known at a minute of the night that is at a place of `usual`."""
    loaded, began = (
        np.where(each <= minute, each, NEVER).astype(np.int16) for each in (loaded, began)
    )
    is_due, expected = usual.is_due[place], usual.minute[place]
    is_out = loaded == NEVER
    rest, is_told = is_due & is_out, is_due & (expected > NEVER)
    late_by, waited = (loaded - expected)[is_told & ~is_out], (minute - expected)[is_told & is_out]
    lag, overdue = _lag(late_by, waited), waited[waited > 0]
    at_least = lag or 0
    if lag is None and len(overdue) > len(late_by):
        at_least = int(np.median(overdue))
    comes_at = np.where(began > NEVER, began + usual.span, expected + at_least)[rest]
    ends_at = int(comes_at.max(initial=minute))
    return Moment(minute, loaded, began, rest, lag, at_least, ends_at)


def _lag(late_by: Minutes, waited: Minutes) -> int | None:
    """Return the median lateness of a night's tenants, None where it is not known yet.

    Of those that have not loaded it is known only that they are later than they were waited for so
    far: the median of what is censored, as Kaplan and Meier tell it.
    """
    loads, others = (
        np.bincount(np.clip(each, -_DAY, _DAY).astype(np.intp) + _DAY, minlength=2 * _DAY + 1)
        for each in (late_by, waited)
    )
    there = np.cumsum((loads + others)[::-1])[::-1]
    still_out = np.cumprod(1 - loads / np.maximum(there, 1))
    reached = np.flatnonzero(still_out <= 0.5)
    return int(reached[0]) - _DAY if len(reached) else None


@dataclass(frozen=True, eq=False)
class Nights:
    """Earlier nights, and what they tell of the one that follows.

    `loaded` and `began` say when each tenant loaded and when its first job began; of a night that
    was not observed to its end they say nothing.
    """

    loaded: Minutes
    began: Minutes
    usual: Usual

    def at(self, place: int, minute: int) -> Moment:
        """Return what was known of one of these nights at a minute."""
        return moment(self.loaded[place], self.began[place], self.usual, place, minute)

    @cached_property
    def lags(self) -> Minutes:
        """By how many minutes each of these nights was late at its end: who came not, was not."""
        found = np.zeros(len(self.loaded), np.int16)
        for place, (came, expected) in enumerate(zip(self.loaded, self.usual.minute, strict=False)):
            is_told = self.usual.is_due[place] & (came > NEVER) & (expected > NEVER)
            if is_told.any():
                found[place] = np.median((came - expected)[is_told])
        return found

    @cached_property
    def spans(self) -> Minutes:
        """How many minutes after its first job each load came, or NEVER."""
        return spans(self.loaded, self.began)

    def shares_left(self, minutes: npt.NDArray[np.int_]) -> Numbers:
        """Return how long the rest of each night took from a minute of it on, in ascending order.

        As a share of `Moment.left`. Nights in which nothing came any more have none.
        """
        found = []
        first = _WEEK if len(minutes) >= _WEEK + _TRIED_AT_LEAST else 0
        for place, minute in [*enumerate(minutes)][first:]:
            then = self.at(place, int(minute))
            last = self.loaded[place][then.rest].max(initial=NEVER)
            if last > NEVER:
                found.append((last - then.minute) / then.left)
        return np.sort(np.array(found, np.float64))

    def end(self, now: Moment) -> "End | None":
        """Return when the rest will be loaded; None where too few of these nights tell."""
        minutes = np.full(len(self.loaded), now.minute)
        if now.lag is not None:
            # When they were as far as this one: it may be late, and they nearly through by now.
            minutes += self.lags - now.lag
        shares = self.shares_left(minutes)
        count = len(shares)
        if count < _TRIED_AT_LEAST:
            return None
        bound = shares[min(ceil(_NINE_IN_TEN * (count + 1)), count) - 1]
        likely, nine_in_ten = (now.minute + now.left * each for each in (np.median(shares), bound))
        return End(float(likely), float(nine_in_ten), count)

    def chances(self, now: Moment, until: int) -> Numbers:
        """Return how likely each tenant that has not loaded now will before a minute."""
        begun = now.began > NEVER
        return np.where(begun, self._of_begun(now, until), self._of_others(now, until))

    def _of_others(self, now: Moment, until: int) -> Numbers:
        """By when a tenant and all of them loaded, moved by how late this night is, if known."""
        has, expected = self.loaded > NEVER, self.usual.minute
        lags = np.zeros_like(self.lags) if now.lag is None else self.lags - np.int16(now.lag)
        moved = self.loaded - lags[:, np.newaxis]
        # The usual time of whoever has none is that of all.
        of_all = int(np.median(self.loaded[has])) if has.any() else 0
        usual = np.where(expected[-1] > NEVER, expected[-1], of_all).astype(np.int_)
        is_told = has & (expected[:-1] > NEVER)
        after, before = _after_and_before(
            moved,
            has,
            (np.full_like(usual, now.minute), np.full_like(usual, until)),
            (moved - expected[:-1])[is_told],
            (now.minute - usual, until - usual),
        )
        chance = self.usual.chance
        found: Numbers = chance * before / (chance * after + 1 - chance)
        return found

    def _of_begun(self, now: Moment, until: int) -> Numbers:
        """By how long a tenant's loads and those of all took, and how many came to nothing."""
        has, has_begun = self.spans > NEVER, self.began > NEVER
        of_all = has.sum() / max(1, has_begun.sum())
        loads, begun = has.sum(axis=0), has_begun.sum(axis=0)
        chance = (loads + _OF_ALL * of_all) / (begun + _OF_ALL)
        took = (now.minute - now.began.astype(np.int_), until - now.began.astype(np.int_))
        after, before = _after_and_before(self.spans, has, took, self.spans[has], took)
        found: Numbers = chance * before / np.maximum(chance * after + 1 - chance, 1e-9)
        return found


def _after_and_before(
    own: Minutes, has: Flags, bounds: Bounds, of_all: Minutes, bounds_of_all: Bounds
) -> tuple[Numbers, Numbers]:
    """Return which share lies after the first bound, and which between the two, by tenant.

    `own` has what was so of each tenant where it `has` it, `of_all` what was of all together.
    """
    (low, high), (low_of_all, high_of_all) = bounds, bounds_of_all
    is_after = has & (own > low)
    ordered, count = np.sort(of_all), max(1, len(of_all))
    up_to = np.searchsorted(ordered, low_of_all, "right") / count
    below = np.searchsorted(ordered, high_of_all, "left") / count
    of = has.sum(axis=0) + _OF_ALL
    after = (is_after.sum(axis=0) + _OF_ALL * (1 - up_to)) / of
    before = (is_after & (own < high)).sum(axis=0) + _OF_ALL * np.maximum(below - up_to, 0)
    return after, before / of


@dataclass(frozen=True)
class End:
    """At which minute the last of the rest that comes in a night will be loaded.

    As likely before `likely` as after it, and in nine nights of ten before `nine_in_ten`; `nights`
    is on how many earlier ones that was tried.
    """

    likely: float
    nine_in_ten: float
    nights: int


@dataclass(frozen=True, eq=False)
class Forecast:
    """A night under way, as far as the watch has seen it, and what is to be expected of it.

    `codes` are all tenants, in whose order arrays are; `as_of` is when versions were read last and
    `nights_known` how many earlier nights were observed to their end.
    """

    night: date
    zone: ZoneInfo
    as_of: datetime
    codes: pd.Index
    nights_known: int
    now: Moment
    earlier: Nights
    _chances: dict[int, Numbers] = field(default_factory=dict)

    @property
    def can_tell(self) -> bool:
        """Whether enough nights are on record to expect anything of this one."""
        return self.nights_known >= NIGHTS_AT_LEAST

    @property
    def has_loaded(self) -> Flags:
        """Who has loaded in this night."""
        return self.now.loaded > NEVER

    @property
    def rest(self) -> Flags:
        """Who has not loaded, and usually does in such a night."""
        return self.now.rest

    @property
    def is_due(self) -> Flags:
        """Who usually loads in such a night, or has loaded in this one."""
        return self.has_loaded | self.rest

    @cached_property
    def stays_out(self) -> Flags:
        """Who of the rest will probably not load in this night at all."""
        return self.rest & (self._chances_until(_EVER) < _LIKELY)

    @property
    def comes(self) -> Flags:
        """Who of the rest will probably load in this night."""
        return self.rest & ~self.stays_out

    @cached_property
    def end(self) -> End | None:
        """When the rest will be loaded; None where it is not known, or all of it stays out."""
        if not self.can_tell or not self.comes.any():
            return None
        return self.earlier.end(self.now)

    def at(self, minute: float) -> datetime:
        """Return the time of a minute of the night in UTC, not before it was looked at.

        Nor after the night ends: what loads later is none of its loads.
        """
        _, ends = span(self.night, self.zone)
        return min(ends, max(self.as_of, at_clock_minute(ceil(minute), self.night, self.zone)))

    def has_passed(self, due: datetime) -> bool:
        """Say whether it is known who has missed a deadline."""
        return due <= self.as_of

    def misses(self, due: datetime) -> Flags:
        """Return who has missed a deadline of this night (UTC), or will more likely than not."""
        minute = _minute(due, self.night, self.zone)
        if self.has_passed(due):
            return ~(self.has_loaded & (self.now.loaded < minute))
        return ~self.has_loaded & (self._chances_until(minute) < _LIKELY)

    def _chances_until(self, minute: int) -> Numbers:
        if minute not in self._chances:
            self._chances[minute] = self.earlier.chances(self.now, minute)
        return self._chances[minute]


class Forecasts:
    """The forecasts of one place: what earlier nights tell is worked out once for each night."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._lock = threading.Lock()
        self._made: tuple[History, Forecast | None] | None = None
        self._earlier: tuple[History, Nights] | None = None

    def of(self, history: History) -> Forecast | None:
        """Return what is to be expected of the newest night; None where nobody has looked at it."""
        with self._lock:
            if self._made is None or self._made[0] is not history:
                self._made = history, self._forecast(history)
            return self._made[1]

    def _forecast(self, history: History) -> Forecast | None:
        tonight = history.nights[-1] if history.nights else None
        seen = history.recorded.get(tonight) if tonight else None
        read_at = facts_of(seen.facts).lists_at if seen else None
        if tonight is None or read_at is None:
            return None
        earlier = self._earlier_nights(history)
        loaded, began = history.clock_loaded[:, -1], history.clock_began[:, -1]
        # What was loaded while lists were read is known as well.
        minute = max(_minute(read_at, tonight, self._zone), int(loaded.max(initial=0)))
        return Forecast(
            night=tonight,
            zone=self._zone,
            as_of=read_at,
            codes=history.codes,
            nights_known=sum(_is_whole(history, each) for each in history.nights[:-1]),
            now=moment(loaded, began, earlier.usual, -1, minute),
            earlier=earlier,
        )

    def _earlier_nights(self, history: History) -> Nights:
        if self._earlier is None or not _tell_the_same(self._earlier[0], history):
            self._earlier = history, _earlier_nights(history)
        return self._earlier[1]


def _earlier_nights(history: History) -> Nights:
    whole = np.array([_is_whole(history, each) for each in history.nights[:-1]], bool)
    # By night, as they are gone through.
    loaded, began = (
        np.where(whole, each[:, :-1], NEVER).T.astype(np.int16, order="C")
        for each in (history.clock_loaded, history.clock_began)
    )
    is_seen = history.grid[:, :-1] != STATES.index(NightState.NOT_OBSERVED)
    known = (is_seen & whole).T | (loaded > NEVER)
    weekdays = [each.weekday() for each in history.nights]
    return Nights(loaded, began, usual(loaded, began, known, weekdays))


def _is_whole(history: History, night: date) -> bool:
    return night in history.recorded and history.recorded[night].is_complete


def _tell_the_same(before: History, now: History) -> bool:
    return (
        before.nights == now.nights
        and before.codes.equals(now.codes)
        and all(before.recorded.get(each) == now.recorded.get(each) for each in now.nights[:-1])
    )


def _minute(at: datetime, night: date, zone: ZoneInfo) -> int:
    times = pd.Series([at], dtype="datetime64[ms, UTC]")
    return int(clock_minutes(times, night, zone)[0])
