"""Webhooks: created inactive, tested, activated, deactivated and deleted, one request each.

A success is read back: an answer alone does not say what came of a request. Nothing here holds a
secret: the signing key goes by its display name, and the definition of a webhook, whose address may
hold secrets of others, is in memory from one read to one request. Webhooks API, /v1/op/webhooks.
"""

from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, Final, TypeVar

import pandas as pd
from typing_extensions import override

from services.frames import Outcome as Told
from services.frames import UnexpectedResponse, webhooks
from services.frames.answers import as_text
from services.visier import BodyEncoding, Client, Lane, Payload, VisierError
from services.visier.protocol import Request, build

from ..engine.changes import Change, Finding, Key, Skip
from ..engine.plan import Plan, PlanningVerb, evaluate_eligibility
from ..engine.verb_spec import Answer, Source
from ..tokens import Verb
from .webhook_items import EventKey, NewWebhookKey, WebhookKey, WebhookState

# Where the reference has them; a client goes on to what else Visier's samples name.
_VERSION: Final = {"version": "v1"}
URL: Final = "targetUrl"

K = TypeVar("K", WebhookKey, EventKey, NewWebhookKey)
_AnyKey = WebhookKey | EventKey | NewWebhookKey


def _id(key: _AnyKey) -> str:
    """Return what an item is called in the results of `send`."""
    return f"{key.name} {key.target_url}" if isinstance(key, NewWebhookKey) else key.webhook_id


class _Answer(Answer[Any]):
    """The results that `send` makes of what was read back."""

    @override
    def to_frame(self, payloads: Iterable[object]) -> pd.DataFrame:
        rows = [each for payload in payloads if isinstance(payload, dict) for each in payload["of"]]
        return pd.DataFrame(rows, columns=list(_RESULT))

    @override
    def names(self, key: _AnyKey) -> Key:
        return "", _id(key)

    @override
    def named_by(self, row: Mapping[str, Any]) -> Key:
        return "", row["id"]

    @override
    def finding(self, row: Mapping[str, Any]) -> Finding | None:
        return Finding(row["finding"]) if row["finding"] else None

    @override
    def facts(self, row: Mapping[str, Any]) -> Mapping[str, Any]:
        names = ("status_word", "answered"), ("webhook_id", "webhook_id")
        return {name: row[column] for name, column in names if row[column]}


_RESULT: Final = (
    *("id", "outcome", "status_word", "message", "finding"),
    *("answered", "webhook_id"),
)


def _result(
    item: str, outcome: Told, finding: Finding | None = None, message: str = "", **facts: str
) -> dict[str, str]:
    told = {"id": item, "outcome": outcome.value, "status_word": outcome.value}
    told |= {"message": message, "finding": finding or ""}
    return dict.fromkeys(_RESULT, "") | told | facts


class _OfWebhooks(PlanningVerb[K, WebhookState]):
    """What all verbs on webhooks share: one list of at most 20, and one request per item."""

    field: ClassVar = "webhooks"
    batch_size = 1
    state_type: ClassVar = WebhookState
    # One webhook takes no page of a list: Visier allows 20.
    source = Source(
        webhooks.to_frame, every=lambda client, _query: iter([client.get_all_webhooks()])
    )
    answer = _Answer()
    verify_calls: ClassVar = 1
    _known_by: ClassVar = "webhook_id"

    @override
    def states(self, frame: pd.DataFrame, keys: Sequence[K]) -> dict[K, WebhookState]:
        """Return the state of each webhook, but of one that a damaged entry may be."""
        found = {key: self._matching(frame, key) for key in keys}
        return {
            key: _state(rows)
            for key, rows in found.items()
            if len(rows) or not frame[self._known_by].isna().any()
        }

    def _matching(self, frame: pd.DataFrame, key: K) -> pd.DataFrame:
        assert not isinstance(key, NewWebhookKey)  # noqa: S101 - it is matched by its own verb
        return frame[frame["webhook_id"] == key.webhook_id]

    @override
    def send(self, client: Client, objects: Sequence[Any]) -> Payload:
        """Send the one request, then read back what has become of it."""
        (each,) = objects
        return {"of": [self._sent(client, each)]}

    @abstractmethod
    def _sent(self, client: Client, each: Mapping[str, Any]) -> dict[str, str]:
        """Send one request and return its result."""

    def _read_back(self, client: Client, key: K, created: str = "") -> dict[str, str]:
        """Return the result that the list tells: done, or perhaps not.

        `created` is the id that Visier has named for a new one, which it may list in other words.
        """
        # Pause and Stop hold back unsent requests, not the check of one that was sent.
        try:
            frame = webhooks.to_frame([client.in_lane(Lane.BULK).get_all_webhooks()])
        except (VisierError, UnexpectedResponse) as trouble:
            return _result(_id(key), Told.UNKNOWN, Finding.NOT_READ_BACK, str(trouble))
        state = self.states(frame, [key]).get(key)
        is_listed = bool(created) and (frame["webhook_id"] == created).any()
        if is_listed or (state is not None and self.is_done(key, state)):
            return _result(_id(key), Told.SUCCEEDED, webhook_id=created if is_listed else "")
        return _result(_id(key), Told.UNKNOWN, Finding.NOT_SHOWN)

    @override
    def again(
        self, items: Sequence[Change[WebhookState]], current: pd.DataFrame, now: datetime
    ) -> Plan:
        return self.plan([self.key_type(*item.key) for item in items], current)

    def plan(self, keys: Sequence[K], current: pd.DataFrame) -> Plan:
        """Return a plan for these items against the frame of ``services.frames.webhooks``."""
        found = self.states(current, keys)
        states = [found.get(key, WebhookState.UNKNOWN) for key in keys]
        return Plan(self, evaluate_eligibility(self, keys, states, [key.name for key in keys]))


