"""Ctrl+K: going anywhere by a name or an id, without a call."""

from streamlit.testing.v1 import AppTest

from dashboard import session
from dashboard.navigation import ACTIVITY, SCREENS
from dashboard.shell.palette import ACTIONS, places
from tests.pages.acting import applied, plan_of
from tests.pages.conftest import Open, operations
from tests.pages.reading import texts
from tests.pages.sessions import in_session
from tests.sandboxes import Sandbox

JOB = "40bfd838-ad5f-40d9-9000-65c75bcf5f8b"


def found(app: AppTest, text: str) -> list[str]:
    """Return what is offered for a text, in its order."""
    connection = in_session(app, session.signed_in)
    return [place.label for place in in_session(app, lambda: [*places(connection, text)])]


def test_screens_tenants_jobs_and_operations_are_found_without_a_call(
    own_sandbox: Sandbox, open_page: Open
) -> None:
    app = open_page("uploads", up_tenant="WFF_j1r~e1a", up_window="everything")
    app.button(key="uploads.select_all").click().run()
    app = applied(plan_of(app), "uploads")
    own_sandbox.control.clear_requests()
    assert "Credentials" in found(app, "cred")
    assert any("Europa Health" in each for each in found(app, "europa"))
    assert any(each.endswith(JOB) for each in found(app, JOB))
    assert any(each.endswith(JOB) for each in found(app, JOB[:8].upper()))
    assert not any(each.endswith(JOB) for each in found(app, JOB[:7]))
    assert any(each.startswith("Exclude data uploads · ") for each in found(app, "WFF_j1r~e1a"))
    assert operations(own_sandbox) == []


def test_a_job_that_no_screen_has_read_is_found_by_its_whole_id(
    sandbox: Sandbox, open_page: Open
) -> None:
    app = open_page("credentials")
    unheard = "11111111-2222-3333-4444-555555555555"
    assert found(app, unheard) == [f"Job {unheard}"]
    assert found(app, unheard[:8]) == []


def test_more_tenants_than_are_listed_are_counted_and_searched_for(
    sandbox: Sandbox, open_page: Open
) -> None:
    app = open_page("data_versions")
    connection = in_session(app, session.signed_in)
    *_, last = in_session(app, lambda: [*places(connection, "wff_j1r~")])
    count = int(last.label.split()[1])
    assert last.label == f"And {count} more tenants"
    query = {name: str(value) for name, value in last.query.items()}
    shown = open_page(last.screen.name, **query)
    assert shown.text_input(key="ten_find").value == "wff_j1r~"
    assert f" of {count + 5} " in texts(shown)


def test_every_screen_is_offered_at_once_and_nothing_for_a_name_of_nothing(
    sandbox: Sandbox, open_page: Open
) -> None:
    app = open_page("jobs")
    assert found(app, "") == [screen.title for screen in (*SCREENS, ACTIVITY)]
    assert found(app, "nothing of this name") == []


def test_what_is_begun_on_a_screen_is_offered_by_its_words(
    sandbox: Sandbox, open_page: Open
) -> None:
    app = open_page("jobs")
    assert found(app, "extract") == ["Start jobs: Extract"]
    assert found(app, "new cred") == ["New credential"]
    for action in ACTIONS:
        query = {name: str(value) for name, value in action.query.items()}
        opened = open_page(action.screen.name, **query)
        assert not opened.exception
        assert "ignored" not in texts(opened)
