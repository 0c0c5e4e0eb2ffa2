"""The items of the verbs on webhooks: their keys and states, and what can be created."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Final, NamedTuple
from urllib.parse import urlsplit

NAME_AT_MOST: Final = 100
# A key of an item is kept whole, of at most 1,000 characters.
ADDRESS_AT_MOST: Final = 300
EVENTS: Final = (
    *("jobResultSuccess", "jobResultFailure", "jobReschedule", "dvPublish"),
    *("dataUploadNotification", "systemAlertNotification", "auditEvent"),
    *("alertNotification", "smartCompNotification", "planRowPromotionNotification"),
)
"""The types of events that Visier documents."""
READ_HERE: Final = EVENTS[:5]
"""Those that name what the dashboard reads."""
_OWN_COMPUTER: Final = ("localhost", "127.0.0.1", "::1")


class WrongWebhook(ValueError):
    """A webhook that cannot be created; the text is a sentence for who fills in the form."""


class WebhookState(StrEnum):
    """The state of a webhook; TESTED is what a test is to come to, and never read."""

    ACTIVE = "active"
    INACTIVE = "inactive"
    UNKNOWN = "unknown"
    MISSING = "missing"
    TESTED = "tested"


class WebhookKey(NamedTuple):
    """One webhook by its id, and its name; no webhook is of an analytic tenant."""

    tenant_code: str
    webhook_id: str
    name: str = ""


class EventKey(NamedTuple):
    """A test event of a type for a webhook."""

    tenant_code: str
    webhook_id: str
    name: str
    event_type: str


class NewWebhookKey(NamedTuple):
    """A webhook to create: it is known again by its name and its address.

    `events` are their types, separated by spaces; `key_name` is the display name of the encryption
    key, "" for none. The address must hold no secret.
    """

    tenant_code: str
    name: str
    target_url: str
    key_name: str
    events: str


def new_webhook(name: str, address: str, key_name: str, events: Sequence[str]) -> NewWebhookKey:
    """Return the key of a webhook to create; raises WrongWebhook.

    The address is kept in the ledger and shown, so that it may hold neither a user nor a query.
    """
    if not name:
        raise WrongWebhook("Enter a name.")
    if max(len(name), len(key_name)) > NAME_AT_MOST:
        raise WrongWebhook(f"A name has at most {NAME_AT_MOST} characters.")
    if not _is_receivable(address):
        raise WrongWebhook("Enter an address that begins with https://.")
    parts = urlsplit(address)
    if parts.username or parts.password or parts.query or parts.fragment:
        raise WrongWebhook("The address is shown to everybody: no user, no password, no query.")
    if not events:
        raise WrongWebhook("Choose at least one event.")
    return NewWebhookKey("", name, address, key_name, " ".join(events))


def _is_receivable(address: str) -> bool:
    try:
        parts = urlsplit(address)
        is_known = parts.scheme == "https" or (
            parts.scheme == "http" and parts.hostname in _OWN_COMPUTER
        )
        return (
            is_known
            and bool(parts.hostname)
            and len(address) <= ADDRESS_AT_MOST
            and address.isprintable()
            and " " not in address
        )
    except ValueError:
        return False
