"""Creating connector credentials, changing one, rotating its secrets: one request per tenant.

Each is sent once. Secrets stay in memory from the form to the last request; no record has them: not
the operation, its requests, or the answers. A creation is never repeated: where its outcome is
unknown, the tenant's credentials are compared with those listed just before.
"""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar, Final
from uuid import uuid4

import orjson
import pandas as pd

from services import visier
from services.frames import Outcome as Answered
from services.frames import UnexpectedResponse, credentials, results
from services.ledger import (
    Actor,
    Event,
    EventKind,
    ItemResult,
    Ledger,
    NewItem,
    NewOperation,
    Outcome,
)
from services.visier import Client, Payload
from services.visier.protocol import redact, secret_values
from services.visier.providers import AUTH_PARAMS, without_secrets

from ..engine.changes import Finding, write_state
from ..engine.permissions import Permissions, begin
from ..engine.task import Batch, Policy, Prepared, Task, Told
from ..engine.threads import Threads
from ..engine.worker import NOT_DONE, Worker
from ..tokens import Verb

_OPERATIONS: Final = {
    Verb.CREATE_CREDENTIALS: "create_connector_credential",
    Verb.CHANGE_CREDENTIAL: "update_connector_credential",
    Verb.ROTATE_SECRETS: "update_connector_credential",
}


class CredentialDone(StrEnum):
    """What a form does to a credential."""

    CREATED = "created"
    CHANGED = "changed"
    ROTATED = "rotated"


_AFTER: Final = {
    Verb.CREATE_CREDENTIALS: CredentialDone.CREATED,
    Verb.CHANGE_CREDENTIAL: CredentialDone.CHANGED,
    Verb.ROTATE_SECRETS: CredentialDone.ROTATED,
}


class TableInheritance(StrEnum):
    """What analytic tenants inherit of a credential's SQL tables, read-only; NONE by default."""

    NONE = "SQL_TABLE_INHERITANCE_MODE_NONE"
    DESIGN_ONLY = "SQL_TABLE_INHERITANCE_MODE_DESIGN_ONLY"
    FULL_DATA = "SQL_TABLE_INHERITANCE_MODE_FULL_DATA"
    FILTERED_DATA = "SQL_TABLE_INHERITANCE_MODE_FILTERED_DATA"


@dataclass(frozen=True)
class Submission:
    """A form filled in; its ``id`` is spent by the first call of ``submit``.

    ``display_name`` is what the credential is called, and ``provider`` is set for a new one.
    """

    verb: Verb
    display_name: str
    tenants: tuple[str, ...]
    body: Mapping[str, Any] = field(repr=False)
    credential_id: str = ""
    provider: str = ""
    id: str = field(default_factory=lambda: str(uuid4()))

    @property
    def calls(self) -> int:
        """How many API calls it takes."""
        # A creation lists the tenant's credentials before.
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
    """Return a submission that creates the same credential in each of these tenants.

    The default of ``tables`` is not sent, as in the code samples. Data and Job Handling API, POST
    /v1/op/data-connector-credentials.
    """
    about = {"displayName": display_name} | ({"description": description} if description else {})
    body: dict[str, Any] = {
        AUTH_PARAMS: params,
        "dataProviderBasicInformation": about,
        "dataProviderMetadata": {"canChildrenInherit": can_children_inherit},
    }
    if tables is not TableInheritance.NONE:
        body["dataProviderMetadata"]["sqlTableInheritanceMode"] = tables.value
    # Each tenant once: a second request would create a second credential.
    codes = tuple(dict.fromkeys(tenants))
    provider = str(params["provider"])
    return Submission(Verb.CREATE_CREDENTIALS, display_name, codes, body, provider=provider)


