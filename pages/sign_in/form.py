"""The form for credentials of Visier: a vanity name, an API key, and one of three ways."""

import streamlit as st

from dashboard import access, bootstrap, connections, session
from dashboard.components import errors
from dashboard.connection import Connection
from dashboard.connection_settings import ConnectionSettings
from dashboard.shell import token_renewal
from services import visier
from services.typed_text import clean, remark

PASSWORD, TOKEN, OAUTH = "User name and password", "Security token", "OAuth 2.0"
USERNAME, PASSWORD_FIELD, TOKEN_FIELD = "User name", "Password", "Security token"
CLIENT_ID, CLIENT_SECRET = "Client id", "Client secret"
FIELDS = {
    PASSWORD: (USERNAME, PASSWORD_FIELD),
    TOKEN: (TOKEN_FIELD,),
    OAUTH: (CLIENT_ID, CLIENT_SECRET, USERNAME, PASSWORD_FIELD),
}

CHECK_WHEN_REFUSED = {
    PASSWORD: "Check the user name and password, and that this user may use the API.",
    TOKEN: token_renewal.CHECK_WHEN_REFUSED,
    OAUTH: "Check the client id and secret, the user name and the password.",
}


def draw() -> Connection | None:
    """Draw the form; return a connection that is signed in once it was sent and accepted."""
    method = st.segmented_control(
        "Sign in with",
        (PASSWORD, TOKEN, OAUTH),
        default=PASSWORD,
        required=True,
        key="sign_in.method",
    )
    method = method or PASSWORD
    with errors.sign_in_boundary(CHECK_WHEN_REFUSED[method]):
        with st.form("sign_in.form"):
            made = _form(method)
        if made is not None:
            with st.spinner("Signing in…"):
                made.client.sign_in()
            return made.of(access.person())
    return None


def _form(method: str) -> Connection | None:
    """Draw the fields; return a connection to try when the form was sent with all of them."""
    configured = bootstrap.configured(session.open_name())
    # One of several is what its settings say: another tenant would be shown under its name.
    is_fixed = bool(connections.several())
    vanity = (configured.vanity or "") if is_fixed else _vanity_name(configured)
    api_key = _api_key(configured if is_fixed else None)
    given = {label: _field(label) for label in FIELDS[method]}
    target = configured.target_tenant_id if is_fixed else _target_tenant()
    if not st.form_submit_button("Sign in", type="primary", icon=":material/login:"):
        return None
    required = {"API key": api_key, **given}
    if not configured.host:
        required = {"Vanity name": vanity, **required}
    missing = [label for label, value in required.items() if not value]
    if missing:
        st.error(f"Fill in: {', '.join(missing)}.")
        return None
    for label, value in required.items():
        if label not in (USERNAME, CLIENT_ID) and (odd := remark(value)):
            st.caption(f":material/warning: {label} {odd}: sent as typed.")
    if vanity:
        visier.base_url(vanity)  # Refuses what cannot be a vanity name, also beside a given host.
    return bootstrap.connect(
        configured.host or visier.base_url(vanity),
        _credentials(method, api_key, given, vanity),
        user=given.get(USERNAME) or bootstrap.owner_of(given[TOKEN_FIELD]),
        target_tenant=target,
        name=session.open_name(),
    )


def _vanity_name(configured: ConnectionSettings) -> str:
    return clean(
        st.text_input(
            "Vanity name",
            configured.vanity or "",
            key=_key("vanity"),
            help="The first part of your Visier address: jupiter in https://jupiter.api.visier.io.",
        )
    )


def _api_key(configured: ConnectionSettings | None) -> str:
    if configured and configured.apikey:
        return configured.apikey.get_secret_value()
    return st.text_input("API key", type="password", key=_key("api_key"), autocomplete="off")


def _target_tenant() -> str | None:
    typed = st.text_input(
        "Target tenant (optional)",
        key=_key("target"),
        help="The tenant to sign in to, if not the administrating tenant.",
    )
    return clean(typed) or None


def _key(name: str) -> str:
    """Return the key of a field: another one after each sign-out.

    What was typed stands in the browser as long as the field does, and the form that was sent may
    still be drawn when somebody signs out.
    """
    times = session.own(session.SignIn).times_left
    return f"sign_in.{name}.{times}" if times else f"sign_in.{name}"


def _field(label: str) -> str:
    is_secret = label not in (USERNAME, CLIENT_ID)
    typed = st.text_input(
        label,
        type="password" if is_secret else "default",
        key=_key(label),
        autocomplete="off",
    )
    return typed if is_secret else clean(typed)


def _credentials(
    method: str, api_key: str, given: dict[str, str], vanity: str
) -> visier.Credentials:
    if method == TOKEN:
        return visier.SecurityToken(api_key, given[TOKEN_FIELD])
    username, password = given[USERNAME], given[PASSWORD_FIELD]
    if method == OAUTH:
        return visier.OAuth(api_key, given[CLIENT_ID], given[CLIENT_SECRET], username, password)
    return visier.Password(api_key, username, password, vanity)
