from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

from services.sandbox.config import Scenario
from services.sandbox.models.jobs import Order
from services.sandbox.models.tenants import Category, DataVersion
from services.sandbox.population.connections import open_connections
from services.sandbox.population.history import Scribe
from services.sandbox.population.personas import (
    Personas,
    administrating_tenant,
    analytic_tenants,
    choose,
)
from services.sandbox.population.samples import open_pending, write_samples
from services.sandbox.population.scenario import tell
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
    """Return a world with its population, its past, and running jobs."""
    with _no_collection():
        world = World(config, clock, administrating_tenant(clock.now()))
        world.categories = CATEGORIES
        world.connections = open_connections(world.admin, config.seed)
        world.enlist(analytic_tenants(config.tenants, clock.now(), world.random))
        personas = choose(world)
        scribe = Scribe(world)
        tell(scribe, personas)
        write_samples(scribe)
        _supplement(world, personas)
        scribe.close()
        if config.scenario == Scenario.BAD_DELIVERY:
            _play_last_minutes(world, personas)
        open_pending(world)
    return world


@contextmanager
def _no_collection() -> Iterator[None]:
    """Suspend the garbage collector, which walks the growing population again and again."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _supplement(world: World, personas: Personas) -> None:
    """Add two versions of the second category to every fifth ordinary tenant."""
    today = world.clock.now()
    for tenant in personas.spared[::5]:
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


def _play_last_minutes(world: World, personas: Personas) -> None:
    """Start three trees of jobs some minutes ago and run the state machine until now."""
    order = Order(world.primary_category, run_processing=True)
    if not personas.spared:
        return
    engine, admin = world.engine, world.admin
    received, processed, extracted = (
        personas.spared[first:last] or personas.spared[:4]
        for first, last in ((32, 46), (46, 56), (20, 32))
    )
    # The machine is at 0 when the sandbox starts: its past is negative.
    engine.run_to(-13 * MINUTE)
    receiving.start_batch(world, admin, order, received, readable=True)
    engine.run_to(-8 * MINUTE)
    dispatching.start(world, admin, order, processed, processing.start)
    engine.run_to(-4 * MINUTE)
    dispatching.start(world, admin, order, extracted, extraction.start)
    engine.run_to(0)
