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
    IncidentState,
    Lease,
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
    in another process opens nothing twice: the ledger lets one decide after the other. What was
    seen before another process took the watch over decides nothing: the lease is checked as
    decisions are written.
    """

    def __init__(self, ledger: Ledger, place: Place, *, zone: ZoneInfo, scope: Scope) -> None:
        self._ledger = ledger
        self._place = place
        self._zone = zone
        self._scope = scope

    def look(self, observation: Observation, lease: Lease | None = None) -> None:
        """Open, change and resolve incidents, and plan what is to be told; nothing is sent.

        `lease` is that of the watch that has looked. Raises services.ledger.LeaseLost where another
        has it, and LedgerTrouble.
        """
        view = View(observation, self._scope, self._zone)
        stored = self._ledger.rules.listed(self._place)
        watched = [*_watched(stored)]
        kept = {each.id for each in stored if each.is_enabled}

        def decide_all(unresolved: Unresolved) -> IncidentChanges:
            of_none = _of_no_rule(unresolved.incidents, kept, view.at)
            of_rules = (
                decide(own, view, _of_rule(unresolved, own.stored.id), _new_ids())
                for own in watched
            )
            decided = _together([of_none, *of_rules])
            left = _standing(unresolved, decided)
            return replace(decided, messages=(*decided.messages, *_digests(watched, view, left)))

        if stored or sum(self._ledger.incidents.counts(self._place).values()):
            self._ledger.incidents.change(self._place, view.at, decide_all, lease=lease)


def _of_rule(unresolved: Unresolved, rule_id: str) -> Unresolved:
    def own(incidents: Sequence[StoredIncident]) -> tuple[StoredIncident, ...]:
        return tuple(each for each in incidents if each.rule_id == rule_id)

    return replace(unresolved, incidents=own(unresolved.incidents), lately=own(unresolved.lately))


def _digests(watched: Sequence[WatchedRule], view: View, standing: int) -> Iterator[NewMessage]:
    for own in watched:
        if isinstance(own.rule.condition, Digest):
            yield from digest.due(own, own.rule.condition, view, standing)


def _standing(unresolved: Unresolved, changes: IncidentChanges) -> int:
    """Return how many incidents are unresolved once these changes are written."""
    now = {each.id: each for each in (*unresolved.incidents, *changes.incidents)}
    return sum(each.state is not IncidentState.RESOLVED for each in now.values())


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
