"""One operation inside a transaction that nobody else changes it in."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from . import operation_queries, writes
from .models import LIVE, Event, ItemResult, Outcome, State


@dataclass(frozen=True)
class Work:
    """An operation as it stands in a transaction, which moves on with what is written.

    A live one without a heartbeat since ``silent_since`` has lost its owner.
    """

    connection: sa.Connection
    revision: dict[str, Any]
    now: datetime
    silent_since: datetime

    @property
    def live(self) -> bool:
        """Whether somebody works on it."""
        # Nobody ends the state of a process that was killed: only its heartbeats tell.
        return self.revision["state"] in LIVE and self.revision["heartbeat_at"] >= self.silent_since

    @property
    def broke_off(self) -> bool:
        """Whether somebody worked on it and does no more."""
        said = self.revision["state"]
        return said == State.INTERRUPTED or (said in LIVE and not self.live)

    @property
    def when_broken_off(self) -> State:
        """What it is when nobody works on it any more: finished when nothing of it is left."""
        return operation_queries.state_when_broken_off(self.revision)

    def advance(self, **changes: Any) -> None:
        """Write down its next revision."""
        self.revision.update(writes.advance(self.connection, self.revision, self.now, **changes))

    def settle(self, results: Iterable[ItemResult], only_from: Outcome | None = None) -> None:
        """Write down what became of items; raises as ``writes.settle``."""
        changed = writes.settle(self.connection, self.revision, self.now, results, only_from)
        self.revision.update(changed)

    def note(self, event: Event) -> None:
        """Write down an event."""
        writes.add_event(self.connection, self.revision["operation_id"], event, self.now)
