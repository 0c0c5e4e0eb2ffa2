"""Time that only moves when somebody waits or a test says so."""

import threading

from services.visier import RateLimiter
from services.visier.rate_limiter import Slots


class Clock:
    """A clock whose waits move it on, for everybody who shares it."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.waits: list[float] = []

    def __call__(self) -> float:
        return self.now

    def wait(self, _condition: threading.Condition, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds

    def rate_limiter(self, per_minute: int | None = 100, slots: Slots | None = None) -> RateLimiter:
        return RateLimiter(
            self, self.wait, assumed_per_minute=per_minute, jitter=lambda: 0.5, slots=slots
        )


class Ticking:
    """A clock on which `step` seconds pass whenever somebody looks at it."""

    def __init__(self, step: float = 1.0) -> None:
        self.step = step
        self._now = 1000.0

    def __call__(self) -> float:
        self._now += self.step
        return self._now
