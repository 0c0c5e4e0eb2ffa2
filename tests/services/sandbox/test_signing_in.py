from typing import Any

import pytest
import requests

from tests.sandboxes import Sandbox, ask
from tests.services.sandbox.api import Api

GOOD = {"username": "sandbox@example.com", "password": "sandbox"}
CLIENT = {"client_id": "sandbox-client", "client_secret": "sandbox-secret"}
OAUTH = "/v1/auth/oauth2/token"


def sign_in(sandbox: Sandbox, form: dict[str, str], **query: str) -> requests.Response:
    url = f"{sandbox.url}/v1/admin/visierSecureToken"
    return ask("POST", url, data=form, params=query)


def grant(sandbox: Sandbox, form: dict[str, str], **options: Any) -> requests.Response:
    return ask("POST", sandbox.url + OAUTH, data=form, **options)


@pytest.mark.parametrize("form", [{}, {"vanityName": "sandbox"}, {"VANITYNAME": "Sandbox"}])
def test_a_security_token_is_plain_text_and_needs_no_key(api: Api, form: dict[str, str]) -> None:
    answer = sign_in(api.sandbox, {**GOOD, **form})
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert answer.text.strip() == answer.text
    api.headers["Cookie"] = f"VisierASIDToken={answer.text}"
    api.get("/v1/op/data/categories")


def test_the_vanity_name_may_be_in_the_query(api: Api) -> None:
    assert sign_in(api.sandbox, GOOD, vanityname="sandbox").status_code == 200
    assert sign_in(api.sandbox, GOOD, vanityname="nowhere").status_code == 404


def test_an_unknown_vanity_name_is_named(api: Api) -> None:
    answer = sign_in(api.sandbox, {**GOOD, "vanityName": "nowhere"})
    assert answer.status_code == 404
    assert "nowhere" in answer.json()["localizedMessage"]


@pytest.mark.parametrize("form", [{**GOOD, "password": "wrong"}, {"username": "x"}, {}])
def test_a_wrong_password_is_refused(api: Api, form: dict[str, str]) -> None:
    answer = sign_in(api.sandbox, form)
    assert answer.status_code == 401
    assert answer.json()["code"] == "UNAUTHENTICATED"


@pytest.mark.parametrize("basic", [True, False])
def test_a_password_grant_with_either_way_to_name_the_client(api: Api, basic: bool) -> None:
    form = {"grant_type": "password", "scope": "read write", **GOOD}
    if basic:
        answer = grant(api.sandbox, form, auth=tuple(CLIENT.values()))
    else:
        answer = grant(api.sandbox, {**form, **CLIENT})
    token = answer.json()
    assert (token["token_type"], token["expires_in"]) == ("Bearer", 3600)
    del api.headers["Cookie"]
    api.headers["Authorization"] = f"Bearer {token['access_token']}"
    api.get("/v1/op/data/categories")


def test_a_refresh_token_outlives_the_access_token(api: Api) -> None:
    token = grant(api.sandbox, {"grant_type": "password", **GOOD, **CLIENT}).json()
    api.sandbox.control.advance(4_000)
    form = {"grant_type": "refresh_token", "refresh_token": token["refresh_token"], **CLIENT}
    fresh = grant(api.sandbox, form).json()
    assert fresh["access_token"] != token["access_token"]
    api.headers = {"apikey": "sandbox-key", "Authorization": f"Bearer {fresh['access_token']}"}
    api.get("/v1/op/data/categories")


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"grant_type": "password", **GOOD}, 401),
        ({"grant_type": "password", **GOOD, **CLIENT, "client_secret": "wrong"}, 401),
        ({"grant_type": "password", **GOOD, **CLIENT, "password": "wrong"}, 401),
        ({"grant_type": "refresh_token", "refresh_token": "wrong", **CLIENT}, 401),
        ({"grant_type": "authorization_code", "code": "x", **CLIENT}, 400),
        ({**CLIENT}, 400),
    ],
)
def test_other_grants_are_refused(api: Api, form: dict[str, str], status: int) -> None:
    answer = grant(api.sandbox, form)
    assert answer.status_code == status
    assert answer.json()["localizedMessage"]


def test_a_basic_header_that_cannot_be_read_is_refused(api: Api) -> None:
    answer = grant(api.sandbox, {}, headers={"Authorization": "Basic ???"})
    assert answer.status_code == 401
