"""One method per operation on webhooks, wherever Visier serves them.

The reference has them below /v1, the code samples below /v1beta: they are tried in this order, and
where one has answered it alone is asked from then on. A 404 was not executed, so that a request
that creates something may go on to the next, too. Every method raises the errors of
``services.visier.errors``; payloads are parsed and otherwise untouched. Bodies are those of the
OpenAPI document: a definition given to `update_webhook` replaces the one before.
"""

from collections.abc import Mapping
from typing import Any, Final

from .calls import Calls
from .errors import VisierError
from .protocol import Payload

NOT_FOUND: Final = 404
Item = Mapping[str, Any]


class Webhooks(Calls):
    """Where Visier pushes events to, and what is managed of it."""

    def get_all_webhooks(
        self, *, event: str | None = None, is_active: bool | None = None
    ) -> Payload:
        """Return webhooks[webhookId, details, credentialReference]; with `is_active` active ones.

        Webhooks API, GET /v1/op/webhooks.
        """
        return self._ask("get_all_webhooks", query={"event": event, "isActive": is_active})

    def get_webhooks_status(
        self, *, event: str | None = None, is_active: bool | None = None
    ) -> Payload:
        """Return webhooks[webhookId, details[isActive, events]]; needs no capability.

        Webhooks API, GET /v1/op/webhooks-status.
        """
        return self._ask("get_webhooks_status", query={"event": event, "isActive": is_active})

    def get_webhook(self, webhook_id: str) -> Payload:
        """Return one webhook. Webhooks API, GET /v1/op/webhooks/{webhookId}."""
        return self._ask("get_webhook", webhook_id)

    def create_webhook(self, body: Item) -> Payload:
        """Create a webhook of details and credentials; `isActive` must be false.

        Webhooks API, POST /v1/op/webhooks.
        """
        return self._ask("create_webhook", body=body)

    def update_webhook(self, webhook_id: str, body: Item) -> Payload:
        """Replace the definition of a webhook. Webhooks API, PUT /v1/op/webhooks/{webhookId}."""
        return self._ask("update_webhook", webhook_id, body=body)

    def delete_webhook(self, webhook_id: str) -> None:
        """Delete a webhook. Webhooks API, DELETE /v1/op/webhooks/{webhookId}."""
        self._ask("delete_webhook", webhook_id)

    def update_webhook_credentials(self, webhook_id: str, body: Item) -> Payload:
        """Replace what authenticates the pushes: basicAuth or accessToken.

        Webhooks API, PUT /v1/op/webhooks/{webhookId}/credentials.
        """
        return self._ask("update_webhook_credentials", webhook_id, body=body)

    def delete_webhook_credentials(self, webhook_id: str) -> None:
        """Delete them. Webhooks API, DELETE /v1/op/webhooks/{webhookId}/credentials."""
        self._ask("delete_webhook_credentials", webhook_id)

    def send_test_event(self, webhook_id: str, event_type: str) -> Payload:
        """Push a test event; returns statusCode, message, messageId, eventId.

        Webhooks API, POST /v1/op/webhooks/{webhookId}/testEvent.
        """
        return self._ask("send_test_event", webhook_id, body={"eventType": event_type})

    def _ask(
        self,
        name: str,
        webhook_id: str | None = None,
        *,
        query: Mapping[str, object] | None = None,
        body: Item | None = None,
    ) -> Payload:
        named = {} if webhook_id is None else {"webhook_id": webhook_id}
        *before, last = self._connection.webhook_versions
        for version in before:
            try:
                return self._from(version, name, named, query, body)
            except VisierError as error:
                # Of Visier, or of its gateway, which knows no such path.
                if error.status != NOT_FOUND:
                    raise
        return self._from(last, name, named, query, body)

    def _from(
        self,
        version: str,
        name: str,
        named: Mapping[str, str],
        query: Mapping[str, object] | None,
        body: Item | None,
    ) -> Payload:
        payload = self._call(name, ids={"version": version, **named}, query=query, body=body)
        # One that has answered is where they are: what it does not find then is not there.
        self._connection.webhook_versions = (version,)
        return payload
