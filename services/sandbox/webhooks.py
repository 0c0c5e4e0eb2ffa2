"""Pushing events: signed, sent from a thread of its own, tried again, and disturbed by faults."""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import queue
import re
import threading
from dataclasses import dataclass, field
from ipaddress import ip_address
from random import Random
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import orjson

from services.sandbox.config import WEBHOOK_KEYS
from services.sandbox.faults import (
    BAD_SIGNATURE,
    LATE,
    LOST,
    OTHER_SPELLING,
    REPEATED,
    SIGNATURE_FORM,
    WITHOUT_FIELD,
)
from services.sandbox.models.jobs import Status
from services.sandbox.uuids import uuid4

if TYPE_CHECKING:
    from services.sandbox.faults import Fault, Faults
    from services.sandbox.models.jobs import Job
    from services.sandbox.models.webhooks import Webhook

TEST = "test"
JOB_EVENTS = {
    Status.SUCCEEDED: "jobResultSuccess",
    Status.FAILED: "jobResultFailure",
    Status.ERROR: "jobResultFailure",
    Status.ROLLED_BACK: "jobResultFailure",
    Status.RESCHEDULED: "jobReschedule",
}
EVENT_TYPES = frozenset(
    {
        *JOB_EVENTS.values(),
        *("dvPublish", "dataUploadNotification", "systemAlertNotification", "auditEvent"),
        *("alertNotification", "smartCompNotification", "planRowPromotionNotification"),
    }
)
TRIES = 4  # the first and three repeats
ANSWER_SECONDS = 5
PAUSE_SECONDS = 0.5
MOST_DELIVERIES = 5_000


@dataclass(frozen=True, slots=True)
class Delivery:
    """One try to push an event: `status` is 0 where no answer came."""

    event_id: str
    event_type: str
    webhook_id: str
    status: int


@dataclass(frozen=True, slots=True)
class _Outgoing:
    webhook: Webhook
    event_id: str
    event_type: str
    body: bytes
    signature: str


@dataclass(slots=True)
class Webhooks:
    """The webhooks of one simulated Visier, and what is on its way to them."""

    faults: Faults
    by_id: dict[str, Webhook] = field(default_factory=dict)
    deliveries: list[Delivery] = field(default_factory=list)
    _random: Random = field(default_factory=lambda: Random(0))  # noqa: S311 - ids, not secret
    _queue: queue.Queue[_Outgoing] = field(default_factory=queue.Queue)
    _held: list[_Outgoing] = field(default_factory=list)
    _thread: threading.Thread | None = None

    @property
    def is_active(self) -> bool:
        """Whether any webhook is active."""
        return any(webhook.is_active for webhook in self.by_id.values())

    def new_id(self) -> str:
        """Return a random UUID: not the world's, whose history webhooks must not change."""
        return uuid4(self._random)

    def job_ended(self, job: Job, at: float) -> None:
        """Push the event of a job that has ended at this date, if there is one."""
        event_type = JOB_EVENTS.get(job.status)
        if event_type is None:
            return
        root = job
        while root.parent is not None:
            root = root.parent
        # As in Visier's sample; its text says jobId.
        event = {"jobid": job.id, "rootJobId": root.id}
        if job.parent is not None:
            event["parentJobId"] = job.parent.id
        self.happened(event_type, event, at)

    def happened(self, event_type: str, event: dict[str, str], at: float) -> None:
        """Push an event to all active webhooks that listen for it."""
        for webhook in self.by_id.values():
            if webhook.is_active and event_type in webhook.events:
                self._push(webhook, event_type, event, at)

    def test(self, webhook: Webhook, event_type: str, at: float) -> tuple[Delivery, str]:
        """Push a test event at once, whether the webhook is active or not; return what came."""
        sent = self._made(webhook, event_type, {"message": "This is a test event."}, at, None)
        delivery = self._try(sent)
        self._note(delivery)
        return delivery, self.new_id()

    def wait(self) -> None:
        """Return once all that is on its way has been tried."""
        self._release()
        self._queue.join()

    def _push(self, webhook: Webhook, event_type: str, event: dict[str, str], at: float) -> None:
        fault = self.faults.take_of_event()
        made = self._made(webhook, event_type, event, at, fault)
        kind = fault.fault if fault else ""
        if kind == LOST:
            return
        if kind == LATE:
            self._held.append(made)
            return
        for _ in range(2 if kind == REPEATED else 1):
            self._send(made)
        self._release()

    def _made(
        self,
        webhook: Webhook,
        event_type: str,
        event: dict[str, str],
        at: float,
        fault: Fault | None,
    ) -> _Outgoing:
        kind, value = (fault.fault, fault.value) if fault else ("", "")
        event_id = self.new_id()
        envelope: dict[str, object] = {
            "timestamp": str(round(at)),
            "eventId": event_id,
            "eventType": _other_spelling(event_type) if kind == OTHER_SPELLING else event_type,
            "event": event,
        }
        if kind == WITHOUT_FIELD:
            envelope.pop(value, None)
            envelope["event"] = {name: text for name, text in event.items() if name != value}
        body = orjson.dumps(envelope)
        key = "another key" if kind == BAD_SIGNATURE else WEBHOOK_KEYS.get(webhook.key_name, "")
        signature = signed(key, body, value if kind == SIGNATURE_FORM else "hex")
        return _Outgoing(webhook, event_id, event_type, body, signature)

    def _release(self) -> None:
        held, self._held = self._held, []
        for made in held:
            self._send(made)

    def _send(self, made: _Outgoing) -> None:
        self._queue.put(made)
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, daemon=True)
            self._thread.start()

    def _work(self) -> None:
        pause = threading.Event()
        while True:
            made = self._queue.get()
            for left in reversed(range(TRIES)):
                delivery = self._try(made)
                self._note(delivery)
                if 200 <= delivery.status < 300 or not left:
                    break
                pause.wait(PAUSE_SECONDS)
            self._queue.task_done()

    def _try(self, made: _Outgoing) -> Delivery:
        status = _post(made)
        return Delivery(made.event_id, made.event_type, made.webhook.id, status)

    def _note(self, delivery: Delivery) -> None:
        self.deliveries.append(delivery)
        del self.deliveries[:-MOST_DELIVERIES]


def signed(key: str, body: bytes, form: str) -> str:
    """Return the signature of a body: `hex`, `base64`, or either after `sha256=`."""
    digest = hmac.new(key.encode(), body, hashlib.sha256).digest()
    prefix, _, written = form.rpartition("=")
    text = base64.b64encode(digest).decode() if written == "base64" else digest.hex()
    return f"{prefix}={text}" if prefix else text


def is_own_machine(url: str) -> bool:
    """Return whether the sandbox would send there: to its own machine, so to nobody else's."""
    parts = urlsplit(url)
    try:
        return parts.scheme in {"http", "https"} and (
            parts.hostname == "localhost" or ip_address(parts.hostname or "").is_loopback
        )
    except ValueError:
        return False


def _other_spelling(event_type: str) -> str:
    return re.sub(r"(?=[A-Z])", "_", event_type).upper()


def _post(made: _Outgoing) -> int:
    """Send an event and return the status of the answer, 0 where none came."""
    url = urlsplit(made.webhook.target_url)
    if not is_own_machine(made.webhook.target_url):
        return 0
    kind = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
    headers = {"Content-Type": "application/json", "x-visier-signature": made.signature}
    if made.webhook.authorization:
        headers["Authorization"] = made.webhook.authorization
    connection = kind(url.hostname or "", url.port, timeout=ANSWER_SECONDS)
    try:
        connection.request("POST", url.path or "/", made.body, headers)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()
