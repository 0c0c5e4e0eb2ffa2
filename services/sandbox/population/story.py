"""What happened before the sandbox was opened, to all tenants but those of the code samples.

Every night batches arrive; one of last night's is bad. Yesterday evening an extraction ran
over some tenants, this morning a few were processed anew.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from operator import itemgetter
from typing import TYPE_CHECKING

from services.sandbox.models.jobs import Job, Kind, Order, Status
from services.sandbox.population.history import NEVER_PROCESSED, Delivery, Scribe
from services.sandbox.times import DAY, HOUR, MINUTE, SECOND

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from services.sandbox.models.tenants import Tenant
    from services.sandbox.population.cast import Cast

    Event = tuple[float, Callable[[], object]]

BAD_BATCH = "3b43817a-d0de-4dec-ae94-5467ddea5b83"
GOOD_BATCH = "3ab09456-2aa0-4261-8ae8-a9669a62a260"
LAST_NIGHT = 9 * HOUR
AFTER_BAD_BATCH = 45 * MINUTE
EVENING = 14 * HOUR
MORNING = 5 * HOUR
NIGHTS = 10
TENANTS_PER_BATCH = 12_000
PERIODS = (7, 7, 7, 7, 7, 5, 5, 5, 2, 1)
"""Days from one delivery of a tenant to its next."""

EVENING_ENDS = (
    (Status.FAILED, "Retrieve Main Subject"),
    (Status.ERROR, "Retrieve Custom Subjects"),
    (Status.ROLLED_BACK, "Publish Records"),
    (Status.CANCELLED, "Process Records"),
    (Status.FAILED, "Initialize"),
    (Status.RESCHEDULED, "Retrieve Secondary Subjects"),
)
"""How the first extractions of the evening ended; the last one had a successor."""


@dataclass(slots=True)
class _Plot:
    """The jobs that stand above those of the tenants, and who takes part in what."""

    scribe: Scribe
    bad_batch: Job
    good_batches: list[list[Job]]
    evening: Job
    morning: Job
    hit: frozenset[Tenant]
    extracted: dict[Tenant, int] = field(default_factory=dict)
    reprocessed: frozenset[Tenant] = frozenset()

    def night_batch(self, night: int, index: int) -> Job:
        return self.good_batches[night][index // TENANTS_PER_BATCH]


def tell(scribe: Scribe, cast: Cast) -> None:
    """Write the history of the cast."""
    plot = _open_plot(scribe, cast)
    for index, tenant in enumerate([*cast.hit, *cast.spared]):
        scribe.archive(tenant, scribe.now - 11 * DAY - scribe.random.random() * 6 * DAY)
        for _, write in sorted(_events(plot, tenant, index), key=itemgetter(0)):
            write()
        _retouch(tenant, index)
    for tenant in cast.stale:
        scribe.archive(tenant, scribe.now - (30 + scribe.random.random() * 170) * DAY)
    for index, tenant in enumerate(cast.unprocessed):
        for night in (7, 3, 0):
            scribe.deliver(tenant, _delivery(plot, night, index), NEVER_PROCESSED)
    _write_chain(plot)


def _open_plot(scribe: Scribe, cast: Cast) -> _Plot:
    code = scribe.world.admin.code
    last_night = scribe.now - LAST_NIGHT
    batches = len(scribe.world.listed) // TENANTS_PER_BATCH + 1
    order = Order(scribe.world.primary_category, run_processing=True)
    write = partial(scribe.job, tenant=code, status=Status.SUCCEEDED, order=order)
    return _Plot(
        scribe,
        bad_batch=write(Kind.RECEIVING, at=last_night, job_id=BAD_BATCH),
        good_batches=[
            [
                write(
                    Kind.RECEIVING,
                    at=last_night + AFTER_BAD_BATCH - night * DAY + number * MINUTE,
                    job_id=GOOD_BATCH if night == number == 0 else "",
                )
                for number in range(batches)
            ]
            for night in range(NIGHTS)
        ],
        evening=write(Kind.DISPATCHING, at=scribe.now - EVENING),
        morning=write(Kind.DISPATCHING, at=scribe.now - MORNING),
        hit=frozenset(cast.hit),
        extracted={tenant: place for place, tenant in enumerate(cast.spared[1::2][:30])},
        reprocessed=frozenset(cast.spared[0::2][:8]),
    )


def _events(plot: _Plot, tenant: Tenant, index: int) -> Iterator[Event]:
    """Give what happened to a tenant in the last ten days, in no order."""
    scribe = plot.scribe
    period, phase = PERIODS[index % len(PERIODS)], index // len(PERIODS)
    hit = tenant in plot.hit
    for night in range(1 if hit else 0, NIGHTS):
        if (night + phase) % period == 0:
            delivery = _delivery(plot, night, index)
            yield delivery.at, partial(scribe.deliver, tenant, delivery)
    if hit:
        at = scribe.now - LAST_NIGHT + _minutes(scribe)
        yield at, partial(scribe.deliver, tenant, Delivery(at, plot.bad_batch, faulty=True))
    if tenant in plot.extracted:
        place = plot.extracted[tenant]
        at = scribe.now - EVENING + MINUTE + place * 10 * SECOND
        yield at, partial(_extract, plot, tenant, at, place)
    if tenant in plot.reprocessed:
        at = scribe.now - MORNING + MINUTE
        yield at, partial(_reprocess, plot, tenant, at)


def _delivery(plot: _Plot, night: int, index: int) -> Delivery:
    at = plot.scribe.now - LAST_NIGHT + AFTER_BAD_BATCH - night * DAY + _minutes(plot.scribe)
    return Delivery(at, plot.night_batch(night, index))


def _minutes(scribe: Scribe) -> float:
    """Draw how long after its batch the data of one tenant was received."""
    return 20 * SECOND + scribe.random.random() * 10 * MINUTE


def _extract(plot: _Plot, tenant: Tenant, at: float, place: int) -> None:
    if place >= len(EVENING_ENDS):
        plot.scribe.extract(tenant, at, plot.evening)
        return
    end, stage = EVENING_ENDS[place]
    plot.scribe.extract(tenant, at, plot.evening, end, stage)
    if end is Status.RESCHEDULED:
        plot.scribe.extract(tenant, at + 12 * MINUTE, plot.evening)


def _reprocess(plot: _Plot, tenant: Tenant, at: float) -> None:
    plot.scribe.process(tenant, at, tenant.uploads[-1], plot.morning)


def _retouch(tenant: Tenant, index: int) -> None:
    """Leave what colleagues did by hand: excluded uploads and files, a disabled version."""
    if index % 23 == 3:
        tenant.uploads[-2].flags = 0
    elif index % 23 == 11:
        tenant.uploads[-1].flags &= ~1
    elif index % 23 == 17:
        tenant.versions[-2].enabled = False


def _write_chain(plot: _Plot) -> None:
    """Write the chain of Visier's documentation: receiving, processing, processing."""
    children = plot.good_batches[1][0].children
    job = next((child for child in children if child.kind is Kind.PROCESSING), None)
    if job:
        at = plot.scribe.now - LAST_NIGHT - DAY + 70 * MINUTE
        plot.scribe.job(Kind.PROCESSING, job.tenant, at, Status.CANCELLED, parent=job)
