"""Credentials and connectors of a team: who may not is told, refused, kept, and sends nothing."""

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import access, bootstrap, wording
from dashboard.metrics import REGISTRY
from pages.credentials.creating import CHANGE, CREATE, ROTATE
from services.operations import CREDENTIAL_VERBS, EVERY_VERB, Bar, Verb
from tests.pages.acting import apply_button, button, field, writes
from tests.pages.conftest import operations
from tests.pages.connecting import E1A, TEST, select
from tests.pages.credentials.filling_in import E1A_TEST, pressed, send_button, sent, type_into
from tests.pages.reading import texts
from tests.pages.team import claims, make_read_only, opened_by, permit, refusals
from tests.sandboxes import Sandbox

CANARY = "canary-8c41"
ADA, VIC = claims("ada", "admins"), claims("vic", "viewers")


@pytest.fixture(autouse=True)
def fresh(sandbox: Sandbox) -> Sandbox:
    sandbox.control.reset()
    sandbox.control.clear_requests()
    return sandbox


def new_credential(said: dict[str, object]) -> AppTest:
    app = opened_by(said, "credentials", cred_view="New credential", cred_tenants=E1A)
    app.text_input(key=f"{CREATE}.name").set_value("A name").run()
    type_into(app, f"{CREATE}.UKG", "password", CANARY)
    return app


def opened_credential(said: dict[str, object], what: str) -> AppTest:
    app = opened_by(said, "credentials", cred_open=f"{E1A} {E1A_TEST}", cred_tenants=E1A)
    return app.segmented_control(key=f"cred.what.{E1A} {E1A_TEST}").set_value(what).run()


def changed_credential(said: dict[str, object]) -> AppTest:
    app = opened_credential(said, "Change details")
    return field(app, "Display name").set_value("Another name").run()


def rotated_credential(said: dict[str, object]) -> AppTest:
    app = opened_credential(said, "Rotate secrets")
    type_into(app, f"{ROTATE}.{E1A_TEST}.UKG", "password", CANARY)
    return app


FORMS = {
    Verb.CREATE_CREDENTIALS: (new_credential, f"{CREATE}.UKG"),
    Verb.CHANGE_CREDENTIAL: (changed_credential, f"{CHANGE}.{E1A_TEST}"),
    Verb.ROTATE_SECRETS: (rotated_credential, f"{ROTATE}.{E1A_TEST}.UKG"),
}


@pytest.mark.first_is_quick
@pytest.mark.parametrize("verb", FORMS)
def test_the_form_of_who_may_not_is_disabled_and_says_why(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, verb: Verb
) -> None:
    permit(monkeypatch, {"viewers": sorted(EVERY_VERB - {verb}), "admins": [verb]})
    opened, form = FORMS[verb]
    app = opened(VIC)
    assert send_button(app, form).disabled
    assert f"Your groups do not permit “{wording.verb(verb)}”." in texts(app)
    assert not send_button(opened(ADA), form).disabled


@pytest.mark.parametrize("verb", FORMS)
def test_a_form_that_was_let_through_is_refused_kept_and_forgets_what_was_typed(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, verb: Verb
) -> None:
    opened, form = FORMS[verb]
    app = opened(ADA)
    make_read_only(monkeypatch)
    sandbox.control.clear_requests()

    app = pressed(app, form)

    assert "Not allowed here" in texts(app)
    assert send_button(app, form).disabled
    assert writes(sandbox) == []
    assert CANARY not in [one.value for one in app.text_input]
    (told,) = refusals()
    assert told.startswith(f"ada@example.com: {wording.BARS[Bar.READ_ONLY]}")
    (operation,) = bootstrap.whole_ledger().operations()
    assert operation.verb == verb


FORMER = "Change a credential"


@pytest.mark.first_is_quick
@pytest.mark.parametrize(
    ("verb", "closed"),
    [
        (Verb.CHANGE_CREDENTIAL, False),
        (Verb.ROTATE_SECRETS, False),
        (Verb.CREATE_CREDENTIALS, True),
    ],
)
def test_who_has_the_verb_of_an_earlier_version_loses_and_gains_nothing(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, verb: Verb, closed: bool
) -> None:
    permit(monkeypatch, {"admins": [FORMER], "viewers": []})
    opened, form = FORMS[verb]
    app = opened(ADA)
    assert send_button(app, form).disabled is closed
    assert "You may: Change credential details; Rotate secrets." in [
        caption.value for caption in app.sidebar.caption
    ]
    assert send_button(opened(VIC), form).disabled


