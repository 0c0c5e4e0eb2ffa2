"""The events that Visier pushed: written down as they came, before anything is made of them."""

from collections.abc import Collection
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from . import database
from .models import ReceivedEvent, WebhookEventState
from .tables import webhook_event

_WRITERS_LOCK: Final = 7_418_530  # any number, the same for everybody who writes events down
_SLICE: Final = 1000  # keys in one question, well below what any database takes


class WebhookEvents:
    """The pushed events; every method raises LedgerTrouble when the database cannot do its part."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def add(self, event: ReceivedEvent) -> bool:
        """Write an event down as received; return False where its id was there already.

        Visier sends an event again when no answer came in time, perhaps to another replica.
        """
        known = sa.select(webhook_event.c.event_id).where(
            webhook_event.c.event_id == event.event_id
        )
        with database.in_line(self._engine, _WRITERS_LOCK) as connection:
            if connection.scalar(known) is not None:
                return False
            row = {
                "event_id": event.event_id,
                "received_at": event.received_at,
                "connection": event.connection,
                "event_type": event.event_type,
                "signature_form": event.signature_form,
                "body": event.body,
                "state": WebhookEventState.RECEIVED.value,
            }
            connection.execute(webhook_event.insert(), row)
            return True

    def settle(self, event_ids: Collection[str]) -> None:
        """Note that what these events name has been handed on to whoever reads it."""
        ids = list(event_ids)
        with database.in_line(self._engine, _WRITERS_LOCK) as connection:
            for start in range(0, len(ids), _SLICE):
                chosen = webhook_event.c.event_id.in_(ids[start : start + _SLICE])
                settled = webhook_event.update().where(chosen)
                connection.execute(settled.values(state=WebhookEventState.SETTLED.value))

    def received(self, since: datetime, limit: int = 1000) -> list[ReceivedEvent]:
        """Return the newest events since then that are not settled, oldest first."""
        waiting = webhook_event.c.state == WebhookEventState.RECEIVED.value
        asked = sa.select(webhook_event).where(waiting, webhook_event.c.received_at >= since)
        newest = asked.order_by(webhook_event.c.received_at.desc(), webhook_event.c.event_id)
        with database.transaction(self._engine) as connection:
            rows = connection.execute(newest.limit(limit)).all()
        return [_event(row) for row in rows[::-1]]

    def last(self, connection: str) -> ReceivedEvent | None:
        """Return the event of a connection, by its name, that any process received last."""
        own = sa.select(webhook_event).where(webhook_event.c.connection == connection)
        newest = own.order_by(webhook_event.c.received_at.desc()).limit(1)
        with database.transaction(self._engine) as connected:
            row = connected.execute(newest).one_or_none()
        return None if row is None else _event(row)

    def prune(self, older_than: datetime) -> int:
        """Delete what was received before then; return how many rows."""
        outdated = webhook_event.delete().where(webhook_event.c.received_at < older_than)
        with database.in_line(self._engine, _WRITERS_LOCK) as connection:
            return connection.execute(outdated).rowcount


def _event(row: sa.Row[tuple[object, ...]]) -> ReceivedEvent:
    return ReceivedEvent(
        event_id=row.event_id,
        received_at=row.received_at,
        connection=row.connection,
        event_type=row.event_type,
        signature_form=row.signature_form,
        body=row.body,
    )
