from typing import Any

import pytest

from tests import official_sdk as v
from tests.sandboxes import Sandbox
from tests.sdk.calls import C7O
from tests.sdk.conftest import configuration


def test_a_password_becomes_a_security_token_once(sdk: Any, sandbox: Sandbox) -> None:
    for _ in range(3):
        sdk.retrieve_data_categories()
    (request,) = sandbox.control.requests("security_token")
    assert request["body"] == {
        "username": "sandbox@example.com",
        "password": "***",
        "vanityName": "sandbox",
    }
    assert "apikey" not in request["headers"]


def test_an_expired_token_is_replaced_on_a_401(sdk: Any, sandbox: Sandbox) -> None:
    sdk.retrieve_data_categories()
    sandbox.control.expire_tokens()
    assert sdk.retrieve_data_categories().categories
    seen = sandbox.control.requests("retrieve_data_categories")
    assert [request["status"] for request in seen] == [200, 401, 200]


# The SDK itself calls a method of pydantic that pydantic has deprecated.
@pytest.mark.filterwarnings("ignore:The `dict` method is deprecated")
def test_oauth_with_a_password_then_with_a_refresh_token(oauth: Any, sandbox: Sandbox) -> None:
    assert oauth.retrieve_data_categories().categories
    sandbox.control.expire_tokens()
    assert oauth.retrieve_data_categories().categories
    grants = [r["body"]["grant_type"] for r in sandbox.control.requests("oauth_token")]
    assert grants == ["password", "refresh_token"]


def test_the_target_tenant_is_a_header(sdk: Any) -> None:
    answer = sdk.latest_enabled_dv(target_tenant_id=C7O)
    assert len(answer.tenants) == 1


def test_a_wrong_password_is_a_401(sandbox: Sandbox) -> None:
    settings = configuration(sandbox)
    settings.password = "wrong"
    with v.ApiClient(settings) as client, pytest.raises(v.ApiException) as caught:
        v.DataAndJobHandlingApi(client).retrieve_data_categories()
    assert caught.value.status == 401


def test_a_refusal_carries_the_status_envelope_in_its_body(sdk: Any) -> None:
    with pytest.raises(v.ApiException) as caught:
        sdk.job_id_status("unknown")
    assert caught.value.status == 404
    assert "localizedMessage" in caught.value.body


def test_the_rate_limit_is_a_429(sandbox: Sandbox) -> None:
    sandbox.control.reset(rate_limit=1)
    sandbox.control.advance(60 - sandbox.inside.clock.now() / 1_000 % 60)
    with v.ApiClient(configuration(sandbox)) as client:
        api = v.DataAndJobHandlingApi(client)
        api.retrieve_data_categories()
        with pytest.raises(v.ApiException) as caught:
            api.retrieve_data_categories()
    assert caught.value.status == 429
    sandbox.control.reset(rate_limit=0)