def change(
    tenant_code: str,
    credential_id: str,
    current_name: str,
    *,
    display_name: str = "",
    description: str = "",
    can_children_inherit: bool | None = None,
    tables: TableInheritance | None = None,
) -> Submission:
    """Return a submission that changes a credential's details; only arguments given are sent.

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
    return Submission(Verb.CHANGE_CREDENTIAL, current_name, (tenant_code,), body, credential_id)


def rotation(
    tenant_code: str, credential_id: str, current_name: str, params: Mapping[str, Any]
) -> Submission:
    """Return a submission that replaces the stored parameters of a credential as a whole.

    The same request could change its details too; these are two operations, so that each is
    recorded and permitted by itself. Data and Job Handling API, PUT
    /v1/op/data-connector-credentials/{id}.
    """
    body = {AUTH_PARAMS: params}
    return Submission(Verb.ROTATE_SECRETS, current_name, (tenant_code,), body, credential_id)


def submit(
    ledger: Ledger,
    client: Client,
    what: Submission,
    actor: Actor,
    *,
    identity: str,
    permissions: Permissions,
    reason: str = "",
    threads: Threads | None = None,
) -> threading.Thread:
    """Record a submission, then send it in a thread of its own; return the thread.

    The thread is one of ``threads``: a terminated process waits for the answer to the request in
    flight, and sends no more. Raises, with nothing sent, services.ledger.AlreadyApplied,
    LedgerTrouble, and NotAllowed, which is recorded.
    """
    provider = {"provider": what.provider} if what.provider else {}
    states = write_state(None), write_state({"done": _AFTER[what.verb], **provider})
    items = [NewItem(code, code, what.display_name, *states) for code in what.tenants]
    operation = NewOperation(what.id, what.verb, actor, identity, reason=reason)
    begin(ledger, permissions, operation, items)
    threads = threads or Threads()
    worker = Worker(ledger, what.id, client, _Sending(what), threads=threads)
    return threads.start(worker.work, f"credential {what.id}")


class _Sending(Task):
    """One submission, one request per tenant, each sent once."""

    policy: ClassVar = Policy.ONCE
    # A traceback shows local variables, and with them secrets.
    has_secrets: ClassVar = True

    def __init__(self, what: Submission) -> None:
        super().__init__([[code] for code in what.tenants])
        self._what = what
        self._secrets = frozenset(secret_values(what.body))

    def keys(self, going: Batch) -> list[str]:
        """Return the tenant's code, which is the key of each item."""
        return list(going)

    def prepare(self, batch: Batch) -> Prepared:
        """Record what is listed before a creation: what is new later may have come from it."""
        if self._what.verb is not Verb.CREATE_CREDENTIALS:
            return Prepared(batch)
        (code,) = batch
        try:
            known = listed(self.client, code)["credential_id"].dropna()
        except (*NOT_DONE, UnexpectedResponse) as error:
            # Not sent: without the list from before, an unknown outcome could not be looked up.
            failed = self.result(code, Outcome.FAILED, Finding.NOT_READ_BEFORE, str(error))
            return Prepared((), [failed])
        answer = orjson.dumps(list(known)).decode()
        noted = Event(kind=EventKind.LISTED_BEFORE, text=code, answer=answer)
        return Prepared(batch, events=[noted])

    def send(self, going: Batch) -> Payload:
        """Send the one request of the tenant."""
        (code,), what = going, self._what
        if what.verb is Verb.CREATE_CREDENTIALS:
            return self.client.create_connector_credential(what.body, tenant_code=code)
        return self.client.update_connector_credential(
            what.credential_id, what.body, tenant_code=code
        )

    def interpret(self, going: Batch, payload: Payload) -> Told:
        """Return the result: succeeded only when Visier names the credential that was sent."""
        creates = self._what.verb is Verb.CREATE_CREDENTIALS
        outcome, finding, facts = _created(payload) if creates else self._changed(payload)
        (code,) = going
        redacted = orjson.loads(redact(orjson.dumps(facts).decode(), self._secrets))
        return Told([ItemResult(code, outcome, finding or "", redacted)])

    def _changed(self, payload: Payload) -> tuple[Outcome, Finding | None, dict[str, Any]]:
        shown = credentials.to_frame([{"connectorCredentials": [payload]}])
        named = shown["credential_id"].iloc[0]
        if pd.isna(named):
            return Outcome.NO_RESULT, Finding.NO_ID, {}
        # Visier's code samples answer for other ids than were sent.
        if named != self._what.credential_id:
            return Outcome.UNCERTAIN, Finding.ANOTHER, {"named": [str(named)]}
        name = self._what.body.get("displayName")
        answered = shown["display_name"].iloc[0]
        # A change that Visier does not show was perhaps not made.
        if name and answered != name:
            return (
                Outcome.UNCERTAIN,
                Finding.ANOTHER,
                {"named": [] if pd.isna(answered) else [answered]},
            )
        return Outcome.SUCCEEDED, None, {}

    def result(self, key: str, outcome: Outcome, finding: Finding | None, words: str) -> ItemResult:
        """Return the result of an item, without secrets that Visier's words may repeat."""
        return super().result(key, outcome, finding, redact(words, self._secrets))

    def request(self, going: Batch, answer: object) -> list[Event]:
        """Return the request and its answer without a secret."""
        (code,), what = going, self._what
        operation = visier.ENDPOINTS[_OPERATIONS[what.verb]]
        body = {
            key: without_secrets(value) if key == AUTH_PARAMS else value
            for key, value in what.body.items()
        }
        path = operation.path.format(credential_id=what.credential_id)
        request = f"{operation.method} {path}?tenantCode={code} {orjson.dumps(body).decode()}"
        said = "" if isinstance(answer, str) else orjson.dumps(answer).decode()
        kept = redact(said, self._secrets)
        return [Event(kind=EventKind.REQUEST, text=code, request=request, answer=kept)]


def _created(payload: Payload) -> tuple[Outcome, Finding | None, dict[str, Any]]:
    created = results.from_create_connector_credential(payload)
    if created.empty or created["outcome"].iloc[0] != Answered.SUCCEEDED:
        return Outcome.NO_RESULT, Finding.NO_ID, {}
    missing = results.missing_properties(payload)["subject"].dropna()
    facts = {"credential_id": created["credential_id"].iloc[0], "cannot_read": list(missing)}
    return Outcome.SUCCEEDED, None, facts


def listed(client: Client, code: str) -> pd.DataFrame:
    """Read the credentials of a tenant, with the columns of ``services.frames.credentials``."""
    return credentials.to_frame(client.iter_data_connector_credentials(tenant_code=code), code)
