"""What the watch has seen, turned into incidents and messages: once for each look."""

import logging
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from services.ledger import (
    IncidentChanges,
    Ledger,
    NewMessage,
    Place,
    StoredIncident,
    StoredRule,
    Unresolved,
)
from services.monitoring.watch.observation import Observation

from . import digest
from .evaluating import View
from .incidents import WatchedRule, Why, decide, resolved
from .rules import Digest, Scope, UnreadableRule, read

_log: Final = logging.getLogger("services.notifications")


class Episodes:
    """The rules of one place, evaluated at each look of the watch.

    `zone` is that of the watch, `scope` says which tenants a set has. What looks at the same time
    in another process opens nothing twice: the ledger lets one decide after the other.
    """

    def __init__(self, ledger: Ledger, place: Place, *, zone: ZoneInfo, scope: Scope) -> None:
        self._ledger = ledger
        self._place = place
        self._zone = zone
        self._scope = scope

    def look(self, observation: Observation) -> None:
        """Open, change and resolve incidents, and plan what is to be told; nothing is sent.

        Raises services.ledger.LedgerTrouble.
        """
        view = View(observation, self._scope, self._zone)
        stored = self._ledger.rules.listed(self._place)
        watched = [*_watched(stored)]
        kept = {each.id for each in stored if each.is_enabled}

        def decide_all(unresolved: Unresolved) -> IncidentChanges:
            changes = [_of_no_rule(unresolved.incidents, kept, view.at)]
            for own in watched:
                mine = [each for each in unresolved.incidents if each.rule_id == own.stored.id]
                changes.append(decide(own, view, mine, unresolved.told, _new_ids()))
            return _together(changes)

        if stored or self._standing():
            self._ledger.incidents.change(self._place, view.at, decide_all)
        if messages := [*self._digests(watched, view)]:
            self._ledger.outbox.plan(self._place, messages, view.at)

    def _digests(self, watched: Sequence[WatchedRule], view: View) -> Iterator[NewMessage]:
        for own in watched:
            if isinstance(own.rule.condition, Digest):
                yield from digest.due(own, own.rule.condition, view, self._standing())

    def _standing(self) -> int:
        return sum(self._ledger.incidents.counts(self._place).values())


def _watched(stored: Sequence[StoredRule]) -> Iterator[WatchedRule]:
    for each in stored:
        if not each.is_enabled:
            continue
        try:
            yield WatchedRule(each, read(each.body))
        except UnreadableRule as error:
            _log.warning("rule %s: %s", each.id, error)


def _of_no_rule(
    incidents: Sequence[StoredIncident], rule_ids: set[str], at: datetime
) -> IncidentChanges:
    """End the incidents whose rule was deleted or turned off: nobody looks after them."""
    left = [each for each in incidents if each.rule_id not in rule_ids]
    ended = tuple(resolved(each, Why.RULE_OFF, at) for each in left)
    return IncidentChanges(ended, silenced=tuple(each.id for each in left))


def _together(changes: Sequence[IncidentChanges]) -> IncidentChanges:
    whole = IncidentChanges()
    for each in changes:
        whole = replace(
            whole,
            incidents=whole.incidents + each.incidents,
            messages=whole.messages + each.messages,
            silenced=whole.silenced + each.silenced,
        )
    return whole


def _new_ids() -> Iterator[str]:
    while True:
        yield secrets.token_urlsafe(8)
