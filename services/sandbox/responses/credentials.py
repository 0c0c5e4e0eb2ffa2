"""Connector credentials."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.sandbox.call import Call, flag, text
from services.sandbox.connections import digest
from services.sandbox.errors import bad_request, forbidden, not_found
from services.sandbox.models.connections import Credential
from services.sandbox.models.providers import PROVIDERS

if TYPE_CHECKING:
    from collections.abc import Iterator

Payload = dict[str, object]

DEFAULT_PAGE = 100
# No real provider is asked: these values stand for a refusal, and for a partial one.
WRONG = "wrong"
LIMITED = "limited"
INHERITANCE_MODES = (
    "SQL_TABLE_INHERITANCE_MODE_NONE",
    "SQL_TABLE_INHERITANCE_MODE_DESIGN_ONLY",
    "SQL_TABLE_INHERITANCE_MODE_FULL_DATA",
    "SQL_TABLE_INHERITANCE_MODE_FILTERED_DATA",
)


def data_connector_credentials(call: Call) -> Payload:
    """Return a tenant's own and inherited credentials, without secrets.

    Data and Job Handling API, GET /v1/op/data-connector-credentials.
    """
    page = call.page(DEFAULT_PAGE)
    code = call.asked_tenant().code
    found = page.of(call.world.connections.visible(code))
    return {
        "connectorCredentials": [_item(credential, code) for credential in found],
        **page.echo(),
    }


def _item(credential: Credential, code: str) -> Payload:
    return {
        "credentialId": credential.id,
        "displayName": credential.display_name,
        "dataProvider": credential.provider,
        "isInherited": credential.owner != code,
        "authContext": credential.auth_context,
    }


def create_connector_credential(call: Call) -> Payload:
    """Create a credential after testing it: the value `wrong` fails, `limited` reads less.

    Data and Job Handling API, POST /v1/op/data-connector-credentials.
    """
    tenant = call.asked_tenant()
    parameters = _object(call.body, "dataProviderAuthParams")
    basics = _object(call.body, "dataProviderBasicInformation")
    found = call.body.get("dataProviderMetadata")
    metadata = found if isinstance(found, dict) else {}
    name = text(basics, "displayName")
    if not name:
        raise bad_request("The field displayName must not be empty.")
    table_mode = _table_mode(metadata, INHERITANCE_MODES[0])
    _check_provider(parameters)
    _authenticate(parameters)
    credential = Credential(
        id=call.world.new_id(),
        display_name=name,
        provider=text(parameters, "provider"),
        owner=tenant.code,
        description=text(basics, "description"),
        inheritable=flag(metadata, "canChildrenInherit"),
        table_mode=table_mode,
        auth_context=text(parameters, "authContext") or "DefaultDataExtraction",
    )
    credential.digest = digest(credential.id, parameters)
    symbol = call.world.connections.add(credential)
    answer: Payload = {"uuid": credential.id, "symbolName": symbol, "objectName": symbol}
    missing = _missing_access(parameters)
    return answer | ({"missingConnectionProperties": missing} if missing else {})


def update_connector_credential(call: Call) -> Payload:
    """Change the fields present; auth parameters are tested and replaced as a whole.

    Data and Job Handling API, PUT /v1/op/data-connector-credentials/{id}.
    """
    credential = _own(call)
    body = call.body
    table_mode = _table_mode(body, credential.table_mode)
    if "dataProviderAuthParams" in body:
        parameters = _object(body, "dataProviderAuthParams")
        _check_provider(parameters)
        if parameters["provider"] != credential.provider:
            raise bad_request(f"The provider of the credential is {credential.provider}.")
        # A mask, as of a form that shows the stored secret (documented in the SDK).
        if any(value and not value.strip("*") for value in _values(parameters)):
            raise bad_request("Masked values are not accepted.")
        _authenticate(parameters)
        credential.digest = digest(credential.id, parameters)
    credential.display_name = text(body, "displayName") or credential.display_name
    if "description" in body:
        credential.description = text(body, "description")
    if "canChildrenInherit" in body:
        credential.inheritable = flag(body, "canChildrenInherit")
    credential.table_mode = table_mode
    return _item(credential, credential.owner)


def _table_mode(item: Payload, otherwise: str) -> str:
    mode = text(item, "sqlTableInheritanceMode") or otherwise
    if mode not in INHERITANCE_MODES:
        raise bad_request(f"The sqlTableInheritanceMode {mode} does not exist.")
    return mode


def delete_connector_credential(call: Call) -> str:
    """Delete a credential; connectors that use it keep an empty one.

    Data and Job Handling API, DELETE /v1/op/data-connector-credentials/{id}.
    """
    call.world.connections.delete(_own(call))
    return "OK"


def _own(call: Call) -> Credential:
    """Return a credential to change; raise 404 for an unknown, 403 for an inherited one."""
    code, credential_id = call.asked_tenant().code, call.path["id"]
    credential = call.world.connections.credential(code, credential_id)
    if credential is None:
        raise not_found(f"The credential {credential_id} does not exist.")
    if credential.owner != code:
        raise forbidden(f"The credential {credential_id} is inherited from {credential.owner}.")
    return credential


def _object(body: Payload, name: str) -> Payload:
    found = body.get(name)
    if not isinstance(found, dict):
        raise bad_request(f"The field {name} is missing.")
    return found


def _check_provider(parameters: Payload) -> None:
    provider = text(parameters, "provider")
    if provider not in PROVIDERS:
        raise bad_request(f"The data provider {provider or 'is missing and'} does not exist.")
    if not any(
        name.endswith("AuthParams") and isinstance(value, dict)
        for name, value in parameters.items()
    ):
        raise bad_request(f"No authentication parameters were given for {provider}.")


def _authenticate(parameters: Payload) -> None:
    """Test a credential as Visier does; raise 400 for the value `wrong`."""
    if WRONG in _values(parameters):
        raise bad_request("The data provider refused the credential.")


def _missing_access(parameters: Payload) -> list[Payload]:
    """Return what cannot be read: nothing, unless a value contains the word `limited`."""
    if not any(LIMITED in value for value in _values(parameters)):
        return []
    return [
        {
            "subject": "Compensation_Payout",
            "attributes": ["baseSalary", "bonus"],
            "errorMessage": "The integration user may not read this subject.",
        }
    ]


def _values(value: object) -> Iterator[str]:
    """Yield each text in authentication parameters."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _values(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _values(inner)
