"""The batches of the last ten nights, with last night as the scenario has it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from services.sandbox.config import Scenario
from services.sandbox.models.jobs import Job, Kind, Order, Status
from services.sandbox.population.history import Delivery, Scribe
from services.sandbox.times import DAY, HOUR, MINUTE, SECOND

if TYPE_CHECKING:
    from collections.abc import Iterator

    from services.sandbox.models.tenants import Tenant

GOOD_BATCH = "3ab09456-2aa0-4261-8ae8-a9669a62a260"
SECOND_BATCH = "c9d1a6e2-5b7f-4c38-8e04-2f6b9a71d3c5"
LAST_NIGHT = 9 * HOUR
AFTER_BAD_BATCH = 45 * MINUTE
NIGHTS = 10
# By PERIODS, 28 % of them come each night: fewer than the 5,000 of Visier's largest batch.
TENANTS_PER_BATCH = 12_000
PERIODS = (7, 7, 7, 7, 7, 5, 5, 5, 2, 1)
"""Days from one delivery of a tenant to its next."""

SECOND_AFTER = {Scenario.DELIVERED_TWICE: 75 * MINUTE, Scenario.OVERLAPPING_BATCHES: 4 * MINUTE}
"""How long after last night's batch a second one arrives."""


class Nights:
    """Which of the ordinary tenants came with which batch."""

    def __init__(self, scribe: Scribe, tenants: list[Tenant]) -> None:
        self.scribe = scribe
        self.tenants = tenants
        self.scenario = scribe.world.config.scenario
        a_night = len(scribe.world.listed) // TENANTS_PER_BATCH + 1
        self.batches = [
            [self._batch(night, number) for number in range(a_night)] for night in range(NIGHTS)
        ]
        after = SECOND_AFTER.get(self.scenario)
        self.second = self._write(self._begin(0) + after, SECOND_BATCH) if after else None

    def _begin(self, night: int) -> float:
        return self.scribe.now - LAST_NIGHT + AFTER_BAD_BATCH - night * DAY

    def _batch(self, night: int, number: int) -> Job:
        job_id = GOOD_BATCH if night == number == 0 else ""
        return self._write(self._begin(night) + number * MINUTE, job_id)

    def _write(self, at: float, job_id: str) -> Job:
        world = self.scribe.world
        order = Order(world.primary_category, run_processing=True)
        return self.scribe.job(
            Kind.RECEIVING, world.admin.code, at, Status.SUCCEEDED, order=order, job_id=job_id
        )

    def delivery(self, night: int, index: int) -> Delivery:
        """Return the delivery of the tenant at this index with the batch of a night."""
        batch = self.batches[night][index // TENANTS_PER_BATCH]
        return Delivery(self._begin(night) + minutes(self.scribe), batch)

    def deliveries(self, index: int, since: int = 0) -> Iterator[Delivery]:
        """Yield the deliveries of the tenant at this index, newest night first."""
        period, phase = PERIODS[index % len(PERIODS)], index // len(PERIODS)
        for night in range(since, NIGHTS):
            if (night + phase) % period == 0:
                delivery = self.delivery(night, index)
                yield from self._last_night(delivery, index) if night == 0 else (delivery,)

    def _last_night(self, delivery: Delivery, index: int) -> Iterator[Delivery]:
        """Yield last night's delivery as this scenario has it, or none."""
        # Neither may depend on the place in PERIODS alone, or whole groups of tenants are missing.
        if self.scenario == Scenario.HALF_DELIVERY and (index + index // len(PERIODS)) % 2:
            return
        if self.scenario == Scenario.HOLIDAY and index % 11 > 1:
            return
        if self.scenario == Scenario.SWAPPED_FILES:
            yield replace(delivery, named_for=self.tenants[self._swapped(index)].short_code)
        elif self.second is None:
            yield delivery
        else:
            yield from self._twice(delivery, index, self.second)

    def _swapped(self, index: int) -> int:
        """Return whose files came for the tenant at this index: in every sixth pair the other's."""
        other = index ^ 1
        return other if index // 2 % 6 == 0 and other < len(self.tenants) else index

    def _twice(self, delivery: Delivery, index: int, second: Job) -> Iterator[Delivery]:
        """Yield the deliveries of two batches: both for all tenants, or for every twelfth."""
        again = Delivery(delivery.at + SECOND_AFTER[self.scenario], second)
        if self.scenario == Scenario.DELIVERED_TWICE or index % 12 == 0:
            yield from (delivery, again)
        else:
            yield again if index % 2 else delivery


def minutes(scribe: Scribe) -> float:
    """Return a random delay, in milliseconds, between a batch and one tenant's receiving job."""
    return 20 * SECOND + scribe.random.random() * 10 * MINUTE
