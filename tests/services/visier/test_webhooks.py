"""Webhooks are managed wherever Visier serves them."""

from collections.abc import Iterator

import pytest

from services.visier import Client, NotFound, OutcomeUnknown, Password, RateLimiter
from tests.sandboxes import Sandbox, running_sandbox
from tests.services.visier.conftest import MakeClient
from tests.services.visier.wire import Wire, json_reply

ABSENT = json_reply({"message": "no Route matched with those values"}, 404)
DETAILS = {
    "targetUrl": "https://loads.example.com/webhooks/visier",
    "isActive": False,
    "events": [{"eventType": "jobResultSuccess"}],
    "keyName": "sandbox-webhooks",
    "displayName": "Loads",
}


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with running_sandbox(tenants=6) as running:
        yield running


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[Client]:
    known = Password(sandbox.api_key, sandbox.username, sandbox.password, sandbox.vanity_name)
    made = Client(sandbox.url, known, RateLimiter(assumed_per_minute=None))
    yield made
    made.close()


def test_a_webhook_is_created_inactive_switched_on_and_deleted(client: Client) -> None:
    basic = {"basicAuth": {"username": "visier", "password": "pw-of-visier"}}
    created = client.create_webhook({"details": DETAILS, "credentials": basic})
    assert isinstance(created, dict)
    webhook_id = created["webhookId"]
    assert created["details"] == DETAILS
    assert "pw-of-visier" not in str(created)
    client.update_webhook(webhook_id, {"details": {**DETAILS, "isActive": True}})
    assert client.get_webhooks_status(is_active=True) == {
        "webhooks": [
            {
                "webhookId": webhook_id,
                "details": {"isActive": True, "events": DETAILS["events"]},
            }
        ]
    }
    replaced = client.update_webhook_credentials(webhook_id, {"accessToken": "token-of-visier"})
    assert isinstance(replaced, dict)
    assert replaced["credentialReference"] != created["credentialReference"]
    client.delete_webhook_credentials(webhook_id)
    assert client.get_webhook(webhook_id) == {
        "webhookId": webhook_id,
        "details": {**DETAILS, "isActive": True},
        "credentialReference": "",
    }
    assert client.get_all_webhooks(event="dvPublish") == {"webhooks": []}
    client.delete_webhook(webhook_id)
    assert client.get_all_webhooks() == {"webhooks": []}
    with pytest.raises(NotFound):
        client.get_webhook(webhook_id)


def test_they_are_looked_for_below_both_addresses_and_found_at_once_from_then_on(
    make_client: MakeClient, wire: Wire
) -> None:
    client = make_client()
    wire.script(ABSENT, json_reply({"webhooks": []}), json_reply({"webhookId": "1"}))
    client.get_all_webhooks()
    client.in_tenant("WFF_j1r~c7o").create_webhook({"details": DETAILS})
    assert [seen.path for seen in wire.seen] == [
        "/v1/op/webhooks",
        "/v1beta/op/webhooks",
        "/v1beta/op/webhooks",
    ]


def test_what_is_missing_where_they_are_is_looked_for_nowhere_else(
    make_client: MakeClient, wire: Wire
) -> None:
    client = make_client()
    unknown = json_reply({"localizedMessage": "It does not exist.", "code": "NOT_FOUND"}, 404)
    wire.script(json_reply({"webhooks": []}), unknown)
    client.get_all_webhooks()
    with pytest.raises(NotFound):
        client.get_webhook("1")
    assert [seen.path for seen in wire.seen] == ["/v1/op/webhooks", "/v1/op/webhooks/1"]


def test_one_that_may_have_been_created_is_not_created_at_the_other_address(
    make_client: MakeClient, wire: Wire
) -> None:
    wire.script(json_reply({"message": "Bad gateway"}, 502))
    with pytest.raises(OutcomeUnknown):
        make_client().create_webhook({"details": DETAILS})
    assert len(wire.seen) == 1
