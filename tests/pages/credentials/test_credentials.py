"""Creating, changing, finding and deleting credentials on their screen."""

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import bootstrap
from dashboard.components import forms
from dashboard.operations.drawer import drawer
from pages.credentials.creating import CREATE
from services.visier.providers import Parameters, Provider
from tests.pages.acting import applied, apply_button, button, field, labels
from tests.pages.conftest import Open, operations, sign_in_to
from tests.pages.connecting import C7O, E1A, E1A_UKG
from tests.pages.credentials.filling_in import (
    DELETE,
    E1A_TEST,
    OF_EVERY_SHAPE_OR_ALL,
    POST,
    PUT,
    SAMPLE,
    choose,
    json_field,
    new_credential,
    open_one,
    pressed,
    send_button,
    sent,
    type_into,
)
from tests.pages.reading import texts
from tests.pages.sessions import in_session
from tests.sandboxes import Sandbox, running_sandbox
from tests.services.visier.forms import Form, full, typed_form

INHERITED = "bf27d5f8-e780-436f-b2dc-990ea52c91d3"


@pytest.fixture
def fresh(sandbox: Sandbox) -> Sandbox:
    sandbox.control.reset()
    sandbox.control.clear_requests()
    return sandbox


def fill_in(app: AppTest, form: str, provider: Provider, parameters: Parameters) -> None:
    """Fill in every field of a provider's form, two entries in every list."""
    if len(provider.parameters) > 1:
        app.segmented_control(key=f"{form}.way.{provider.name}").set_value(parameters.key).run()
    plain, rows = typed_form(parameters)
    for group, entries in rows.items():
        app.number_input(key=f"{form}.length.{group}").set_value(len(entries)).run()
        for number, entry in enumerate(entries):
            for name, text in entry.items():
                type_into(app, form, name, text, number)
    for name, text in plain.items():
        type_into(app, form, name, text)


@pytest.mark.first_is_quick
@OF_EVERY_SHAPE_OR_ALL
@pytest.mark.parametrize("encoding", ["samples", "openapi"])
def test_what_is_typed_into_any_providers_form_arrives_as_it_was_typed(
    open_page: Open, monkeypatch: pytest.MonkeyPatch, encoding: str, forms: list[Form]
) -> None:
    monkeypatch.setenv("VISIER_BODY_ENCODING", encoding)
    # More calls than the hundred a minute that are assumed where nothing is told.
    with running_sandbox(tenants=6, rate_limit=100_000) as sandbox:
        sign_in_to(sandbox, monkeypatch)
        app = new_credential(open_page)
        for provider, parameters in forms:
            form = f"{CREATE}.{provider.name}"
            app = choose(app, provider.name)
            fill_in(app, form, provider, parameters)
            app = sent(app, form)
            assert "✓ 1 Succeeded" in texts(app), provider.name
            (request,) = sandbox.control.requests(POST)
            assert request["body"]["dataProviderAuthParams"] == full(provider, parameters)
            assert request["encoding"] == {"samples": "form-model", "openapi": "json"}[encoding]
            sandbox.control.clear_requests()


def ukg_form(open_page: Open, *tenants: str) -> AppTest:
    """Fill in the form as the code sample does."""
    app = new_credential(open_page)
    app.text_input(key=f"{CREATE}.description").set_value("exampleDescription").run()
    if tenants:
        app.multiselect(key="cred_tenants.pick").set_value(list(tenants)).run()
    for name, text in SAMPLE["dataProviderAuthParams"]["ultimateAuthParams"].items():
        type_into(app, f"{CREATE}.UKG", name, text)
    return app


def test_a_credential_is_created_as_in_the_sample_and_listed(
    fresh: Sandbox, open_page: Open
) -> None:
    app = sent(ukg_form(open_page, E1A, C7O), f"{CREATE}.UKG")
    assert "✓ 2 Succeeded" in texts(app)
    requests = fresh.control.requests(POST)
    assert [request["query"]["tenantCode"] for request in requests] == [E1A, C7O]
    expected = SAMPLE | {"dataProviderMetadata": {"canChildrenInherit": False}}
    assert all(request["body"] == expected for request in requests)
    app.segmented_control(key="cred_view").set_value("Credentials").run()
    listed = app.dataframe[0].value
    assert list(listed["display_name"]).count("exampleDisplayName") == 2


