"""Signing in, signing out, and who sees what."""

import logging
import re

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import bootstrap, session
from tests.pages.conftest import Open, open_for_anyone, operations, sign_in_to
from tests.pages.reading import table, texts
from tests.pages.sessions import in_session
from tests.pages.sign_in.signing_in import fill_in
from tests.sandboxes import Sandbox, running_sandbox

CANARY = "canary-7f31c9"


@pytest.fixture
def signed_out(
    module_sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, open_page: Open
) -> AppTest:
    module_sandbox.control.clear_faults()
    open_for_anyone(module_sandbox, monkeypatch)
    return open_page("jobs")


def everything_shown(app: AppTest) -> str:
    return texts(app) + "\n".join(str(error.value) for error in app.error)


def test_who_is_not_signed_in_is_asked_to(signed_out: AppTest) -> None:
    assert signed_out.title[0].value == "Connect to your tenant"
    assert not signed_out.dataframe


def test_signing_in_opens_what_one_came_for(signed_out: AppTest) -> None:
    app = fill_in(signed_out)
    assert not app.exception
    assert app.title[0].value == "Jobs"


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"api_key": CANARY}, "API key refused"),
        ({"Password": CANARY}, "Sign-in refused"),
        ({"vanity": "nowhere"}, "Unknown vanity name"),
    ],
)
def test_what_is_wrong_is_said_in_its_own_words(
    signed_out: AppTest, wrong: dict[str, str], words: str
) -> None:
    app = fill_in(signed_out, **wrong)
    assert not app.exception
    assert words in texts(app)
    assert CANARY not in everything_shown(app)
    assert app.text_input(key="sign_in.User name").value == "sandbox@example.com"


def test_the_form_after_signing_out_is_not_the_one_that_was_filled_in(
    signed_out: AppTest,
) -> None:
    # A browser keeps what was typed as long as a field of this identity is drawn.
    typed = {field.proto.id for field in signed_out.text_input}
    app = fill_in(signed_out).button(key="shell.sign_out").click().run()
    assert app.title[0].value == "Connect to your tenant"
    assert {field.label for field in app.text_input} >= {"API key", "Password"}
    assert typed.isdisjoint(field.proto.id for field in app.text_input)
    assert not [
        field
        for field in app.text_input
        if field.proto.type == field.proto.PASSWORD and field.value
    ]


@pytest.mark.slow
def test_what_nobody_sees_around_a_pasted_user_name_costs_no_sign_in(
    module_sandbox: Sandbox, signed_out: AppTest
) -> None:
    pasted = {"vanity": "\u200bsandbox ", "User name": "\ufeffsandbox@example.com\u00a0"}
    app = fill_in(signed_out, **pasted)
    assert app.title[0].value == "Jobs"


def test_a_password_is_sent_as_it_is_typed_and_an_odd_one_is_remarked(
    module_sandbox: Sandbox, signed_out: AppTest
) -> None:
    app = fill_in(signed_out, Password=f"{CANARY}\u200b")
    shown = everything_shown(app)
    assert "Sign-in refused" in shown
    assert "Password begins or ends with a space or a sign that nobody sees" in shown
    assert CANARY not in shown


def test_a_refused_token_is_a_refused_sign_in(signed_out: AppTest) -> None:
    signed_out.segmented_control(key="sign_in.method").set_value("Security token").run()
    for name, value in {"api_key": "sandbox-key", "Security token": CANARY}.items():
        signed_out.text_input(key=f"sign_in.{name}").set_value(value)
    app = signed_out.button(key="FormSubmitter:sign_in.form-Sign in").click().run()
    shown = texts(app)
    assert "Sign-in refused" in shown
    assert "Check the security token" in shown
    assert "Signed out" not in shown
    assert "Sign in again" not in [button.label for button in app.button]
    assert CANARY not in everything_shown(app)


def test_a_key_that_is_refused_later_leads_back_to_the_form(
    module_sandbox: Sandbox, signed_out: AppTest
) -> None:
    app = fill_in(signed_out)
    module_sandbox.control.fault("job_status", "gateway", status=401, value="Invalid credentials")
    bootstrap.job_monitor.clear()
    assert "API key refused" in texts(app.run())
    app.button(key="error.sign_in").click().run()
    assert app.title[0].value == "Connect to your tenant"


def test_a_refused_client_is_not_blamed_on_the_password_alone(signed_out: AppTest) -> None:
    signed_out.segmented_control(key="sign_in.method").set_value("OAuth 2.0").run()
    app = fill_in(signed_out, **{"Client id": "wrong", "Client secret": CANARY})
    assert "Sign-in refused" in texts(app)
    assert "Check the client id" in texts(app)
    assert "Sign in again" not in [button.label for button in app.button]


def test_a_sign_in_without_budget_counts_down_and_leaves_what_was_typed(
    module_sandbox: Sandbox, signed_out: AppTest
) -> None:
    module_sandbox.control.fault("security_token", "429", retry_after=30)
    app = fill_in(signed_out)
    assert "Call budget used up" in texts(app)
    assert re.search(r"You can sign in again in (29|30)s\.", texts(app))
    assert not [button.label for button in app.button if button.label.startswith("Try again")]
    assert app.text_input(key="sign_in.Password").value == "sandbox"


