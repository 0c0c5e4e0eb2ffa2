"""Whether forecasts hold as often as they say, in nights that were made without knowing them."""

from collections.abc import Callable
from datetime import UTC, datetime

import numpy as np
import pytest

from services.monitoring.watch import past
from services.monitoring.watch.night import clock_minutes
from services.sandbox.config import Config, Scenario
from services.sandbox.population.past import between
from services.sandbox.simulator import Simulator
from services.sandbox.times import parse
from tests.services.monitoring.watch.trying import Tried, ask
from tests.services.monitoring.watch.worlds import ZONE, World, ordinary, queueing

NIGHTS = (36, 47, 58, 69)
"""Of seventy: late ones and early ones, so far apart that one hardly tells of another."""
NIGHTS_AT_LEAST = 50


def holds(tried: Tried) -> None:
    """Assert that half and nine in ten of what was told has come true."""
    likely, nine_in_ten = tried.shares
    assert tried.nights >= NIGHTS_AT_LEAST
    assert 0.40 <= likely <= 0.60
    assert 0.85 <= nine_in_ten <= 0.95


@pytest.mark.parametrize("world", [ordinary, queueing])
def test_half_and_nine_in_ten_hold(world: Callable[[int], World]) -> None:
    tried: dict[int, Tried] = {}
    for seed in range(16):
        ask(world(seed), NIGHTS, (800,), tried)
    holds(tried[800])


# Hundreds of nights, each compared with those before it.
@pytest.mark.slow
@pytest.mark.parametrize("world", [ordinary, queueing])
def test_they_hold_whenever_they_are_asked(world: Callable[[int], World]) -> None:
    tried: dict[int, Tried] = {}
    for seed in range(60):
        ask(world(seed), NIGHTS, (60, 600, 800, 850, 900), tried)
    for each in tried.values():
        holds(each)
        # Silence would hold always.
        assert each.untold <= each.nights / 20


@pytest.mark.slow  # as above
@pytest.mark.parametrize("world", [ordinary, queueing])
def test_those_who_are_named_miss_and_those_who_miss_are_named(
    world: Callable[[int], World],
) -> None:
    tried: dict[int, Tried] = {}
    for seed in range(30):
        ask(world(seed), NIGHTS, (700, 850), tried, due=900)
    for each in tried.values():
        assert each.named_rightly >= 0.7 * each.named
    # Hours before, nobody knows which night will be late.
    assert tried[850].named_rightly >= 0.6 * tried[850].missed


# Each of these worlds has ninety nights to be told by its sandbox. Its last ten are left out: in
# them tenants begin to come more often than once a week.
@pytest.mark.slow
def test_they_hold_in_the_nights_of_sandboxes() -> None:
    tried: dict[int, Tried] = {}
    for seed, hour in enumerate((21, 3, 9, 13, 17, 0)):
        world = of_sandbox(seed, hour)
        ask(world, range(20, len(world.loaded) - 10), (400, 600, 800, 1000), tried)
    for each in tried.values():
        holds(each)


def of_sandbox(seed: int, hour: int) -> World:
    """Return the past of a sandbox that begins at this hour, as the watch is given it."""
    begins = datetime(2026, 11, 24, hour, tzinfo=UTC)
    config = Config(tenants=60, seed=seed, speed=0, scenario=Scenario.QUIET_NIGHT)
    simulator = Simulator(config, wall=begins.timestamp)

    def told(since: datetime, until: datetime) -> past.Answer:
        return between(simulator.world, parse(since.isoformat()), parse(until.isoformat()))

    nights = sorted(past.of_sandbox(told, ZONE)(begins), key=lambda each: each.night)
    loaded, began = (
        np.stack([clock_minutes(each.rows[name], each.night, ZONE) for each in nights])
        for name in ("loaded_at", "began_at")
    )
    return World(loaded, began, nights[0].night)
