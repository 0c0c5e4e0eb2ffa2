"""Starting work: one request, sent once, answered with the id of a job.

There is no taking back and no trying again here: what may have been started is looked for among
the jobs.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from uuid import uuid4

import orjson

from services.frames.results import started_job
from services.ledger import (
    Actor,
    Event,
    ItemResult,
    Ledger,
    NewItem,
    NewOperation,
    Outcome,
    State,
)
from services.visier import Client, InvalidArgument, OutcomeUnknown, Payload, VisierError

NO_ID = "Visier accepted the request but named no job: look for it among the newest jobs."


class StartVerb(StrEnum):
    """What can be started, in the words that people read."""

    PROCESS = "Start processing jobs"


@dataclass(frozen=True)
class Start:
    """One start to confirm; its ``id`` is spent by the first call of ``start``."""

    verb: StartVerb
    label: str
    operation: str
    body: Mapping[str, Any]
    send: Callable[[Client, Mapping[str, Any]], Payload]
    id: str = field(default_factory=lambda: str(uuid4()))


def processing(
    label: str,
    *,
    tenants: Sequence[str] = (),
    all_tenants: bool = False,
    excluded_tenants: Sequence[str] = (),
    data_category_id: str | None = None,
    publish_to_production: bool = False,
) -> Start:
    """Describe processing jobs for the tenants named, or for all but some.

    Data and Job Handling API, POST /v1alpha/op/jobs/processing-jobs. Raises ValueError when no
    tenant is meant: the scope is never left to a default.
    """
    if not tenants and not all_tenants:
        raise ValueError("Choose at least one tenant.")
    scope = (
        {"allTenants": True, "excludedTenants": list(excluded_tenants)}
        if all_tenants
        else {"allTenants": False, "tenants": list(tenants)}
    )
    category = {"dataCategoryId": data_category_id} if data_category_id else {}
    body = {**scope, **category, "publishToProduction": publish_to_production}
    return Start(
        StartVerb.PROCESS, label, "adhoc_processing_jobs", body, Client.adhoc_processing_jobs
    )


def start(
    ledger: Ledger, client: Client, what: Start, actor: Actor, *, identity: str, reason: str = ""
) -> threading.Thread:
    """Write a start down, then send its one request apart from the page; return the thread.

    What came of it is in the ledger under the start's id. Raises, with nothing sent,
    services.ledger.AlreadyApplied when it was sent before from whatever tab or process, and
    LedgerTrouble.
    """
    operation = NewOperation(what.id, what.verb, actor, identity, reason=reason)
    ledger.begin(operation, [NewItem(what.id, actor.tenant, what.label, "", "Started")])
    request = orjson.dumps({"operation": what.operation, "body": what.body}).decode()
    ledger.note(what.id, Event(kind="Request", text=what.label, request=request))
    thread = threading.Thread(
        target=_carry_out, args=(ledger, client, what), name=f"start {what.id}", daemon=True
    )
    thread.start()
    return thread


def _carry_out(ledger: Ledger, client: Client, what: Start) -> None:
    ledger.intend(what.id, [what.id])
    outcome, message, answer = _send(client, what)
    ledger.settle(what.id, [ItemResult(what.id, outcome, message)])
    ledger.note(what.id, Event(kind="Answer", text=message, answer=answer))
    ledger.set_state(what.id, State.FINISHED)


def settle_by_hand(ledger: Ledger, operation_id: str, *, started: bool, user: str) -> None:
    """Write down what a person has found out about a start that nobody could tell about."""
    outcome = Outcome.SUCCEEDED if started else Outcome.FAILED
    message = f"{user} says that it {'did' if started else 'did not'} start."
    if ledger.operation(operation_id).state is State.INTERRUPTED:
        ledger.take_over(operation_id)
        ledger.set_state(operation_id, State.FINISHED)
    (item,) = ledger.items(operation_id, limit=1)
    ledger.settle(operation_id, [ItemResult(item.key, outcome, message)])


def _send(client: Client, what: Start) -> tuple[Outcome, str, str]:
    try:
        payload = what.send(client, what.body)
    except OutcomeUnknown as unknown:
        return Outcome.UNCERTAIN, f"It may have started. {unknown.message}", ""
    except (VisierError, InvalidArgument) as refused:
        return Outcome.FAILED, str(refused), ""
    answer = orjson.dumps(payload).decode()
    job_id = started_job(payload)
    if job_id is None:
        return Outcome.NO_RESULT, NO_ID, answer
    return Outcome.SUCCEEDED, f"Job {job_id}", answer
