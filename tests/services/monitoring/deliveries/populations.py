"""Tenants that load by night, each in its own rhythm, as the API lists their uploads."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from services.monitoring.deliveries import Deliveries, Judgement, find
from tests.services.monitoring.deliveries.listings import NOW, tree, uploaded

TENANTS = 300
NIGHTS = 40
PERIODS = {
    "daily": (1,),
    "every few days": (2, 3, 5),
    "weekly": (7,),
    "mixed": (7, 7, 7, 5, 5, 2, 1),
}
"""Days from one upload of a tenant to its next."""

MINUTES = 60
# Loads begin at four in the morning, some minutes earlier or later; now it is noon.
LOADS = 8 * MINUTES


@dataclass
class Population:
    """What arrived: of each tenant, how many minutes ago."""

    rhythm: str
    seed: int = 0
    comes: Callable[[int], float] = lambda _night: 1.0
    """The share of the tenants due in a night, counted back from the last, that come."""
    moved: Callable[[int], float] = lambda _night: 0.0
    """By how many minutes the loads of a night come later."""
    arrived: dict[str, list[float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.random = np.random.default_rng(self.seed)
        periods = PERIODS[self.rhythm]
        self.period = np.array([periods[n % len(periods)] for n in range(TENANTS)])
        self.phase = self.random.integers(0, 1_000, TENANTS)
        for night in reversed(range(NIGHTS)):
            self.deliver(self.due(night), LOADS + night * 24 * MINUTES - self.moved(night))

    def due(self, night: int) -> list[int]:
        """Draw who comes in a night: of a hundred that are due, three do not."""
        is_due = (night + self.phase) % self.period == 0
        comes = self.random.random(TENANTS) < 0.97 * self.comes(night)
        return [int(n) for n in np.flatnonzero(is_due & comes)]

    def deliver(self, tenants: Iterable[int], minutes_ago: float) -> None:
        """Let tenants' data arrive within ten minutes, about so many minutes ago."""
        begin = minutes_ago - self.random.normal(0, 8)
        for tenant in tenants:
            self.arrived.setdefault(f"t{tenant:03}", []).append(begin - 10 * self.random.random())

    def some(self, number: int) -> list[int]:
        """Draw some tenants, due or not."""
        return [int(n) for n in self.random.choice(TENANTS, number, replace=False)]

    def uploads(self) -> pd.DataFrame:
        """Give the last five uploads of each tenant, as the API lists them."""
        listed = {
            code: sorted(times, reverse=True)[-5:] for code, times in sorted(self.arrived.items())
        }
        return uploaded(listed)

    def deliveries(self) -> Deliveries:
        return find(self.uploads(), tree(), jobs_since=None, now=NOW)


def marked(found: Deliveries) -> pd.DataFrame:
    """Return the unusual deliveries, first the one of which most tenants stand out.

    Adds hours_ago float64 and why, the set of its reasons.
    """
    unusual = found.rows[found.rows["judgement"] == Judgement.UNUSUAL]
    why = found.reasons.groupby("delivery_id")["reason"].agg(set)
    ago = (pd.Timestamp(NOW) - unusual["first_upload"]).dt.total_seconds() / 3_600
    told = unusual.assign(hours_ago=ago, why=[why[id_] for id_ in unusual["delivery_id"]])
    return told.sort_values("unusual", ascending=False, ignore_index=True)
