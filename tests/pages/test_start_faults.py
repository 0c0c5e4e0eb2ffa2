"""Whatever goes wrong with a start, the screen claims nothing that is not so."""

from datetime import UTC, datetime, timedelta

import pytest

from dashboard import bootstrap
from services.ledger import Ledger, NewItem, NewOperation, Outcome, State
from services.operations.start_course import note_listed
from tests.pages.acting import button, labels
from tests.pages.conftest import Open
from tests.pages.reading import texts
from tests.pages.starting import filled, started
from tests.sandboxes import Sandbox
from tests.services.operations.starts import Roots

STARTED, MAYBE, NOT = "It started", "It may have started", "It did not start"
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


@pytest.mark.parametrize("form", OPERATIONS)
@pytest.mark.parametrize(
    ("fault", "details", "says", "jobs"),
    [
        ("latency", {}, STARTED, 1),
        ("capital_job_id", {}, STARTED, 1),
        ("500", {"when": "before"}, MAYBE, 0),
        ("cut", {"when": "after"}, MAYBE, 1),
        ("malformed", {"when": "after"}, MAYBE, 1),
        ("drop_field", {"value": "jobId"}, MAYBE, 1),
        ("403", {"when": "before"}, NOT, 0),
    ],
)
def test_the_screen_says_what_is_so(
    sandbox: Sandbox,
    open_page: Open,
    form: str,
    *,
    fault: str,
    details: dict[str, str],
    says: str,
    jobs: int,
) -> None:
    app, roots = filled(open_page, form), Roots(sandbox)
    sandbox.control.fault(OPERATIONS[form], fault, **details)
    app = started(app)
    assert len(roots.new()) == jobs
    assert [words for words in (STARTED, MAYBE, NOT) if f" {words}\n" in f"{texts(app)}\n"] == [
        says
    ]
    assert (KINDS[form] in texts(app)) == (says == STARTED)
    if says == MAYBE:
        sandbox.control.advance(6)
        app = button(app, "Look for it")
        assert labels(app).count("This is it") == jobs
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
        NewOperation("broken", "Start processing jobs", connection.actor, connection.identity.name),
        [NewItem("broken", "", "Processing for tenant X", "", "Started")],
    )
    note_listed(dead, connection.client, "broken")
    if outcome is Outcome.INTENDED:
        dead.intend("broken", ["broken"])
    dead.close()

    app = open_page("activity")
    if outcome is Outcome.PLANNED:
        assert "It was not sent" in texts(app)
        app = button(app, "Close it")
    else:
        assert MAYBE in texts(app)
        app = button(app, "Look for it")
        assert "No job that could be it is listed." in texts(app)
        app = button(app, "It did not start")
    operation = bootstrap.whole_ledger().operation("broken")
    assert operation.state is State.FINISHED
    assert operation.item_counts[Outcome.FAILED] == 1
    assert sandbox.control.requests("adhoc_processing_jobs") == []