def test_the_log_asks_to_name_the_verbs_of_today(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    permit(monkeypatch, {"admins": [FORMER], "viewers": ["Cancel jobs"]})
    access.warn_of_settings()
    (line,) = [each for each in caplog.messages if FORMER in each]
    assert "gives admins" in line
    assert "name change_credential_details and rotate_secrets in its place" in line


@pytest.mark.slow
def test_changing_details_and_rotating_secrets_are_recorded_as_what_they_are(
    sandbox: Sandbox,
) -> None:
    ended = {"outcome": "finished"}
    before = {verb: counted(verb=verb, **ended) for verb in CREDENTIAL_VERBS}
    sent(changed_credential(ADA), f"{CHANGE}.{E1A_TEST}")
    sent(rotated_credential(ADA), f"{ROTATE}.{E1A_TEST}.UKG")

    app = opened_by(ADA, "activity")
    assert list(app.dataframe[0].value["verb"]) == ["Rotate secrets", "Change credential details"]
    for verb in (Verb.CHANGE_CREDENTIAL, Verb.ROTATE_SECRETS):
        found = app.multiselect(key="act_verb").set_value([verb]).run().dataframe[0].value
        assert list(found["verb"]) == [wording.verb(verb)]
        assert counted(verb=verb, **ended) == before[verb] + 1


def counted(**labels: str) -> float:
    return REGISTRY.get_sample_value("dashboard_operations_total", labels) or 0


@pytest.mark.slow
def test_what_became_of_a_credential_is_not_said_by_who_may_not(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox.control.fault("create_connector_credential", "cut", when="after")
    app = sent(new_credential(ADA), f"{CREATE}.UKG")
    make_read_only(monkeypatch)
    app = button(app, "It was done")
    assert "Not allowed here" in texts(app)
    assert "? 1 Uncertain" in texts(app)
    (settling,) = [one for one in app.button if one.label == "It was done"]
    assert settling.disabled


def assigning(said: dict[str, object]) -> AppTest:
    app = opened_by(said, "connectors", con_check="true", con_tenants=E1A)
    app = select(app, (E1A, TEST))
    app.selectbox(key="con.assign.choice").set_value("Redshift Callisto · Redshift").run()
    return app.button(key="con.assign").click().run()


def deleting(said: dict[str, object]) -> AppTest:
    app = opened_by(said, "credentials", cred_open=f"{E1A} {E1A_TEST}", cred_tenants=E1A)
    app.segmented_control(key=f"cred.what.{E1A} {E1A_TEST}").set_value("Delete").run()
    for box in app.checkbox:
        if box.key == f"cred.delete.sure.{E1A} {E1A_TEST}":
            app = box.check().run()
    return app.button(key="cred.delete").click().run()


PLANS = {
    Verb.ASSIGN_CREDENTIALS: (assigning, "connectors"),
    Verb.DELETE_CREDENTIALS: (deleting, "credentials"),
}


@pytest.mark.first_is_quick
@pytest.mark.parametrize("verb", PLANS)
def test_a_plan_of_connectors_is_disabled_for_who_may_not_and_refused_all_the_same(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, verb: Verb
) -> None:
    others = sorted(EVERY_VERB - {verb})
    permit(monkeypatch, {"viewers": others, "admins": [verb]})
    opened, name = PLANS[verb]
    app = opened(VIC)
    assert apply_button(app, name).disabled
    assert f"Your groups do not permit “{wording.verb(verb)}”." in texts(app)

    app = opened(ADA)
    permit(monkeypatch, {"admins": others})
    apply_button(app, name).click().run()

    assert "Not allowed here" in texts(app)
    assert writes(sandbox) == []
    (told,) = refusals()
    assert told.startswith(f"ada@example.com: {wording.refusal(verb, None)} Nothing was sent: ")


def test_who_shares_a_credential_reads_connectors_for_themselves(sandbox: Sandbox) -> None:
    opened_by(claims("ada"), "connectors", con_tenants=E1A)
    opened_by(claims("ben"), "connectors", con_tenants=E1A)
    assert operations(sandbox).count("data_connectors") == 2
