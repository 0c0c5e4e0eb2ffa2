"""A team on the screens: who comes in, whose rows are whose, what is refused and kept."""

from typing import Any

import pytest

from dashboard import bootstrap, session, wording
from dashboard.operations.drawer import drawer
from services.operations import Bar
from tests.pages.acting import applied, apply_button, plan_of, writes
from tests.pages.conftest import Open, open_for_anyone, operations, page_of
from tests.pages.reading import texts
from tests.pages.sessions import in_session
from tests.pages.sign_in.signing_in import fill_in
from tests.pages.team import (
    AUTH,
    BY_GROUP,
    UPLOADS,
    claims,
    make_read_only,
    opened_by,
    permit,
    refusals,
    shown,
    uploads_under_review,
)
from tests.sandboxes import Sandbox


def test_with_a_provider_in_front_nobody_comes_in_unknown(
    sandbox: Sandbox,
) -> None:
    app = opened_by({"is_logged_in": False})
    assert app.title[0].value == "Sign in"
    assert [button.label for button in app.button] == ["Sign in with id.example.com"]
    assert not app.text_input
    assert operations(sandbox) == []


def test_every_named_provider_has_its_button(sandbox: Sandbox) -> None:
    app = page_of()
    app.secrets["auth"] = {
        "redirect_uri": AUTH["redirect_uri"],
        "cookie_secret": AUTH["cookie_secret"],
        "okta": {"client_id": "a", "server_metadata_url": AUTH["server_metadata_url"]},
        "google": {"client_id": "b", "server_metadata_url": AUTH["server_metadata_url"]},
    }
    app.user = {"is_logged_in": False}
    labels = [button.label for button in app.run().button]
    assert labels == ["Sign in with Okta", "Sign in with Google"]


def test_required_and_not_set_up_is_closed_and_says_so(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, open_page: Open
) -> None:
    monkeypatch.setenv("DASHBOARD_REQUIRE_OIDC", "true")
    app = open_page("uploads")
    assert "Nobody can sign in" in shown(app)
    assert operations(sandbox) == []