def test_a_new_credential_leads_to_the_connectors_it_can_be_assigned_to(
    fresh: Sandbox, open_page: Open
) -> None:
    app = sent(ukg_form(open_page, E1A, C7O), f"{CREATE}.UKG")
    app = button(app, "Assign it in 2 tenants")
    assert app.title[0].value == "Connectors"
    assert app.multiselect(key="con_tenants.pick").value == [E1A, C7O]
    assert app.toggle(key="con_check").value


def test_impatient_hands_create_a_credential_once(
    fresh: Sandbox, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forms, "IMPATIENCE_SECONDS", 600)
    app, form = ukg_form(open_page), f"{CREATE}.UKG"
    # The second press reaches the form that has come after the first: what is no secret is in it.
    app = sent(pressed(app, form), form)
    assert "✓ 1 Succeeded" in texts(app)
    assert len(fresh.control.requests(POST)) == 1


def test_a_new_form_that_was_filled_in_is_sent_however_quickly(
    fresh: Sandbox, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forms, "IMPATIENCE_SECONDS", 600)
    form = f"{CREATE}.UKG"
    app = sent(ukg_form(open_page), form)
    type_into(app, form, "password", "another")
    app = sent(app, form)
    assert "✓ 1 Succeeded" in texts(app)
    assert len(fresh.control.requests(POST)) == 2


def test_nothing_can_be_sent_before_it_has_a_name_and_a_tenant(
    sandbox: Sandbox, open_page: Open
) -> None:
    app = open_page("credentials", cred_view="New credential", cred_tenants=E1A)
    assert send_button(app, f"{CREATE}.UKG").disabled
    app.text_input(key=f"{CREATE}.name").set_value("Name").run()
    assert not send_button(app, f"{CREATE}.UKG").disabled
    app.multiselect(key="cred_tenants.pick").set_value([]).run()
    assert send_button(app, f"{CREATE}.UKG").disabled


def test_what_it_cannot_read_is_a_warning_with_subject_and_attributes(
    fresh: Sandbox, open_page: Open
) -> None:
    app = new_credential(open_page)
    type_into(app, f"{CREATE}.UKG", "username", "limited user")
    app = sent(app, f"{CREATE}.UKG")
    assert "The credential works, but Visier cannot read these" in app.warning[0].value
    missing = next(each.value for each in app.dataframe if "subject" in each.value)
    assert missing["subject"].iloc[0] == "Compensation_Payout"
    assert missing["attributes"].iloc[0] == "baseSalary, bonus"


def test_a_refused_credential_keeps_what_is_no_secret(fresh: Sandbox, open_page: Open) -> None:
    app = new_credential(open_page)
    type_into(app, f"{CREATE}.UKG", "username", "ann")
    type_into(app, f"{CREATE}.UKG", "password", "wrong")
    app = sent(app, f"{CREATE}.UKG")
    assert "✕ 1 Failed" in texts(app)
    values = {one.label: one.value for one in app.text_input}
    assert (values["User name"], values["Password"]) == ("ann", "")


def test_an_empty_form_and_a_mask_are_not_sent(fresh: Sandbox, open_page: Open) -> None:
    app = pressed(new_credential(open_page), f"{CREATE}.UKG")
    assert "Fill in at least one parameter." in texts(app)
    type_into(app, f"{CREATE}.UKG", "password", "********")
    app = pressed(app, f"{CREATE}.UKG")
    assert "password contains a mask" in texts(app)
    assert fresh.control.requests(POST) == []


def test_inferred_parameters_say_so(sandbox: Sandbox, open_page: Open) -> None:
    app = new_credential(open_page, "UKGV2")
    assert "no object of its own" in app.info[0].value
    options = app.selectbox(key=f"{CREATE}.provider").options
    assert options[:2] == ["UKG Pro", "UKG Dimensions"]
    assert "Workday WQL · parameters inferred" in options
    assert "SmartRecruiters · as JSON only" in options


def test_a_provider_without_a_form_is_written_as_json(fresh: Sandbox, open_page: Open) -> None:
    app = new_credential(open_page, "SmartRecruiters")
    form = f"{CREATE}.SmartRecruiters"
    json_field(app).set_value('{"smartAuthParams": {"key": "abc"')
    app = pressed(app, form)
    assert "Invalid JSON at line 1, column" in texts(app)
    assert fresh.control.requests(POST) == []
    json_field(app).set_value('{"smartAuthParams": {"key": "abc"}}')
    app = sent(app, form)
    (request,) = fresh.control.requests(POST)
    assert request["body"]["dataProviderAuthParams"] == {
        "provider": "SmartRecruiters",
        "smartAuthParams": {"key": "abc"},
    }