class CreateWebhooks(_OfWebhooks[NewWebhookKey]):
    """Create a webhook, inactive, unless there is one of its name and address."""

    verb: ClassVar = Verb.CREATE_WEBHOOKS
    operation: ClassVar = "create_webhook"
    key_type: ClassVar = NewWebhookKey
    can_undo: ClassVar = True
    _known_by: ClassVar = "target_url"

    @override
    def _matching(self, frame: pd.DataFrame, key: NewWebhookKey) -> pd.DataFrame:
        # As an address may come back: a host has no case, and a path may lose its last slash.
        address = frame["target_url"].str.rstrip("/").str.casefold()
        is_there = address == key.target_url.rstrip("/").casefold()
        return frame[is_there & (frame["display_name"] == key.name)]

    @override
    def skip(self, state: WebhookState) -> Skip | None:
        if state is WebhookState.UNKNOWN:
            return Skip.UNKNOWN
        return None if state is WebhookState.MISSING else Skip.ALREADY_DONE

    @override
    def is_done(self, key: NewWebhookKey, state: WebhookState) -> bool:
        """Return whether it is listed; who activates it meanwhile has found it."""
        return state is not WebhookState.MISSING

    @override
    def goal(self, key: NewWebhookKey, before: WebhookState) -> WebhookState:
        return WebhookState.INACTIVE

    @override
    def objects(self, keys: Sequence[NewWebhookKey]) -> list[dict[str, Any]]:
        """Return the bodies; `isActive` must be false."""
        return [
            {
                "details": {
                    "targetUrl": key.target_url,
                    "isActive": False,
                    "events": [{"eventType": each} for each in key.events.split()],
                    "keyName": key.key_name,
                    "displayName": key.name,
                }
            }
            for key in keys
        ]

    @override
    def request(self, objects: Sequence[Any], encoding: BodyEncoding) -> Request:
        (each,) = objects
        return build(self.operation, encoding, ids=_VERSION, body=each)

    @override
    def _sent(self, client: Client, each: Mapping[str, Any]) -> dict[str, str]:
        told = client.create_webhook(each)
        details = each["details"]
        key = NewWebhookKey("", details["displayName"], details["targetUrl"], "", "")
        id_ = told.get("webhookId") if isinstance(told, dict) else None
        return self._read_back(client, key, id_ if isinstance(id_, str) else "")

    @override
    def undo(self, items: Sequence[Change[WebhookState]], current: pd.DataFrame) -> Plan:
        """Return a plan to delete what was created, as far as it is listed."""
        keys = [NewWebhookKey(*item.key) for item in items]
        found = [
            WebhookKey("", id_, key.name)
            for key in keys
            for id_ in self._matching(current, key)["webhook_id"].dropna()
        ]
        return DELETE.plan(found, current)


class _Switch(_OfWebhooks[WebhookKey]):
    """Turn a webhook on or off: its whole definition is sent back, as it was read just before."""

    operation: ClassVar = "update_webhook"
    key_type: ClassVar = WebhookKey
    can_undo: ClassVar = True
    # What is sent is read just before: shown, it would be outdated, and may hold secrets.
    shows_requests: ClassVar = False
    verify_calls: ClassVar = 2
    _becomes: ClassVar[WebhookState]

    @override
    def skip(self, state: WebhookState) -> Skip | None:
        if state is self._becomes:
            return Skip.ALREADY_DONE
        return _SKIPS.get(state)

    @override
    def goal(self, key: WebhookKey, before: WebhookState) -> WebhookState:
        return self._becomes

    @override
    def objects(self, keys: Sequence[WebhookKey]) -> list[dict[str, Any]]:
        """Return which webhook becomes what, as the ledger keeps it; `send` adds the rest."""
        on = self._becomes is WebhookState.ACTIVE
        return [{"webhookId": key.webhook_id, "isActive": on} for key in keys]

    @override
    def _sent(self, client: Client, each: Mapping[str, Any]) -> dict[str, str]:
        id_ = each["webhookId"]
        read = client.get_webhook(id_)
        details = read.get("details") if isinstance(read, dict) else None
        # A definition that lacks something would take it from the webhook.
        if not isinstance(read, dict) or not isinstance(details, dict) or not details.get(URL):
            return _result(id_, Told.FAILED, Finding.NOT_READ)
        wanted = {**details, "isActive": each["isActive"]}
        client.update_webhook(id_, {**read, "details": wanted})
        return self._read_back(client, WebhookKey("", id_))

    @override
    def undo(self, items: Sequence[Change[WebhookState]], current: pd.DataFrame) -> Plan:
        other = DEACTIVATE if self._becomes is WebhookState.ACTIVE else ACTIVATE
        return other.plan([WebhookKey(*item.key) for item in items], current)


