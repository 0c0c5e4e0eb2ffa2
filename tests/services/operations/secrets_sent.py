"""Credentials that are created and changed."""

from typing import Any

from services.operations.credentials.submission import (
    Submission,
    change,
    creation,
    rotation,
    submit,
)
from services.visier.providers import PROVIDERS, filled_in
from tests.services.operations.conftest import ACTOR, ADA, Desk
from tests.services.operations.connecting import E1A, E1A_TEST

CREATE, UPDATE = "create_connector_credential", "update_connector_credential"
CANARY = "canary-5f1e"


def ukg(**typed: str) -> dict[str, Any]:
    provider = PROVIDERS["UKG"]
    return filled_in(provider, provider.parameters[0], typed or {"password": CANARY})


def run(desk: Desk, what: Submission) -> str:
    submit(desk.ledger, desk.client, what, ACTOR, identity="ada", permissions=ADA).join(60)
    return what.id


def new_one(*codes: str, **typed: str) -> Submission:
    return creation(ukg(**typed), tenants=codes or (E1A,), display_name="Name")


def changed(**named: Any) -> Submission:
    return change(E1A, E1A_TEST, "Test Credential", **named)


def rotated(params: dict[str, Any]) -> Submission:
    return rotation(E1A, E1A_TEST, "Test Credential", params)
