"""What is typed into the form of any provider arrives as it was typed, under both encodings."""

from collections.abc import Iterator

import pytest

from services.visier import BodyEncoding, Client, Password, RateLimiter
from services.visier.providers import AUTH_PARAMS, Parameters, Provider
from tests.sandboxes import Sandbox, running_sandbox
from tests.services.visier.forms import FORMS, full


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with running_sandbox(tenants=6) as sandbox:
        yield sandbox


ARRIVES_AS = {BodyEncoding.SAMPLES: "form-model", BodyEncoding.OPENAPI: "json"}


@pytest.fixture(scope="module", params=list(BodyEncoding))
def encoding(request: pytest.FixtureRequest) -> BodyEncoding:
    return BodyEncoding(request.param)


@pytest.fixture(scope="module")
def client(sandbox: Sandbox, encoding: BodyEncoding) -> Iterator[Client]:
    client = Client(
        sandbox.url,
        Password(sandbox.api_key, sandbox.username, sandbox.password, sandbox.vanity_name),
        RateLimiter(assumed_per_minute=None),
        encoding=encoding,
    )
    yield client
    client.close()


@pytest.mark.parametrize("form", FORMS, ids=lambda form: f"{form[0].name}-{form[1].key}")
def test_what_arrives_is_what_was_typed(
    sandbox: Sandbox, client: Client, encoding: BodyEncoding, form: tuple[Provider, Parameters]
) -> None:
    body = {
        AUTH_PARAMS: full(*form),
        "dataProviderBasicInformation": {"displayName": "a&b+c=d%20é", "description": "“x”\n"},
        "dataProviderMetadata": {"canChildrenInherit": False},
    }
    created = client.create_connector_credential(body, tenant_code="WFF_j1r~e1a")
    client.update_connector_credential(
        created["uuid"] if isinstance(created, dict) else "",
        {AUTH_PARAMS: full(*form)},
        tenant_code="WFF_j1r~e1a",
    )
    *_, create, update = sandbox.control.requests()
    assert (create["body"], update["body"]) == (body, {AUTH_PARAMS: full(*form)})
    assert create["query"] == update["query"] == {"tenantCode": "WFF_j1r~e1a"}
    assert create["encoding"] == ARRIVES_AS[encoding]
    sandbox.control.clear_requests()
