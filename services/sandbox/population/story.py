"""What happened before the sandbox was opened."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from services.sandbox.models.jobs import Job, Kind, Order, Status
from services.sandbox.population.history import (
    NEVER_PROCESSED,
    Delivery,
    Scribe,
)
from services.sandbox.times import DAY, HOUR, MINUTE, SECOND

if TYPE_CHECKING:
    from services.sandbox.models.tenants import Tenant
    from services.sandbox.population.cast import Cast
    from services.sandbox.world import World

BAD_BATCH = "3b43817a-d0de-4dec-ae94-5467ddea5b83"
GOOD_BATCH = "3ab09456-2aa0-4261-8ae8-a9669a62a260"
LAST_NIGHT = 9 * HOUR
EVENING = 14 * HOUR
MORNING = 5 * HOUR
NIGHTS = 10
TENANTS_PER_BATCH = 12_000
PERIODS = (7, 7, 7, 7, 7, 5, 5, 5, 2, 1)

EVENING_ENDS = (
    (Status.FAILED, "Retrieve Main Subject"),
    (Status.ERROR, "Retrieve Custom Subjects"),
    (Status.ROLLED_BACK, "Publish Records"),
    (Status.CANCELLED, "Process Records"),
    (Status.FAILED, "Initialize"),
)


@dataclass(slots=True)
class Nights:
    """The batch receiving jobs of the last ten nights, and the bad one among them."""

    bad: Job
    good: list[list[Job]] = field(default_factory=list)

    def parent(self, night: int, index: int) -> Job:
        return self.good[night][index // TENANTS_PER_BATCH]


def tell(world: World, cast: Cast) -> Scribe:
    """Write the history of every tenant but those of the code samples."""
    scribe = Scribe(world)
    nights = _open_nights(world, scribe)
    evening = _dispatch(scribe, EVENING, world.primary_category)
    morning = _dispatch(scribe, MORNING, world.primary_category)
    extracted = cast.spared[1::2][:30]
    reprocessed = set(cast.spared[0::2][:8])
    hit, evening_tenants = set(cast.hit), {t: i for i, t in enumerate(extracted)}
    for index, tenant in enumerate([*cast.hit, *cast.spared]):
        scribe.archive(tenant, scribe.now - 11 * DAY - world.random.random() * 6 * DAY)
        for delivery in _deliveries(world, scribe, nights, index, faulty=tenant in hit):
            if delivery.at > scribe.now - EVENING and tenant in evening_tenants:
                _evening(scribe, tenant, evening, evening_tenants.pop(tenant))
            scribe.deliver(tenant, delivery)
        if tenant in evening_tenants:
            _evening(scribe, tenant, evening, evening_tenants[tenant])
        if tenant in reprocessed:
            scribe.process(tenant, scribe.now - MORNING + MINUTE, tenant.uploads[-1], morning)
        _retouch(tenant, index)
    _write_oddities(scribe, cast, nights)
    return scribe


def _open_nights(world: World, scribe: Scribe) -> Nights:
    order = Order(world.primary_category)
    code = world.admin.code
    shards = len(world.listed) // TENANTS_PER_BATCH + 1

    def batch(at: float, job_id: str = "") -> Job:
        return scribe.job(Kind.RECEIVING, code, at, Status.SUCCEEDED, order, job_id=job_id)

    last_night = scribe.now - LAST_NIGHT
    nights = Nights(batch(last_night, BAD_BATCH))
    for night in range(NIGHTS):
        at = last_night + 45 * MINUTE - night * DAY
        first = batch(at, GOOD_BATCH if night == 0 else "")
        nights.good.append([first, *(batch(at + n * MINUTE) for n in range(1, shards))])
    return nights


def _dispatch(scribe: Scribe, ago: float, category: str) -> Job:
    order = Order(category, run_processing=True)
    code = scribe.world.admin.code
    return scribe.job(Kind.DISPATCHING, code, scribe.now - ago, Status.SUCCEEDED, order)


def _deliveries(
    world: World, scribe: Scribe, nights: Nights, index: int, *, faulty: bool
) -> list[Delivery]:
    """Give a tenant's deliveries of the last ten nights, oldest first.

    The one of last night is the bad one for those it hit.
    """
    period = PERIODS[index % len(PERIODS)]
    phase = index // len(PERIODS)
    found = []
    for night in range(NIGHTS - 1, -1, -1):
        if faulty and night == 0:
            parent = nights.bad
        elif (night + phase) % period == 0:
            parent = nights.parent(night, index)
        else:
            continue
        at = scribe.now - LAST_NIGHT - night * DAY + 20 * SECOND
        at += (0 if parent is nights.bad else 45 * MINUTE) + world.random.random() * 10 * MINUTE
        found.append(Delivery(at, parent, faulty=parent is nights.bad))
    return found


def _evening(scribe: Scribe, tenant: Tenant, dispatch: Job, place: int) -> None:
    """Write yesterday evening's extraction of a tenant; the first few end badly."""
    at = scribe.now - EVENING + MINUTE + place * 10 * SECOND
    if place < len(EVENING_ENDS):
        end, stage = EVENING_ENDS[place]
        scribe.extract(tenant, at, dispatch, end, stage)
    elif place == len(EVENING_ENDS):
        scribe.extract(tenant, at, dispatch, Status.RESCHEDULED, "Retrieve Secondary Subjects")
        scribe.extract(tenant, at + 12 * MINUTE, dispatch)
    else:
        scribe.extract(tenant, at, dispatch)


def _retouch(tenant: Tenant, index: int) -> None:
    """Leave what colleagues did by hand: excluded uploads and files, a disabled version."""
    if index % 23 == 3 and len(tenant.uploads) > 1:
        tenant.uploads[-2].flags = 0
    elif index % 23 == 11:
        tenant.uploads[-1].flags &= ~1
    elif index % 23 == 17:
        tenant.versions[-2].enabled = False


def _write_oddities(scribe: Scribe, cast: Cast, nights: Nights) -> None:
    for tenant in cast.stale:
        scribe.archive(tenant, scribe.now - (30 + scribe.random.random() * 170) * DAY)
    for place, tenant in enumerate(cast.unprocessed):
        for night in (7, 3, 0):
            at = scribe.now - LAST_NIGHT - night * DAY + 46 * MINUTE
            delivery = Delivery(at, nights.parent(night, place))
            scribe.deliver(tenant, delivery, NEVER_PROCESSED)
    _write_chain(scribe, nights)


def _write_chain(scribe: Scribe, nights: Nights) -> None:
    """Write the chain of Visier's documentation: receiving, processing, processing."""
    job = next((j for j in nights.good[1][0].children if j.kind is Kind.PROCESSING), None)
    if job:
        at = scribe.now - LAST_NIGHT - DAY + 70 * MINUTE
        scribe.job(Kind.PROCESSING, job.tenant, at, Status.CANCELLED, job.order, job)
