"""Starting work: one request, sent once, answered with the id of a job.

There is no taking back and no trying again here: what may have been started is looked for among
the jobs (`start_lookup`).
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final
from uuid import uuid4

import orjson

from services.frames import OddAnswer
from services.frames.results import started_job
from services.ledger import (
    JOB_ID_LIMIT,
    Actor,
    Event,
    EventKind,
    ItemResult,
    Ledger,
    NewItem,
    NewOperation,
    Outcome,
    State,
    excerpt,
)
from services.visier import Client, InvalidArgument, OutcomeUnknown, Payload, VisierError

from . import start_course
from .kinds import Verb
from .permissions import Permissions, begin, take_up
from .run import at_work
from .start_bodies import Body, problems
from .start_forms import PROCESS, StartForm
from .workers import Workers

NO_ID: Final = "Visier accepted the request but named no job: look for it among the newest jobs."
ENDED: Final = "It was not sent: the dashboard was told to end just before. Nothing was started."
MAY: Final = "It may have started. {words}"

Send = Callable[[Client, Mapping[str, Any]], Payload]
_SEND: Mapping[str, Send] = {
    "start_load": lambda client, body: client.start_load(
        body["files"], skip_data_load=body["skipDataLoad"]
    ),
    "start_extraction": Client.start_extraction,
    "adhoc_extraction_job": Client.adhoc_extraction_job,
    "adhoc_processing_jobs": Client.adhoc_processing_jobs,
    "adhoc_consolidated_analytics_job": Client.adhoc_consolidated_analytics_job,
}


@dataclass(frozen=True)
class Start:
    """One start to confirm; its ``id`` is spent by the first call of ``start``.

    ``operation`` is the API's operation that is called with the body; ``part_of`` is the one in
    the ledger that it would be a part of, ``filter_text`` in words how its tenants were found.
    """

    verb: Verb
    label: str
    operation: str
    body: Body
    part_of: str | None = None
    filter_text: str = ""
    id: str = field(default_factory=lambda: str(uuid4()))


def prepared(form: StartForm, label: str, body: Body, *, alternative: bool = False) -> Start:
    """Return the start of a form with this body, by its own operation or the alternative one.

    Raises ValueError with the sentences of `start_bodies.problems`, if there are any.
    """
    wrong = problems(form, body)
    if wrong:
        raise ValueError(" ".join(wrong))
    operation = form.alternative if alternative else form.operation
    return Start(form.verb, label, operation, body)


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
    excluded = {"excludedTenants": list(excluded_tenants)} if excluded_tenants else {}
    scope = (
        {"allTenants": True, **excluded}
        if all_tenants
        else {"allTenants": False, "tenants": list(tenants)}
    )
    category = {"dataCategoryId": data_category_id} if data_category_id else {}
    body = {**scope, **category, "publishToProduction": publish_to_production}
    return prepared(PROCESS, label, body)


def start(
    ledger: Ledger,
    client: Client,
    what: Start,
    actor: Actor,
    *,
    identity: str,
    permissions: Permissions,
    reason: str = "",
    workers: Workers | None = None,
) -> threading.Thread:
    """Write a start down, then send its one request apart from the page; return the thread.

    The thread is one of ``workers``: a process that is told to end waits for the answer, and sends
    what has not left yet no more. The jobs listed just before are read first, so that what may have
    started can be told from them. What came of it is in the ledger under the start's id. Raises,
    with nothing sent, services.ledger.AlreadyApplied when it was sent before from whatever tab or
    process, LedgerTrouble, and NotAllowed when this person may not start it, which is written down.
    """
    operation = NewOperation(
        what.id,
        what.verb,
        actor,
        identity,
        reason=reason,
        filter_text=what.filter_text,
        part_of=what.part_of,
    )
    item = NewItem(what.id, actor.tenant, what.label, "", "Started")
    begin(ledger, permissions, operation, [item])
    request = orjson.dumps({"operation": what.operation, "body": what.body}).decode()
    ledger.note(what.id, Event(kind=EventKind.REQUEST, text=what.label, request=request))
    workers = workers or Workers()
    work = partial(_carry_out, ledger, client, what, workers)
    return workers.start(work, f"start {what.id}")


def _carry_out(ledger: Ledger, client: Client, what: Start, workers: Workers) -> None:
    with at_work(ledger, what.id, threading.Event(), workers):
        start_course.note_listed(ledger, client, what.id)
        outcome, message, answer, job_id = Outcome.FAILED, ENDED, "", ""
        if not workers.leaving.is_set():
            ledger.intend(what.id, [what.id])
            outcome, message, answer, job_id = _send(client, what)
        if job_id:
            start_course.note_job_id(ledger, what.id, job_id)
        ledger.settle(what.id, [ItemResult(what.id, outcome, message)])
        ledger.note(what.id, Event(kind=EventKind.ANSWER, text=message, answer=excerpt(answer)))
        ledger.set_state(what.id, State.FINISHED)


def settle_by_hand(
    ledger: Ledger, operation_id: str, permissions: Permissions, *, started: bool
) -> None:
    """Write down what a person has found out about a start that nobody could tell about.

    It opens the way to starting the same again. Raises NotAllowed for who may not start it.
    """
    take_up(ledger, permissions, operation_id)
    outcome = Outcome.SUCCEEDED if started else Outcome.FAILED
    message = f"{permissions.who} says that it {'did' if started else 'did not'} start."
    start_course.settle(ledger, operation_id, outcome, message)


def _send(client: Client, what: Start) -> tuple[Outcome, str, str, str]:
    """Send it; return what came of it, in words, the answer, and the job's id or nothing."""
    try:
        payload = _SEND[what.operation](client, what.body)
    except OutcomeUnknown as unknown:
        return Outcome.UNCERTAIN, MAY.format(words=unknown.message), "", ""
    except VisierError as refused:
        return Outcome.FAILED, f"{refused} {refused.advice}", "", ""
    except InvalidArgument as refused:
        return Outcome.FAILED, str(refused), "", ""
    answer = orjson.dumps(payload).decode()
    try:
        job_id = started_job(payload)
    except OddAnswer as odd:
        return Outcome.UNCERTAIN, MAY.format(words=odd), answer, ""
    if job_id is None or len(job_id) > JOB_ID_LIMIT:
        return Outcome.NO_RESULT, NO_ID, answer, ""
    return Outcome.SUCCEEDED, f"Job {job_id}", answer, job_id
