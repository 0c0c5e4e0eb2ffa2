import time
from collections.abc import Callable

from services.sandbox.times import SECOND


class Clock:
    """Two times in milliseconds: `now` for dates, `machine` for the state machine.

    `now` is the wall clock in UTC plus manual advances, whatever the speed, so that dates stay
    realistic. `machine` starts at 0 and runs `speed` times as fast; at speed 0 it moves only when
    the clock is advanced.
    """

    def __init__(self, speed: float, wall: Callable[[], float] = time.time) -> None:
        self.speed = speed
        self._wall = wall
        self._added = 0.0
        self._machine = 0.0
        self._since = wall()

    def now(self) -> float:
        """Return the date of now in epoch milliseconds."""
        return (self._wall() + self._added) * SECOND

    def machine(self) -> float:
        """Return the time of the state machine."""
        return self._machine + (self._wall() - self._since) * SECOND * self.speed

    def date(self, machine: float) -> float:
        """Return the date, in epoch milliseconds, at which `machine` was or will be reached."""
        # At speed 0 a second of the machine counts as one of the wall clock.
        return self.now() - (self.machine() - machine) / (self.speed or 1)

    def advance(self, seconds: float) -> None:
        """Advance both times, the machine's by `seconds` times the speed (times 1 at speed 0)."""
        self._added += seconds
        self._machine += seconds * SECOND * (self.speed or 1)

    def set_speed(self, speed: float) -> None:
        """Set the speed of the state machine from now on."""
        self._machine = self.machine()
        self._since = self._wall()
        self.speed = speed
