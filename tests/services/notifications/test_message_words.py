"""What people read in a message, and where its links lead."""

from datetime import time
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import pytest

from services.ledger import Ledger
from services.monitoring.watch.observation import FailureKind, Failures, NightFacts
from services.notifications.message_words import Links, zone_of_rule
from services.notifications.rules import (
    BrokenOff,
    BudgetLow,
    Condition,
    Daily,
    Deadline,
    Digest,
    Failed,
    NoCredential,
    Overdue,
    Rule,
    Slow,
    TenantSet,
    Unusual,
    Which,
)
from tests.services.notifications.nights import at, codes, delivery, loaded, missing, seen
from tests.services.notifications.watched import Watched

MAIL = ("mail",)
FACTS = NightFacts(
    unusual=(delivery("d1", "t1", "t2", "t3"),),
    without_credential=("t1",),
    budget_left=0.05,
    operations=("op-1",),
)
BAD = {"jobs_failed": 2, "failure": "a1b2", "late_at": at("01:00")}


@pytest.mark.parametrize(
    ("condition", "title"),
    [
        (Deadline(Daily(time(7), "Europe/Berlin")), "2 tenants missed 30 Nov 07:00 Europe/Berlin"),
        (Failed(), "2 tenants failed"),
        (Slow(), "Callisto (t2) with stuck or late jobs"),
        (Unusual(), "unusual delivery of 3 tenants, 30 Nov 01:00 UTC"),
        (Overdue(), "2 tenants overdue"),
        (NoCredential(), "Europa Health (t1) without a working credential"),
        (BudgetLow(), "5% of the call budget left"),
        (BrokenOff(), "operation op-1 broke off or is uncertain"),
    ],
)
def test_each_kind_says_what_it_is_in_its_title(
    ledger: Ledger, condition: Condition, title: str
) -> None:
    watched = Watched(ledger)
    watched.add(Rule(condition, MAIL))
    tenants = {"t1": BAD, "t2": {**BAD, "is_late": True, "jobs_running": 1}, "t3": loaded("02:00")}
    assert watched.look(seen(tenants, "06:30", facts=FACTS)) == [f"Visier loads: {title}"]


def body_of(watched: Watched) -> list[str]:
    return watched.receiver.got[-1][2].splitlines()


def test_a_message_says_what_to_do_and_links_to_exactly_its_rows(ledger: Ledger) -> None:
    watched = Watched(ledger)
    watched.add(Rule(Failed(), MAIL, runbook="https://wiki.example/failed", assignee="Bob"))
    watched.look(seen({"t1": BAD, "t2": BAD, "t3": {}}, "02:00"))
    (incident,) = watched.incidents
    found, alike, who, runbook, assigned, own, rows = body_of(watched)
    assert found == "Found 30 Nov 02:00 UTC"
    assert alike == (
        "2 tenants failed alike: https://loads.example/jobs?connection=emea&job_failure=a1b2"
    )
    assert who == "Tenants: Europa Health (t1), Callisto (t2)"
    assert (runbook, assigned) == ("Runbook: https://wiki.example/failed", "Assigned to Bob")
    assert own == f"https://loads.example/watch?connection=emea&wa_open={incident.id}"
    address = urlsplit(rows.removeprefix("Its tenants: "))
    assert address.path == "/data_versions"
    assert parse_qs(address.query) == {"connection": ["emea"], "dv_tenant": ["t1 t2"]}


WHY = Failures(
    69,
    (
        FailureKind("a1b2", "[DP510002] Unexpected exception", "processing", "failed", "", 58, 40),
        FailureKind("c3d4", "", "extraction", "error", "Retrieve", 11, 9),
    ),
)
EXPLAINED = NightFacts(failures=WHY)


def test_a_message_says_why_most_jobs_failed(ledger: Ledger) -> None:
    watched = Watched(ledger)
    watched.add(Rule(Failed(), MAIL))
    watched.look(seen({"t1": BAD, "t2": BAD | {"failure": "c3d4"}}, "02:00", facts=EXPLAINED))
    assert [line.partition(": https://")[0] for line in body_of(watched)[1:3]] == [
        "58 of 69 failures: [DP510002] Unexpected exception",
        "11 of 69 failures: Extraction ended in an error in stage Retrieve",
    ]


