"""Starting work: one request, sent once, answered with the id of a job.

There is no taking back and no trying again here: what may have been started is looked for among
the jobs.
"""

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


@dataclass(frozen=True)
class Started:
    """What became of a start: succeeded with a job's id, failed, no result, or uncertain."""

    outcome: Outcome
    job_id: str | None
    message: str


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
) -> Started:
    """Write a start down, send its one request, and write down what came of it.

    Raises services.ledger.AlreadyApplied, and sends nothing, when it was sent before from
    whatever tab or process.
    """
    operation = NewOperation(what.id, what.verb, actor, identity, reason=reason)
    item = NewItem(what.id, actor.tenant, what.label, "", "Started")
    ledger.begin(operation, [item])
    ledger.intend(what.id, [what.id])
    started, answer = _send(client, what)
    request = orjson.dumps({"operation": what.operation, "body": what.body}).decode()
    ledger.note(what.id, Event(kind="Request", text=what.label, request=request, answer=answer))
    ledger.settle(what.id, [ItemResult(what.id, started.outcome, started.message)])
    ledger.set_state(what.id, State.FINISHED)
    return started


def _send(client: Client, what: Start) -> tuple[Started, str]:
    try:
        payload = what.send(client, what.body)
    except OutcomeUnknown as unknown:
        return Started(Outcome.UNCERTAIN, None, f"It may have started. {unknown.message}"), ""
    except (VisierError, InvalidArgument) as refused:
        return Started(Outcome.FAILED, None, str(refused)), ""
    answer = orjson.dumps(payload).decode()
    job_id = started_job(payload)
    if job_id is None:
        return Started(Outcome.NO_RESULT, None, NO_ID), answer
    return Started(Outcome.SUCCEEDED, job_id, f"Job {job_id}"), answer
