"""Nights of made-up tenants for forecasts to be tried on: nothing here knows how they are made."""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from services.ledger import Night
from services.monitoring.watch import NightFacts, NightState
from services.monitoring.watch.history import History
from services.monitoring.watch.night import NEVER, at_clock_minute
from services.monitoring.watch.recorded import document
from services.monitoring.watch.states import STATES

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    import numpy.typing as npt

    from services.monitoring.watch.night import Minutes
    from services.monitoring.watch.usual import Flags

    Times = npt.NDArray[np.float64]

ZONE = ZoneInfo("Europe/Berlin")
FIRST = date(2026, 8, 3)
"""A Monday; the clocks go back in the night to 25 October."""
DAY = timedelta(days=1)
LOOKED_AT = datetime(2026, 11, 30, tzinfo=UTC)
RHYTHMS = ("daily", "working days", "weekly", "every other day")


@dataclass(frozen=True)
class World:
    """When each tenant loaded in each night, and when its first job began; rows are nights."""

    loaded: Minutes
    began: Minutes
    first: date = FIRST

    def history(self, place: int, minute: int) -> History:
        """Return what is on record when the night at this place is looked at at a minute of it."""
        nights = tuple(self.first + number * DAY for number in range(place + 1))
        loaded, began = self.loaded[: place + 1].copy(), self.began[: place + 1].copy()
        for each in (loaded, began):
            each[-1][each[-1] > minute] = NEVER
        return history(nights, loaded, began, at_clock_minute(minute, nights[-1], ZONE))


def history(
    nights: Sequence[date],
    loaded: Minutes,
    began: Minutes,
    looked_at: datetime | None,
    *,
    unseen: Collection[date] = (),
) -> History:
    """Return what is on record of nights, the rows of `loaded` and `began`.

    All but the last and those that are `unseen` were observed to their end. Lists of the last one
    were read at `looked_at`.
    """
    states = np.where(
        loaded > NEVER, STATES.index(NightState.LOADED), STATES.index(NightState.NOTHING_CAME)
    )
    recorded = {
        each: Night(
            night=each,
            first_look_at=LOOKED_AT,
            looked_at=LOOKED_AT,
            is_complete=each != nights[-1] and each not in unseen,
            tenant_count=loaded.shape[1],
            facts=document(NightFacts(lists_at=looked_at if each == nights[-1] else LOOKED_AT)),
        )
        for each in nights
    }
    codes = pd.Index([f"WFF_j1r~{number:05}" for number in range(loaded.shape[1])], dtype="str")
    grid = states.T.astype(np.int8)
    return History(codes, tuple(nights), grid, loaded.T, began.T, loaded.T, recorded)


def ordinary(seed: int, tenants: int = 50, nights: int = 70) -> World:
    """Make nights of tenants that keep to their times, some nights as a whole hours late.

    A few loads fail, half of which come an hour or two later.
    """
    random = np.random.default_rng(seed)
    usual = random.choice([780, 900, 1050], tenants, p=[0.6, 0.3, 0.1]) + random.gamma(
        2, 15, tenants
    )
    jitter = random.gamma(2, 4, tenants)
    is_due = _due(random, tenants, nights)
    took = random.gamma(4, 3, (nights, tenants))
    late = np.where(random.random(nights) < 0.15, random.exponential(90, nights), 0)[:, np.newaxis]
    came = usual + random.normal(0, 1, (nights, tenants)) * jitter + late
    has_failed = random.random((nights, tenants)) < 0.04
    comes_again = has_failed & (random.random((nights, tenants)) < 0.5)
    again = came + np.where(comes_again, random.exponential(100, (nights, tenants)), 0)
    return _world(is_due, again, came - took, has_failed & ~comes_again)


def queueing(seed: int, tenants: int = 50, nights: int = 70) -> World:
    """Make nights in which few workers load what queues up; some work slowly or begin late.

    In some nights a fifth of all fails, deliveries stop for hours, or tenants skip their turn.
    """
    random = np.random.default_rng(seed)
    is_due = _due(random, tenants, nights) & (random.random((nights, tenants)) > 0.03)
    loaded, began = np.full((2, nights, tenants), np.inf)
    failed = np.zeros((nights, tenants), bool)
    comes, takes = 700 + random.gamma(2, 40, tenants), random.gamma(3, 5, tenants)
    for night in range(nights):
        arrives = comes + random.exponential(15, tenants)
        if random.random() < 0.1:
            arrives = np.maximum(arrives, 760 + random.exponential(150))
        pace = 1 + random.exponential(0.8) * (random.random() < 0.2)
        workers = [0.0] * max(2, tenants // 12)
        for tenant in np.argsort(arrives):
            if not is_due[night, tenant]:
                continue
            began[night, tenant] = max(arrives[tenant], heapq.heappop(workers))
            ends = began[night, tenant] + takes[tenant] * pace * random.lognormal(0, 0.4)
            loaded[night, tenant] = ends
            heapq.heappush(workers, ends)
        share = 0.2 if random.random() < 0.05 else 0.02
        failed[night] = random.random(tenants) < share
        comes_again = failed[night] & (random.random(tenants) < 0.6)
        loaded[night] += np.where(comes_again, random.exponential(60, tenants), 0)
        failed[night] &= ~comes_again
    return _world(is_due, loaded, began, failed)


def _due(random: np.random.Generator, tenants: int, nights: int) -> Flags:
    night, weekday = np.arange(nights)[:, np.newaxis], np.arange(nights)[:, np.newaxis] % 7
    rhythm, phase = random.integers(0, len(RHYTHMS), tenants), random.integers(0, 7, tenants)
    rules = [weekday >= 0, weekday < 5, weekday == phase, (night + phase) % 2 == 0]
    found: Flags = np.select([rhythm == number for number in range(len(RHYTHMS))], rules)
    return found


def _world(due: Flags, came: Times, began: Times, failed: Flags) -> World:
    # What comes after noon is of the next night, which these worlds do without.
    has_come = due & ~failed & (came < 1440)
    has_begun = due & (began < 1440)
    return World(
        np.where(has_come, came, NEVER).astype(np.int16),
        np.where(has_begun, np.maximum(began, 0), NEVER).astype(np.int16),
    )
