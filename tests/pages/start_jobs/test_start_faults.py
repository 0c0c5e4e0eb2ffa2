"""What is on the screen of a start whose fate nobody knows; `tests/faults` has every fault."""

from datetime import UTC, datetime, timedelta

import pytest

from dashboard import bootstrap
from services.ledger import Ledger, NewItem, NewOperation, Outcome, State
from services.operations import Verb
from services.operations.starts.record import note_listed
from tests.pages.acting import button, labels
from tests.pages.conftest import Open
from tests.pages.reading import texts
from tests.pages.start_jobs.starting import filled, started
from tests.sandboxes import Sandbox
from tests.services.operations.starts.requests import Roots

MAYBE = "It may have started"
OPERATIONS = {
    "Load files": "start_load",
    "Extract": "start_extraction",
    "Process": "adhoc_processing_jobs",
    "Consolidate": "adhoc_consolidated_analytics_job",
}
KINDS = {
    "Load files": "Receiving job",
    "Extract": "Dispatching job",
    "Process": "Dispatching job",
    "Consolidate": "Consolidated analytics job",
}


@pytest.fixture
def sandbox(sandbox: Sandbox) -> Sandbox:
    sandbox.control.reset()
    return sandbox


@pytest.mark.first_is_quick
@pytest.mark.parametrize("form", OPERATIONS)
def test_the_job_of_a_start_whose_answer_was_lost_is_among_the_candidates(
    sandbox: Sandbox, open_page: Open, form: str
) -> None:
    app, roots = filled(open_page, form), Roots(sandbox)
    sandbox.control.fault(OPERATIONS[form], "cut", when="after")
    app = started(app)
    assert f" {MAYBE}\n" in f"{texts(app)}\n"
    assert KINDS[form] not in texts(app)
    sandbox.control.advance(6)
    app = button(app, "Look for it")
    assert labels(app).count("This one") == len(roots.new()) == 1
    assert len(sandbox.control.requests(OPERATIONS[form])) == 1


@pytest.mark.parametrize("outcome", [Outcome.PLANNED, Outcome.INTENDED])
def test_a_start_that_broke_off_is_closed_or_looked_for_but_never_sent(
    sandbox: Sandbox, open_page: Open, outcome: Outcome
) -> None:
    connection = bootstrap.default_connection(None)
    assert connection is not None
    long_ago = datetime.now(UTC) - timedelta(minutes=10)
    url = bootstrap.settings().dashboard_ledger_url
    dead = Ledger.open(url, clock=lambda: long_ago, owner="another machine 1 gone")
    dead.begin(
        NewOperation("broken", Verb.START_PROCESSING, connection.actor, connection.identity.name),
        [NewItem("broken", "", "Processing for tenant X", "[1,null]", '[1,"started"]')],
    )
    note_listed(connection.ledger, connection.client, "broken")
    if outcome is Outcome.INTENDED:
        dead.intend("broken", ["broken"])
    dead.close()

    app = open_page("activity")
    if outcome is Outcome.PLANNED:
        assert "It was not sent" in texts(app)
        app = button(app, "Close: it did not start")
    else:
        assert MAYBE in texts(app)
        app = button(app, "Look for it")
        assert "No matching job is listed." in texts(app)
        app = button(app, "It did not start")
    operation = bootstrap.whole_ledger().operation("broken")
    assert operation.state is State.FINISHED
    assert operation.item_counts[Outcome.FAILED] == 1
    assert sandbox.control.requests("adhoc_processing_jobs") == []
