"""One episode, one message: from what is seen to what is told."""

from dataclasses import replace
from datetime import time, timedelta

import pytest

from services.ledger import IncidentState, Ledger, MessageState, StoredIncident
from services.monitoring.watch.observation import NightFacts
from services.notifications.incidents import Episode, acknowledged, opened_again
from services.notifications.rules import (
    BrokenOff,
    BudgetLow,
    Daily,
    Deadline,
    Digest,
    Failed,
    NoCredential,
    Overdue,
    QuietHours,
    Rule,
    Slow,
    TenantSet,
    Unusual,
    Which,
    written,
)
from tests.services.notifications.nights import NIGHT, at, codes, delivery, loaded, missing, seen
from tests.services.notifications.watched import HERE, Receiver, Watched

TUESDAY = NIGHT + timedelta(days=1)
SEVEN = Daily(time(7), "UTC")
MAIL = ("mail",)
DUE = "30 Nov 07:00 UTC"


def test_one_episode_is_told_once_and_ends_with_a_newer_version(ledger: Ledger) -> None:
    watched = Watched(ledger)
    watched.add(Rule(Deadline(SEVEN), MAIL))
    twelve = missing(12)
    assert watched.look(seen(twelve, "06:55")) == []
    assert watched.look(seen(twelve, "07:00")) == [f"Visier loads: 12 tenants missed {DUE}"]
    for again in ("07:05", "07:10", "11:55"):
        assert watched.look(seen(twelve, again)) == []
    some = {**twelve, "t1": loaded("08:00", "v8")}
    assert watched.look(seen(some, "11:56")) == []
    assert watched.states == [IncidentState.OPEN]
    # The next night, and the next deadline: those who are still missing are no news.
    still = {**twelve, "t1": loaded("02:00", "v8", TUESDAY)}
    assert watched.look(seen(still, "07:00", night=TUESDAY)) == []
    every = {code: loaded("09:00", f"v9{code}", TUESDAY) for code in codes(12)}
    told = watched.look(seen(every, "09:05", night=TUESDAY))
    assert told == [f"Visier loads: resolved: 12 tenants missed {DUE}"]
    (incident,) = watched.incidents
    assert incident.state is IncidentState.RESOLVED
    assert incident.resolved_at == at("09:05", TUESDAY)
    settled = Episode.of(incident).settled
    assert (settled["t1"], settled["t2"]) == ("v8", "v9t2")
    body = watched.receiver.got[-1][2]
    assert "Europa Health (t1): version v8" in body
    assert "and 2 more" in body


def test_a_warning_and_what_it_warned_of_are_one_incident(ledger: Ledger) -> None:
    watched = Watched(ledger)
    watched.add(Rule(Deadline(SEVEN, warn_minutes=60), MAIL))
    assert watched.look(seen({"t1": {}, "t2": {}}, "06:00")) == [
        f"Visier loads: 2 tenants not loaded yet, due {DUE}"
    ]
    assert watched.look(seen({"t1": {}, "t2": loaded("06:30")}, "07:00")) == [
        f"Visier loads: 2 tenants missed {DUE}"
    ]
    assert len(watched.incidents) == 1


def test_a_warning_that_comes_to_nothing_is_taken_back(ledger: Ledger) -> None:
    watched = Watched(ledger)
    watched.add(Rule(Deadline(SEVEN, warn_minutes=60), MAIL))
    watched.look(seen({"t1": {}}, "06:00"))
    assert watched.look(seen({"t1": loaded("06:30")}, "06:35")) == [
        f"Visier loads: resolved: Europa Health (t1) not loaded yet, due {DUE}"
    ]
    assert watched.look(seen({"t1": loaded("06:30")}, "07:00")) == []


def test_what_grows_is_not_told_again_and_what_comes_later_is(ledger: Ledger) -> None:
    watched = Watched(ledger)
    watched.add(Rule(Failed(more_than=1), MAIL))
    bad = {"jobs_failed": 1, "failure": "dp"}
    assert watched.look(seen({"t1": bad, "t2": bad, "t3": {}}, "02:00")) == [
        "Visier loads: 2 tenants failed"
    ]
    assert watched.look(seen({"t1": bad, "t2": bad, "t3": bad}, "03:00")) == []
    (incident,) = watched.incidents
    assert Episode.of(incident).tenants == ("t1", "t2", "t3")


