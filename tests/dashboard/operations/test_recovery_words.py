"""A recovery in words, as it is kept now and as earlier versions wrote it down."""

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from dashboard.operations import item_words, recovery_page, recovery_words
from services.ledger import Actor, EventKind, Ledger, NewItem, NewOperation, State
from services.operations import Finding, Verb
from services.operations.recovery import incident as incidents
from services.operations.recovery import report
from services.operations.recovery.finding import By
from services.operations.recovery.incident import OF_INCIDENT, FoundBy, Incident, pieces
from services.operations.recovery.verdicts import (
    OF_EVIDENCE,
    OF_VERIFICATION,
    Check,
    Evidence,
    NotCompared,
    Seen,
    TenantVerified,
    Uncompared,
    Verdict,
    Verification,
)
from tests.ledgers import empty_ledger

AT = datetime(2026, 11, 29, 1, tzinfo=UTC)
JOB = "3b43817a-d0de-4dec-ae94-5467ddea5b83"
# As the last version that told in words wrote them.
EARLIER_CASE = """{"how":"receiving job 3b43817a-d0de-4dec-ae94-5467ddea5b83",\
"found_at":"2026-11-29T01:00:00Z","tenants":[{"code":"WFF_j1r~c7o","name":"Acme","uploads":\
[{"time":"2026-11-28T23:14:00.000Z","included":true}],"versions":[{"number":"6001","date":\
"2026-11-29T00:10:00.000Z"}],"later_jobs":2,"figures":[{"symbol":"Headcount","name":"Headcount",\
"value":12.0}]}],"receiving_job":"3b43817a-d0de-4dec-ae94-5467ddea5b83","data_category":"",\
"data_category_id":"","file_names":[],"not_compared":"It was chosen not to read them.",\
"unreadable":[]}"""
EARLIER_VERIFICATION = """{"at":"2026-11-29T02:00:00Z","by":"ada@example.com","tenants":[{"code":\
"WFF_j1r~c7o","version":{"verdict":"confirmed","words":"Disabled: 6001. In use: 6002 of \
2026-11-29 01:30 UTC."},"upload":{"verdict":"confirmed","words":"The upload is excluded."},"job":\
{"verdict":"confirmed","words":"Its processing job succeeded and made data version 6002."},\
"figures":[]}],"not_compared":"It was chosen not to read them.","unreadable":[]}"""
DISABLED = Evidence(Seen.DISABLED, {"data_versions": ["6001"]})
IN_USE = Evidence(Seen.IN_USE, {"data_version": "6002", "date": "2026-11-29T01:30:00.000Z"})
SUCCEEDED = Evidence(Seen.SUCCEEDED, {"data_version": "6002"})
NOW = Verification(
    AT,
    "ada@example.com",
    (
        TenantVerified(
            "WFF_j1r~c7o",
            Check(Verdict.CONFIRMED, (DISABLED, IN_USE)),
            Check(Verdict.CONFIRMED, (Evidence(Seen.EXCLUDED),)),
            Check(Verdict.CONFIRMED, (SUCCEEDED,)),
        ),
    ),
    NotCompared(Uncompared.UNASKED),
)
WORDS = (
    f"receiving job {JOB}",
    "Disabled: 6001. In use: 6002 of 2026-11-29 01:30 UTC.",
    "The upload is excluded.",
    "Its processing job succeeded and made data version 6002.",
)
# What was written in words stays as it was written.
UNASKED = {
    True: "Metric values: not compared. It was chosen not to read them.",
    False: "Metric values: not compared. Metric comparison was turned off.",
}


def as_it_is_now() -> Incident:
    told = OF_INCIDENT.validate_json(EARLIER_CASE)
    return Incident(
        told.found_at, told.tenants, FoundBy(By.JOB, JOB), not_compared=NOW.not_compared
    )


