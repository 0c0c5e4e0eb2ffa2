from collections.abc import Iterator

import pytest

from services.sandbox.clock import Clock
from services.sandbox.config import Config, Odds
from services.sandbox.population import build
from services.sandbox.world import World
from tests.sandboxes import Sandbox, running_sandbox
from tests.services.sandbox.api import Api

NO_MISHAPS = Odds(0, 0, 0, 0, 0, 0, 0, 0)


@pytest.fixture(scope="module")
def running() -> Iterator[Sandbox]:
    with running_sandbox(odds=NO_MISHAPS) as sandbox:
        yield sandbox


@pytest.fixture
def api(running: Sandbox) -> Api:
    """Give a caller of a fresh sandbox of 60 tenants that stands still, without mishaps."""
    running.control.reset(tenants=60, seed=7, speed=0, rate_limit=0)
    return Api(running, running.headers())


class Wall:
    """A wall clock that only tests move."""

    def __init__(self) -> None:
        self.seconds = 1_790_000_000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def wall() -> Wall:
    return Wall()


def still_world(wall: Wall, tenants: int = 60, seed: int = 7, odds: Odds = NO_MISHAPS) -> World:
    """Give a populated world whose machine stands still."""
    return build(Config(tenants, seed, 0, 0, odds), Clock(0, wall))
