"""Watches that break a promise: one fault each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from unittest.mock import patch

import sqlalchemy as sa

from dashboard.watch.pushes import Pushes
from services.ledger import MessageState, leases
from services.ledger import incidents as stored_incidents
from services.ledger.leases import Leases
from services.ledger.outbox import Outbox
from services.ledger.tables import outbox

Mutant = Callable[[], AbstractContextManager[object]]
_take = Outbox.take


def take_a_lease_that_is_held() -> AbstractContextManager[object]:
    """Take every other holder for dead."""
    return patch.object(Leases, "_is_live", lambda *_: False)


def write_after_the_lease_has_ended() -> AbstractContextManager[object]:
    """Ask nobody who holds the lease as a night is written."""
    return patch.object(leases, "check", lambda *_: None)


def take_a_message_of_two() -> AbstractContextManager[object]:
    """Leave a message planned while it is on its way."""

    def take(self: Outbox, *given: Any, **named: Any) -> Any:
        taken = _take(self, *given, **named)
        with self._engine.begin() as connection:
            ids = outbox.c.id.in_([each.id for each in taken])
            connection.execute(sa.update(outbox).where(ids).values(state="planned"))
        return taken

    return patch.object(Outbox, "take", take)


def send_again_what_a_dead_process_sent() -> AbstractContextManager[object]:
    """Plan a message anew whose process has ended while it was on its way."""

    def mark(self: Outbox, connection: sa.Connection, at: datetime) -> None:
        lost = (outbox.c.state == MessageState.INTENDED) & (outbox.c.owner != self._owner)
        connection.execute(sa.update(outbox).where(lost).values(state="planned", due_at=at))

    return patch.object(Outbox, "_mark_uncertain", mark)


def decide_about_every_connection() -> AbstractContextManager[object]:
    """See the incidents of one connection at a look at another."""
    return patch.object(stored_incidents, "_is_at", lambda _: sa.true())


def open_an_incident_at_every_look() -> AbstractContextManager[object]:
    """Take each finding for another."""
    told = stored_incidents._unresolved

    def unresolved(*given: Any) -> Any:
        return replace(told(*given), incidents=())

    return patch.object(stored_incidents, "_unresolved", unresolved)


def settle_an_event_that_is_not_read() -> AbstractContextManager[object]:
    """Settle events as they are handed on."""
    hint = Pushes._hint

    def settle(self: Pushes, named: Any) -> None:
        hint(self, named)
        self._ledger().webhook_events.settle([each.event_id for each in named])

    return patch.object(Pushes, "_hint", settle)


OF_THE_WATCH: Final[Mapping[str, Mutant]] = {
    each.__name__: each
    for each in (
        take_a_lease_that_is_held,
        write_after_the_lease_has_ended,
        take_a_message_of_two,
        send_again_what_a_dead_process_sent,
        decide_about_every_connection,
        open_an_incident_at_every_look,
        settle_an_event_that_is_not_read,
    )
}
