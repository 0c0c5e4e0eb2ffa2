"""A place that is watched: its rules, looks at it, and what was told of it."""

from collections.abc import Collection, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from services.ledger import IncidentState, Ledger, MessageState, Place, StoredIncident
from services.monitoring.watch.observation import Observation
from services.notifications import Delivery, Episodes
from services.notifications.destinations import Delivered
from services.notifications.message_words import Links
from services.notifications.outbox import Sender
from services.notifications.rules import Rule, written
from tests.services.notifications.nights import NAMES, at, scope

HERE = Place("example.api.visier.io", "WFF_j1r")
UTC_ZONE = ZoneInfo("UTC")
LINKS = Links("https://loads.example/", {"connection": "emea"})


class Receiver:
    """Destinations that keep what they are given; `became` says what becomes of it."""

    def __init__(self, *names: str) -> None:
        self.names = names or ("mail",)
        self.got: list[tuple[str, str, str]] = []
        self.became = Delivered.SENT

    def send(self, name: str, title: str, body: str) -> Delivered:
        self.got.append((name, title, body))
        return self.became

    @property
    def titles(self) -> list[str]:
        return [title for _, title, _ in self.got]


class Watched:
    """A place with rules; `look` looks at it, and delivers what is due at that time."""

    def __init__(
        self, ledger: Ledger, receiver: Receiver | None = None, *, sender: Sender | None = None
    ) -> None:
        self.ledger = ledger
        self.receiver = receiver or Receiver()
        self.now = at("00:00")
        self.episodes = Episodes(ledger, HERE, zone=UTC_ZONE, scope=scope)
        self.delivery = Delivery(
            ledger,
            sender or self.receiver,
            zone=UTC_ZONE,
            links=lambda _: LINKS,
            names=_names,
            now=lambda: self.now,
        )

    def add(self, rule: Rule) -> str:
        return self.ledger.rules.add(HERE, written(rule), "ann", at("2026-11-01T00:00"))

    def look(self, observation: Observation) -> list[str]:
        """Look, deliver; return the titles of what was sent."""
        self.episodes.look(observation)
        return self.deliver(observation.at)

    def deliver(self, now: datetime) -> list[str]:
        """Deliver what is due by then; return the titles of what was sent."""
        self.now, before = now, len(self.receiver.got)
        self.delivery.deliver()
        return self.receiver.titles[before:]

    @property
    def incidents(self) -> list[StoredIncident]:
        return self.ledger.incidents.listed(HERE)

    @property
    def states(self) -> list[IncidentState]:
        return [each.state for each in self.incidents]

    def messages(self, *states: MessageState) -> list[tuple[str, str]]:
        """Return the kinds and states of messages, in their order."""
        listed = self.ledger.outbox.listed(HERE, states or [*MessageState])
        return sorted((each.kind, each.state.value) for each in listed)


def _names(_: Place, codes: Collection[str]) -> Mapping[str, str]:
    return {code: NAMES[code] for code in codes if code in NAMES}
