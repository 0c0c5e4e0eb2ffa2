"""Data connectors: reading them, assigning credentials, settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.sandbox.call import Call, text
from services.sandbox.errors import bad_request

if TYPE_CHECKING:
    from collections.abc import Callable

    from services.sandbox.models.connections import Connector, Links

Payload = dict[str, object]

DEFAULT_PAGE = 100
NO_PERMISSION = "Insufficient permissions to access the specified tenant."
REFUSED = "[SIM0007] The tenant could not be updated."


def data_connectors(call: Call) -> Payload:
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
    def assign(links: Links, code: str, connector: Connector, item: Payload) -> tuple[Payload, str]:
        credential_id = text(item, "credentialId")
        credential = call.world.connections.credential(code, credential_id)
        shown: Payload = {"credentialId": credential_id}
        if credential is None:
            message = f"The credential {credential_id} does not exist in the tenant."
            return {"credential": {**shown, "message": message}}, message
        links.assigned[connector.id] = credential_id
        return {"credential": {**shown, "displayName": credential.display_name}}, ""

    return _by_tenant(call, assign)


def set_connector_setting(call: Call) -> Payload:
    def change(links: Links, code: str, connector: Connector, item: Payload) -> tuple[Payload, str]:
        wanted = item.get("connectorSettings")
        if not isinstance(wanted, list) or not wanted:
            raise bad_request(f"No connectorSettings were given for the tenant {code}.")
        shown, failure = [], ""
        for setting in wanted:
            key, value = text(setting, "settingKey"), text(setting, "value")
            if key in connector.settings:
                links.settings[connector.id, key] = value
                shown.append({"key": key, "value": value})
            else:
                failure = f"The setting {key} does not exist."
                shown.append({"key": key, "value": value, "message": failure})
        return {"settings": shown}, failure

    return _by_tenant(call, change)


def _by_tenant(
    call: Call, change: Callable[[Links, str, Connector, Payload], tuple[Payload, str]]
) -> Payload:
    """Apply a change to each connector of each tenant named, and report it by tenant."""
    results: dict[str, Payload] = {}
    place = 0
    for asked in call.items("connectors"):
        connector_id = text(asked, "connectorId")
        tenants = asked.get("tenants")
        if not isinstance(tenants, list) or not all(isinstance(t, dict) for t in tenants):
            raise bad_request(f"No tenants were given for the data connector {connector_id}.")
        for item in tenants:
            found, failure = _apply(call, connector_id, item, place, change)
            _report(results, text(item, "tenantCode"), found, failure)
            place += 1
    return {"tenants": list(results.values())}


def _apply(
    call: Call,
    connector_id: str,
    item: Payload,
    place: int,
    change: Callable[[Links, str, Connector, Payload], tuple[Payload, str]],
) -> tuple[Payload, str]:
    code = text(item, "tenantCode")
    shown: Payload = {"connector": {"connectorId": connector_id}}
    if not call.reaches(code) or call.world.tenant(code) is None:
        return shown, NO_PERMISSION
    if call.refuses(place):
        return shown, REFUSED
    links = call.world.connections.of(code)
    connector = links.connector(connector_id)
    if connector is None:
        return shown, f"The data connector {connector_id} does not exist in the tenant."
    found, failure = change(links, code, connector, item)
    named = {"connectorId": connector_id, "displayName": connector.display_name}
    return {"connector": named, **found}, failure


def _report(results: dict[str, Payload], code: str, found: Payload, failure: str) -> None:
    entry = results.setdefault(code, {"tenantCode": code, "connectors": [], "status": "Succeed"})
    connectors = entry["connectors"]
    if isinstance(connectors, list):
        connectors.append(found)
    if failure:
        entry |= {"status": "Failed", "message": failure}