class ActivateWebhooks(_Switch):
    """Have Visier push events to webhooks."""

    verb: ClassVar = Verb.ACTIVATE_WEBHOOKS
    _becomes: ClassVar = WebhookState.ACTIVE


class DeactivateWebhooks(_Switch):
    """Have Visier push nothing to webhooks."""

    verb: ClassVar = Verb.DEACTIVATE_WEBHOOKS
    _becomes: ClassVar = WebhookState.INACTIVE


class DeleteWebhooks(_OfWebhooks[WebhookKey]):
    """Delete webhooks, active or not."""

    verb: ClassVar = Verb.DELETE_WEBHOOKS
    operation: ClassVar = "delete_webhook"
    key_type: ClassVar = WebhookKey
    accepts_state_change: ClassVar = True

    @override
    def skip(self, state: WebhookState) -> Skip | None:
        return Skip.ALREADY_DONE if state is WebhookState.MISSING else None

    @override
    def goal(self, key: WebhookKey, before: WebhookState) -> WebhookState:
        return WebhookState.MISSING

    @override
    def objects(self, keys: Sequence[WebhookKey]) -> list[dict[str, Any]]:
        return [{"webhookId": key.webhook_id} for key in keys]

    @override
    def request(self, objects: Sequence[Any], encoding: BodyEncoding) -> Request:
        """Return the request of the one webhook: it has no body."""
        (each,) = objects
        return build(self.operation, encoding, ids=_VERSION | {"webhook_id": each["webhookId"]})

    @override
    def _sent(self, client: Client, each: Mapping[str, Any]) -> dict[str, str]:
        client.delete_webhook(each["webhookId"])
        return self._read_back(client, WebhookKey("", each["webhookId"]))


class SendTestEvents(_OfWebhooks[EventKey]):
    """Have Visier push a test event, whether the webhook is active or not."""

    verb: ClassVar = Verb.TEST_WEBHOOKS
    operation: ClassVar = "send_test_event"
    key_type: ClassVar = EventKey
    accepts_state_change: ClassVar = True
    leaves_trace: ClassVar = False
    verify_calls: ClassVar = 0

    @override
    def skip(self, state: WebhookState) -> Skip | None:
        return Skip.NOT_LISTED if state is WebhookState.MISSING else None

    @override
    def goal(self, key: EventKey, before: WebhookState) -> WebhookState:
        return WebhookState.TESTED

    @override
    def objects(self, keys: Sequence[EventKey]) -> list[dict[str, Any]]:
        return [{"webhookId": key.webhook_id, "eventType": key.event_type} for key in keys]

    @override
    def request(self, objects: Sequence[Any], encoding: BodyEncoding) -> Request:
        (each,) = objects
        ids = _VERSION | {"webhook_id": each["webhookId"]}
        return build(self.operation, encoding, ids=ids, body={"eventType": each["eventType"]})

    @override
    def _sent(self, client: Client, each: Mapping[str, Any]) -> dict[str, str]:
        """Return what the endpoint has answered, as far as Visier says."""
        id_ = each["webhookId"]
        told = client.send_test_event(id_, each["eventType"])
        status = as_text(told.get("statusCode")) if isinstance(told, dict) else None
        # Not Visier's message: it may name the address, which may hold secrets.
        if status is None or not status.isdecimal():
            return _result(id_, Told.UNKNOWN, Finding.NO_TRACE)
        if len(status) == 3 and status.startswith("2"):
            return _result(id_, Told.SUCCEEDED, answered=status)
        return _result(id_, Told.FAILED, Finding.NOT_RECEIVED, status)


_SKIPS: Final[Mapping[WebhookState, Skip]] = {
    WebhookState.MISSING: Skip.NOT_LISTED,
    WebhookState.UNKNOWN: Skip.UNKNOWN,
}
CREATE: Final = CreateWebhooks()
ACTIVATE: Final = ActivateWebhooks()
DEACTIVATE: Final = DeactivateWebhooks()
TEST: Final = SendTestEvents()
DELETE: Final = DeleteWebhooks()


def _state(rows: pd.DataFrame) -> WebhookState:
    if rows.empty:
        return WebhookState.MISSING
    active = rows["is_active"].iloc[0]
    if pd.isna(active):
        return WebhookState.UNKNOWN
    return WebhookState.ACTIVE if active else WebhookState.INACTIVE
