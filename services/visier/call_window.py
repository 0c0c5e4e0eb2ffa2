"""How many calls of a minute or an hour are made, and when the next one fits."""

from collections import deque


class CallWindow:
    """The calls of the last minute or hour, as counted here and as the server tells.

    A call counts as in flight until its answer is here and for the whole span after that. The
    server counted it before it answered, so no span of the server's own holds more than the limit.
    """

    def __init__(self, span: float, limit: int | None) -> None:
        self._span = span
        self.limit = limit
        self._answered: deque[float] = deque()
        self._told: int | None = None
        self._told_until = 0.0

    def leave(self) -> None:
        """Take note of a request that leaves."""
        if self._told is not None:
            self._told -= 1

    def stay(self) -> None:
        """Take back the note of a request that did not leave after all."""
        if self._told is not None:
            self._told += 1

    def arrive(self, now: float) -> None:
        """Take note of a request that came to its end; without a limit nothing needs counting."""
        if self.limit is not None:
            self._answered.append(now)

    def hear(self, limit: int | None, told: int | None, until: float) -> None:
        """Believe the server's own count until its window has certainly turned."""
        self.limit = limit or self.limit
        if told is not None:
            self._told, self._told_until = told, until

    def left(self, now: float, in_flight: int) -> int | None:
        """Count the calls that may still be made, None when no limit is known."""
        self._forget(now)
        own = [] if self.limit is None else [self.limit - len(self._answered) - in_flight]
        told = [] if self._told is None else [self._told]
        return max(0, min(own + told)) if own or told else None

    def delay(self, now: float, in_flight: int, reserve: float) -> float:
        """Give the seconds until one more call fits beside the reserve."""
        self._forget(now)
        kept = int((self.limit or 0) * reserve)
        waits = [0.0]
        if self._told is not None and self._told <= kept:
            waits.append(self._told_until - now)
        if self.limit is not None:
            too_many = len(self._answered) + in_flight - (self.limit - kept) + 1
            if too_many > len(self._answered):
                waits.append(self._span)
            elif too_many > 0:
                waits.append(self._answered[too_many - 1] + self._span - now)
        return max(waits)

    def _forget(self, now: float) -> None:
        while self._answered and self._answered[0] + self._span <= now:
            self._answered.popleft()
        if self._told_until <= now:
            self._told = None