@pytest.mark.parametrize("condition", [Slow(), Overdue()])
def test_who_shares_no_cause_is_told_when_it_is_found(
    ledger: Ledger, condition: Slow | Overdue
) -> None:
    watched = Watched(ledger)
    watched.add(Rule(condition, MAIL))
    bad = {"is_stuck": True, "jobs_running": 1, "late_at": at("01:00")}
    assert len(watched.look(seen({"t1": bad, "t2": {}}, "02:00"))) == 1
    assert watched.look(seen({"t1": bad, "t2": {}}, "02:05")) == []
    (second,) = watched.look(seen({"t1": bad, "t2": bad}, "02:10"))
    assert "Callisto (t2)" in second
    # Also within the same minute.
    three = seen({"t1": bad, "t2": bad, "t3": bad}, "02:10")
    (third,) = watched.look(replace(three, at=three.at + timedelta(seconds=20)))
    assert "t3" in third
    assert watched.states == [IncidentState.OPEN] * 3


def test_what_concerns_no_tenants_ends_when_it_is_seen_to(ledger: Ledger) -> None:
    watched = Watched(ledger)
    watched.add(Rule(BudgetLow(10), MAIL))
    watched.add(Rule(BrokenOff(), MAIL))
    watched.add(Rule(NoCredential(), MAIL))
    facts = NightFacts(without_credential=("t1",), budget_left=0.05, operations=("op1",))
    assert watched.look(seen({}, "02:00", facts=facts)) == ["Visier loads: 3 new"]
    assert watched.look(seen({}, "02:05", facts=facts)) == []
    # Nothing of it was read.
    watched.look(seen({}, "02:10"))
    assert watched.states.count(IncidentState.OPEN) == 2
    fine = NightFacts(without_credential=(), budget_left=0.5)
    assert len(watched.look(seen({}, "02:15", facts=fine))) == 1
    assert set(watched.states) == {IncidentState.RESOLVED}


def test_an_unusual_delivery_ends_with_the_next_night(ledger: Ledger) -> None:
    watched = Watched(ledger)
    watched.add(Rule(Unusual(at_least=2), MAIL))
    facts = NightFacts(unusual=(delivery("d1", "t1", "t2"),))
    assert watched.look(seen({"t1": {}, "t2": {}}, "02:00", facts=facts)) == [
        "Visier loads: unusual delivery of 2 tenants, 30 Nov 01:00 UTC"
    ]
    bad = {"t1": loaded("02:30"), "t2": loaded("02:30")}
    assert watched.look(seen(bad, "03:00", facts=facts)) == []
    good = {code: loaded("02:30", "v3", TUESDAY) for code in ("t1", "t2")}
    assert len(watched.look(seen(good, "03:00", night=TUESDAY))) == 1
    assert watched.look(seen(good, "03:05", night=TUESDAY)) == []


def test_a_bad_night_is_one_message_and_not_a_flood(ledger: Ledger) -> None:
    watched = Watched(ledger)
    for code in codes(12):
        only = TenantSet(Which.LIST, codes=(code,))
        watched.add(Rule(Deadline(SEVEN, only), MAIL))
    assert watched.look(seen(missing(12), "07:00")) == ["Visier loads: 12 new"]
    body = watched.receiver.got[0][2]
    assert f"- Europa Health (t1) missed {DUE}" in body
    # From the fourth message of an hour on, they wait for one another.
    watched.add(Rule(Overdue(), MAIL))
    late: dict[str, dict[str, object]] = {}
    sent = []
    for number in range(30):
        late[f"u{number}"] = {"late_at": at("07:00")}
        moment = at("07:01") + timedelta(minutes=number)
        sent.append(len(watched.look(seen(late, moment.isoformat()[:16]))))
    # Two at once, then one at 07:17.
    assert sum(sent) == 3
    assert watched.deliver(at("07:50")) != []
    assert watched.messages(MessageState.PLANNED) == []


def test_quiet_hours_hold_back_and_tell_what_is_still_so(ledger: Ledger) -> None:
    watched = Watched(ledger)
    quiet = QuietHours(time(22), time(6), "UTC")
    watched.add(Rule(Failed(), MAIL, quiet))
    bad = {"jobs_failed": 1}
    assert watched.look(seen({"t1": bad, "t2": bad}, "02:00")) == []
    assert watched.look(seen({"t1": bad, "t2": loaded("03:00")}, "05:59")) == []
    assert watched.deliver(at("06:00")) == ["Visier loads: 2 tenants failed"]


def test_what_is_over_before_the_quiet_hours_end_is_never_told(ledger: Ledger) -> None:
    watched = Watched(ledger)
    watched.add(Rule(Failed(), MAIL, QuietHours(time(22), time(6), "UTC")))
    watched.look(seen({"t1": {"jobs_failed": 1}}, "02:00"))
    watched.look(seen({"t1": loaded("03:00")}, "03:05"))
    assert watched.deliver(at("06:00")) == []
    assert watched.states == [IncidentState.RESOLVED]