@pytest.mark.parametrize("is_earlier", [True, False], ids=["earlier", "now"])
def test_a_recovery_reads_the_same_whenever_it_was_written(
    tmp_path: Path, is_earlier: bool
) -> None:
    incident = OF_INCIDENT.validate_json(EARLIER_CASE) if is_earlier else as_it_is_now()
    verification = OF_VERIFICATION.validate_json(EARLIER_VERIFICATION) if is_earlier else NOW
    assert bool(incident.how) is is_earlier
    id_, actor = str(uuid4()), Actor("ada@example.com", "", "sandbox")
    with closing(Ledger.open(empty_ledger(tmp_path / "ledger.sqlite3"))) as ledger:
        begun = NewOperation(id_, Verb.RECOVER, actor, "ada", state=State.OPEN)
        item = NewItem('["WFF_j1r~c7o"]', "WFF_j1r~c7o", "Acme", "[1,null]", '[1,"recovered"]')
        ledger.begin(begun, [item], pieces(EventKind.INCIDENT, OF_INCIDENT, incident, ""))
        ledger.note(id_, *pieces(EventKind.VERIFIED, OF_VERIFICATION, verification, ""))
        told = report.document(ledger, incidents.read(ledger, id_), now=AT)
    page = recovery_page.to_html(told).decode()
    assert [words for words in (*WORDS, UNASKED[is_earlier]) if words not in page] == []


@pytest.mark.parametrize(
    ("finding", "facts", "message"),
    [
        (Finding.READ_BACK, OF_EVIDENCE.dump_json((DISABLED, IN_USE)).decode(), ""),
        ("", "", WORDS[1]),
    ],
    ids=["now", "earlier"],
)
def test_what_became_of_a_tenant_reads_the_same_too(finding: str, facts: str, message: str) -> None:
    row = {
        "key": '["WFF_j1r~c7o"]',
        "name": "Acme",
        "before": '[1,{"versions":["6001"],"uploads":["2026-11-28T23:14:00.000Z"]}]',
        "after": '[1,"recovered"]',
        "skip": "",
        "finding": finding,
        "facts": f'{{"evidence":{facts}}}' if facts else "",
        "message": message,
    }
    (told,) = item_words.of_items(Verb.RECOVER, pd.DataFrame([row])).to_dict("records")
    assert (told["what"], told["after"], told["message"]) == ("Acme", "Recovered", WORDS[1])
    assert told["before"] == "Data versions: 6001 · Uploads: 2026-11-28T23:14:00.000Z"


def test_everything_that_can_be_seen_is_told() -> None:
    facts = {
        "data_version": "6002",
        "data_versions": ["6001", "6000"],
        "date": "2026-11-29T01:30:00.000Z",
        "status_word": "Failed",
        "message": "No file.",
    }
    told = {seen: recovery_words.evidence([Evidence(seen, facts)]) for seen in Seen}
    assert len(set(told.values())) == len(Seen)
    assert told[Seen.ENDED] == "Its processing job ended as Failed. No file."
    assert told[Seen.STILL_ENABLED] == "Still enabled: 6001, 6000."
    for why in Uncompared:
        assert recovery_words.not_compared(NotCompared(why, "Not for you."))


TOKYO = ZoneInfo("Asia/Tokyo")


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (FoundBy(By.JOB, JOB), f"receiving job {JOB}"),
        (
            FoundBy(By.DELIVERY, delivery_id="receiving:x", arrived=AT, of_tenants=40),
            "Delivery of 29 Nov 2026 10:00, 40 tenants (receiving:x)",
        ),
        (
            FoundBy(By.WINDOW, since=AT, until=AT, tenants="a b"),
            "uploads that arrived 2026-11-29 10:00 to 2026-11-29 10:00 Asia/Tokyo, tenants a b",
        ),
        (FoundBy(By.TENANTS, tenants="a b"), "the latest upload of tenants a b"),
        (FoundBy(By.FAILURE, failure="No file."), "jobs with the same failure: No file."),
        (None, "as it was told"),
    ],
)
def test_by_what_it_was_found_is_told(told: FoundBy | None, words: str) -> None:
    assert recovery_words.found_by(told, "as it was told", TOKYO) == words
