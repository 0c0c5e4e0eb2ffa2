"""The connectors of the administrating tenant, and which tenant has which with what credential."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from services.sandbox.connections import Connections
from services.sandbox.models.connections import Connector, Credential, Links
from services.sandbox.uuids import uuid4

if TYPE_CHECKING:
    from services.sandbox.models.tenants import Tenant

SETTINGS = {"extractionMode": "Incremental", "requestTimeoutSeconds": "120", "timeZone": "UTC"}

CONNECTORS = (
    ("36ac4635-5e40-4225-87bf-56e2a2b0a146", "Redshift Jupiter", "Redshift"),
    ("4dfe8794-d3b0-40a7-bafc-cd2586a902c1", "UKG Callisto", "UKG"),
    ("cc8a7ddd-80c7-4645-8369-acbeea8cdfe5", "Test Connector", "UKG"),
    ("7b0cbb0e-39d3-4a0a-9f0a-6f9a3f1f2c11", "Workday Europa", "Workday"),
    ("0f6d5a52-61c7-4f0e-8a57-2f3a8f5f7b22", "Greenhouse Io", "Greenhouse"),
    ("c1e7a0b4-9b8f-4d55-b3d5-4b1f0d9b6e33", "Snowflake Ganymede", "SnowflakeV2"),
    ("5d2f9c86-7a41-4c2b-9e63-8c7d1e2a4f44", "S3 Amalthea", "BasicS3"),
)
ADMIN_CREDENTIALS = (
    ("bf944bf1-3120-44cd-846d-64cd88b295d9", "AWS S3 Jupiter", "BasicS3", True),
    ("bf27d5f8-e780-436f-b2dc-990ea52c91d3", "Redshift Callisto", "Redshift", True),
    ("8e4b7c55-0d1e-4f6a-a2b3-c4d5e6f70855", "Workday integration user", "Workday", False),
)
SAMPLE_LINKS: dict[str, dict[str, tuple[str, str]]] = {
    "c7o": {
        "36ac4635-5e40-4225-87bf-56e2a2b0a146": (
            "d1dc6e91-e28f-4507-b9d5-0064b795d02a",
            "Redshift Jupiter",
        ),
        "4dfe8794-d3b0-40a7-bafc-cd2586a902c1": (
            "d3607390-ab20-4619-97d8-9e33e7697430",
            "UKG Callisto",
        ),
        "cc8a7ddd-80c7-4645-8369-acbeea8cdfe5": (
            "780ed445-3a58-4be6-8db1-038279b0c521",
            "Credential",
        ),
    },
    "e1a": {
        "4dfe8794-d3b0-40a7-bafc-cd2586a902c1": (
            "bff2adb6-f772-49a5-ba64-b31dcc51ee61",
            "UKG Callisto 2019",
        ),
        "cc8a7ddd-80c7-4645-8369-acbeea8cdfe5": (
            "5781eec0-7f1d-4d3b-b9bd-8c08ff632cfb",
            "Test Credential",
        ),
    },
}


def open_connections(admin: Tenant, seed: int) -> Connections:
    """Return the connections of all tenants, including those of the code samples."""
    definitions = {
        connector_id: Connector(connector_id, name, provider, dict(SETTINGS))
        for connector_id, name, provider in CONNECTORS
    }
    return Connections(admin, seed, definitions, draw_links)


def draw_links(code: str, source: Random, connections: Connections) -> Links:
    """Return one tenant's connections: those of the samples, or one to three random connectors."""
    if code == connections.admin.code:
        return _admin_links(code, connections)
    sample = SAMPLE_LINKS.get(code.rpartition("~")[2])
    if sample:
        return _sample_links(code, sample, connections)
    chosen = source.sample(list(connections.definitions.values()), source.randint(1, 3))
    links = Links(chosen, {}, [])
    for connector in chosen:
        _assign(code, source, connections, connector, links)
    return links


def _assign(
    code: str, source: Random, connections: Connections, connector: Connector, links: Links
) -> None:
    # 4 % without a credential, 1 % with one that does not exist: a dashboard should show both.
    chance = source.random()
    if chance < 0.04:
        return
    if chance < 0.05:
        links.assigned[connector.id] = uuid4(source)
        return
    inherited = next(
        (
            c
            for c in connections.of(connections.admin.code).credentials
            if c.inheritable and c.provider == connector.provider
        ),
        None,
    )
    # Most use the credential they inherit from the administrating tenant.
    if inherited and chance < 0.7:
        links.assigned[connector.id] = inherited.id
        return
    own = Credential(uuid4(source), f"{connector.display_name} user", connector.provider, code)
    links.credentials.append(own)
    links.assigned[connector.id] = own.id


def _admin_links(code: str, connections: Connections) -> Links:
    credentials = [
        Credential(credential_id, name, provider, code, inheritable=inheritable)
        for credential_id, name, provider, inheritable in ADMIN_CREDENTIALS
    ]
    by_provider = {credential.provider: credential.id for credential in credentials}
    connectors = [c for c in connections.definitions.values() if c.provider in by_provider]
    return Links(connectors, {c.id: by_provider[c.provider] for c in connectors}, credentials)


def _sample_links(code: str, sample: dict[str, tuple[str, str]], connections: Connections) -> Links:
    connectors = [connections.definitions[connector_id] for connector_id in sample]
    credentials = [
        Credential(credential_id, name, connector.provider, code)
        for connector, (credential_id, name) in zip(connectors, sample.values(), strict=True)
    ]
    assigned = {connector_id: found[0] for connector_id, found in sample.items()}
    return Links(connectors, assigned, credentials)