def test_a_muted_rule_is_silent_until_then(ledger: Ledger) -> None:
    watched = Watched(ledger)
    rule_id = watched.add(Rule(Failed(), MAIL))
    ledger.rules.mute(HERE, rule_id, "ann", at("01:00"), at("04:00"))
    assert watched.look(seen({"t1": {"jobs_failed": 1}}, "02:00")) == []
    assert watched.states == [IncidentState.OPEN]
    assert watched.deliver(at("04:00")) == ["Visier loads: Europa Health (t1) failed"]


def acknowledge(watched: Watched, incident: StoredIncident, until: str) -> None:
    watched.ledger.incidents.change_one(
        HERE,
        incident.id,
        at("02:01"),
        lambda found, _: acknowledged(found, "ann", at(until), "looking", "bob"),
    )


def test_what_is_acknowledged_is_not_told_until_then(ledger: Ledger) -> None:
    watched = Watched(ledger)
    watched.add(Rule(Deadline(SEVEN, warn_minutes=300), MAIL))
    watched.look(seen({"t1": {}}, "02:00"))
    acknowledge(watched, watched.incidents[0], "08:00")
    # It gets worse: who looks after it knows.
    assert watched.look(seen({"t1": {}}, "07:00")) == []
    (incident,) = watched.incidents
    assert (incident.acknowledged_by, incident.note, incident.assignee) == ("ann", "looking", "bob")
    (again,) = watched.look(seen({"t1": {}}, "08:00"))
    assert again == f"Visier loads: still open: Europa Health (t1) missed {DUE}"
    assert watched.look(seen({"t1": {}}, "08:05")) == []
    # Once more, until another time.
    acknowledge(watched, watched.incidents[0], "09:00")
    assert len(watched.look(seen({"t1": {}}, "09:00"))) == 1
    told = watched.look(seen({"t1": loaded("09:01")}, "09:05"))
    assert told == [f"Visier loads: resolved: Europa Health (t1) missed {DUE}"]


def test_an_acknowledgement_can_be_taken_back(ledger: Ledger) -> None:
    watched = Watched(ledger)
    watched.add(Rule(Failed(), MAIL))
    watched.look(seen({"t1": {"jobs_failed": 1}}, "02:00"))
    acknowledge(watched, watched.incidents[0], "08:00")
    ledger.incidents.change_one(
        HERE, watched.incidents[0].id, at("02:02"), lambda found, _: opened_again(found)
    )
    assert watched.states == [IncidentState.OPEN]


@pytest.mark.parametrize("way", ["delete", "turn off"])
def test_incidents_of_a_rule_that_is_gone_end_in_silence(ledger: Ledger, way: str) -> None:
    watched = Watched(ledger)
    rule_id = watched.add(Rule(Failed(), MAIL))
    watched.look(seen({"t1": {"jobs_failed": 1}}, "02:00"))
    if way == "delete":
        ledger.rules.delete(HERE, rule_id)
    else:
        ledger.rules.enable(HERE, rule_id, "ann", at("02:01"), on=False)
    assert watched.look(seen({"t1": {"jobs_failed": 1}}, "02:05")) == []
    (incident,) = watched.incidents
    assert (incident.state, incident.resolution) == (IncidentState.RESOLVED, {"why": "rule_off"})


def test_a_rule_that_cannot_be_read_leaves_the_others_and_its_incidents(
    ledger: Ledger, caplog: pytest.LogCaptureFixture
) -> None:
    watched = Watched(ledger)
    rule_id = watched.add(Rule(Overdue(), MAIL))
    watched.add(Rule(Failed(), MAIL))
    watched.look(seen({"t1": {"late_at": at("01:00")}}, "02:00"))
    ledger.rules.replace(HERE, rule_id, '{"version": 2}', "ann", at("02:01"))
    assert watched.look(seen({"t2": {"jobs_failed": 1}}, "02:05")) == [
        "Visier loads: Callisto (t2) failed"
    ]
    assert watched.states == [IncidentState.OPEN] * 2
    assert f"rule {rule_id}: This rule cannot be read" in caplog.text


def test_resolved_is_told_to_those_who_were_told(ledger: Ledger) -> None:
    watched = Watched(ledger, Receiver("mail", "chat"))
    rule_id = watched.add(Rule(Failed(), MAIL))
    watched.look(seen({"t1": {"jobs_failed": 1}}, "02:00"))
    # Since then it goes elsewhere.
    changed = Rule(Failed(), ("chat",))
    ledger.rules.replace(HERE, rule_id, written(changed), "ann", at("02:01"))
    watched.look(seen({"t1": loaded("03:00")}, "03:05"))
    assert [name for name, _, _ in watched.receiver.got] == ["mail", "mail"]


