"""Finding out what a start has started, and looking for what it may have started."""

import json
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from dashboard import wording
from services.frames import JobType
from services.ledger import Event, EventKind, NewItem, NewOperation, Outcome
from services.operations import Permissions
from services.operations.starts import record
from services.operations.starts.forms import ExtractionForm
from services.operations.starts.lookup import (
    candidates,
    claim,
    find_job,
    is_listed,
    same_started,
)
from services.operations.starts.record import find_out
from services.operations.starts.request import JobRequest, processing
from tests.services.ledger.samples import sql_sent
from tests.services.operations.conftest import ACTOR, ADA, Desk
from tests.services.operations.starts.requests import (
    C7O,
    CONSOLIDATED,
    FILE,
    Roots,
    a_consolidation,
    a_load,
    a_processing,
    an_alpha_extraction,
    an_extraction,
    begin,
    known,
    now,
    unclear,
)

E1A = "WFF_j1r~e1a"
DONE, UNCERTAIN = Outcome.SUCCEEDED, Outcome.UNCERTAIN


@pytest.fixture
def desk(live_desk: Desk) -> Desk:
    return live_desk


@pytest.mark.parametrize("fault", ["403", "404", "501", "html", "malformed", "500"])
def test_a_start_goes_on_when_the_jobs_before_cannot_be_read(desk: Desk, fault: str) -> None:
    desk.sandbox.control.fault("job_status", fault, times=0)
    what, roots = a_processing(), Roots(desk.sandbox)
    begin(desk, what)
    assert desk.outcomes(what.id) == [DONE]
    assert len(roots.new()) == 1
    assert known(desk, what).listed_before is None
    (text,) = desk.events(what.id, EventKind.NOT_LISTED_BEFORE)
    assert text.startswith("The job list could not be read before sending: ")


@pytest.mark.parametrize(
    ("make", "type_word"),
    [
        (a_load, "UPLOAD_JOB"),
        (an_extraction, "DISPATCHING_JOB"),
        (an_alpha_extraction, "DISPATCHING_JOB"),
        (a_processing, "DISPATCHING_JOB"),
        (a_consolidation, "CONSOLIDATED_ANALYTICS_JOB"),
    ],
)
def test_what_the_job_is_is_found_out(desk: Desk, make: Any, type_word: str) -> None:
    what = make()
    begin(desk, what)
    job_id = known(desk, what).job_id
    found = find_out(desk.client, job_id)
    assert found is not None
    assert type_word.startswith(found.job_type.name[:8]) or type_word == "UPLOAD_JOB"
    assert (found.dispatched == 0) == (type_word == "DISPATCHING_JOB")
    record.note_found(desk.ledger, what.id, found)
    assert known(desk, what).found == found
    assert not is_listed(desk.client, known(desk, what), now() + timedelta(minutes=1))
    desk.sandbox.control.advance(6)
    assert is_listed(desk.client, known(desk, what), now() + timedelta(minutes=1))


def test_from_an_analytic_tenant_the_job_itself_is_named(desk: Desk) -> None:
    what = JobRequest(ExtractionForm(), alternative=True)
    alone = replace(desk, client=desk.client.in_tenant(C7O))
    begin(alone, what)
    found = find_out(alone.client, known(desk, what).job_id)
    assert found is not None
    assert (found.job_type, found.tenant_code, found.dispatched) == (JobType.EXTRACTION, C7O, None)


@pytest.mark.parametrize(
    ("by_id", "dispatching", "name"),
    [
        ("404", "", "Dispatching job"),
        ("403", "", "Dispatching job"),
        ("501", "", "Dispatching job"),
        ("", "404", "Dispatching job"),
        ("404", "404", None),
    ],
)
def test_a_kind_that_was_not_read_is_not_claimed(
    desk: Desk, by_id: str, dispatching: str, name: str | None
) -> None:
    what = a_processing()
    begin(desk, what)
    for operation, fault in (
        ("job_id_status", by_id),
        ("dispatching_job_status", dispatching),
    ):
        if fault:
            desk.sandbox.control.fault(operation, fault, times=0)
    found = find_out(desk.client, known(desk, what).job_id)
    assert (found and wording.found_job(found)) == name


def test_a_type_nobody_knows_is_shown_in_visiers_word(desk: Desk) -> None:
    what = a_consolidation()
    begin(desk, what)
    job_id = known(desk, what).job_id
    job: Any = desk.sandbox.inside.world.jobs.by_id[job_id]
    job.kind = SimpleNamespace(value="LEVITATION_JOB")
    found = find_out(desk.client, job_id)
    assert found is not None
    assert wording.found_job(found) == "A job of type LEVITATION_JOB"


