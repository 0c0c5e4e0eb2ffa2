"""What people do about what the watch reports: acknowledge, send again, turn a rule off."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Final

from services.ledger import IncidentState, MessageState, UnknownIncident, UnknownMessage
from services.notifications.incidents import acknowledged
from tests.simulation.desk import Desk
from tests.simulation.watch_book import PLACES

_LOST: Final = (MessageState.FAILED, MessageState.UNCERTAIN)


def acknowledge(desk: Desk) -> None:
    """Look after an incident for a while."""
    ledger, place = desk.replica.ledger, desk.draw.choice(PLACES)
    found = [each for each in ledger.incidents.listed(place) if each.state is IncidentState.OPEN]
    if not found:
        return
    chosen, now = desk.draw.choice(found), ledger.now()
    until = now + timedelta(minutes=desk.draw.randint(5, 300))
    # It may have come to its end since it was shown.
    with suppress(UnknownIncident):
        ledger.incidents.change_one(
            place,
            chosen.id,
            now,
            lambda each, _: acknowledged(each, desk.person.name, until, "", ""),
        )
        desk.tell(f"acknowledges {chosen.id}")


def send_again(desk: Desk) -> None:
    """Have a message sent again that failed, or may not have arrived."""
    place = desk.draw.choice(PLACES)
    found = desk.replica.ledger.outbox.listed(place, _LOST)
    if found:
        chosen = desk.draw.choice(found)
        with suppress(UnknownMessage):
            desk.replica.ledger.outbox.send_again(place, chosen.id, desk.replica.ledger.now())
            desk.tell(f"sends {chosen.id[:6]} again")


def dismiss(desk: Desk) -> None:
    """Note that a message has not arrived, or may not have."""
    place = desk.draw.choice(PLACES)
    found = desk.replica.ledger.outbox.listed(place, _LOST)
    if found:
        chosen = desk.draw.choice(found)
        with suppress(UnknownMessage):
            desk.replica.ledger.outbox.dismiss(place, chosen.id, desk.replica.ledger.now())
            desk.tell(f"dismisses {chosen.id[:6]}")


def switch_rule(desk: Desk) -> None:
    """Turn the rule about failures off, or on again."""
    place, ledger = desk.draw.choice(PLACES), desk.replica.ledger
    for each in ledger.rules.listed(place):
        if '"failed"' in each.body:
            on = not each.is_enabled
            ledger.rules.enable(place, each.id, desk.person.name, ledger.now(), on=on)
            desk.tell(f"turns {each.id} {'on' if on else 'off'}")
