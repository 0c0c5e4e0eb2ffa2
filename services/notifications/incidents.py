"""From findings to incidents: what opens, changes, comes to an end, and who is told; pure.

An episode lasts from the first finding until each of its tenants has come right, whatever the
nights between. A tenant in an unresolved incident of a rule is not reported by it again.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final, Self

from services.ledger import (
    IncidentChanges,
    IncidentState,
    NewMessage,
    StoredIncident,
    StoredRule,
    Unresolved,
)

from .evaluating import Finding, Stage, View, come_right, evaluate, is_over
from .rules import Deadline, Failed, NoCredential, Overdue, Rule, Slow, Unusual

# Their tenants share no one cause: those found later are another episode.
_ONE_AFTER_ANOTHER: Final = (Slow, Overdue, NoCredential)
_OF_ONE_NIGHT: Final = (Deadline, Failed, Unusual)
TENANTS_AT_MOST: Final = 60_000


class MessageKind(StrEnum):
    """What a message tells."""

    WARNED = "warned"
    OPENED = "opened"
    RESOLVED = "resolved"
    REOPENED = "reopened"
    """It was acknowledged until now, and is still so."""
    DIGEST = "digest"
    TEST = "test"


OF_INCIDENTS: Final = (
    MessageKind.WARNED,
    MessageKind.OPENED,
    MessageKind.RESOLVED,
    MessageKind.REOPENED,
)
"""What is told together in one message."""


class Why(StrEnum):
    """Why an incident is resolved."""

    CAME_RIGHT = "came_right"
    RULE_OFF = "rule_off"
    """Its rule was deleted or turned off."""


@dataclass(frozen=True)
class Episode:
    """What an incident is about: the facts that the ledger keeps of it.

    `tenants` are those for whom it still is so; `settled` has the data version with which each of
    the others came right, "" without one. `details` is that of the finding.
    """

    kind: str
    stage: Stage
    night: date
    tenants: tuple[str, ...] = ()
    settled: Mapping[str, str] = field(default_factory=dict)
    details: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, incident: StoredIncident) -> Self:
        """Return what a stored incident is about."""
        facts = incident.facts
        return cls(
            kind=facts["kind"],
            stage=Stage(facts["stage"]),
            night=date.fromisoformat(facts["night"]),
            tenants=tuple(facts["tenants"]),
            settled=facts["settled"],
            details=facts["details"],
        )

    def facts(self) -> dict[str, Any]:
        """Return them as the ledger keeps them."""
        return {
            "kind": self.kind,
            "stage": self.stage.value,
            "night": self.night.isoformat(),
            "tenants": [*self.tenants],
            "settled": dict(self.settled),
            "details": dict(self.details),
        }

    @property
    def every_tenant(self) -> tuple[str, ...]:
        """All tenants it is or was about, in the order of their codes."""
        return tuple(sorted({*self.tenants, *self.settled}))


@dataclass(frozen=True)
class WatchedRule:
    """A rule that is on, as it is kept and as it reads."""

    stored: StoredRule
    rule: Rule

    def due(self, now: datetime) -> datetime:
        """Return when a message of it may leave: at once, or after it was muted or in quiet."""
        muted = self.stored.muted_until
        begin = max(now, muted) if muted else now
        return self.rule.quiet.end_after(begin) if self.rule.quiet else begin

    def messages(
        self,
        incident_id: str,
        kind: MessageKind,
        now: datetime,
        *,
        occasion: str = "",
        to: Collection[str] | None = None,
    ) -> Iterator[NewMessage]:
        """Yield the messages about an incident: to its destinations, or to those who were told."""
        for destination in self.rule.destinations if to is None else sorted(to):
            yield NewMessage(
                incident_id=incident_id,
                rule_id=self.stored.id,
                kind=kind,
                occasion=occasion,
                destination=destination,
                due_at=self.due(now),
            )


@dataclass
class _Decision:
    """What is decided so far about the incidents of one rule."""

    own: WatchedRule
    now: datetime
    lately: Sequence[StoredIncident]
    standing: list[StoredIncident] = field(default_factory=list)
    changed: dict[str, StoredIncident] = field(default_factory=dict)
    messages: list[NewMessage] = field(default_factory=list)
    silenced: list[str] = field(default_factory=list)

    def write(self, incident: StoredIncident) -> None:
        self.changed[incident.id] = incident

    def stand(self, incident: StoredIncident) -> None:
        """Note an unresolved incident as it stands now."""
        others = [each for each in self.standing if each.id != incident.id]
        self.standing = [*others, incident]

    def tell(self, incident: StoredIncident, kind: MessageKind, **options: Any) -> None:
        # Who has acknowledged it knows.
        if incident.state is not IncidentState.ACKNOWLEDGED:
            self.messages += self.own.messages(incident.id, kind, self.now, **options)


def decide(
    own: WatchedRule,
    view: View,
    unresolved: Unresolved,
    new_ids: Iterator[str],
) -> IncidentChanges:
    """Return what becomes of the incidents of a rule that are unresolved, and which open.

    `new_ids` gives the ids of new ones.
    """
    decision = _Decision(own, view.at, unresolved.lately)
    for incident in unresolved.incidents:
        _go_on(decision, view, incident, unresolved.told.get(incident.id, ()))
    condition = own.rule.condition
    # What is read of a night after its end tells what is of that night alone: who missed it, which
    # of its jobs failed since the look before, what it brought. All else is told by the next.
    if not view.is_past or isinstance(condition, _OF_ONE_NIGHT):
        for finding in evaluate(condition, view):
            _take_up(decision, view, finding, new_ids)
    changes = tuple(decision.changed.values())
    return IncidentChanges(changes, tuple(decision.messages), tuple(decision.silenced))


def _go_on(
    decision: _Decision, view: View, incident: StoredIncident, told: Collection[str]
) -> None:
    """Settle the tenants that have come right; end the incident, or let it stand."""
    condition, episode = decision.own.rule.condition, Episode.of(incident)
    if view.night < episode.night:
        # An earlier night, read once more: what it tells is older than the incident.
        decision.stand(incident)
        return
    right = come_right(condition, view, episode.tenants, episode.night) if episode.tenants else {}
    left = tuple(code for code in episode.tenants if code not in right)
    after = replace(episode, tenants=left, settled={**episode.settled, **right})
    over = not left if episode.tenants else is_over(condition, view, incident.cause)
    if over:
        ended = resolved(replace(incident, facts=after.facts()), Why.CAME_RIGHT, view.at)
        decision.write(ended)
        decision.silenced.append(incident.id)
        if decision.own.rule.tells_resolved:
            decision.tell(ended, MessageKind.RESOLVED, to=told)
        return
    until = incident.acknowledged_until
    if incident.state is IncidentState.ACKNOWLEDGED and until and until <= view.at:
        incident = replace(incident, state=IncidentState.OPEN)
        decision.tell(incident, MessageKind.REOPENED, occasion=until.isoformat())
        decision.write(incident)
    if right:
        incident = replace(incident, facts=after.facts())
        decision.write(incident)
    decision.stand(incident)


def _take_up(decision: _Decision, view: View, finding: Finding, new_ids: Iterator[str]) -> None:
    """Open an incident of a finding, or add what is new to the one there is of its cause."""
    same = next((each for each in decision.standing if each.cause == finding.cause), None)
    others = (each for each in decision.standing if each is not same)
    known = {code for each in others for code in Episode.of(each).tenants}
    if view.is_past:
        # What has come right since is not seen any more in a night that is over.
        over = (each for each in decision.lately if each.cause == finding.cause)
        known |= {code for each in over for code in Episode.of(each).every_tenant}
    fresh = tuple(code for code in finding.tenants if code not in known)
    if same is not None:
        _grow(decision, same, finding, fresh)
    elif fresh or not finding.tenants:
        incident = _opened(decision.own, view, replace(finding, tenants=fresh), next(new_ids))
        decision.write(incident)
        decision.stand(incident)
        is_warning = finding.stage is Stage.WARNING
        decision.tell(incident, MessageKind.WARNED if is_warning else MessageKind.OPENED)


def _grow(
    decision: _Decision, incident: StoredIncident, finding: Finding, fresh: tuple[str, ...]
) -> None:
    before = Episode.of(incident)
    tenants = tuple(sorted({*before.tenants, *fresh}))[:TENANTS_AT_MOST]
    settled = {code: each for code, each in before.settled.items() if code not in tenants}
    is_worse = before.stage is Stage.WARNING and finding.stage is Stage.BROKEN
    stage = finding.stage if is_worse else before.stage
    after = replace(
        before, tenants=tenants, settled=settled, stage=stage, details={**finding.facts}
    )
    if after == before:
        return
    incident = replace(incident, facts=after.facts())
    decision.write(incident)
    decision.stand(incident)
    if is_worse:
        # A warning that has not left yet tells nothing any more.
        decision.silenced.append(incident.id)
        decision.tell(incident, MessageKind.OPENED)


def _opened(own: WatchedRule, view: View, finding: Finding, incident_id: str) -> StoredIncident:
    condition = own.rule.condition
    cause = finding.cause
    if isinstance(condition, _ONE_AFTER_ANOTHER):
        cause = f"{cause} {view.at.isoformat()}"
    episode = Episode(
        kind=condition.kind,
        stage=finding.stage,
        night=view.night,
        tenants=finding.tenants[:TENANTS_AT_MOST],
        details=finding.facts,
    )
    return StoredIncident(
        id=incident_id,
        rule_id=own.stored.id,
        cause=cause,
        state=IncidentState.OPEN,
        facts=episode.facts(),
        opened_at=view.at,
        assignee=own.rule.assignee,
    )


def resolved(incident: StoredIncident, why: Why, at: datetime) -> StoredIncident:
    """Return an incident that has come to its end."""
    return replace(
        incident, state=IncidentState.RESOLVED, resolved_at=at, resolution={"why": why.value}
    )


def acknowledged(
    incident: StoredIncident, by: str, until: datetime, note: str, assignee: str
) -> IncidentChanges:
    """Return an incident that somebody looks after until then: what is planned is not told."""
    changed = replace(
        incident,
        state=IncidentState.ACKNOWLEDGED,
        acknowledged_by=by,
        acknowledged_until=until,
        note=note,
        assignee=assignee,
    )
    return IncidentChanges((changed,), silenced=(incident.id,))


def opened_again(incident: StoredIncident) -> IncidentChanges:
    """Return an incident that nobody looks after any more."""
    cleared = replace(
        incident, state=IncidentState.OPEN, acknowledged_by="", acknowledged_until=None
    )
    return IncidentChanges((cleared,))
