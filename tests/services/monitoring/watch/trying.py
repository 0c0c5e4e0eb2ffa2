"""Forecasts asked in many nights of a world, and how often they held."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from services.monitoring.watch.forecast import Forecasts
from services.monitoring.watch.night import NEVER, at_clock_minute
from tests.services.monitoring.watch.worlds import ZONE, World

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass
class Tried:
    """In how many nights the last of the rest had loaded by the times told, and in how many not.

    Of a deadline: how many tenants were `named` to miss it, how many of these did, and how many of
    all that had not loaded when it was asked.
    """

    nights: int = 0
    likely: int = 0
    nine_in_ten: int = 0
    untold: int = 0
    named: int = 0
    named_rightly: int = 0
    missed: int = 0

    @property
    def shares(self) -> tuple[float, float]:
        """Return the share of nights that ended by the likely time, and by the bound."""
        return self.likely / self.nights, self.nine_in_ten / self.nights


def ask(
    world: World,
    places: Iterable[int],
    minutes: Iterable[int],
    tried: dict[int, Tried],
    *,
    due: int = 0,
) -> None:
    """Ask in these nights of a world at minutes, and note in `tried` what held, by minute.

    A night in which nothing came any more has no time to compare with. `due` is the minute of a
    deadline for the tenants that were due in such a night.
    """
    asked = [*minutes]
    for place in places:
        forecasts = Forecasts(ZONE)
        for minute in asked:
            found = forecasts.of(world.history(place, minute))
            assert found is not None
            noted = tried.setdefault(minute, Tried())
            last = int(world.loaded[place][found.rest].max(initial=NEVER))
            if last > NEVER and found.end is not None:
                noted.nights += 1
                noted.likely += last <= found.end.likely
                noted.nine_in_ten += last <= found.end.nine_in_ten
            noted.untold += last > NEVER and found.end is None
            if due:
                named = found.rest & found.misses(at_clock_minute(due, found.night, ZONE))
                has_missed = ~((world.loaded[place] > NEVER) & (world.loaded[place] < due))
                noted.named += int(np.count_nonzero(named))
                noted.named_rightly += int(np.count_nonzero(named & has_missed))
                noted.missed += int(np.count_nonzero(found.rest & has_missed))
