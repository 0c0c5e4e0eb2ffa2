"""Creating connector credentials, changing one, rotating its secrets: one request per tenant.

Each is sent once. The secrets live in memory from the form to the last request. What is written
down holds none: not the operation, not its requests, not the answers. A creation is never sent
again; where its outcome is unclear, what the tenant lists now is compared with what it listed just
before.
"""

import logging
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final
from uuid import uuid4

import orjson
import pandas as pd

from services import visier
from services.frames import OddAnswer, credentials, results
from services.frames import Outcome as Told
from services.ledger import (
    Actor,
    Control,
    Event,
    EventKind,
    ItemResult,
    Ledger,
    LedgerTrouble,
    NewItem,
    NewOperation,
    Outcome,
    State,
    TakenOver,
)
from services.visier import Client, Payload
from services.visier.protocol import redact, secret_values
from services.visier.providers import AUTH_PARAMS, without_secrets

from .kinds import Verb
from .matching import ANOTHER
from .permissions import Permissions, begin
from .run import NOT_DONE, NOT_SENT, UNSENT, beating
from .workers import Workers

MAYBE: Final = "It may have been done all the same. {words}"
ENDED: Final = "The dashboard was told to end before all of it was sent."
NO_ID: Final = "Visier answered but named no credential."
NOT_LISTED_BEFORE: Final = "Not sent: what the tenant has could not be read before. {words}"
_log = logging.getLogger("services.operations")


_OPERATIONS: Final = {
    Verb.CREATE_CREDENTIALS: "create_connector_credential",
    Verb.CHANGE_CREDENTIAL: "update_connector_credential",
    Verb.ROTATE_SECRETS: "update_connector_credential",
}
_AFTER: Final = {
    Verb.CREATE_CREDENTIALS: "Created",
    Verb.CHANGE_CREDENTIAL: "Changed",
    Verb.ROTATE_SECRETS: "Rotated",
}


class TableInheritance(StrEnum):
    """What analytic tenants get of a credential's SQL tables, read-only; NONE unless it is said."""

    NONE = "SQL_TABLE_INHERITANCE_MODE_NONE"
    DESIGN_ONLY = "SQL_TABLE_INHERITANCE_MODE_DESIGN_ONLY"
    FULL_DATA = "SQL_TABLE_INHERITANCE_MODE_FULL_DATA"
    FILTERED_DATA = "SQL_TABLE_INHERITANCE_MODE_FILTERED_DATA"


@dataclass(frozen=True)
class Submission:
    """A form filled in; its ``id`` is spent by the first call of ``submit``."""

    verb: Verb
    label: str
    tenants: tuple[str, ...]
    body: Mapping[str, Any] = field(repr=False)
    credential_id: str = ""
    id: str = field(default_factory=lambda: str(uuid4()))

    @property
    def calls(self) -> int:
        """How many API calls it takes."""
        return len(self.tenants) * (2 if self.verb is Verb.CREATE_CREDENTIALS else 1)


def creation(
    params: Mapping[str, Any],
    *,
    tenants: Sequence[str],
    display_name: str,
    description: str = "",
    can_children_inherit: bool = False,
    tables: TableInheritance = TableInheritance.NONE,
) -> Submission:
    """Describe a new credential, the same in each of these tenants.

    Visier's own default of ``tables`` is left to it, as in the code samples. Data and Job Handling
    API, POST /v1/op/data-connector-credentials.
    """
    about = {"displayName": display_name} | ({"description": description} if description else {})
    body: dict[str, Any] = {
        AUTH_PARAMS: params,
        "dataProviderBasicInformation": about,
        "dataProviderMetadata": {"canChildrenInherit": can_children_inherit},
    }
    if tables is not TableInheritance.NONE:
        body["dataProviderMetadata"]["sqlTableInheritanceMode"] = tables.value
    label = f"{display_name} ({params['provider']})"
    return Submission(Verb.CREATE_CREDENTIALS, label, tuple(dict.fromkeys(tenants)), body)


