from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

from services.sandbox.models.jobs import Order
from services.sandbox.models.tenants import Category, DataVersion
from services.sandbox.population.cast import Cast, administrating_tenant, analytic_tenants, choose
from services.sandbox.population.connections import open_connections
from services.sandbox.population.samples import open_pending, write_samples
from services.sandbox.population.story import tell
from services.sandbox.rules import dispatching, extraction, processing, receiving
from services.sandbox.times import DAY, MINUTE, iso
from services.sandbox.world import World

if TYPE_CHECKING:
    from collections.abc import Iterator

    from services.sandbox.clock import Clock
    from services.sandbox.config import Config

CATEGORIES = (
    Category("Workforce", "a3e5ba0d-2413-4787-ae4f-ddc44fa9ce7a", "Workforce"),
    Category("Talent Acquisition", "28f53042-1269-43b7-bfac-1placeholder", "Talent_Acquisition"),
    Category("Learning & Development", "6c0b8f1e-53a7-4e0c-9d3b-7e5f4a2b1c66", "Learning"),
)


def build(config: Config, clock: Clock) -> World:
    """Give a world with its population and its past, and with jobs under way."""
    with _no_collection():
        world = World(config, clock, administrating_tenant(clock.now()))
        world.categories = CATEGORIES
        world.connections = open_connections(world.admin, config.seed)
        world.enlist(analytic_tenants(config.tenants, clock.now(), world.random))
        cast = choose(world)
        scribe = tell(world, cast)
        write_samples(scribe)
        _supplement(world, cast)
        scribe.close()
        _play_last_minutes(world, cast)
        open_pending(world)
    return world


@contextmanager
def _no_collection() -> Iterator[None]:
    """Keep the garbage collector from walking a growing population again and again."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _supplement(world: World, cast: Cast) -> None:
    """Give every fifth ordinary tenant two versions of the second category."""
    today = world.clock.now()
    for tenant in cast.spared[::5]:
        for days in (16, 2):
            tenant.last_number += 3
            tenant.versions.append(
                DataVersion(
                    str(tenant.last_number),
                    iso(today - days * DAY),
                    CATEGORIES[1].object_name,
                    world.new_id(),
                )
            )


def _play_last_minutes(world: World, cast: Cast) -> None:
    """Start three trees a few minutes ago and let the machine run until now."""
    order = Order(world.primary_category, run_processing=True)
    begin, extracted, loaded = world.engine, cast.spared[40:52], cast.spared[52:66]
    begin.at = -14 * MINUTE
    dispatching.start(world, world.admin, order, extracted or cast.spared[:3], extraction.start)
    begin.run_to(-9 * MINUTE)
    receiving.start_batch(world, world.admin, order, loaded or cast.spared[:4], readable=True)
    begin.run_to(-6 * MINUTE)
    dispatching.start(world, world.admin, order, cast.spared[30:40], processing.start)
    begin.run_to(0)
