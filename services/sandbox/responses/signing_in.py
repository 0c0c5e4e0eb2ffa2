"""The two sign-ins: security token and OAuth 2.0."""

from __future__ import annotations

import base64
import binascii
from urllib.parse import unquote

from services.sandbox.call import Call, PlainText
from services.sandbox.config import CLIENT_ID, CLIENT_SECRET, PASSWORD, USERNAME, VANITY_NAME
from services.sandbox.errors import bad_request, not_found, signed_out
from services.sandbox.tokens import LIFETIME

WRONG_PASSWORD = "The user name or password is incorrect."  # noqa: S105 - a sentence


def security_token(call: Call) -> PlainText:
    """Return a security token as plain text; raise 401 for a wrong password.

    An unknown vanity name raises 404; it is read from the form and the query in any letter case.
    Authentication API, POST /v1/admin/visierSecureToken.
    """
    # Visier's own clients send vanityName in the form, one of its samples vanityname in the query.
    fields = {name.lower(): value for name, value in {**call.query, **call.form}.items()}
    vanity_name = fields.get("vanityname")
    if vanity_name and vanity_name.lower() != VANITY_NAME:
        raise not_found(f"The vanity name {vanity_name} does not exist.")
    _check_account(fields.get("username"), fields.get("password"))
    return PlainText(call.tokens.issue(call.world.clock.now()))


def oauth_token(call: Call) -> dict[str, object]:
    """Return access and refresh tokens for a password or a refresh token; raise 401 or 400.

    Authentication API, POST /v1/auth/oauth2/token.
    """
    _check_client(call)
    grant = call.form.get("grant_type")
    if grant == "password":
        _check_account(call.form.get("username"), call.form.get("password"))
    elif grant == "refresh_token":
        if not call.tokens.refreshable(call.form.get("refresh_token", "")):
            raise signed_out("The refresh token is not valid.")
    else:
        raise bad_request(f"The grant type {grant} is not supported.")
    return {
        "access_token": call.tokens.issue(call.world.clock.now()),
        "refresh_token": call.tokens.issue_refresh(),
        "id_token": "",
        "token_type": "Bearer",
        "expires_in": LIFETIME,
    }


def _check_account(username: str | None, password: str | None) -> None:
    if (username, password) != (USERNAME, PASSWORD):
        raise signed_out(WRONG_PASSWORD)


def _check_client(call: Call) -> None:
    """Check the client by HTTP Basic with a URL-quoted secret, or by fields of the form."""
    scheme, _, value = call.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        client_id, _, secret = _decode(value).partition(":")
    else:
        client_id, secret = call.form.get("client_id", ""), call.form.get("client_secret", "")
    if (client_id, unquote(secret)) != (CLIENT_ID, CLIENT_SECRET):
        raise signed_out("The client id or client secret is incorrect.")


def _decode(value: str) -> str:
    try:
        return base64.b64decode(value).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise signed_out("The client could not be read.") from error
