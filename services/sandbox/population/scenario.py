"""The past of all tenants except those of the code samples.

Batches arrive every night. In the scenario of the bad delivery one of last night's is bad, an
extraction of some tenants ran yesterday evening, and a few were processed again this morning.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from operator import itemgetter
from typing import TYPE_CHECKING

from services.sandbox.config import Scenario
from services.sandbox.models.jobs import Job, Kind, Order, Status
from services.sandbox.population.history import NEVER_PROCESSED, Delivery, Scribe
from services.sandbox.population.nights import LAST_NIGHT, Nights, minutes
from services.sandbox.times import DAY, HOUR, MINUTE, SECOND

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from services.sandbox.models.tenants import Tenant
    from services.sandbox.population.personas import Personas

    Event = tuple[float, Callable[[], object]]

BAD_BATCH = "3b43817a-d0de-4dec-ae94-5467ddea5b83"
EVENING = 14 * HOUR
MORNING = 5 * HOUR

EVENING_ENDS = (
    (Status.FAILED, "Retrieve Main Subject"),
    (Status.ERROR, "Retrieve Custom Subjects"),
    (Status.ROLLED_BACK, "Publish Records"),
    (Status.CANCELLED, "Process Records"),
    (Status.FAILED, "Initialize"),
    (Status.RESCHEDULED, "Retrieve Secondary Subjects"),
)
"""How the first extractions of the evening ended; the last of these has a successor."""


@dataclass(frozen=True, slots=True)
class _LastDay:
    """The root jobs of the bad delivery's scenario, and the tenants of each."""

    scribe: Scribe
    bad_batch: Job
    evening: Job
    morning: Job
    hit: frozenset[Tenant]
    extracted: dict[Tenant, int]
    reprocessed: frozenset[Tenant]


def tell(scribe: Scribe, personas: Personas) -> None:
    """Write the past of the personas."""
    ordinary = [*personas.hit, *personas.spared]
    nights = Nights(scribe, ordinary)
    scenario = scribe.world.config.scenario
    day = _open_last_day(scribe, personas) if scenario == Scenario.BAD_DELIVERY else None
    for index, tenant in enumerate(ordinary):
        scribe.archive(tenant, scribe.now - 11 * DAY - scribe.random.random() * 6 * DAY)
        # By time alone: functions cannot be compared.
        for _, write in sorted(_events(nights, day, tenant, index), key=itemgetter(0)):
            write()
        _retouch(tenant, index)
    for tenant in personas.stale:
        scribe.archive(tenant, scribe.now - (30 + scribe.random.random() * 170) * DAY)
    for index, tenant in enumerate(personas.unprocessed):
        for night in (7, 3) if scenario == Scenario.HOLIDAY else (7, 3, 0):
            scribe.deliver(tenant, nights.delivery(night, index), NEVER_PROCESSED)
    _write_chain(nights)


def _open_last_day(scribe: Scribe, personas: Personas) -> _LastDay:
    order = Order(scribe.world.primary_category, run_processing=True)
    write = partial(
        scribe.job, tenant=scribe.world.admin.code, status=Status.SUCCEEDED, order=order
    )
    return _LastDay(
        scribe,
        bad_batch=write(Kind.RECEIVING, at=scribe.now - LAST_NIGHT, job_id=BAD_BATCH),
        evening=write(Kind.DISPATCHING, at=scribe.now - EVENING),
        morning=write(Kind.DISPATCHING, at=scribe.now - MORNING),
        hit=frozenset(personas.hit),
        extracted={tenant: place for place, tenant in enumerate(personas.spared[1::2][:30])},
        reprocessed=frozenset(personas.spared[0::2][:8]),
    )


def _events(nights: Nights, day: _LastDay | None, tenant: Tenant, index: int) -> Iterator[Event]:
    """Yield the events of a tenant in the last ten days, in no order."""
    is_hit = day is not None and tenant in day.hit
    for delivery in nights.deliveries(index, since=1 if is_hit else 0):
        yield delivery.at, partial(nights.scribe.deliver, tenant, delivery)
    if day is not None:
        yield from _events_of_last_day(day, tenant)


def _events_of_last_day(day: _LastDay, tenant: Tenant) -> Iterator[Event]:
    scribe = day.scribe
    if tenant in day.hit:
        at = scribe.now - LAST_NIGHT + minutes(scribe)
        yield at, partial(scribe.deliver, tenant, Delivery(at, day.bad_batch, faulty=True))
    if tenant in day.extracted:
        # Ten seconds apart, as a dispatching job spawns its children.
        place = day.extracted[tenant]
        at = scribe.now - EVENING + MINUTE + place * 10 * SECOND
        yield at, partial(_extract, day, tenant, at, place)
    if tenant in day.reprocessed:
        at = scribe.now - MORNING + MINUTE
        yield at, partial(_reprocess, day, tenant, at)


def _extract(day: _LastDay, tenant: Tenant, at: float, place: int) -> None:
    if place >= len(EVENING_ENDS):
        day.scribe.extract(tenant, at, day.evening)
        return
    end, stage = EVENING_ENDS[place]
    day.scribe.extract(tenant, at, day.evening, end, stage)
    if end is Status.RESCHEDULED:
        day.scribe.extract(tenant, at + 12 * MINUTE, day.evening)


def _reprocess(day: _LastDay, tenant: Tenant, at: float) -> None:
    day.scribe.process(tenant, at, tenant.uploads[-1], day.morning)


def _retouch(tenant: Tenant, index: int) -> None:
    """Add changes that colleagues made: excluded uploads and files, a disabled version."""
    if index % 23 == 3:
        tenant.uploads[-2].flags = 0
    elif index % 23 == 11:
        tenant.uploads[-1].flags &= ~1
    elif index % 23 == 17:
        tenant.versions[-2].enabled = False


def _write_chain(nights: Nights) -> None:
    """Add the chain of Visier's documentation: receiving, processing, processing."""
    batch = nights.batches[1][0]
    job = next((child for child in batch.children if child.kind is Kind.PROCESSING), None)
    if job:
        at = nights.scribe.now - LAST_NIGHT - DAY + 70 * MINUTE
        nights.scribe.job(Kind.PROCESSING, job.tenant, at, Status.CANCELLED, parent=job)
