"""How a person comes to sign in, in each way that asks Visier for a token, or is signed in."""

from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from dashboard import bootstrap
from pages.sign_in.form import OAUTH, PASSWORD
from tests.faults.rows import Read, Renewal
from tests.pages.conftest import opened, page_of
from tests.pages.sign_in.signing_in import CLIENT, filled_in
from tests.sandboxes import Sandbox


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


def _not_opened(_: Sandbox) -> AppTest:
    return page_of("jobs")


def _ended(sandbox: Sandbox) -> AppTest:
    app = opened("jobs")
    sandbox.control.expire_tokens()
    # What was read is kept beyond the token it was read with.
    bootstrap.job_monitor.clear()
    return app


RENEWALS = {
    row.screen: row
    for row in (
        Renewal("security_token", "Jobs, signed in by the settings", _not_opened),
        Renewal("security_token", "Jobs, signed in before and the token ended", _ended),
    )
}
