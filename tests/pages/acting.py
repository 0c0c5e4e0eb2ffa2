"""What a person does on a page, whichever it is."""

from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Button, TextInput

from dashboard import bootstrap
from dashboard.operations.drawer import drawer
from tests.pages.conftest import operations
from tests.pages.sessions import in_session
from tests.sandboxes import Sandbox

WRITES = {"exclude_data_uploads", "include_data_uploads", "disable_dv"}


def writes(sandbox: Sandbox) -> list[str]:
    return [name for name in operations(sandbox) if name in WRITES]


def button(app: AppTest, words: str) -> AppTest:
    (found,) = [button for button in app.button if button.label.startswith(words)]
    return found.click().run()


def plan_of(app: AppTest, act: str = "up.exclude") -> AppTest:
    return app.button(key=act).click().run()


def field(app: AppTest, words: str) -> TextInput:
    (found,) = [field for field in app.text_input if field.label.startswith(words)]
    return found


def labels(app: AppTest) -> list[str]:
    return [button.label for button in app.button]


def apply_buttons(app: AppTest, name: str) -> list[Button]:
    """Return what applies the plan under review, whichever that is."""
    return [found for found in app.button if (found.key or "").startswith(f"{name}.apply.")]


def apply_button(app: AppTest, name: str) -> Button:
    (found,) = apply_buttons(app, name)
    return found


def applied(app: AppTest, name: str) -> AppTest:
    """Apply the plan under review and wait for its end."""
    apply_button(app, name).click().run()
    assert bootstrap.runner().wait(in_session(app, drawer, name).operation or "", 30)
    return app.run()


def copied_as_curl(app: AppTest) -> str:
    """Unfold the box with the requests under review; return the commands in it."""
    (box,) = [each for each in app.expander if each.label == "Copy as curl"]
    app.session_state[box.proto.id.split("-", 2)[2]] = True
    (command,) = [code.value for code in app.run().code if code.value.startswith("curl")]
    return command