def test_resolved_is_not_told_where_the_rule_says_so(ledger: Ledger) -> None:
    watched = Watched(ledger)
    watched.add(Rule(Failed(), MAIL, tells_resolved=False))
    watched.look(seen({"t1": {"jobs_failed": 1}}, "02:00"))
    assert watched.look(seen({"t1": loaded("03:00")}, "03:05")) == []
    assert watched.states == [IncidentState.RESOLVED]


def test_a_deadline_waits_until_versions_were_read_after_it(ledger: Ledger) -> None:
    watched = Watched(ledger)
    watched.add(Rule(Deadline(SEVEN), MAIL))
    early = seen({"t1": {}}, "07:05")
    before = replace(early.facts, lists_at=at("06:55"))
    assert watched.look(replace(early, facts=before)) == []
    assert watched.look(replace(early, facts=replace(before, lists_at=None))) == []
    assert len(watched.look(early)) == 1


def test_a_night_that_is_read_once_more_after_its_end_settles_nothing_newer(
    ledger: Ledger,
) -> None:
    watched = Watched(ledger)
    watched.add(Rule(Failed(), MAIL))
    watched.add(Rule(Overdue(), MAIL))
    watched.add(Rule(Deadline(Daily(time(11, 58), "UTC")), MAIL))
    bad = {"jobs_failed": 1}
    evening = "2026-11-30T12:05"
    assert len(watched.look(seen({"t1": bad}, evening, night=TUESDAY))) == 1
    # Monday, looked at after its noon: who missed its deadline is told, and who failed in it since
    # the look before, but not who is overdue.
    monday = {"t1": loaded("02:00"), "t2": {**bad, "late_at": at("03:00")}}
    assert watched.look(seen(monday, evening)) == ["Visier loads: 2 new"]
    kinds = sorted(Episode.of(each).kind for each in watched.incidents)
    assert kinds == ["deadline", "failed", "failed"]
    assert watched.states == [IncidentState.OPEN] * 3


def test_a_night_that_cannot_be_closed_yet_tells_nothing_twice(ledger: Ledger) -> None:
    watched = Watched(ledger)
    watched.add(Rule(Deadline(Daily(time(11, 58), "UTC")), MAIL))
    watched.add(Rule(Failed(), MAIL))
    monday = {"t1": {"jobs_failed": 1}}
    assert watched.look(seen(monday, "2026-11-30T12:05")) == ["Visier loads: 2 new"]
    tuesday = {"t1": loaded("2026-11-30T12:20")}
    (told,) = watched.look(seen(tuesday, "2026-11-30T12:25", night=TUESDAY))
    assert told == "Visier loads: 2 resolved"
    # Jobs could not be read since noon: Monday is evaluated again.
    assert watched.look(seen(monday, "2026-11-30T12:30")) == []
    assert watched.states == [IncidentState.RESOLVED] * 2


def test_the_digest_comes_once_at_its_time(ledger: Ledger) -> None:
    watched = Watched(ledger)
    watched.add(Rule(Digest(SEVEN), MAIL))
    tenants = {"t1": loaded("02:00"), "t2": {"jobs_failed": 3, "failure": "dp"}, "t3": {}}
    assert watched.look(seen(tenants, "06:59")) == []
    assert watched.look(seen(tenants, "07:02")) == [
        "Visier loads, 2026-11-30: 1 of 3 tenants loaded"
    ]
    assert watched.look(seen(tenants, "07:07")) == []
    assert watched.incidents == []
    # Whoever begins to look at ten does not want the morning any more.
    late = Watched(ledger)
    late.add(Rule(Digest(SEVEN), MAIL))
    assert late.look(seen(tenants, "10:00", night=TUESDAY)) == []


def test_two_that_look_at_once_open_one_incident(url: str) -> None:
    ledgers = [Ledger(url), Ledger(url, owner="another")]
    receiver = Receiver()
    both = [Watched(each, receiver) for each in ledgers]
    both[0].add(Rule(Failed(), MAIL))
    night = seen({"t1": {"jobs_failed": 1}}, "02:00")
    for each in both:
        each.episodes.look(night)
    for each in both:
        each.deliver(at("02:00"))
    assert len(both[0].incidents) == 1
    assert len(receiver.got) == 1
    for opened in ledgers:
        opened.close()
