"""One operation inside a transaction that nobody else changes it in."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from . import queries, writes
from .models import LIVE, Event, ItemResult, Outcome, State


@dataclass(frozen=True)
class Work:
    """An operation as it stands in a transaction, which moves on with what is written.

    A live one of which nothing was heard since ``silent_since`` has lost its owner.
    """

    connection: sa.Connection
    stood: dict[str, Any]
    now: datetime
    silent_since: datetime

    @property
    def live(self) -> bool:
        """Whether somebody works on it."""
        return self.stood["state"] in LIVE and self.stood["heard_at"] >= self.silent_since

    @property
    def broke_off(self) -> bool:
        """Whether somebody worked on it and does no more."""
        said = self.stood["state"]
        return said == State.INTERRUPTED or (said in LIVE and not self.live)

    @property
    def when_broken_off(self) -> State:
        """What it is when nobody works on it any more: finished when nothing of it is left."""
        return queries.state_when_broken_off(self.stood)

    def advance(self, **changes: Any) -> None:
        """Write down its next moment."""
        self.stood.update(writes.advance(self.connection, self.stood, self.now, **changes))

    def settle(self, results: Iterable[ItemResult], only_from: Outcome | None = None) -> None:
        """Write down what became of items; raises as ``writes.settle``."""
        stands = writes.settle(self.connection, self.stood, self.now, results, only_from)
        self.stood.update(stands)

    def note(self, event: Event) -> None:
        """Write down an event."""
        writes.add_event(self.connection, self.stood["operation_id"], event, self.now)
