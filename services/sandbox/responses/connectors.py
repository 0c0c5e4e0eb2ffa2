"""Data connectors: reading them, assigning credentials, settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.sandbox.call import Call, objects, text
from services.sandbox.errors import NO_PERMISSION

if TYPE_CHECKING:
    from collections.abc import Callable

    from services.sandbox.models.connections import Connector, Links

    Change = Callable[[Links, Connector, dict[str, object]], tuple[dict[str, object], str]]

Payload = dict[str, object]

DEFAULT_PAGE = 100
REFUSED = "[SIM0007] The tenant could not be updated."


def data_connectors(call: Call) -> Payload:
    """Return a tenant's data connectors with their credentials.

    Data and Job Handling API, GET /v1/op/data-connectors.
    """
    page = call.page(DEFAULT_PAGE)
    connections = call.world.connections
    code = call.asked_tenant().code
    connectors = [
        {
            "connectorId": connector.id,
            "displayName": connector.display_name,
            "credentialId": connections.assigned(code, connector.id),
        }
        for connector in page.of(connections.of(code).connectors)
    ]
    return {"dataConnectors": connectors, **page.echo()}


def list_connector_settings(call: Call) -> Payload:
    """Return the settings of the login tenant's data connectors.

    Data and Job Handling API, GET /v1/op/data-connectors/connector-settings.
    """
    links = call.world.connections.of(call.login.code)
    return {
        "connectors": [
            {
                "connectorId": connector.id,
                "displayName": connector.display_name,
                "connectorSettings": [
                    {"settingKey": key, "value": links.settings.get((connector.id, key), value)}
                    for key, value in connector.settings.items()
                ],
            }
            for connector in links.connectors
        ]
    }


def assign_connector_credential(call: Call) -> Payload:
    """Assign credentials to data connectors; reported by tenant.

    Data and Job Handling API, POST /v1/op/data-connectors/assignCredentials.
    """

    def assign(links: Links, connector: Connector, item: Payload) -> tuple[Payload, str]:
        credential_id = text(item, "credentialId")
        credential = call.world.connections.credential(text(item, "tenantCode"), credential_id)
        shown: Payload = {"credentialId": credential_id}
        if credential is None:
            message = f"The credential {credential_id} does not exist in the tenant."
            return {"credential": {**shown, "message": message}}, message
        links.assigned[connector.id] = credential_id
        return {"credential": {**shown, "displayName": credential.display_name}}, ""

    return _by_tenant(call, _asked(call), assign)


def set_connector_setting(call: Call) -> Payload:
    """Change settings of data connectors; reported by tenant.

    Data and Job Handling API, PUT /v1/op/data-connectors/connector-settings.
    """
    if call.body.get("connectors") == []:
        return _every_connector(call)
    # An invalid tenant refuses the whole request before any setting is changed.
    asked = _asked(call)
    for _, item in asked:
        _settings_of(item)

    def change(links: Links, connector: Connector, item: Payload) -> tuple[Payload, str]:
        shown, failure = [], ""
        for setting in _settings_of(item):
            key, value = text(setting, "settingKey"), text(setting, "value")
            if key in connector.settings:
                links.settings[connector.id, key] = value
                shown.append({"key": key, "value": value})
            else:
                failure = f"The setting {key} does not exist."
                shown.append({"key": key, "value": value, "message": failure})
        return {"settings": shown}, failure

    return _by_tenant(call, asked, change)


def _every_connector(call: Call) -> Payload:
    """Return an answer with all connectors of the login tenant, none of them changed."""
    code = call.login.code
    shown = [
        {"connector": {"connectorId": each.id, "displayName": each.display_name}, "settings": []}
        for each in call.world.connections.of(code).connectors
    ]
    return {"tenants": [{"tenantCode": code, "connectors": shown, "status": "Succeed"}]}


def _settings_of(item: Payload) -> list[Payload]:
    code = text(item, "tenantCode")
    return objects(
        item.get("connectorSettings") or None,
        f"No connectorSettings were given for the tenant {code}.",
    )


def _asked(call: Call) -> list[tuple[str, Payload]]:
    """Return each connector id with each of its tenants in the request."""
    return [
        (text(connector, "connectorId"), item)
        for connector in call.items("connectors")
        for item in objects(connector.get("tenants"), "Each data connector needs its tenants.")
    ]


def _by_tenant(call: Call, asked: list[tuple[str, Payload]], change: Change) -> Payload:
    """Apply a change to each connector of each tenant, and return the results by tenant."""
    results: dict[str, Payload] = {}
    for place, (connector_id, item) in enumerate(asked):
        found, failure = _apply(call, connector_id, item, place, change)
        _report(results, text(item, "tenantCode"), found, failure)
    return {"tenants": list(results.values())}


def _apply(
    call: Call, connector_id: str, item: Payload, place: int, change: Change
) -> tuple[Payload, str]:
    code = text(item, "tenantCode")
    shown: Payload = {"connector": {"connectorId": connector_id}}
    # One message for both, so that nobody learns which tenants exist.
    if not call.reaches(code) or call.world.tenant(code) is None:
        return shown, NO_PERMISSION
    if call.refuses(place):
        return shown, REFUSED
    links = call.world.connections.of(code)
    connector = links.connector(connector_id)
    if connector is None:
        return shown, f"The data connector {connector_id} does not exist in the tenant."
    found, failure = change(links, connector, item)
    named = {"connectorId": connector_id, "displayName": connector.display_name}
    return {"connector": named, **found}, failure


def _report(results: dict[str, Payload], code: str, found: Payload, failure: str) -> None:
    # Succeed and not Succeeded, as in the code sample.
    entry = results.setdefault(code, {"tenantCode": code, "connectors": [], "status": "Succeed"})
    connectors = entry["connectors"]
    if isinstance(connectors, list):
        connectors.append(found)
    if failure:
        entry |= {"status": "Failed", "message": failure}
