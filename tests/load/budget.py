"""The call budget, as the sandbox's own log tells it."""

from typing import Any

from tests.sandboxes import Control, fullest_minute


class CallLog:
    """Every call of a run, gathered before the sandbox forgets it: it keeps the last 5,000."""

    def __init__(self, control: Control) -> None:
        self._control = control
        control.clear_requests()
        self._last = 0
        self._let_through: list[dict[str, Any]] = []
        self.refused = 0

    def gather(self) -> None:
        """Take over what was asked since the last time; raise when some of it is forgotten."""
        fresh = self._control.requests(since=self._last)
        if self._last and fresh and fresh[0]["id"] != self._last + 1:
            raise AssertionError("The sandbox has forgotten calls that were not looked at yet.")
        if fresh:
            self._last = fresh[-1]["id"]
        refused = [call for call in fresh if call["status"] == 429]
        self.refused += len(refused)
        self._let_through += ({"time": call["time"]} for call in fresh if call["status"] != 429)

    @property
    def calls(self) -> int:
        """How many calls were let through."""
        return len(self._let_through)

    @property
    def fullest_minute(self) -> int:
        """The most calls that were let through within any sixty seconds."""
        return fullest_minute(self._let_through)
