"""Rules, incidents and messages in the ledger: whose they are, and that nothing leaves twice."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from services.ledger import (
    IncidentChanges,
    IncidentState,
    Ledger,
    LedgerTrouble,
    Message,
    MessageState,
    NewMessage,
    Place,
    RuleRefused,
    StoredIncident,
    UnknownIncident,
    UnknownMessage,
    UnknownRule,
    Unresolved,
    process_identity,
)
from services.ledger.outbox import SENT_WITHIN
from services.ledger.rules import BODY_AT_MOST, RULES_AT_MOST
from tests.services.ledger.samples import START

HERE = Place("example.api.visier.io", "WFF_j1r")
ELSEWHERE = Place("other.api.visier.io", "")
BODY = '{"version":1}'


def minutes(count: float) -> datetime:
    return START + timedelta(minutes=count)


def about(ledger: Ledger, incident_id: str) -> list[Message]:
    every = ledger.outbox.listed(HERE, [*MessageState])
    return [each for each in every if each.incident_id == incident_id]


def test_a_rule_is_kept_changed_muted_and_deleted(ledger: Ledger) -> None:
    rules = ledger.rules
    rule_id = rules.add(HERE, BODY, "Ann", START)
    rules.replace(HERE, rule_id, '{"version":2}', "Bob", minutes(1))
    rules.mute(HERE, rule_id, "Bob", minutes(2), minutes(60))
    rules.enable(HERE, rule_id, "Cem", minutes(3), on=False)
    (rule,) = rules.listed(HERE)
    assert (rule.id, rule.body, rule.is_enabled) == (rule_id, '{"version":2}', False)
    assert (rule.created_by, rule.created_at) == ("Ann", START)
    assert (rule.changed_by, rule.changed_at, rule.muted_until) == ("Cem", minutes(3), minutes(60))
    rules.mute(HERE, rule_id, "Cem", minutes(4), None)
    assert rules.listed(HERE)[0].muted_until is None
    rules.delete(HERE, rule_id)
    rules.delete(HERE, rule_id)
    assert rules.listed(HERE) == []


def test_a_rule_is_at_its_own_place_only(ledger: Ledger) -> None:
    rules = ledger.rules
    rule_id = rules.add(HERE, BODY, "Ann", START)
    assert rules.listed(ELSEWHERE) == []
    with pytest.raises(UnknownRule, match="does not exist here any more"):
        rules.replace(ELSEWHERE, rule_id, BODY, "Bob", START)
    rules.delete(ELSEWHERE, rule_id)
    assert len(rules.listed(HERE)) == 1


def test_rules_are_bounded(ledger: Ledger) -> None:
    with pytest.raises(RuleRefused, match="too long: over 1,000,000"):
        ledger.rules.add(HERE, "x" * (BODY_AT_MOST + 1), "Ann", START)
    for number in range(RULES_AT_MOST):
        ledger.rules.add(HERE, BODY, "Ann", minutes(number))
    with pytest.raises(RuleRefused, match="There are 100 rules here"):
        ledger.rules.add(HERE, BODY, "Ann", START)
    ledger.rules.add(ELSEWHERE, BODY, "Ann", START)


def incident(incident_id: str = "i1", cause: str = "night", **changes: Any) -> StoredIncident:
    told = {"rule_id": "r", "state": IncidentState.OPEN, "facts": {"tenants": ["t1", "Ä\0"]}}
    return StoredIncident(
        **{"id": incident_id, "cause": cause, "opened_at": START, **told, **changes}
    )


def message(**changes: Any) -> NewMessage:
    told = {"rule_id": "r", "kind": "opened", "destination": "mail", "due_at": START}
    return NewMessage(**{"incident_id": "i1", **told, **changes})


def write(
    ledger: Ledger, *incidents: StoredIncident, messages: tuple[NewMessage, ...] = ()
) -> None:
    ledger.incidents.change(HERE, START, lambda _: IncidentChanges(incidents, messages))


def test_an_incident_comes_back_as_it_was_written(ledger: Ledger) -> None:
    told = incident(
        state=IncidentState.ACKNOWLEDGED,
        acknowledged_by="Ann",
        acknowledged_until=minutes(60),
        note="looking",
        assignee="Bob",
    )
    write(ledger, told)
    assert ledger.incidents.listed(HERE) == [told]
    over = replace(
        told, state=IncidentState.RESOLVED, resolved_at=minutes(5), resolution={"why": "came_right"}
    )
    write(ledger, over)
    assert ledger.incidents.listed(HERE) == [over]
    assert ledger.incidents.of_ids(["i1", "no"]) == {"i1": over}
    assert ledger.incidents.listed(ELSEWHERE) == []


def test_the_unresolved_come_first_and_are_counted(ledger: Ledger) -> None:
    over = {"state": IncidentState.RESOLVED, "resolved_at": START}
    write(
        ledger,
        incident("old", "a", opened_at=minutes(1)),
        incident("new", "b", opened_at=minutes(2)),
        incident("over", "c", opened_at=minutes(3), **over),
    )
    assert [each.id for each in ledger.incidents.listed(HERE)] == ["new", "old", "over"]
    counts = {IncidentState.OPEN: 2, IncidentState.ACKNOWLEDGED: 0}
    assert ledger.incidents.counts(HERE) == ledger.incidents.counts() == counts
    assert set(ledger.incidents.counts(ELSEWHERE).values()) == {0}


def test_what_is_decided_is_written_whole_or_not_at_all(ledger: Ledger) -> None:
    write(ledger, incident("i1"))
    seen: list[Unresolved] = []

    def again(unresolved: Unresolved) -> IncidentChanges:
        seen.append(unresolved)
        return IncidentChanges((incident("i2"),), (message(incident_id="i2"),))

    # A second unresolved one of the same cause cannot be.
    with pytest.raises(LedgerTrouble):
        ledger.incidents.change(HERE, START, again)
    assert [each.id for each in seen[0].incidents] == ["i1"]
    assert ledger.outbox.listed(HERE, [*MessageState]) == []
    # Of one that is over there may be another.
    write(ledger, incident("i1", state=IncidentState.RESOLVED, resolved_at=START))
    ledger.incidents.change(HERE, START, again)
    assert [each.state for each in ledger.outbox.listed(HERE, [*MessageState])] == ["planned"]


def test_only_an_unresolved_incident_of_this_place_is_changed_by_its_id(ledger: Ledger) -> None:
    write(ledger, incident("i1"))

    def note(found: StoredIncident, _: object) -> IncidentChanges:
        return IncidentChanges((replace(found, note="noted"),))

    with pytest.raises(UnknownIncident):
        ledger.incidents.change_one(ELSEWHERE, "i1", START, note)
    with pytest.raises(UnknownIncident):
        ledger.incidents.change_one(HERE, "no", START, note)
    ledger.incidents.change_one(HERE, "i1", START, note)
    assert ledger.incidents.listed(HERE)[0].note == "noted"


def test_what_is_planned_twice_is_one_message(ledger: Ledger) -> None:
    ledger.outbox.plan(HERE, [message(), message()], START)
    ledger.outbox.plan(HERE, [message(due_at=minutes(5))], START)
    others = [
        message(incident_id="i2"),
        message(kind="resolved"),
        message(destination="chat"),
        message(occasion="again"),
    ]
    ledger.outbox.plan(HERE, others, START)
    ledger.outbox.plan(ELSEWHERE, [message()], START)
    assert ledger.outbox.counts()[MessageState.PLANNED] == 6
    assert len(about(ledger, "i1")) == 4


def test_what_is_due_is_taken_by_one_and_together(ledger: Ledger, elsewhere: Ledger) -> None:
    planned = [
        message(),
        message(kind="resolved"),
        message(kind="digest", incident_id=""),
        message(destination="chat"),
        message(incident_id="later", due_at=minutes(1)),
        message(destination="unknown"),
    ]
    ledger.outbox.plan(HERE, planned, START)
    named = ("mail", "chat")
    together = ("opened", "resolved")
    takes = [
        [(each.kind, each.destination) for each in of.outbox.take(named, START, together=together)]
        for of in (ledger, elsewhere, ledger, elsewhere)
    ]
    assert sorted(map(sorted, takes)) == [
        [],
        [("digest", "mail")],
        [("opened", "chat")],
        [("opened", "mail"), ("resolved", "mail")],
    ]
    assert len(ledger.outbox.take(named, minutes(1), together=together)) == 1


def test_many_that_take_at_once_get_each_message_once(url: str) -> None:
    ledgers = [Ledger.open(url, owner=f"machine {number} run") for number in range(4)]
    ledgers[0].outbox.plan(HERE, [message(incident_id=f"i{n}") for n in range(40)], START)

    def take(ledger: Ledger) -> list[str]:
        taken = []
        while found := ledger.outbox.take(["mail"], START):
            taken += [each.incident_id for each in found]
        return taken

    with ThreadPoolExecutor() as pool:
        taken = [each for found in pool.map(take, ledgers) for each in found]
    for each in ledgers:
        each.close()
    assert sorted(taken) == sorted(f"i{n}" for n in range(40))


def test_a_message_is_settled_by_who_took_it(ledger: Ledger, elsewhere: Ledger) -> None:
    ledger.outbox.plan(HERE, [message()], START)
    taken = ledger.outbox.take(["mail"], START)
    elsewhere.outbox.settle(taken, MessageState.FAILED, START)
    assert ledger.outbox.counts()[MessageState.INTENDED] == 1
    ledger.outbox.settle(taken, MessageState.PLANNED, START, error="refused", due_at=minutes(1))
    assert ledger.outbox.take(["mail"], START) == []
    taken = ledger.outbox.take(["mail"], minutes(1))
    assert (taken[0].attempts, taken[0].error) == (2, "refused")
    ledger.outbox.settle(taken, MessageState.SENT, minutes(2))
    (sent,) = ledger.outbox.listed(HERE, [MessageState.SENT])
    assert (sent.sent_at, sent.error) == (minutes(2), "")


def test_what_a_process_has_not_settled_for_long_is_uncertain_and_stays(
    ledger: Ledger, elsewhere: Ledger
) -> None:
    ledger.outbox.plan(HERE, [message()], START)
    taken = ledger.outbox.take(["mail"], START)
    almost = START + SENT_WITHIN - timedelta(seconds=1)
    assert elsewhere.outbox.take(["mail"], almost) == []
    assert ledger.outbox.counts()[MessageState.INTENDED] == 1
    assert elsewhere.outbox.take(["mail"], START + SENT_WITHIN) == []
    (lost,) = ledger.outbox.listed(HERE, [MessageState.UNCERTAIN])
    assert lost.error == "broken_off"
    # It was only slow, and knows better.
    ledger.outbox.settle(taken, MessageState.SENT, minutes(20))
    assert ledger.outbox.counts()[MessageState.SENT] == 1


def test_a_person_sends_again_or_dismisses_what_waits_for_one(ledger: Ledger) -> None:
    outbox = ledger.outbox
    outbox.plan(HERE, [message(), message(incident_id="i2")], START)
    taken = outbox.take(["mail"], START) + outbox.take(["mail"], START)
    with pytest.raises(UnknownMessage):
        outbox.send_again(HERE, taken[0].id, START)
    outbox.settle(taken, MessageState.FAILED, START, error="refused")
    with pytest.raises(UnknownMessage, match="does not wait for anybody"):
        outbox.dismiss(ELSEWHERE, taken[0].id, START)
    outbox.send_again(HERE, taken[0].id, minutes(1))
    outbox.dismiss(HERE, taken[1].id, minutes(1))
    (again,) = outbox.take(["mail"], minutes(1))
    assert (again.id, again.attempts) == (taken[0].id, 1)
    assert outbox.counts()[MessageState.DISMISSED] == 1


def test_who_was_told_is_known_and_what_is_silenced_is_not_told(ledger: Ledger) -> None:
    write(ledger, incident("i1"), messages=(message(), message(destination="chat")))
    ledger.outbox.take(["mail"], START)
    seen: list[Unresolved] = []

    def look(unresolved: Unresolved) -> IncidentChanges:
        seen.append(unresolved)
        return IncidentChanges(silenced=("i1",))

    ledger.incidents.change(HERE, START, look)
    assert {key: set(names) for key, names in seen[0].told.items()} == {"i1": {"mail"}}
    assert [each.destination for each in about(ledger, "i1")] == ["mail"]


def test_what_is_old_and_over_is_deleted(ledger: Ledger) -> None:
    over = {"state": IncidentState.RESOLVED, "resolved_at": START}
    write(
        ledger,
        incident("over", "a", **over),
        incident("open", "b"),
        messages=(
            message(incident_id="over"),
            message(incident_id="open"),
            message(incident_id="", kind="digest"),
        ),
    )
    assert ledger.incidents.prune(START) == 0
    assert ledger.incidents.prune(minutes(1)) == 1
    assert [each.id for each in ledger.incidents.listed(HERE)] == ["open"]
    left = ledger.outbox.listed(HERE, [*MessageState])
    assert [each.incident_id for each in left] == ["open"]


@pytest.fixture
def dead(url: str) -> Iterator[Ledger]:
    """The same ledger, as a process of this machine had it open that has ended since."""
    machine, _, _ = process_identity.this_process().rsplit(" ", 2)
    with closing(Ledger(url, owner=f"{machine} 999999999 ended")) as opened:
        yield opened


def test_what_a_process_that_has_ended_intended_is_uncertain_at_once(
    ledger: Ledger, dead: Ledger
) -> None:
    dead.outbox.plan(HERE, [message()], START)
    dead.outbox.take(["mail"], START)
    assert ledger.outbox.take(["mail"], START) == []
    assert ledger.outbox.counts()[MessageState.UNCERTAIN] == 1
