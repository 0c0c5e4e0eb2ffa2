"""How many calls of a minute or an hour are made, and when the next one fits."""

from collections import deque


class CallWindow:
    """The calls of the last minute or hour, as counted here and as the server states.

    A call counts from when it leaves until a whole span after its answer. The server counted it
    before it answered, so no window of the server's own holds more calls than the limit.
    """

    def __init__(self, span: float, limit: int | None) -> None:
        self._span = span
        self.limit = limit
        self._answered: deque[float] = deque()
        self._remaining: int | None = None
        self._remaining_until = 0.0

    def leave(self) -> None:
        """Count a request that leaves."""
        if self._remaining is not None:
            self._remaining -= 1

    def stay(self) -> None:
        """Take back the count of a request that did not leave."""
        if self._remaining is not None:
            self._remaining += 1

    def arrive(self, now: float) -> None:
        """Count a request that has ended; without a limit nothing needs counting."""
        if self.limit is not None:
            self._answered.append(now)

    def believe(self, limit: int | None, told: int | None, until: float) -> None:
        """Note the server's own count; it holds until its window has certainly ended."""
        self.limit = limit or self.limit
        if told is not None:
            self._remaining, self._remaining_until = told, until

    def left(self, now: float, in_flight: int) -> int | None:
        """Return how many calls may still be made, None when no limit is known."""
        self._forget(now)
        own = [] if self.limit is None else [self.limit - len(self._answered) - in_flight]
        remaining = [] if self._remaining is None else [self._remaining]
        # Others use the same key, and their calls are in the server's count only.
        return max(0, min(own + remaining)) if own or remaining else None

    def delay(self, now: float, in_flight: int, reserve: float) -> float:
        """Return the seconds until one more call fits beside the reserve."""
        self._forget(now)
        kept = int((self.limit or 0) * reserve)
        waits = [0.0]
        if self._remaining is not None and self._remaining <= kept:
            waits.append(self._remaining_until - now)
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
        if self._remaining_until <= now:
            self._remaining = None