@pytest.mark.slow
def test_who_is_vouched_for_types_their_own_credentials(
    module_sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_for_anyone(module_sandbox, monkeypatch)
    app = opened_by(claims("ada"), "jobs")
    assert "Signed in as ada@example.com" in texts(app)
    app = fill_in(app)
    assert app.title[0].value == "Jobs"
    assert "ada@example.com" in texts(app)
    assert "As sandbox@example.com" in texts(app)


@pytest.mark.first_is_quick
@pytest.mark.parametrize(
    ("others", "name"),
    [
        ({}, "ada@example.com"),
        pytest.param({"email_verified": True}, "ada@example.com", marks=pytest.mark.slow),
        ({"email_verified": False}, "id-of-ada"),
        pytest.param({"email": None}, "id-of-ada", marks=pytest.mark.slow),
    ],
)
def test_the_actor_is_the_person_by_a_name_nobody_can_make_up(
    sandbox: Sandbox, others: dict[str, Any], name: str
) -> None:
    sandbox.control.reset()
    app = applied(uploads_under_review(sandbox, claims("ada", **others)), "uploads")
    operation = bootstrap.whole_ledger().operation(
        in_session(app, drawer, "uploads").operation or ""
    )
    assert operation.actor.user == name
    assert writes(sandbox) == ["exclude_data_uploads"]


def test_people_who_share_a_credential_share_nothing_they_have_read(sandbox: Sandbox) -> None:
    # AppTests share one session id, and with it one session cache.
    ada = in_session(opened_by(claims("ada"), "jobs"), session.signed_in)
    ben = in_session(opened_by(claims("ben"), "jobs"), session.signed_in)
    opened_by(claims("ada"), **UPLOADS)
    opened_by(claims("ben"), **UPLOADS)
    assert operations(sandbox).count("retrieve_data_uploads") == 2
    assert ada.client is ben.client
    monitors = [each.job_monitor for each in (ada, ben)]
    monitors[0].track("a-job", "By hand")
    assert [len(each.tracked()) for each in monitors] == [1, 0]


def test_somebody_of_the_same_mail_address_is_somebody_else(sandbox: Sandbox) -> None:
    one = in_session(opened_by(claims("ada"), "jobs"), session.signed_in)
    other = opened_by(claims("ada", sub="id-of-another-ada"), "jobs")
    assert in_session(other, session.signed_in).identity.name != one.identity.name


def test_a_session_that_becomes_somebody_elses_forgets_the_connection(sandbox: Sandbox) -> None:
    app = opened_by(claims("ada"), "uploads")
    app.user = claims("ben")
    app.run()
    assert in_session(app, session.connection) is None
    assert not app.dataframe


def test_what_the_groups_permit_is_done(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    sandbox.control.reset()
    permit(monkeypatch, BY_GROUP)
    app = uploads_under_review(sandbox, claims("olga", "excluders", "starters"))
    assert "LIMITED" in texts(app)
    assert "You may: Exclude data uploads; Start processing jobs." in texts(app)
    assert writes(sandbox) == []
    applied(app, "uploads")
    assert writes(sandbox) == ["exclude_data_uploads"]


@pytest.mark.first_is_quick
@pytest.mark.parametrize(
    ("said", "words"),
    [
        (claims("vic", "starters"), "Your groups do not permit “Exclude data uploads”."),
        (claims("vic"), "Your groups do not permit “Exclude data uploads”."),
        (claims("vic", groups=None), "the claim “groups” is missing"),
        (claims("vic", groups={"odd": 1}), "the claim “groups” is missing"),
    ],
)
def test_what_they_do_not_permit_is_disabled_and_says_why(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, said: dict[str, Any], words: str
) -> None:
    permit(monkeypatch, BY_GROUP)
    app = uploads_under_review(sandbox, said)
    assert apply_button(app, "uploads").disabled
    assert words in texts(app)


@pytest.mark.slow
def test_the_claim_that_tells_the_groups_has_any_name(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DASHBOARD_GROUPS_CLAIM", "https://example.com/roles")
    permit(monkeypatch, BY_GROUP)
    app = uploads_under_review(sandbox, claims("ada", **{"https://example.com/roles": "admins"}))
    assert not apply_button(app, "uploads").disabled


def test_permissions_without_a_provider_permit_nothing(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, open_page: Open
) -> None:
    permit(monkeypatch, BY_GROUP)
    sandbox.control.reset()
    app = open_page("uploads", **UPLOADS)
    app = plan_of(app.button(key="uploads.select_all").click().run())
    assert apply_button(app, "uploads").disabled
    assert "need groups from OpenID Connect" in texts(app)


def test_a_click_that_was_let_through_is_refused_all_the_same_and_kept(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = uploads_under_review(sandbox, claims("ada"))
    assert not apply_button(app, "uploads").disabled
    make_read_only(monkeypatch)
    sandbox.control.clear_requests()

    apply_button(app, "uploads").click().run()

    assert "Not allowed here" in texts(app)
    assert "READ-ONLY" in texts(app)
    assert writes(sandbox) == []
    (told,) = refusals()
    assert told.startswith(f"ada@example.com: {wording.BARS[Bar.READ_ONLY]}")


def test_a_start_that_was_let_through_is_refused_all_the_same_and_kept(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = opened_by(claims("ada"), "start_jobs", start_kind="Consolidate")
    app.selectbox(key="start_consolidation.tenant_code").set_value("WFF_j1r~CAa7s").run()
    assert not app.button(key="start.go").disabled
    make_read_only(monkeypatch)
    sandbox.control.clear_requests()

    app.button(key="start.go").click().run()

    assert "Not allowed here" in texts(app)
    assert app.button(key="start.go").disabled
    assert operations(sandbox) == []
    assert "consolidated" in refusals()[0].casefold()


@pytest.mark.slow
def test_activity_shows_what_was_refused(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    app = uploads_under_review(sandbox, claims("ada"))
    make_read_only(monkeypatch)
    apply_button(app, "uploads").click().run()
    (refused,) = bootstrap.whole_ledger().operations()
    activity = opened_by(claims("ben"), "activity", act_op=refused.id)
    assert not activity.exception
    assert list(activity.dataframe[0].value["state"]) == ["Refused"]
    assert "Refused · ada@example.com" in texts(activity)
    assert wording.BARS[Bar.READ_ONLY] in texts(activity)
