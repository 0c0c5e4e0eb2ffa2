"""Starting work: whatever happens, one request."""

import pytest

from services.ledger import AlreadyApplied, Outcome, State
from services.operations.starts.forms import ProcessingForm
from services.operations.starts.request import JobRequest, processing, settle_by_hand, start
from tests.services.operations.conftest import ACTOR, ADA, LONG_ENOUGH, Desk

OPERATION = "adhoc_processing_jobs"


def begun(desk: Desk, what: JobRequest) -> None:
    start(desk.ledger, desk.client, what, ACTOR, identity="ada", permissions=ADA).join(LONG_ENOUGH)


@pytest.mark.parametrize(
    ("fault", "when", "outcome"),
    [
        ("", "", Outcome.SUCCEEDED),
        ("500", "before", Outcome.UNCERTAIN),
        ("500", "after", Outcome.UNCERTAIN),
        ("504", "after", Outcome.UNCERTAIN),
        ("cut", "before", Outcome.UNCERTAIN),
        ("cut", "after", Outcome.UNCERTAIN),
        ("html", "after", Outcome.UNCERTAIN),
        ("malformed", "after", Outcome.UNCERTAIN),
        ("403", "before", Outcome.FAILED),
        ("400", "before", Outcome.FAILED),
    ],
)
def test_a_start_is_sent_once_and_claimed_only_when_answered(
    desk: Desk, fault: str, when: str, outcome: Outcome
) -> None:
    if fault:
        desk.sandbox.control.fault(OPERATION, fault, when=when)
    what = processing(tenants=["WFF_j1r~c7o"])
    begun(desk, what)
    assert desk.outcomes(what.id) == [outcome]
    assert desk.ledger.operation(what.id).state is State.FINISHED
    assert len(desk.sandbox.control.requests(OPERATION)) == 1


def test_a_second_start_of_the_same_sends_nothing(desk: Desk) -> None:
    what = processing(tenants=["WFF_j1r~c7o"])
    begun(desk, what)
    with pytest.raises(AlreadyApplied):
        begun(desk, what)
    assert len(desk.sandbox.control.requests(OPERATION)) == 1


def test_the_scope_is_never_left_to_a_default(desk: Desk) -> None:
    with pytest.raises(ValueError, match=r"tenants\n.* at least 1 item"):
        processing(tenants=[])
    form = ProcessingForm(all_tenants=True, excluded_tenants=["WFF_j1r~c7o"])
    begun(desk, JobRequest(form))
    (request,) = desk.sandbox.control.requests(OPERATION)
    assert request["body"] == {
        "allTenants": True,
        "excludedTenants": ["WFF_j1r~c7o"],
        "publishToProduction": False,
    }


@pytest.mark.parametrize(
    ("started", "outcome"), [(True, Outcome.SUCCEEDED), (False, Outcome.FAILED)]
)
def test_a_person_settles_what_nobody_could_tell(
    desk: Desk, started: bool, outcome: Outcome
) -> None:
    desk.sandbox.control.fault(OPERATION, "cut", when="after")
    what = processing(tenants=["WFF_j1r~c7o"])
    begun(desk, what)
    settle_by_hand(desk.ledger, what.id, ADA, started=started)
    (item,) = desk.ledger.items(what.id)
    assert item.outcome is outcome
    assert "ada@example.com reports" in desk.messages(what.id)[0]
