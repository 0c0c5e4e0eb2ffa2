"""What becomes of incidents look after look, without any ledger: every planned alarm once."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from itertools import count

from hypothesis import given, settings
from hypothesis import strategies as st

from services.ledger import IncidentState, NewMessage, StoredIncident, StoredRule, Unresolved
from services.monitoring.watch.observation import Observation
from services.notifications.evaluating import View
from services.notifications.incidents import Episode, WatchedRule, decide
from services.notifications.rules import Condition, Daily, Deadline, Overdue, Rule
from tests.services.notifications.nights import NIGHT, at, loaded, scope, seen
from tests.services.notifications.watched import UTC_ZONE

Loads = tuple[int | None, int | None]
"""How many minutes after midnight each of two tenants has loaded, if it has."""
MINUTES = st.none() | st.integers(0, 11 * 60)
NIGHTS = st.lists(st.tuples(MINUTES, MINUTES), min_size=1, max_size=4)


@dataclass
class Desk:
    """One rule, the incidents it has opened and what was planned to be told."""

    condition: Condition
    incidents: dict[str, StoredIncident] = field(default_factory=dict)
    told: list[NewMessage] = field(default_factory=list)
    ids: Iterator[str] = field(default_factory=lambda: map(str, count()))

    @property
    def unresolved(self) -> list[StoredIncident]:
        return [each for each in self.incidents.values() if each.resolved_at is None]

    def look(self, observation: Observation) -> None:
        when = at("2026-01-01T00:00")
        stored = StoredRule(
            id="r",
            body="",
            is_enabled=True,
            muted_until=None,
            created_by="ann",
            created_at=when,
            changed_by="ann",
            changed_at=when,
        )
        own = WatchedRule(stored, Rule(self.condition, ("mail",)))
        to = {each.id: ("mail",) for each in self.unresolved}
        over = [each for each in self.incidents.values() if each.resolved_at is not None]
        unresolved = Unresolved(tuple(self.unresolved), to, tuple(over))
        changes = decide(own, View(observation, scope, UTC_ZONE), unresolved, self.ids)
        self.incidents |= {each.id: each for each in changes.incidents}
        self.told += changes.messages

    def watch(self, loads: Loads, every: int, night: date) -> None:
        midnight = at("00:00", night)
        for minute in range(0, 12 * 60, every):
            tenants = {
                f"t{number}": loaded(_text(midnight + timedelta(minutes=when)), "v", night)
                if when is not None and when <= minute
                else {"late_at": at("07:00", night)}
                for number, when in enumerate(loads)
            }
            self.look(seen(tenants, _text(midnight + timedelta(minutes=minute)), night=night))

    def kinds(self) -> list[str]:
        return [each.kind for each in self.told]


def _text(moment: object) -> str:
    return str(moment).replace(" ", "T")[:16]


@settings(deadline=None, max_examples=12)
@given(NIGHTS, st.integers(30, 120), st.sampled_from([0, 60]))
def test_every_missed_deadline_is_told_once_and_nothing_else(
    nights: list[Loads], every: int, warn: int
) -> None:
    desk = Desk(Deadline(Daily(time(7), "UTC"), warn_minutes=warn))
    for number, loads in enumerate(nights):
        desk.watch(loads, every, NIGHT + timedelta(days=number))
    assert desk.kinds().count("opened") == _expected(nights, every)
    assert warn or "warned" not in desk.kinds()
    _each_has_one_beginning_and_one_end(desk)


@settings(deadline=None, max_examples=12)
@given(NIGHTS, st.integers(30, 120))
def test_every_overdue_tenant_is_told_once(nights: list[Loads], every: int) -> None:
    desk = Desk(Overdue())
    for number, loads in enumerate(nights):
        desk.watch(loads, every, NIGHT + timedelta(days=number))
    assert desk.kinds().count("opened") == _expected(nights, every)
    _each_has_one_beginning_and_one_end(desk)


def _each_has_one_beginning_and_one_end(desk: Desk) -> None:
    for incident in desk.incidents.values():
        kinds = [each.kind for each in desk.told if each.incident_id == incident.id]
        assert len(kinds) == len(set(kinds))
        is_over = incident.state is IncidentState.RESOLVED
        assert ("resolved" in kinds) == is_over
        assert bool(Episode.of(incident).tenants) != is_over
        if is_over:
            assert set(Episode.of(incident).settled.values()) == {"v"}
    standing = [code for each in desk.unresolved for code in Episode.of(each).tenants]
    # Nobody is in two unresolved incidents of one rule.
    assert len(standing) == len(set(standing))


def _expected(nights: list[Loads], every: int) -> int:
    """Return at how many looks somebody is missing of whom nothing was told yet."""
    told, messages = set[int](), 0
    for loads in nights:
        for minute in range(0, 12 * 60, every):
            here = {
                number for number, when in enumerate(loads) if when is not None and when <= minute
            }
            told -= here
            new = {0, 1} - here - told if minute >= 7 * 60 else set[int]()
            messages += bool(new)
            told |= new
    return messages
