"""What is known of a start without asking Visier: its tenants, and its jobs as they were seen."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson
import pandas as pd
import pytest

from services.frames import JobType, Status, job_tree, jobs
from services.ledger import Actor, Event, EventKind, Ledger, NewItem, NewOperation
from services.operations import Verb
from services.operations.starts import record
from services.operations.starts.outcomes import StartOutcome, outcomes
from services.operations.starts.record import FoundJob
from tests.ledgers import empty_ledger

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ADA = Actor("ada@example.com", "", "sandbox")
ROOT = "d0000000"
FEW = ("WFF_j1r~a", "WFF_j1r~b", "WFF_j1r~c")


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    ledger = Ledger.open(empty_ledger(tmp_path / "ledger.sqlite3"))
    yield ledger
    ledger.close()


def started(
    ledger: Ledger,
    body: Mapping[str, Any],
    *,
    verb: Verb = Verb.START_PROCESSING,
    found: FoundJob | None = None,
) -> str:
    """Write down a start that was sent by Ada and whose job is the root."""
    id_ = str(uuid4())
    ledger.begin(NewOperation(id_, verb, ADA, "ada"), [NewItem(id_, "", "A start", "", "Started")])
    request = orjson.dumps({"operation": "any", "body": body}).decode()
    ledger.note(id_, Event(kind=EventKind.REQUEST, text="A start", request=request))
    ledger.note(id_, Event(kind=EventKind.JOB_ID, text=ROOT))
    if found:
        record.note_found(ledger, id_, found)
    return id_


def job(job_id: str, status: str, tenant: str = "", **told: str) -> dict[str, str]:
    kind = "PROCESSING_JOB" if tenant else "DISPATCHING_JOB"
    parent = {"parentJobId": ROOT} if job_id != ROOT else {}
    return {"jobId": job_id, "status": status, "tenant": tenant, "jobType": kind, **parent, **told}


def look(ledger: Ledger, *listed: dict[str, str], at: float = 0, whose: str = "ada") -> None:
    """See these jobs at a minute."""
    seen = jobs.from_job_status({"jobStatus": list(listed)})
    ledger.job_observations.record(whose, seen, NOW + timedelta(minutes=at))


def known(ledger: Ledger, id_: str, whose: str = "ada") -> StartOutcome:
    return outcomes(ledger, [ledger.operation(id_)], whose)[id_]


def below(outcome: StartOutcome) -> "pd.Series[Any]":
    """Give what is known of everything below the job of a start."""
    return job_tree.below(outcome.jobs).iloc[0]


def test_its_jobs_are_counted_as_they_were_last_seen(ledger: Ledger) -> None:
    codes = [f"WFF_j1r~t{number}" for number in range(1000)]
    id_ = started(ledger, {"allTenants": False, "tenants": codes})
    running = [job(f"p{number}", "Running", code) for number, code in enumerate(codes)]
    look(ledger, job(ROOT, "Running"), *running)
    ended = [
        job(f"p{number}", "Failed" if number < 69 else "Succeeded", code)
        for number, code in enumerate(codes)
    ]
    look(ledger, job(ROOT, "Succeeded"), *ended, at=9)

    outcome = known(ledger, id_)

    counts = below(outcome)
    assert counts["below"] == job_tree.Below.FAILED
    assert (counts["succeeded_below"], counts["failed_below"]) == (931, 69)
    assert (counts["jobs_below"], counts["unlisted_below"]) == (1000, 0)
    assert outcome.tenants == tuple(codes)
    assert set(outcome.jobs["last_seen"].dt.minute) == {9}


def test_a_job_that_was_to_come_and_nobody_saw_is_missed(ledger: Ledger) -> None:
    id_ = started(ledger, {"tenants": list(FEW)})
    look(ledger, job(ROOT, "Succeeded"), job("p1", "Succeeded", FEW[0]))
    counts = below(known(ledger, id_))
    assert (counts["below"], counts["unlisted_below"]) == (job_tree.Below.UNLISTED, 2)


def test_what_it_had_dispatched_when_it_was_looked_at_is_missed_too(ledger: Ledger) -> None:
    dispatching = FoundJob(JobType.DISPATCHING, "DISPATCHING_JOB", "Running", "WFF_j1r", 40)
    id_ = started(ledger, {"allTenants": True}, found=dispatching)
    look(ledger, job(ROOT, "Succeeded"), job("p1", "Succeeded", FEW[0]))
    assert below(known(ledger, id_))["unlisted_below"] == 39


def test_jobs_far_below_count_and_a_ring_of_parents_does_not_hang(ledger: Ledger) -> None:
    id_ = started(ledger, {"tenants": [FEW[0]]}, verb=Verb.START_EXTRACTION)
    look(
        ledger,
        job(ROOT, "Succeeded", parentJobId="p2"),
        job("e1", "Succeeded", FEW[0], jobType="EXTRACTION_JOB"),
        job("r1", "Succeeded", FEW[0], jobType="UPLOAD_JOB", parentJobId="e1"),
        job("p1", "Failed", FEW[0], parentJobId="r1"),
        job("p2", "Succeeded", FEW[0], parentJobId="p1"),
        job("other", "Failed", FEW[1], parentJobId="not it"),
    )
    outcome = known(ledger, id_)
    assert set(outcome.jobs["job_id"]) == {ROOT, "e1", "r1", "p1", "p2"}
    assert below(outcome)["failed_below"] == 1


@pytest.mark.parametrize(
    "found",
    [
        None,
        FoundJob(JobType.OTHER, "", "", ""),
        FoundJob(JobType.DISPATCHING, "DISPATCHING_JOB", "Running", ""),
    ],
)
def test_a_job_of_another_type_by_the_same_id_is_not_its_own(
    ledger: Ledger, found: FoundJob | None
) -> None:
    id_ = started(ledger, {"tenants": list(FEW)}, found=found)
    look(
        ledger,
        {"jobId": ROOT, "status": "Running", "tenant": FEW[1], "jobType": "EXTRACTION_JOB"},
        job(ROOT, "Succeeded"),
        job("p1", "Failed", FEW[0], jobType="EXTRACTION_JOB"),
    )
    look(
        ledger,
        {"jobId": ROOT, "status": "Failed", "tenant": FEW[1], "jobType": "EXTRACTION_JOB"},
        at=5,
    )
    outcome = known(ledger, id_)
    assert list(outcome.jobs["job_id"]) == [ROOT, "p1"]
    own = outcome.jobs.iloc[0]
    assert (own["job_type"], own["status"]) == (JobType.DISPATCHING, Status.SUCCEEDED)
    assert own["last_seen"].minute == 0


def test_the_looks_of_who_began_it_count_and_those_of_who_reads_it_and_nobody_elses(
    ledger: Ledger,
) -> None:
    id_ = started(ledger, {"tenants": list(FEW)})
    look(ledger, job(ROOT, "Running"), job("p1", "Running", FEW[0]))
    look(ledger, job("p1", "Succeeded", FEW[0]), at=5, whose="ben")
    look(ledger, job("p1", "Failed", FEW[0]), at=9, whose="cleo")
    status_of = {
        whose: known(ledger, id_, whose).jobs.set_index("job_id")["status"]["p1"]
        for whose in ("ada", "ben", "dan")
    }
    assert status_of == {
        "ada": Status.RUNNING,
        "ben": Status.SUCCEEDED,
        "dan": Status.RUNNING,
    }


SEEN = (job(ROOT, "Succeeded"), *(job(f"p{code[-1]}", "Succeeded", code) for code in FEW[:2]))
FOUND = FoundJob(JobType.PROCESSING, "PROCESSING_JOB", "Running", "WFF_j1r", None)


@pytest.mark.parametrize(
    ("body", "seen", "found", "tenants"),
    [
        ({"allTenants": False, "tenants": [*FEW]}, SEEN, None, FEW),
        ({"allTenants": False, "tenants": [*FEW]}, (), None, FEW),
        ({"tenantCode": FEW[2]}, (), None, (FEW[2],)),
        ({"allTenants": True, "excludedTenants": [FEW[2]]}, SEEN, None, FEW[:2]),
        ({"allTenants": True}, (), None, ()),
        ({"files": ["a.zip"], "skipDataLoad": False}, SEEN, None, FEW[:2]),
        ({"publishToProduction": False}, (job(ROOT, "Running", FEW[0]),), None, (FEW[0],)),
        ({"publishToProduction": False}, (), FOUND, ("WFF_j1r",)),
        ({"publishToProduction": False}, (), None, ()),
    ],
)
def test_whose_it_is(
    ledger: Ledger,
    body: dict[str, Any],
    seen: tuple[dict[str, str], ...],
    found: FoundJob | None,
    tenants: tuple[str, ...],
) -> None:
    id_ = started(ledger, body, found=found)
    look(ledger, *seen)
    assert known(ledger, id_).tenants == tenants


def test_what_is_no_start_is_left_out(ledger: Ledger) -> None:
    ledger.begin(NewOperation("one", "cancel_jobs", ADA, "ada"), [])
    assert outcomes(ledger, [ledger.operation("one")], "ada") == {}
