"""Managing webhooks. Webhooks API, /v1/op/webhooks."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from services.sandbox.call import Call, flag, text
from services.sandbox.config import WEBHOOK_KEYS
from services.sandbox.errors import bad_request, not_found
from services.sandbox.models.webhooks import Webhook
from services.sandbox.webhooks import EVENT_TYPES

if TYPE_CHECKING:
    from collections.abc import Mapping

Payload = dict[str, object]
MOST = 20  # of a tenant


def get_all_webhooks(call: Call) -> Payload:
    """Return the webhooks with their definitions.

    Webhooks API, GET /v1/op/webhooks.
    """
    return {"webhooks": [_shown(webhook) for webhook in _asked(call)]}


def get_webhooks_status(call: Call) -> Payload:
    """Return whether each webhook is active, and what it listens for.

    Webhooks API, GET /v1/op/webhooks-status.
    """
    return {
        "webhooks": [
            {
                "webhookId": webhook.id,
                "details": {"isActive": webhook.is_active, "events": _events(webhook)},
            }
            for webhook in _asked(call)
        ]
    }


def get_webhook(call: Call) -> Payload:
    """Return one webhook. Webhooks API, GET /v1/op/webhooks/{webhookId}."""
    return _shown(_named(call))


def create_webhook(call: Call) -> Payload:
    """Create an inactive webhook. Webhooks API, POST /v1/op/webhooks."""
    webhooks = call.world.webhooks
    details = _object(call.body, "details")
    if flag(details, "isActive"):
        raise bad_request("A webhook must be inactive when it is created.")
    if len(webhooks.by_id) >= MOST:
        raise bad_request(f"There are {MOST} webhooks already.")
    webhook = Webhook(webhooks.new_id(), "")
    _define(webhook, details)
    if "credentials" in call.body:
        _authorize(webhook, _object(call.body, "credentials"), webhooks.new_id())
    webhooks.by_id[webhook.id] = webhook
    return _shown(webhook)


def update_webhook(call: Call) -> Payload:
    """Replace a webhook's definition. Webhooks API, PUT /v1/op/webhooks/{webhookId}."""
    webhook, details = _named(call), _object(call.body, "details")
    _define(webhook, details)
    webhook.is_active = flag(details, "isActive")
    # What is left out of the definition is removed.
    if text(call.body, "credentialReference") != webhook.credential_reference:
        webhook.authorization = webhook.credential_reference = ""
    return _shown(webhook)


def delete_webhook(call: Call) -> Payload:
    """Delete a webhook and return it. Webhooks API, DELETE /v1/op/webhooks/{webhookId}."""
    return _shown(call.world.webhooks.by_id.pop(_named(call).id))


def update_webhook_credentials(call: Call) -> Payload:
    """Replace a webhook's credentials.

    Webhooks API, PUT /v1/op/webhooks/{webhookId}/credentials.
    """
    webhook = _named(call)
    _authorize(webhook, call.body, call.world.webhooks.new_id())
    return _shown(webhook)


def delete_webhook_credentials(call: Call) -> Payload:
    """Delete a webhook's credentials.

    Webhooks API, DELETE /v1/op/webhooks/{webhookId}/credentials.
    """
    webhook = _named(call)
    webhook.authorization = webhook.credential_reference = ""
    return _shown(webhook)


def send_test_event(call: Call) -> Payload:
    """Send a test event and return what came of it.

    Webhooks API, POST /v1/op/webhooks/{webhookId}/testEvent.
    """
    webhook, event_type = _named(call), text(call.body, "eventType")
    _check_event(event_type)
    at = call.world.clock.now()
    delivery, message_id = call.world.webhooks.test(webhook, event_type, at)
    is_sent = 200 <= delivery.status < 300
    return {
        "statusCode": delivery.status,
        "message": "The event was received." if is_sent else "The event was not received.",
        "messageId": message_id,
        "eventId": delivery.event_id,
    }


def _asked(call: Call) -> list[Webhook]:
    event = call.query.get("event", "")
    is_active = flag(call.query, "isActive")
    return [
        webhook
        for webhook in call.world.webhooks.by_id.values()
        if (not event or event in webhook.events) and (webhook.is_active or not is_active)
    ]


def _named(call: Call) -> Webhook:
    webhook = call.world.webhooks.by_id.get(call.path["webhookId"])
    if webhook is None:
        raise not_found(f"The webhook {call.path['webhookId']} does not exist.")
    return webhook


def _object(body: Mapping[str, object], name: str) -> dict[str, object]:
    found = body.get(name)
    if not isinstance(found, dict):
        raise bad_request(f"The field {name} must be an object.")
    return found


def _define(webhook: Webhook, details: dict[str, object]) -> None:
    url, key_name = text(details, "targetUrl"), text(details, "keyName")
    if not url.startswith(("https://", "http://127.0.0.1", "http://localhost", "http://[::1]")):
        raise bad_request("The field targetUrl must be an https address.")
    if key_name and key_name not in WEBHOOK_KEYS:
        raise bad_request(f"The encryption key {key_name} does not exist.")
    events = details.get("events")
    found = events if isinstance(events, list) else []
    types = [text(each, "eventType") if isinstance(each, dict) else str(each) for each in found]
    for each in types:
        _check_event(each)
    webhook.target_url, webhook.key_name, webhook.events = url, key_name, types
    webhook.display_name = text(details, "displayName")


def _check_event(event_type: str) -> None:
    if event_type not in EVENT_TYPES:
        raise bad_request(f"The event type {event_type} does not exist.")


def _authorize(webhook: Webhook, credentials: dict[str, object], reference: str) -> None:
    token = text(credentials, "accessToken")
    if not token:
        basic = _object(credentials, "basicAuth")
        pair = f"{text(basic, 'username')}:{text(basic, 'password')}"
        webhook.authorization = f"Basic {base64.b64encode(pair.encode()).decode()}"
    else:
        webhook.authorization = f"Bearer {token}"
    webhook.credential_reference = reference


def _events(webhook: Webhook) -> list[Payload]:
    return [{"eventType": event_type} for event_type in webhook.events]


def _shown(webhook: Webhook) -> Payload:
    return {
        "webhookId": webhook.id,
        "details": {
            "targetUrl": webhook.target_url,
            "isActive": webhook.is_active,
            "events": _events(webhook),
            "keyName": webhook.key_name,
            "displayName": webhook.display_name,
        },
        "credentialReference": webhook.credential_reference,
    }