@pytest.mark.parametrize("when", ["before", "after"])
def test_an_unclear_creation_shows_its_candidates_and_is_not_sent_again(
    fresh: Sandbox, open_page: Open, when: str
) -> None:
    fresh.control.fault(POST, "cut", when=when)
    app = sent(ukg_form(open_page), f"{CREATE}.UKG")
    assert "? 1 Uncertain" in texts(app)
    app = button(app, "Look for new credentials")
    if when == "after":
        found = next(each.value for each in app.dataframe if "data_provider" in each.value)
        assert list(found["display_name"]) == ["exampleDisplayName"]
    else:
        assert "No new credential is listed" in texts(app)
    app = button(app, "It was done" if when == "after" else "It was not")
    assert "1 Succeeded" in texts(app) if when == "after" else "1 Failed" in texts(app)
    assert len(fresh.control.requests(POST)) == 1


def test_what_tenants_inherit_of_sql_tables_is_chosen_in_both_forms(
    fresh: Sandbox, open_page: Open
) -> None:
    app = ukg_form(open_page, E1A)
    app.selectbox(key="credential.new.tables").select_index(3)
    sent(app, f"{CREATE}.UKG")
    (request,) = fresh.control.requests(POST)
    assert request["body"]["dataProviderMetadata"] == {
        "canChildrenInherit": False,
        "sqlTableInheritanceMode": "SQL_TABLE_INHERITANCE_MODE_FILTERED_DATA",
    }
    app = open_one(open_page, E1A, E1A_TEST, "Change details")
    app.selectbox(key=f"credential.change.{E1A_TEST}.tables").select_index(1).run()
    sent(app, f"credential.change.{E1A_TEST}")
    (request,) = fresh.control.requests(PUT)
    assert request["body"] == {"sqlTableInheritanceMode": "SQL_TABLE_INHERITANCE_MODE_NONE"}


def test_only_what_changes_of_a_credential_is_sent(fresh: Sandbox, open_page: Open) -> None:
    app = open_one(open_page, E1A, E1A_TEST, "Change details")
    assert send_button(app, f"credential.change.{E1A_TEST}").disabled
    field(app, "Display name").set_value("A new name").run()
    app = sent(app, f"credential.change.{E1A_TEST}")
    assert "✓ 1 Succeeded" in texts(app)
    (request,) = fresh.control.requests(PUT)
    assert request["body"] == {"displayName": "A new name"}
    assert "A new name" in set(app.dataframe[0].value["display_name"])


def test_impatient_hands_change_a_credential_once(
    fresh: Sandbox, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forms, "IMPATIENCE_SECONDS", 600)
    form = f"credential.change.{E1A_TEST}"
    app = open_one(open_page, E1A, E1A_TEST, "Change details")
    field(app, "New description").set_value("A new description").run()
    app = sent(pressed(app, form), form)
    assert "✓ 1 Succeeded" in texts(app)
    assert len(fresh.control.requests(PUT)) == 1


def test_secrets_are_rotated_as_a_whole_and_only_of_the_same_provider(
    fresh: Sandbox, open_page: Open
) -> None:
    app = open_one(open_page, E1A, E1A_TEST, "Rotate secrets")
    assert not [box for box in app.selectbox if box.label == "Provider"]
    form = f"credential.rotate.{E1A_TEST}.UKG"
    type_into(app, form, "username", "ann")
    type_into(app, form, "password", "a new one")
    app = sent(app, form)
    assert "✓ 1 Succeeded" in texts(app)
    after = operations(fresh)[operations(fresh).index(PUT) :]
    assert "data_connector_credentials" in after, "what the tenant has is read anew"
    (request,) = fresh.control.requests(PUT)
    assert request["body"] == {
        "dataProviderAuthParams": {
            "provider": "UKG",
            "ultimateAuthParams": {"username": "ann", "password": "a new one"},
        }
    }


