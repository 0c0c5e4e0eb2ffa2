"""What operations keep as documents is kept whole, however long, and read back as such."""

import pytest

from services.ledger import JOB_ID_LIMIT, Event, EventKind, Outcome, excerpt
from services.operations.credentials.outcomes import candidates, missing_access
from services.operations.credentials.submission import creation, submit
from services.operations.starts.record import find_out, note_found
from services.operations.starts.request import processing
from services.visier.providers import PROVIDERS, filled_in
from tests.services.operations.conftest import ACTOR, ADA, LONG_ENOUGH, Desk
from tests.services.operations.starts.requests import a_processing, begin, known

E1A = "WFF_j1r~e1a"
CREATE, START = "create_connector_credential", "adhoc_processing_jobs"
LONG = "x" * 25_000
A_CUT_ONE = excerpt(f'["{LONG}"]')


@pytest.fixture
def desk(live_desk: Desk) -> Desk:
    return live_desk


def create(desk: Desk) -> str:
    """Create a credential that signs in and cannot read everything; return the operation's id."""
    ukg = PROVIDERS["UKG"]
    typed = {"username": "limited user", "password": "x"}
    params = filled_in(ukg, ukg.parameters[0], typed)
    what = creation(params, tenants=[E1A], display_name="Name")
    submit(desk.ledger, desk.client, what, ACTOR, identity="ada", permissions=ADA).join(LONG_ENOUGH)
    return what.id


def test_a_job_that_answers_with_a_long_word_is_found_and_shown_in_short(desk: Desk) -> None:
    what = a_processing()
    begin(desk, what)
    for asked in ("job_id_status", "dispatching_job_status"):
        desk.sandbox.control.fault(asked, "unknown_status", value=LONG)
    found = find_out(desk.client, known(desk, what).job_id)
    assert found
    note_found(desk.ledger, what.id, found)
    kept = known(desk, what).found
    assert kept == found
    assert kept.status_word == LONG[:200]


def test_a_long_answer_to_a_creation_tells_what_cannot_be_read(desk: Desk) -> None:
    desk.sandbox.control.fault(CREATE, "extra_field", value=LONG)
    missing = missing_access(desk.ledger, create(desk))
    assert missing["tenant_code"].unique().tolist() == [E1A]
    assert missing["subject"].notna().all()


def test_the_body_of_a_start_for_thousands_of_tenants_is_known_again(desk: Desk) -> None:
    what = processing(tenants=[f"{E1A}{number}" for number in range(5_000)])
    desk.sandbox.control.fault(START, "500")
    begin(desk, what)
    assert known(desk, what).body == what.body


def test_a_job_whose_id_no_ledger_holds_is_looked_for_among_the_jobs(desk: Desk) -> None:
    desk.sandbox.control.fault(START, "other_key", value="j" * (JOB_ID_LIMIT + 1))
    what = a_processing()
    begin(desk, what)
    assert desk.outcomes(what.id) == [Outcome.NO_RESULT]
    assert known(desk, what).job_id == ""


@pytest.mark.parametrize("kind", [EventKind.FOUND_JOB, EventKind.LISTED_BEFORE, EventKind.REQUEST])
def test_what_an_earlier_version_has_cut_of_a_start_is_not_known(desk: Desk, kind: str) -> None:
    what = a_processing()
    begin(desk, what)
    event = Event(kind=kind, text="cut", request=A_CUT_ONE, answer=A_CUT_ONE)
    desk.ledger.note(what.id, event)
    record = known(desk, what)
    unknown: dict[str, object] = {
        EventKind.FOUND_JOB: record.found,
        EventKind.LISTED_BEFORE: record.listed_before,
        EventKind.REQUEST: record.body,
    }
    assert unknown[kind] is None


def test_what_an_earlier_version_has_cut_of_a_credential_is_not_known(desk: Desk) -> None:
    desk.sandbox.control.fault(CREATE, "cut", when="after")
    id_ = create(desk)
    before = len(candidates(desk.ledger, desk.client, id_))
    for kind in (EventKind.REQUEST, EventKind.LISTED_BEFORE):
        desk.ledger.note(id_, Event(kind=kind, text=E1A, answer=A_CUT_ONE))
    assert missing_access(desk.ledger, id_).empty
    assert len(candidates(desk.ledger, desk.client, id_)) == before
