"""What follows a start on the screen: its job's tree, or the look for it."""

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.operations.drawer import START, drawer
from tests.pages.acting import button, labels
from tests.pages.conftest import Open
from tests.pages.connecting import C7O, E1A
from tests.pages.reading import texts
from tests.pages.sessions import in_session
from tests.pages.start_jobs.starting import process, started, starts
from tests.sandboxes import Sandbox


@pytest.fixture
def sandbox(sandbox: Sandbox) -> Sandbox:
    sandbox.control.reset()
    sandbox.control.clear_requests()
    return sandbox


@pytest.mark.slow
def test_a_job_is_not_listed_yet_and_then_its_tree_opens(sandbox: Sandbox, open_page: Open) -> None:
    app = started(process(open_page, C7O))
    assert "Not listed yet." in "".join(caption.value for caption in app.caption)
    assert "Dispatching job, 0 dispatched so far, state Pending, of WFF_j1r" in texts(app)
    sandbox.control.advance(6)
    app.run()
    assert app.title[0].value == "Jobs"
    job_id = app.query_params["job_id"]
    assert sandbox.inside.world.jobs.by_id[job_id].tenant == "WFF_j1r"


def test_what_is_not_known_yet_is_not_given_a_kind(sandbox: Sandbox, open_page: Open) -> None:
    for name in ("job_id_status", "dispatching_job_status"):
        sandbox.control.fault(name, "404", times=0)
    app = started(process(open_page, C7O))
    assert "It started" in texts(app)
    assert "Not listed yet." in "".join(caption.value for caption in app.caption)
    assert "ispatching" not in texts(app)


@pytest.fixture
def unclear(sandbox: Sandbox, open_page: Open) -> AppTest:
    """The screen after a start whose answer was lost, when its job is listed."""
    app = process(open_page, C7O)
    sandbox.control.fault("adhoc_processing_jobs", "cut", when="after")
    app = started(app)
    sandbox.control.advance(6)
    return app


def test_a_start_whose_answer_is_lost_may_have_started(sandbox: Sandbox, unclear: AppTest) -> None:
    assert "It may have started" in texts(unclear)
    assert "Succeeded" not in texts(unclear)
    assert starts(sandbox) == ["adhoc_processing_jobs"]


@pytest.mark.slow
def test_who_starts_another_is_told_of_the_one_that_may_have_started(
    sandbox: Sandbox, unclear: AppTest
) -> None:
    app = button(unclear, "Start another")
    assert "It may have started, " in texts(app)
    assert "ago: One processing job for tenant " in texts(app)
    app = button(app, "Look for it first")
    app = button(app, "Look for it")
    assert "This one" in labels(app)


@pytest.mark.slow
def test_the_job_of_an_unclear_start_is_looked_for_and_taken(
    sandbox: Sandbox, unclear: AppTest
) -> None:
    app = button(unclear, "Look for it")
    codes = [code.value for code in app.code if code.value in sandbox.inside.world.jobs.by_id]
    assert len(codes) == 1
    app = button(app, "This one")
    assert app.title[0].value == "Jobs"
    assert [app.query_params["job_id"]] == codes
    assert starts(sandbox) == ["adhoc_processing_jobs"]


@pytest.mark.slow
def test_that_it_did_not_start_is_said_twice_while_it_is_early(
    sandbox: Sandbox, open_page: Open
) -> None:
    app = process(open_page, E1A)
    sandbox.control.fault("adhoc_processing_jobs", "500", when="before")
    app = button(started(app), "Look for it")
    assert "No matching job is listed." in texts(app)
    key = f"operation.{in_session(app, drawer, START).operation}"
    assert app.button(key=f"{key}.not").disabled
    app.checkbox(key=f"{key}.sure").check().run()
    app.button(key=f"{key}.not").click().run()
    assert "It did not start" in texts(app)
    assert starts(sandbox) == ["adhoc_processing_jobs"]


@pytest.mark.parametrize(
    "status", ["403", *(pytest.param(each, marks=pytest.mark.slow) for each in ("404", "501"))]
)
def test_without_a_list_of_jobs_the_word_of_a_person_is_left(
    sandbox: Sandbox, unclear: AppTest, status: str
) -> None:
    sandbox.control.fault("job_status", status, times=0)
    app = button(unclear, "Look for it")
    assert "Visier does not list jobs for your account" in texts(app)
    app = button(app, "It did start")
    assert "sandbox@example.com reports that it did start." in texts(app)
    sandbox.control.clear_faults()


@pytest.mark.slow
def test_activity_shows_a_start_as_it_stands(
    sandbox: Sandbox, unclear: AppTest, open_page: Open
) -> None:
    operation_id = in_session(unclear, drawer, START).operation
    app = open_page("activity", act_op=operation_id)
    assert "It may have started" in texts(app)
    app = button(app, "Look for it")
    app = button(app, "This one")
    assert "Dispatching job" in texts(app)
    assert "Look again" not in labels(app)
    assert app.title[0].value == "Activity"