def begun_only(desk: Desk, what: JobRequest) -> None:
    """Write a start down, and send nothing."""
    operation = NewOperation(what.id, what.verb, ACTOR, "ada")
    desk.ledger.begin(operation, [NewItem(what.id, "", "Processing", "", "Started")])
    request = json.dumps({"operation": what.operation, "body": dict(what.body)})
    desk.ledger.note(what.id, Event(kind=EventKind.REQUEST, text="", request=request))


def test_the_ledger_is_asked_as_often_for_many_starts_as_for_one(desk: Desk) -> None:
    what = a_processing()
    unclear(desk, what)
    record, since, asked = known(desk, what), now() - timedelta(minutes=15), []
    for count in (1, 30):
        for _ in range(count):
            begun_only(desk, processing(tenants=[E1A]))
        with sql_sent() as statements:
            same = same_started(desk.ledger, ACTOR, a_processing(), since)
            assert len(candidates(desk.ledger, desk.client, record, now())) == 1
        assert same
        assert same.operation.id == what.id
        asked.append(len(statements))
    assert asked[0] == asked[1]


def test_what_another_start_has_is_no_candidate_however_many_there_were_since(desk: Desk) -> None:
    first, second = a_processing(), a_processing()
    jobs = [unclear(desk, first).id, unclear(desk, second).id]
    assert claim(desk.ledger, known(desk, first), jobs[0], ADA)
    for _ in range(201):
        begun_only(desk, processing(tenants=[E1A]))
    assert not claim(desk.ledger, known(desk, second), jobs[0], ADA)
    left = candidates(desk.ledger, desk.client, known(desk, second), now() + timedelta(minutes=1))
    assert list(left["job_id"]) == [jobs[1]]


def test_a_job_can_be_claimed_whose_id_is_no_uuid(desk: Desk) -> None:
    what, placeholder = a_processing(), "931f3042-1269-43b7-bfac-1placeholder"
    unclear(desk, what).id = placeholder
    found = candidates(desk.ledger, desk.client, known(desk, what), now() + timedelta(minutes=1))
    assert list(found["job_id"]) == [placeholder]
    assert claim(desk.ledger, known(desk, what), placeholder, ADA)
    assert known(desk, what).job_id == placeholder


def test_what_another_start_has_is_no_candidate(desk: Desk) -> None:
    first, second = a_processing(), a_processing()
    ben = Permissions(replace(ACTOR, user="ben"))
    jobs = [unclear(desk, first).id, unclear(desk, second).id]
    at = now() + timedelta(minutes=1)
    both = candidates(desk.ledger, desk.client, known(desk, first), at)
    assert sorted(both["job_id"]) == sorted(jobs)
    assert claim(desk.ledger, known(desk, first), jobs[0], ADA)
    assert not claim(desk.ledger, known(desk, second), jobs[0], ben)
    left = candidates(desk.ledger, desk.client, known(desk, second), at)
    assert list(left["job_id"]) == [jobs[1]]
    assert desk.outcomes(second.id) == [UNCERTAIN]


def test_only_jobs_that_fit_are_candidates(desk: Desk) -> None:
    what = a_processing()
    job = unclear(desk, what)
    # What somebody else has started meanwhile, and the ledger knows nothing of.
    desk.client.start_load([FILE], skip_data_load=True)
    desk.client.adhoc_consolidated_analytics_job({"tenantCode": CONSOLIDATED})
    desk.client.in_tenant(E1A).adhoc_processing_jobs({})
    desk.sandbox.control.advance(6)
    found = candidates(desk.ledger, desk.client, known(desk, what), now() + timedelta(minutes=1))
    assert list(found["job_id"]) == [job.id]


@pytest.mark.parametrize("fault", ["403", "404", "501"])
def test_a_refused_look_up_is_told_in_visiers_words(desk: Desk, fault: str) -> None:
    what = a_load()
    unclear(desk, what)
    desk.sandbox.control.fault("job_status", fault, times=0)
    seen = find_job(desk.ledger, desk.client, known(desk, what), now())
    assert fault in seen.refused
    assert seen.candidates.empty
    assert desk.outcomes(what.id) == [UNCERTAIN]


def test_a_new_job_has_five_minutes_to_be_listed(desk: Desk) -> None:
    what = a_load()
    unclear(desk, what)
    told = known(desk, what)
    assert told.grace_left(told.item.at) == timedelta(minutes=5)
    assert told.grace_left(told.item.at + timedelta(minutes=4)) == timedelta(minutes=1)
    assert told.grace_left(told.item.at + timedelta(minutes=6)) == timedelta(0)


@pytest.mark.slow
def test_many_jobs_before_are_all_remembered(desk: Desk) -> None:
    for _ in range(450):
        desk.client.start_load([FILE], skip_data_load=True)
    desk.sandbox.control.advance(6)
    what = a_load()
    job = unclear(desk, what)
    before = known(desk, what).listed_before
    assert before is not None
    assert len(before) >= 450
    found = candidates(desk.ledger, desk.client, known(desk, what), now() + timedelta(minutes=1))
    assert list(found["job_id"]) == [job.id]
