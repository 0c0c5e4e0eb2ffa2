"""How a person comes to sign in, in each way that asks Visier for a token."""

from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from dashboard.ui.sign_in_form import OAUTH, PASSWORD
from tests.faults.rows import Read
from tests.pages.conftest import opened
from tests.pages.test_sign_in import CLIENT, filled_in


def _form(method: str, **values: str) -> Callable[[], AppTest]:
    def open_form() -> AppTest:
        app = opened("jobs")
        app.segmented_control(key="sign_in.method").set_value(method).run()
        return filled_in(app, **values)

    return open_form


SIGN_INS = {
    row.operation: row
    for row in (
        Read("security_token", "Sign in, user name and password", _form(PASSWORD), "", ""),
        Read(
            "oauth_token",
            "Sign in, OAuth 2.0",
            _form(OAUTH, **CLIENT),
            "access_token",
            "expires_in",
        ),
    )
}
