"""What this screen shows, read from the ledger: no call to Visier."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from dashboard import data, saved_views, time_zone
from dashboard.components import tenants
from dashboard.connection import Connection
from dashboard.watch import history
from services.ledger import Message, MessageState, StoredIncident, StoredRule
from services.notifications.message_words import Links, Words
from services.notifications.rules import Rule, UnreadableRule, read

LISTED_AT_MOST = 500


@dataclass(frozen=True)
class Found:
    """The rules, incidents and messages of a place; two are equal whatever `known` names tenants.

    `rules` has by id what each reads as, None where this version cannot read it.
    """

    stored: list[StoredRule]
    incidents: list[StoredIncident]
    messages: list[Message]
    known: data.TenantDirectory = field(compare=False)
    connection: Connection = field(compare=False)

    @cached_property
    def rules(self) -> Mapping[str, Rule | None]:
        """The rules by id."""
        return {each.id: readable(each) for each in self.stored}

    @cached_property
    def failures(self) -> Mapping[str, str]:
        """The words of the kinds of failure on record by their keys; raises LedgerTrouble."""
        return history.failure_words(self.connection.actor.place, self.connection.app.ledger)

    @cached_property
    def words(self) -> Words:
        """What says incidents in words, in the chosen zone."""
        names = self.known.frame.set_index("tenant_code")["display_name"].dropna().to_dict()
        return Words(Links(), time_zone.chosen(), {str(code): name for code, name in names.items()})

    def incident(self, incident_id: str) -> StoredIncident | None:
        """Return the incident of an id, if it is listed."""
        return next((each for each in self.incidents if each.id == incident_id), None)

    def rule(self, rule_id: str) -> StoredRule | None:
        """Return the stored rule of an id."""
        return next((each for each in self.stored if each.id == rule_id), None)


def readable(stored: StoredRule) -> Rule | None:
    """Return the rule, None where this version cannot read it."""
    try:
        return read(stored.body)
    except UnreadableRule:
        return None


def everything(connection: Connection) -> Found:
    """Read the rules, incidents and messages of the place of a connection."""
    ledger, place = connection.ledger, connection.actor.place
    return Found(
        ledger.rules.listed(place),
        ledger.incidents.listed(place, LISTED_AT_MOST),
        ledger.outbox.listed(place, [*MessageState]),
        tenants.at_hand(connection),
        connection,
    )


def view_names() -> dict[str, str]:
    """Return the saved views a person sees, by id."""
    return {view.id: view.name for view in saved_views.listed()}
