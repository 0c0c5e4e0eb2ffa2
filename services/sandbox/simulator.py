from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from services.sandbox import population
from services.sandbox.clock import Clock
from services.sandbox.faults import Faults
from services.sandbox.ratelimit import RateLimit
from services.sandbox.recorder import Recorder
from services.sandbox.tokens import Tokens
from services.sandbox.webhooks import Webhooks

if TYPE_CHECKING:
    from collections.abc import Callable

    from services.sandbox.config import Config

MOVES_EVERY = 0.5  # seconds


class Simulator:
    """One simulated Visier: its world, and the tokens, limits, faults and records around it.

    ``wall`` returns the seconds since 1970.
    """

    def __init__(self, config: Config, wall: Callable[[], float] = time.time) -> None:
        self._wall = wall
        self.tokens = Tokens()
        self.recorder = Recorder()
        self.faults = Faults()
        self._moving: asyncio.Task[None] | None = None
        self.reset(config)

    def reset(self, config: Config) -> None:
        """Start over with a new world; tokens stay valid."""
        self.config = config
        # At rest while the population is written: its past takes no time.
        self.clock = Clock(speed=0, wall=self._wall)
        self.world = population.build(config, self.clock)
        self.world.webhooks = Webhooks(self.faults)
        self.clock.set_speed(config.speed)
        self.limit = RateLimit(config.rate_limit)
        self.recorder.clear()
        self.faults.clear()

    def settle(self) -> None:
        """Run all events that are due by now."""
        self.world.engine.settle()

    def keep_moving(self) -> None:
        """Let due events happen by themselves from now on, while a webhook waits for them."""
        if self._moving is None and self.world.webhooks.is_active:
            self._moving = asyncio.get_running_loop().create_task(self._move())

    async def _move(self) -> None:
        while self.world.webhooks.is_active:
            await asyncio.sleep(MOVES_EVERY)
            self.settle()
        self._moving = None

    def rci(self) -> str:
        """Return a random root cause id, in the form of Visier's samples."""
        return f"RCIP{self.world.random.randint(100_000, 999_999)}"