def test_when_the_budget_is_filled_again_a_person_is_told() -> None:
    def script() -> None:
        import streamlit as st  # noqa: PLC0415 - AppTest runs the text of this function alone

        from dashboard import flash  # noqa: PLC0415 - AppTest runs the text of this function alone
        from dashboard.components import errors  # noqa: PLC0415 - AppTest runs the text of this function alone
        from services import visier  # noqa: PLC0415 - AppTest runs the text of this function alone

        if told := flash.pop():
            st.text(told)
            return
        with errors.sign_in_boundary("Check it."):
            raise visier.RateLimited("Too many calls.", retry_after=0)

    app = AppTest.from_function(script).run()
    assert [text.value for text in app.text] == ["The call budget is available again. Sign in."]


def test_blanks_around_the_user_name_do_not_matter(signed_out: AppTest) -> None:
    app = fill_in(signed_out, **{"User name": "  sandbox@example.com "})
    assert app.title[0].value == "Jobs"
    assert in_session(app, session.signed_in).identity.user == "sandbox@example.com"


def test_beside_a_given_host_the_vanity_name_may_stay_empty(signed_out: AppTest) -> None:
    assert fill_in(signed_out, vanity="").title[0].value == "Jobs"


@pytest.mark.parametrize("key", ["k" * 64, "3f7c" * 40, "KEY-of-Jupiter", "key_1", "-key", "key-"])
def test_an_api_key_in_the_place_of_the_vanity_name_goes_nowhere(
    sandbox: Sandbox,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    open_page: Open,
    key: str,
) -> None:
    for name in ("VISIER_HOST", "VISIER_APIKEY"):
        monkeypatch.delenv(name)
    caplog.set_level(logging.DEBUG)
    app = fill_in(open_page("jobs"), vanity=key)
    assert not app.exception
    assert "at most 63 lower-case letters, digits and hyphens" in everything_shown(app)
    assert key not in everything_shown(app)
    assert key not in caplog.text


def test_beside_a_given_host_a_vanity_name_is_checked_all_the_same(
    module_sandbox: Sandbox, signed_out: AppTest
) -> None:
    module_sandbox.control.clear_requests()
    app = fill_in(signed_out, vanity="Evil/..")
    assert "A vanity name has" in everything_shown(app)
    assert operations(module_sandbox) == []


def test_without_a_host_the_vanity_name_is_needed(
    monkeypatch: pytest.MonkeyPatch, open_page: Open
) -> None:
    monkeypatch.setenv("VISIER_VANITY", "jupiter")
    app = fill_in(open_page("jobs"), vanity=" ")
    assert [error.value for error in app.error] == ["Fill in: Vanity name."]


def test_an_unreachable_host_is_said_in_its_own_words(
    monkeypatch: pytest.MonkeyPatch, open_page: Open
) -> None:
    monkeypatch.setenv("VISIER_HOST", "http://127.0.0.1:9")
    app = fill_in(open_page("jobs"))
    assert "Visier cannot be reached" in texts(app)


def test_a_vanity_name_that_cannot_be_one_is_refused_before_anything_is_sent(
    monkeypatch: pytest.MonkeyPatch, open_page: Open
) -> None:
    monkeypatch.setenv("VISIER_VANITY", "jupiter")
    app = fill_in(open_page("jobs"), vanity="evil.example/")
    assert not app.exception
    assert "vanity name" in everything_shown(app)
    assert app.title[0].value == "Connect to your tenant"


def test_what_is_missing_is_named(signed_out: AppTest) -> None:
    app = fill_in(signed_out, Password="")
    assert [error.value for error in app.error] == ["Fill in: Password."]


def test_signing_out_forgets_and_asks_again(sandbox: Sandbox, open_page: Open) -> None:
    app = open_page("uploads")
    app.button(key="shell.sign_out").click().run()
    assert app.title[0].value == "Connect to your tenant"
    assert not app.dataframe
    assert in_session(app, session.connection) is None


def test_two_identities_in_one_process_never_see_each_others_rows(
    monkeypatch: pytest.MonkeyPatch, open_page: Open
) -> None:
    # AppTests share one session id, and with it one session cache: only the identity is left to
    # tell the two apart.
    with running_sandbox(tenants=20, seed=1) as one, running_sandbox(tenants=30, seed=2) as two:
        shown = []
        for sandbox in (one, two):
            sign_in_to(sandbox, monkeypatch)
            shown.append(_fresh_app(open_page))
        first, second = shown
        assert set(first) != set(second)
        assert operations(one).count("latest_enabled_dv") == 1
        assert operations(two).count("latest_enabled_dv") == 1


def _fresh_app(open_page: Open) -> list[str]:
    from dashboard import bootstrap  # noqa: PLC0415 - what it read before is of no use here

    bootstrap.settings.cache_clear()
    bootstrap._operator_connection.clear()
    return list(table(open_page("data_versions"))["tenant_code"])


def test_no_secret_is_left_in_the_session_or_on_the_page(signed_out: AppTest) -> None:
    app = fill_in(signed_out)
    app.run()
    for field in ("api_key", "Password", "User name"):
        assert f"sign_in.{field}" not in app.session_state
    assert "sandbox-key" not in everything_shown(app)
    assert "sandbox-key" not in repr(in_session(app, session.signed_in))