def change(
    tenant_code: str,
    credential_id: str,
    label: str,
    *,
    display_name: str = "",
    description: str = "",
    can_children_inherit: bool | None = None,
    tables: TableInheritance | None = None,
) -> Submission:
    """Describe what is to change of a credential's details; what is not named here is not sent.

    Data and Job Handling API, PUT /v1/op/data-connector-credentials/{id}. Raises ValueError when
    nothing would change.
    """
    wanted = {
        "displayName": display_name or None,
        "description": description or None,
        "canChildrenInherit": can_children_inherit,
        "sqlTableInheritanceMode": tables and tables.value,
    }
    body = {name: value for name, value in wanted.items() if value is not None}
    if not body:
        raise ValueError("Nothing would change.")
    return Submission(Verb.CHANGE_CREDENTIAL, label, (tenant_code,), body, credential_id)


def rotation(
    tenant_code: str, credential_id: str, label: str, params: Mapping[str, Any]
) -> Submission:
    """Describe new secrets of a credential: they replace its stored parameters as a whole.

    The same request could change its details too; it is two operations, so that each is recorded
    and permitted as what it is. Data and Job Handling API, PUT
    /v1/op/data-connector-credentials/{id}.
    """
    body = {AUTH_PARAMS: params}
    return Submission(Verb.ROTATE_SECRETS, label, (tenant_code,), body, credential_id)


def submit(
    ledger: Ledger,
    client: Client,
    what: Submission,
    actor: Actor,
    *,
    identity: str,
    permissions: Permissions,
    reason: str = "",
    workers: Workers | None = None,
) -> threading.Thread:
    """Write down what is to be done, then send it apart from the page; return the thread.

    The thread is one of ``workers``: a process that is told to end waits for the answer to what has
    left, and sends no more. Raises, with nothing sent, services.ledger.AlreadyApplied,
    LedgerTrouble, and NotAllowed when this person may not do it, which is written down.
    """
    items = [NewItem(code, code, what.label, "", _AFTER[what.verb]) for code in what.tenants]
    operation = NewOperation(what.id, what.verb, actor, identity, reason=reason)
    begin(ledger, permissions, operation, items)
    workers = workers or Workers()
    sender = _Sender(ledger, client, what, workers)
    return workers.start(sender.work, f"credential {what.id}")


