from __future__ import annotations

from dataclasses import dataclass, field

from services.sandbox.times import HOUR, MINUTE


@dataclass(slots=True)
class RateLimit:
    """Calls per API key in fixed windows of a minute and an hour, as a gateway counts them."""

    per_minute: int
    hour_factor: int = 60
    _minutes: dict[str, int] = field(default_factory=dict)
    _hours: dict[str, int] = field(default_factory=dict)
    _window: tuple[int, int] = (0, 0)

    def count(self, key: str, now: float) -> bool:
        """Count one call at this epoch time; return False when it is over the limit."""
        self._roll(now)
        if not self.per_minute:
            return True
        # Not counted: Visier does not say whether refused calls count.
        if not all(self._left(key)):
            return False
        self._minutes[key] = self._minutes.get(key, 0) + 1
        self._hours[key] = self._hours.get(key, 0) + 1
        return True

    def headers(self, key: str, now: float) -> dict[str, str]:
        """Return the four rate-limit headers, or none without a limit."""
        if not self.per_minute:
            return {}
        self._roll(now)
        minute, hour = self._left(key)
        return {
            "X-RateLimit-Limit-Minute": str(self.per_minute),
            "X-RateLimit-Remaining-Minute": str(minute),
            "X-RateLimit-Limit-Hour": str(self.per_minute * self.hour_factor),
            "X-RateLimit-Remaining-Hour": str(hour),
        }

    def _left(self, key: str) -> tuple[int, int]:
        return (
            self.per_minute - self._minutes.get(key, 0),
            self.per_minute * self.hour_factor - self._hours.get(key, 0),
        )

    def _roll(self, now: float) -> None:
        # Fixed windows of the clock: Visier's headers name no moment at which one ends.
        minute, hour = int(now // MINUTE), int(now // HOUR)
        if minute != self._window[0]:
            self._minutes.clear()
        if hour != self._window[1]:
            self._hours.clear()
        self._window = minute, hour
