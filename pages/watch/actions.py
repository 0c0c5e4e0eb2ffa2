"""What can be done on this screen: each permitted and recorded, and nothing sent to Visier."""

from collections.abc import Callable
from datetime import datetime, timedelta

import orjson
import streamlit as st

from dashboard import access
from dashboard.components import errors, watch_link
from dashboard.components.watch_link import RULE
from dashboard.connection import Connection
from dashboard.watch import notifying
from services.clock import CLOCK
from services.ledger import Ledger, Place, StoredIncident, StoredRule
from services.notifications.incidents import acknowledged, opened_again
from services.notifications.outbox import trial_of
from services.notifications.rules import Rule, written
from services.operations.watch_changes import Done, WatchChange, recorded

OPENED = "wa_open"
"""What an open incident is called in the address."""


def _do(connection: Connection, change: WatchChange, act: Callable[[Ledger], object]) -> bool:
    """Permit, record and make a change; keep an error to be shown. Return whether it was made."""
    ledger, may = connection.ledger, access.permissions(connection)
    identity = connection.identity.name
    with errors.kept():
        with recorded(ledger, may, change, connection.actor, identity):
            act(ledger)
        return True
    return False


def save(connection: Connection, rule: Rule, stored: StoredRule | None) -> bool:
    """Add a rule, or put it in the place of the stored one; return whether it was saved."""
    place, user, body, now = _place(connection), _user(connection), written(rule), CLOCK.now()
    facts = {"rule": orjson.loads(body)}
    if stored is None:
        change = WatchChange(Done.ADDED, "new", facts)
        return _do(connection, change, lambda ledger: ledger.rules.add(place, body, user, now))
    return _do(
        connection,
        WatchChange(Done.CHANGED, stored.id, facts),
        lambda ledger: ledger.rules.replace(place, stored.id, body, user, now),
    )


def mute(connection: Connection, stored: StoredRule, until: datetime | None) -> bool:
    """Keep a rule silent until then, or no longer; return whether that was done."""
    place, user, now = _place(connection), _user(connection), CLOCK.now()
    facts = {"until": until.isoformat()} if until else {}
    return _do(
        connection,
        WatchChange(Done.MUTED if until else Done.UNMUTED, stored.id, facts),
        lambda ledger: ledger.rules.mute(place, stored.id, user, now, until),
    )


def enable(connection: Connection, stored: StoredRule, *, on: bool) -> bool:
    """Turn a rule on or off; return whether that was done."""
    place, user, now = _place(connection), _user(connection), CLOCK.now()
    return _do(
        connection,
        WatchChange(Done.TURNED_ON if on else Done.TURNED_OFF, stored.id),
        lambda ledger: ledger.rules.enable(place, stored.id, user, now, on=on),
    )


def delete(connection: Connection, stored: StoredRule) -> bool:
    """Delete a rule; its incidents end with the next look. Return whether that was done."""
    place = _place(connection)
    change = WatchChange(Done.DELETED, stored.id)
    return _do(connection, change, lambda ledger: ledger.rules.delete(place, stored.id))


def acknowledge(
    connection: Connection, incident: StoredIncident, until: datetime, note: str, assignee: str
) -> bool:
    """Look after an incident until then; return whether that was noted."""
    place, user, now = _place(connection), _user(connection), CLOCK.now()
    facts = {"until": until.isoformat(), "assignee": assignee}
    return _do(
        connection,
        WatchChange(Done.ACKNOWLEDGED, incident.id, facts, note),
        lambda ledger: ledger.incidents.change_one(
            place,
            incident.id,
            now,
            lambda found, _: acknowledged(found, user, until, note, assignee),
        ),
    )


def open_again(connection: Connection, incident: StoredIncident) -> bool:
    """Look after an incident no longer; return whether that was noted."""
    place, now = _place(connection), CLOCK.now()
    return _do(
        connection,
        WatchChange(Done.REOPENED, incident.id),
        lambda ledger: ledger.incidents.change_one(
            place, incident.id, now, lambda found, _: opened_again(found)
        ),
    )


def test(connection: Connection, destination: str) -> None:
    """Send a test to a destination."""
    place, now = _place(connection), CLOCK.now()
    trial = trial_of(destination, now)
    change = WatchChange(Done.TESTED, destination)
    if _do(connection, change, lambda ledger: ledger.outbox.plan(place, [trial], now)):
        notifying.notifier().deliver_soon()


def send_again(connection: Connection, message_id: str) -> None:
    """Send a message once more that was not delivered, or may not have been."""
    place, now = _place(connection), CLOCK.now()
    change = WatchChange(Done.SENT_AGAIN, message_id)
    if _do(connection, change, lambda ledger: ledger.outbox.send_again(place, message_id, now)):
        notifying.notifier().deliver_soon()


def dismiss(connection: Connection, message_id: str) -> None:
    """Note that somebody has seen what became of a message."""
    place, now = _place(connection), CLOCK.now()
    change = WatchChange(Done.DISMISSED, message_id)
    _do(connection, change, lambda ledger: ledger.outbox.dismiss(place, message_id, now))


def _place(connection: Connection) -> Place:
    return connection.actor.place


def _user(connection: Connection) -> str:
    return connection.actor.user


def close() -> None:
    """Close what is open over the page."""
    watch_link.forget()
    for name in (OPENED, RULE):
        st.query_params.pop(name, None)


def soon() -> datetime:
    """Return four hours from now, by the quarter of an hour."""
    now = CLOCK.now() + timedelta(hours=4)
    return now - timedelta(
        minutes=now.minute % 15, seconds=now.second, microseconds=now.microsecond
    )