class _Sender:
    """One submission at work, tenant after tenant."""

    def __init__(self, ledger: Ledger, client: Client, what: Submission, workers: Workers) -> None:
        self._ledger = ledger
        self._workers = workers
        self._leaving = workers.leaving
        self._client = client.in_lane(visier.Lane.BULK, self._is_stopped)
        self._what = what
        self._secrets = frozenset(secret_values(what.body))
        self._lost = threading.Event()

    def work(self) -> None:
        """Send every request once; the ledger says how it ended, whatever happens."""
        try:
            with beating(self._ledger, self._what.id, self._lost, self._workers):
                for code in self._what.tenants:
                    if self._is_stopped() or not self._one(code):
                        break
                left = self._ledger.operation(self._what.id).item_counts[Outcome.PLANNED]
                if left and self._leaving.is_set():
                    self._ledger.note(self._what.id, Event(kind=EventKind.TROUBLE, text=ENDED))
                self._ledger.set_state(self._what.id, State.STOPPED if left else State.FINISHED)
        except TakenOver:
            _log.warning("operation %s: another process goes on with it", self._what.id)
        except Exception as trouble:
            _log.error("operation %s broke off: %s", self._what.id, type(trouble).__name__)
            with suppress(LedgerTrouble, TakenOver):
                self._ledger.set_state(self._what.id, State.INTERRUPTED)

    def _is_stopped(self) -> bool:
        if self._lost.is_set():
            raise TakenOver(self._what.id)
        return self._leaving.is_set() or self._ledger.asked(self._what.id) is Control.STOP

    def _one(self, code: str) -> bool:
        """Send to one tenant and settle it; say whether to go on with the next."""
        if self._what.verb is Verb.CREATE_CREDENTIALS:
            try:
                self._note_listed(code)
            except (*NOT_DONE, OddAnswer) as error:
                self._settle(code, Outcome.FAILED, NOT_LISTED_BEFORE.format(words=error))
                return True
            except UNSENT as error:
                self._settle(
                    code, Outcome.PLANNED, NOT_SENT.format(words=f"{error.message} {error.advice}")
                )
                return False
            if self._leaving.is_set():
                return False
        self._ledger.intend(self._what.id, [code])
        answer = ""
        try:
            payload = self._send(code)
            outcome, words = self._told(payload)
            answer = orjson.dumps(payload).decode()
        except UNSENT as error:
            self._settle(
                code, Outcome.PLANNED, NOT_SENT.format(words=f"{error.message} {error.advice}")
            )
            return False
        except NOT_DONE as error:
            outcome, words = Outcome.FAILED, str(error)
        except (visier.VisierError, OddAnswer) as error:
            outcome, words = Outcome.UNCERTAIN, MAYBE.format(words=error)
        self._note_request(code, answer)
        self._settle(code, outcome, words)
        return True

    def _send(self, code: str) -> Payload:
        what = self._what
        if what.verb is Verb.CREATE_CREDENTIALS:
            return self._client.create_connector_credential(what.body, tenant_code=code)
        return self._client.update_connector_credential(
            what.credential_id, what.body, tenant_code=code
        )

    def _told(self, payload: Payload) -> tuple[Outcome, str]:
        if self._what.verb is not Verb.CREATE_CREDENTIALS:
            return self._told_of_change(payload)
        created = results.from_create_connector_credential(payload)
        if created.empty or created["outcome"].iloc[0] != Told.SUCCEEDED:
            return Outcome.NO_RESULT, NO_ID
        missing = results.missing_properties(payload)["subject"].dropna()
        words = f"Credential {created['credential_id'].iloc[0]}"
        if len(missing):
            words += f" works but cannot read everything: {', '.join(missing)}"
        return Outcome.SUCCEEDED, redact(words, self._secrets)

    def _told_of_change(self, payload: Payload) -> tuple[Outcome, str]:
        shown = credentials.to_frame([{"connectorCredentials": [payload]}])
        named = shown["credential_id"].iloc[0]
        if pd.isna(named):
            return Outcome.NO_RESULT, NO_ID
        if named != self._what.credential_id:
            return Outcome.UNCERTAIN, ANOTHER.format(named=f"credential {named}")
        name = self._what.body.get("displayName")
        if name and shown["display_name"].iloc[0] != name:
            return Outcome.UNCERTAIN, "Visier answered with another name than was asked for."
        return Outcome.SUCCEEDED, ""

    def _settle(self, code: str, outcome: Outcome, words: str) -> None:
        result = ItemResult(code, outcome, redact(words, self._secrets))
        self._ledger.settle(self._what.id, [result])

    def _note_listed(self, code: str) -> None:
        known = listed(self._client, code)["credential_id"].dropna()
        answer = orjson.dumps(list(known)).decode()
        self._ledger.note(
            self._what.id, Event(kind=EventKind.LISTED_BEFORE, text=code, answer=answer)
        )

    def _note_request(self, code: str, answer: str) -> None:
        what = self._what
        operation = visier.ENDPOINTS[_OPERATIONS[what.verb]]
        body = {
            key: without_secrets(value) if key == AUTH_PARAMS else value
            for key, value in what.body.items()
        }
        path = operation.path.format(credential_id=what.credential_id)
        request = f"{operation.method} {path}?tenantCode={code} {orjson.dumps(body).decode()}"
        answer = redact(answer, self._secrets)
        self._ledger.note(
            what.id, Event(kind=EventKind.REQUEST, text=code, request=request, answer=answer)
        )


def listed(client: Client, code: str) -> pd.DataFrame:
    """Read what a tenant lists, as ``services.frames.credentials`` gives it."""
    return credentials.to_frame(client.iter_data_connector_credentials(tenant_code=code), code)
