"""A security token that lives shorter than the page: a new one is typed, and the page stays."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import bootstrap, session
from tests.pages.conftest import ROOT, Open, jobs_beside, open_for_anyone, operations
from tests.pages.sessions import in_session
from tests.sandboxes import Sandbox

ENDED = "Your security token has expired"
CANARY = "canary-7f31c9"


def shown(app: AppTest) -> str:
    elements = [*app.text, *app.markdown, *app.caption, *app.error]
    return "\n".join(str(element.value) for element in elements)


def by_token(app: AppTest, sandbox: Sandbox) -> AppTest:
    """Sign in with a security token that was fetched elsewhere."""
    app.segmented_control(key="sign_in.method").set_value("Security token").run()
    for name, value in {
        "vanity": "sandbox",
        "api_key": sandbox.api_key,
        "Security token": sandbox.token(),
    }.items():
        app.text_input(key=f"sign_in.{name}").set_value(value)
    return app.button(key="FormSubmitter:sign_in.form-Sign in").click().run()


def renewed(app: AppTest, token: str) -> AppTest:
    app.text_input(key="token.new").set_value(token)
    return app.button(key="FormSubmitter:token.form-Continue").click().run()


@pytest.fixture
def app(module_sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, open_page: Open) -> AppTest:
    """Uploads, signed in by token, filtered, some selected; the token has just ended."""
    module_sandbox.control.clear_faults()
    open_for_anyone(module_sandbox, monkeypatch)
    page = by_token(open_page("uploads"), module_sandbox)
    page.text_input(key="up_tenant").set_value("WFF_j1r~c").run()
    page.button(key="uploads.select_all").click().run()
    module_sandbox.control.expire_tokens()
    module_sandbox.control.clear_requests()
    return page.button(key="up.refresh").click().run()


@pytest.mark.slow
def test_the_end_is_said_and_what_is_on_the_page_stays(app: AppTest) -> None:
    assert not app.exception
    assert ENDED in shown(app)
    assert "Sign in again" not in [button.label for button in app.button]
    assert app.text_input(key="up_tenant").value == "WFF_j1r~c"
    assert set(app.dataframe[0].value["tenant_code"].str[:9].str.lower()) == {"wff_j1r~c"}
    assert "selected" in shown(app)


def test_with_a_new_token_the_page_goes_on_where_it_was(
    app: AppTest, module_sandbox: Sandbox
) -> None:
    before = in_session(app, session.selected, "uploads")
    assert before
    renewed(app, module_sandbox.token())
    assert not app.exception
    assert ENDED not in shown(app)
    assert app.title[0].value == "Uploads"
    assert app.text_input(key="up_tenant").value == "WFF_j1r~c"
    assert in_session(app, session.selected, "uploads") == before
    # The new token may be somebody else's: what was read with the old one is not shown on.
    jobs_beside(app).wait(30)
    asked = [each for each in operations(module_sandbox) if each != "job_status"]
    assert asked[-3:] == [
        "latest_enabled_dv",
        "tenants",
        "retrieve_data_uploads",
    ]


@pytest.mark.slow
def test_the_new_token_is_another_identity(app: AppTest, module_sandbox: Sandbox) -> None:
    before = in_session(app, session.signed_in)
    renewed(app, module_sandbox.token())
    after = in_session(app, session.signed_in)
    assert after.identity.user != before.identity.user
    assert after.identity.user.startswith("security token ")
    with pytest.raises(Exception, match="ended"):
        _ = before.client


@pytest.mark.slow
def test_a_wrong_token_is_refused_and_costs_nothing_else(app: AppTest) -> None:
    renewed(app, CANARY)
    assert "Sign-in refused" in shown(app)
    assert ENDED in shown(app)
    assert CANARY not in shown(app)
    assert app.text_input(key="up_tenant").value == "WFF_j1r~c"
    assert len(app.dataframe[0].value) > 0


@pytest.mark.slow
def test_where_nothing_was_read_yet_it_is_said_too(app: AppTest, module_sandbox: Sandbox) -> None:
    app.switch_page(str(Path(ROOT, "pages", "jobs", "page.py"))).run()
    assert ENDED in shown(app)
    assert "Signed out" in shown(app)
    assert "Sign in again" not in [button.label for button in app.button]
    renewed(app, module_sandbox.token())
    assert app.title[0].value == "Jobs"
    assert len(app.dataframe[0].value) > 0


def test_a_password_is_never_asked_for_in_its_place(sandbox: Sandbox, open_page: Open) -> None:
    app = open_page("jobs")
    sandbox.control.fault("job_status", "401", times=0)
    bootstrap.job_monitor.clear()
    app.run()
    assert ENDED not in shown(app)
    assert "Sign in again" in [button.label for button in app.button]
