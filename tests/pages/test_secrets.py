"""Canaries in every secret field of every provider; looked for wherever something could be kept."""

import io
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.runtime.scriptrunner_utils.exceptions import RerunException
from streamlit.runtime.scriptrunner_utils.script_requests import RerunData
from streamlit.testing.v1 import AppTest

from dashboard import bootstrap
from dashboard.components import exports
from dashboard.operations import operation_panel
from dashboard.operations.drawer import Drawer, drawer
from pages.credentials import creating
from pages.credentials.creating import CREATE
from services.visier.providers import LIST, Parameters, Provider
from tests.pages.conftest import Open, sign_in_to
from tests.pages.connecting import E1A
from tests.pages.credentials.filling_in import (
    E1A_TEST,
    OF_EVERY_SHAPE_OR_ALL,
    POST,
    PUT,
    SAMPLE,
    answered,
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
from tests.services.visier.forms import FORMS, Form

CANARY = "canary-7d21"
PEM = f"-----BEGIN KEY-----\n{CANARY} +/=\n-----END KEY-----"


def plant(app: AppTest, form: str, provider: Provider, parameters: Parameters) -> list[str]:
    """Type a canary into every secret field; return what was typed into them."""
    if len(provider.parameters) > 1:
        app.segmented_control(key=f"{form}.way.{provider.name}").set_value(parameters.key).run()
    for group in {field.group for field in parameters.fields if LIST in field.name}:
        app.number_input(key=f"{form}.length.{group}").set_value(1).run()
    secret = {
        field.name: f"{PEM if field.multiline else CANARY}-{field.name}"
        for field in parameters.fields
        if field.secret
    }
    for field in parameters.fields:
        if not field.choices:
            type_into(app, form, field.name, secret.get(field.name, "harmless"))
    return list(secret.values())


def held_by(app: AppTest) -> str:
    """Return everything the server holds for this session, and everything it has drawn."""
    state = app._session_state._state
    kept = [*state._new_session_state.items(), *state._old_state.items()]
    widgets = list(state._new_widget_state.states.items())
    fields = [*app.text_input, *app.text_area]
    shown = [(field.key, field.value, field.proto) for field in fields]
    return f"{kept} {widgets} {shown} {app._tree} {texts(app)} {app.query_params}"


def written_down(folder: Path) -> bytes:
    """Return the ledger's files as they are on the disk, and what Activity exports of them."""
    exported = io.BytesIO()
    ledger = bootstrap.whole_ledger()
    for operation in ledger.operations():
        for write in (exports.to_csv, exports.to_json):
            exported.write(write(ledger.item_frame(operation.id)))
    files = b"".join(path.read_bytes() for path in folder.glob("ledger.sqlite3*"))
    assert b"ultimateAuthParams" in files
    return files + exported.getvalue()


def looked_through(app: AppTest, folder: Path, log: str) -> None:
    assert CANARY not in held_by(app)
    assert CANARY.encode() not in written_down(folder)
    assert CANARY not in log


def test_the_search_finds_what_an_ordinary_field_keeps(sandbox: Sandbox, open_page: Open) -> None:
    app = new_credential(open_page)
    assert CANARY not in held_by(app)
    app.text_input(key=f"{CREATE}.name").set_value(CANARY).run()
    assert CANARY in held_by(app)


@pytest.fixture
def roomy(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """A sandbox that allows as many calls as this takes."""
    with running_sandbox(tenants=6, rate_limit=100_000) as sandbox:
        sign_in_to(sandbox, monkeypatch)
        yield sandbox


@OF_EVERY_SHAPE_OR_ALL
def test_no_secret_of_any_provider_is_left_anywhere(
    roomy: Sandbox,
    open_page: Open,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    forms: list[Form],
) -> None:
    caplog.set_level(logging.DEBUG)
    app = new_credential(open_page)
    planted = 0
    for number, (provider, parameters) in enumerate(forms):
        form = f"{CREATE}.{provider.name}"
        app = choose(app, provider.name)
        typed = plant(app, form, provider, parameters)
        planted += len(typed)
        if number % 3 == 1:
            roomy.control.fault(POST, "400", value=f"I was sent {' and '.join(typed)}.")
        if number % 3 == 2:
            roomy.control.fault(POST, "cut", when="after")
        app = sent(app, form)
        assert CANARY not in held_by(app), provider.name
    arrived = str([request["body"] for request in roomy.control.requests(POST)])
    assert arrived.count(CANARY) == planted > len(forms)
    looked_through(app, tmp_path, caplog.text)


PATHS: dict[str, dict[str, str]] = {
    "success": {},
    "refused": {"fault": "400", "value": f"The password {CANARY}-password is wrong."},
    "unclear": {"fault": "504", "when": "after"},
    "garbled": {"fault": "malformed"},
    "lost": {"fault": "cut", "when": "before"},
}


@pytest.mark.first_is_quick
@pytest.mark.parametrize("case", [(verb, path) for verb in (POST, PUT) for path in PATHS])
def test_no_secret_is_left_however_it_ends(
    sandbox: Sandbox,
    open_page: Open,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    case: tuple[str, str],
) -> None:
    operation, path = case
    caplog.set_level(logging.DEBUG)
    sandbox.control.reset()
    app, form = opened(open_page, operation)
    provider, parameters = next(each for each in FORMS if each[0].name == "UKG")
    plant(app, form, provider, parameters)
    if PATHS[path]:
        sandbox.control.fault(operation, **PATHS[path])
    app = sent(app, form)
    assert CANARY in str(sandbox.control.requests(operation))
    looked_through(app, tmp_path, caplog.text)
    activity = open_page("activity", act_op=in_session(app, drawer, "credentials").operation)
    assert "Request" in texts(activity)
    assert CANARY not in held_by(activity) + str([code.value for code in activity.code])
    assert "•••" in str([code.value for code in activity.code])


def opened(open_page: Open, operation: str) -> tuple[AppTest, str]:
    if operation == POST:
        return new_credential(open_page), f"{CREATE}.UKG"
    app = open_one(open_page, E1A, E1A_TEST, "Rotate secrets")
    return app, f"credential.rotate.{E1A_TEST}.UKG"


def _crash(*_args: object, **_named: object) -> None:
    raise RuntimeError("a defect")


@pytest.mark.parametrize("where", ["submit", "creation"])
def test_no_secret_is_left_when_the_dashboard_itself_fails(
    sandbox: Sandbox,
    open_page: Open,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    where: str,
) -> None:
    caplog.set_level(logging.DEBUG)
    app = new_credential(open_page)
    provider, parameters = next(each for each in FORMS if each[0].name == "UKG")
    plant(app, f"{CREATE}.UKG", provider, parameters)
    monkeypatch.setattr(creating, where, _crash)
    monkeypatch.setattr(operation_panel, "WRITTEN_WITHIN", 0)
    app = pressed(app, f"{CREATE}.UKG")
    assert app.exception
    assert CANARY not in held_by(app) + str([each.proto for each in app.exception])
    assert CANARY not in caplog.text
    assert CANARY not in held_by(app.run())


@pytest.mark.first_is_quick
@pytest.mark.parametrize("ending", ["", "}}", "}"])
def test_no_secret_of_the_json_editor_is_left(
    sandbox: Sandbox, open_page: Open, caplog: pytest.LogCaptureFixture, ending: str
) -> None:
    caplog.set_level(logging.DEBUG)
    app = choose(new_credential(open_page), "SmartRecruiters")
    json_field(app).set_value(f'{{"anyAuthParams": {{"pin": "{CANARY}"{ending}')
    app = sent(app, f"{CREATE}.SmartRecruiters")
    assert bool(sandbox.control.requests(POST)) == (ending == "}}")
    assert CANARY not in held_by(app)
    assert CANARY not in caplog.text
    events = [
        event
        for operation in bootstrap.whole_ledger().operations()
        for event in bootstrap.whole_ledger().events(operation.id)
    ]
    assert CANARY not in repr(events)


def test_secrets_are_typed_into_fields_that_hide_them_and_begin_empty(
    sandbox: Sandbox, open_page: Open
) -> None:
    app = new_credential(open_page, "Workday")
    app.number_input(key=f"{CREATE}.Workday.length.additionalHeaderParams[]").set_value(1).run()
    _, parameters = next(each for each in FORMS if each[0].name == "Workday")
    hidden = [one for one in app.text_input if one.proto.type == one.proto.PASSWORD]
    lines = [area for area in app.text_area if (area.key or "").startswith("secret.")]
    secret = [field for field in parameters.fields if field.secret]
    assert len(hidden) == sum(not field.multiline for field in secret)
    assert len(lines) == sum(field.multiline for field in secret)
    assert {one.value for one in (*hidden, *lines)} == {""}
    assert {one.proto.autocomplete for one in hidden} == {"new-password"}


def test_a_second_click_in_the_middle_of_the_first_loses_no_secret(
    sandbox: Sandbox, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox.control.clear_requests()
    app = new_credential(open_page)
    form = f"{CREATE}.UKG"
    for name, text in SAMPLE["dataProviderAuthParams"]["ultimateAuthParams"].items():
        type_into(app, form, name, text)
    send_button(app, form).click()
    second = RerunData(widget_states=app._tree.get_widget_states())
    first_discards = iter([True])
    discard = Drawer.discard

    def interrupted(drawer: Drawer) -> None:
        # Where it next touches the session, Streamlit ends the first run for the second click.
        if next(first_discards, False):
            raise RerunException(second)
        discard(drawer)

    monkeypatch.setattr(Drawer, "discard", interrupted)
    answered(app.run())
    (request,) = sandbox.control.requests(POST)
    assert request["body"]["dataProviderAuthParams"] == SAMPLE["dataProviderAuthParams"]
    assert "password1234" not in held_by(app)
