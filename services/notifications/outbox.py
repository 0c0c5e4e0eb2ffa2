"""Delivering what is planned: written down before it leaves, tried again with growing delays.

A message that may have arrived is not sent again by itself: one episode, one message.
"""

import logging
import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, Protocol
from zoneinfo import ZoneInfo

from services.clock import CLOCK
from services.ledger import Ledger, Message, MessageState, NewMessage, Place, StoredIncident

from .destinations import Delivered
from .incidents import OF_INCIDENTS, Episode, MessageKind
from .message_words import TENANTS_NAMED, Links, Text, Told, Words, zone_of_rule
from .rules import Rule, UnreadableRule, read

FIRST_DELAY: Final = timedelta(minutes=1)
LONGEST_DELAY: Final = timedelta(hours=1)
ATTEMPTS_AT_MOST: Final = 10
"""The last attempt is some five hours after the first."""
REFUSED, NO_ANSWER = "refused", "no_answer"
_log: Final = logging.getLogger("services.notifications")


class Sender(Protocol):
    """What hands messages over: services.notifications.destinations.Destinations."""

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the destinations."""

    def send(self, name: str, title: str, body: str) -> Delivered:
        """Send a message once."""


class Delivery:
    """Delivers the messages of all places from the ledger.

    Any number of processes may: each message is taken by one of them. `links` gives the address of
    the dashboard at a place, `names` tenants by code at a place, as far as they are known; `zone`
    is that of the watch.
    """

    def __init__(
        self,
        ledger: Ledger,
        sender: Sender,
        *,
        zone: ZoneInfo,
        links: Callable[[Place], Links],
        names: Callable[[Place, Collection[str]], Mapping[str, str]],
        now: Callable[[], datetime] = CLOCK.now,
    ) -> None:
        self._ledger = ledger
        self._sender = sender
        self._zone = zone
        self._links = links
        self._names = names
        self._now = now

    def deliver(self, at_most: int = 20) -> int:
        """Send what is due; return how many messages left. Call it again and again.

        Raises services.ledger.LedgerTrouble.
        """
        for number in range(at_most):
            kinds = OF_INCIDENTS
            taken = self._ledger.outbox.take(self._sender.names, self._now(), together=kinds)
            if not taken:
                return number
            self._send(taken)
        return at_most

    def _send(self, taken: Sequence[Message]) -> None:
        text = self._words(taken)
        name = taken[0].destination
        became = self._sender.send(name, text.title, text.body)
        now, attempts = self._now(), max(each.attempts for each in taken)
        _log.info("message to %s, attempt %d: %s", name, attempts, became)
        settle = self._ledger.outbox.settle
        match became:
            case Delivered.SENT:
                settle(taken, MessageState.SENT, now)
            case Delivered.UNCLEAR:
                settle(taken, MessageState.UNCERTAIN, now, error=NO_ANSWER)
            case Delivered.REFUSED if attempts < ATTEMPTS_AT_MOST:
                again = now + delay(attempts)
                settle(taken, MessageState.PLANNED, now, error=REFUSED, due_at=again)
            case Delivered.REFUSED:
                settle(taken, MessageState.FAILED, now, error=REFUSED)

    def _words(self, taken: Sequence[Message]) -> Text:
        place = taken[0].place
        incidents = self._ledger.incidents.of_ids({each.incident_id for each in taken} - {""})
        rules = self._rules(place)
        told = [
            Told(each, incidents.get(each.incident_id), rules.get(each.rule_id)) for each in taken
        ]
        zone = zone_of_rule(told[0].rule, self._zone)
        names = self._names(place, _named(incidents.values()))
        return Words(self._links(place), zone, names).write(told)

    def _rules(self, place: Place) -> dict[str, Rule]:
        found = {}
        for each in self._ledger.rules.listed(place):
            try:
                found[each.id] = read(each.body)
            except UnreadableRule:
                continue
        return found


def delay(attempts: int) -> timedelta:
    """Return how long to wait after so many attempts."""
    doubled = 1 << min(attempts - 1, 10)
    return min(FIRST_DELAY * doubled, LONGEST_DELAY)


def trial_of(destination: str, at: datetime) -> NewMessage:
    """Return a message that tests a destination; each is another."""
    return NewMessage(
        rule_id="",
        kind=MessageKind.TEST,
        occasion=secrets.token_urlsafe(8),
        destination=destination,
        due_at=at,
    )


def _named(incidents: Collection[StoredIncident]) -> set[str]:
    """Return the tenants whose names a message about these may hold."""
    codes = set[str]()
    for each in incidents:
        codes |= {*Episode.of(each).every_tenant[:TENANTS_NAMED]}
    return codes