def test_a_credential_in_use_is_not_deleted_silently(fresh: Sandbox, open_page: Open) -> None:
    app = open_one(open_page, E1A, E1A_TEST, "Delete", C7O)
    assert "Used by 1 connector in 1 tenant, among 2 selected tenants." in texts(app)
    assert app.button(key="cred.delete").disabled
    assert app.button(key="cred.reassign").disabled
    other = app.selectbox(key=f"cred.other.{E1A} {E1A_TEST}")
    assert other.options[0] == "UKG Callisto 2019 · UKG"
    other.select_index(0).run()
    app = button(app, "Assign to 1 connector…")
    assert "1 item will change" in texts(app)
    app = applied(app, "credentials")
    assert "Used by 0 connectors" in texts(app)
    app = applied(app.button(key="cred.delete").click().run(), "credentials")
    assert "✓ 1 Succeeded" in texts(app)
    assert E1A_TEST not in set(app.dataframe[0].value["credential_id"])
    assert "cred_open" not in app.query_params
    names = [name for name in operations(fresh) if "connector_credential" in name]
    assert names.count(DELETE) == 1


def test_another_tab_is_told_though_the_one_that_assigned_was_closed_at_once(
    fresh: Sandbox, open_page: Open
) -> None:
    app = open_one(open_page, E1A, E1A_TEST, "Delete", C7O)
    app.selectbox(key=f"cred.other.{E1A} {E1A_TEST}").select_index(0).run()
    app = button(app, "Assign to 1 connector…")
    apply_button(app, "credentials").click().run()
    assert bootstrap.runner().wait(in_session(app, drawer, "credentials").operation or "", 30)
    # Nothing more is run in the first tab.
    other = open_one(open_page, E1A, E1A_TEST, "Delete", C7O)
    assert "Used by 0 connectors" in texts(other)


def test_it_can_be_deleted_all_the_same_and_says_what_that_does(
    fresh: Sandbox, open_page: Open
) -> None:
    app = open_one(open_page, E1A, E1A_UKG, "Delete")
    app.checkbox(key=f"cred.delete.sure.{E1A} {E1A_UKG}").check().run()
    app = app.button(key="cred.delete").click().run()
    warnings = "".join(warning.value for warning in app.warning)
    assert "their next extraction fails" in warnings
    app = applied(app, "credentials")
    assert "✓ 1 Succeeded" in texts(app)
    assert "Undo" not in labels(app)


def test_an_inherited_credential_says_where_it_comes_from(fresh: Sandbox, open_page: Open) -> None:
    app = open_page("credentials", cred_tenants=C7O, cred_open=f"{C7O} {INHERITED}")
    assert "Inherited from a parent tenant, usually WFF_j1r" in texts(app)
    assert app.segmented_control(key=f"cred.what.{C7O} {INHERITED}").options == ["Where it is used"]
    app = button(app, "Read WFF_j1r too")
    assert "Inherited from WFF_j1r. Change or delete it there." in texts(app)


def test_where_credentials_are_used_is_told_for_all_in_view(
    fresh: Sandbox, open_page: Open
) -> None:
    app = open_page("credentials", cred_tenants=C7O, cred_view="Where used")
    used = app.dataframe[0].value.set_index("display_name")
    assert used.loc["UKG Callisto", "connector_name"] == "UKG Callisto"
    assert used.loc["UKG Callisto", C7O] == "●"
    assert used.loc["AWS S3 Jupiter", C7O] == ""
    assert used.loc["AWS S3 Jupiter", "tenants"] == 0
    assert "not used by any connector of the selected tenants" in texts(app)


def test_what_is_no_secret_is_trimmed_and_an_odd_secret_is_sent_as_typed_and_remarked(
    fresh: Sandbox, open_page: Open
) -> None:
    app = ukg_form(open_page)
    app.text_input(key=f"{CREATE}.name").set_value("\ufeff exampleDisplayName\u00a0").run()
    type_into(app, f"{CREATE}.UKG", "username", " acc-1\u00a0\u200b")
    type_into(app, f"{CREATE}.UKG", "password", "pass word ")
    app = sent(app, f"{CREATE}.UKG")
    (request,) = fresh.control.requests(POST)
    basics = request["body"]["dataProviderBasicInformation"]
    assert basics["displayName"] == "exampleDisplayName"
    params = request["body"]["dataProviderAuthParams"]["ultimateAuthParams"]
    assert params["username"] == "acc-1"
    # It stays, also when the page is drawn anew at once.
    (told,) = [info.value for info in app.run().info if "sent as typed" in info.value]
    assert told == (
        "Password begins or ends with a space or a sign that nobody sees: sent as typed."
    )