def test_a_message_about_some_tenants_does_not_count_the_failures_of_all(ledger: Ledger) -> None:
    watched = Watched(ledger)
    some = TenantSet(Which.LIST, codes=("t1",))
    watched.add(Rule(Failed(some), MAIL))
    watched.look(seen({"t1": BAD, "t2": BAD}, "02:00", facts=EXPLAINED))
    assert body_of(watched)[1].startswith("1 tenant failed alike: ")


def test_the_digest_says_why_too(ledger: Ledger) -> None:
    watched = Watched(ledger)
    watched.add(Rule(Digest(Daily(time(7), "UTC")), MAIL))
    watched.look(seen({"t1": BAD}, "07:00", facts=EXPLAINED))
    assert any(
        line.startswith("58 of 69 failures: [DP510002] Unexpected exception: https://")
        for line in body_of(watched)
    )


def test_many_tenants_are_counted_and_linked_by_the_incident(ledger: Ledger) -> None:
    watched = Watched(ledger)
    watched.add(Rule(Overdue(), MAIL))
    late = {f"WFF_j1r~tenant{code}": {"late_at": at("01:00")} for code in codes(300)}
    watched.look(seen(late, "02:00"))
    _, who, link = body_of(watched)
    assert who.endswith(" and 290 more")
    assert "/watch?" in link


def test_without_an_address_there_are_no_links() -> None:
    assert Links().to("watch", {"wa_open": "x"}) == ""
    assert Links("https://x/base/").to("watch", {"a": "b c"}) == "https://x/base/watch?a=b+c"


def test_the_digest_says_what_stands_out_and_nothing_else(ledger: Ledger) -> None:
    watched = Watched(ledger)
    watched.add(Rule(Digest(Daily(time(7), "UTC")), MAIL))
    tenants = {"t1": BAD, "t2": {"excluded_count": 1, **loaded("01:00")}, "t3": {"jobs_running": 1}}
    watched.look(seen(tenants, "07:00", facts=FACTS))
    assert body_of(watched) == [
        "1 tenant failed",
        "1 overdue",
        "1 still running",
        "1 with excluded uploads",
        "1 unusual delivery",
        "1 tenant failed alike: https://loads.example/jobs?connection=emea&job_failure=a1b2",
        "As of 30 Nov 07:00 UTC",
        "https://loads.example/?connection=emea",
        "Overdue: https://loads.example/data_versions?connection=emea&dv_state=overdue",
        "Failed: https://loads.example/jobs?connection=emea&job_state=failed",
    ]


def test_a_good_night_is_said_in_one_line(ledger: Ledger) -> None:
    watched = Watched(ledger)
    watched.add(Rule(Digest(Daily(time(7), "UTC")), MAIL))
    watched.look(seen({"t1": loaded("01:00")}, "07:00"))
    assert watched.receiver.titles == ["Visier loads, 2026-11-30: 1 of 1 tenant loaded"]
    assert body_of(watched)[0] == "Nothing needs attention."


def test_several_are_listed_with_a_link_each(ledger: Ledger) -> None:
    watched = Watched(ledger)
    for _ in range(14):
        watched.add(Rule(Failed(), MAIL))
    assert watched.look(seen({"t1": BAD}, "02:00")) == ["Visier loads: 14 new"]
    lines = body_of(watched)
    assert lines.count("- Europa Health (t1) failed") == 12
    assert lines[-2:] == ["- and 2 more", "https://loads.example/watch?connection=emea"]


def test_a_deadline_is_told_in_its_own_zone() -> None:
    utc = ZoneInfo("UTC")
    tokyo = Rule(Deadline(Daily(time(7), "Asia/Tokyo")))
    assert zone_of_rule(tokyo, utc) == ZoneInfo("Asia/Tokyo")
    assert zone_of_rule(Rule(Failed()), utc) == zone_of_rule(None, utc) == utc


def test_what_is_missing_is_not_named_twice(ledger: Ledger) -> None:
    watched = Watched(ledger)
    watched.add(Rule(Deadline(Daily(time(7), "UTC")), MAIL))
    watched.look(seen(missing(2), "07:00"))
    assert body_of(watched)[1] == "Tenants: Europa Health (t1), Callisto (t2)"
