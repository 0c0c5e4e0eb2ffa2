"""A credential that was just created does not invite a second press."""

from streamlit.testing.v1 import AppTest

from pages.credentials.creating import CREATE
from tests.pages.conftest import Open
from tests.pages.connecting import C7O, E1A
from tests.pages.credentials.filling_in import POST, new_credential, send_button, sent, type_into
from tests.pages.reading import texts
from tests.sandboxes import Sandbox

FORM = f"{CREATE}.UKG"


FIRST = ("Create in 2 tenants", "primary")
AGAIN = ("Create once more in 2 tenants", "secondary")


def offered(app: AppTest) -> tuple[str, str]:
    """Return what the button of the form says, and how it looks."""
    button = send_button(app, FORM)
    return button.label, button.proto.type


def test_what_was_created_in_two_tenants_is_not_offered_again(
    own_sandbox: Sandbox, open_page: Open
) -> None:
    app = new_credential(open_page)
    app.multiselect(key="cred_tenants.pick").set_value([E1A, C7O]).run()
    assert offered(app) == FIRST
    type_into(app, FORM, "password", "secret")
    app = sent(app, FORM)
    assert len(own_sandbox.control.requests(POST)) == 2
    assert offered(app) == AGAIN
    assert "Sent: the result is below." in texts(app)
    app.text_input(key=f"{CREATE}.name").set_value("another name").run()
    assert offered(app) == FIRST
    app.text_input(key=f"{CREATE}.name").set_value("exampleDisplayName").run()
    assert offered(app) == AGAIN
    app.button(key="credentials.close").click().run()
    assert offered(app) == FIRST


def test_what_was_refused_can_be_sent_again_at_once(own_sandbox: Sandbox, open_page: Open) -> None:
    own_sandbox.control.fault(POST, "403", value="Not here.")
    app = new_credential(open_page)
    type_into(app, FORM, "password", "secret")
    app = sent(app, FORM)
    assert "✕ 1 Failed" in texts(app)
    assert offered(app)[0] == "Create in 1 tenant"
