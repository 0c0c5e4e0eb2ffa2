"""Starting work: one request, sent once, answered with the id of a job.

There is no taking back and no trying again here: what may have been started is looked for among
the jobs (`lookup`).
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar
from uuid import uuid4

import orjson

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
    excerpt,
)
from services.visier import Client, Lane, Payload

from ..engine.changes import Finding, write_state
from ..engine.permissions import Permissions, authorize_existing, begin
from ..engine.task import Batch, Policy, Prepared, Task, Told
from ..engine.threads import Threads
from ..engine.worker import Worker
from ..tokens import Verb
from . import record
from .forms import ProcessingForm, StartForm
from .target import OF_TARGET, Listed, Target, target_of

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
class JobRequest:
    """One start to confirm; its ``id`` is spent by the first call of ``start``.

    It goes by the operation of its form, or by the alternative one. ``part_of`` is the operation in
    the ledger that it would be a part of, ``filter_text`` in words how its tenants were found, and
    ``listed`` how many there are of all tenants, for a start that is for all.
    """

    form: StartForm
    alternative: bool = False
    part_of: str | None = None
    filter_text: str = ""
    listed: Listed | None = None
    id: str = field(default_factory=lambda: str(uuid4()))

    @property
    def verb(self) -> Verb:
        """What is done, for permissions and the ledger."""
        return self.form.verb

    @property
    def operation(self) -> str:
        """The API's operation that is called with the body."""
        return self.form.alternative if self.alternative else self.form.operation

    @cached_property
    def body(self) -> Mapping[str, Any]:
        """The request body."""
        return self.form.body

    @property
    def target(self) -> Target:
        """What it is for."""
        return target_of(self.form, self.listed)


def processing(
    *,
    tenants: Sequence[str],
    data_category_id: str | None = None,
    publish_to_production: bool = False,
) -> JobRequest:
    """Describe processing jobs for the tenants named.

    Data and Job Handling API, POST /v1alpha/op/jobs/processing-jobs. Raises ValueError when none
    is named: the scope is never left to a default.
    """
    form = ProcessingForm(
        all_tenants=False,
        tenants=[*tenants],
        data_category_id=data_category_id,
        publish_to_production=publish_to_production,
    )
    return JobRequest(form)


def start(
    ledger: Ledger,
    client: Client,
    what: JobRequest,
    actor: Actor,
    *,
    identity: str,
    permissions: Permissions,
    reason: str = "",
    threads: Threads | None = None,
) -> threading.Thread:
    """Write a start down, then send its one request apart from the page; return the thread.

    The thread is one of ``threads``: a process that is told to end waits for the answer, and sends
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
    after = {"done": record.STARTED, "target": OF_TARGET.dump_python(what.target)}
    item = NewItem(what.id, actor.tenant, "", write_state(None), write_state(after))
    begin(ledger, permissions, operation, [item])
    request = orjson.dumps({"operation": what.operation, "body": what.body}).decode()
    ledger.note(what.id, Event(kind=EventKind.REQUEST, text="", request=request))
    threads = threads or Threads()
    worker = Worker(ledger, what.id, client, _Starting(ledger, what), threads=threads)
    return threads.start(worker.work, f"start {what.id}")


class _Starting(Task):
    """One start: what is listed is noted just before, so that an unclear outcome can be told."""

    policy: ClassVar = Policy.ONCE
    unsent: ClassVar = Outcome.FAILED
    lane: ClassVar = Lane.CLICK

    def __init__(self, ledger: Ledger, what: JobRequest) -> None:
        super().__init__([[what]])
        self._ledger = ledger
        self._what = what

    def keys(self, going: Batch) -> list[str]:
        """Return the one id."""
        return [what.id for what in going]

    def prepare(self, batch: Batch) -> Prepared:
        """Write down which jobs are listed, or that they cannot be read."""
        record.note_listed(self._ledger, self.client, self._what.id)
        return Prepared(batch)

    def send(self, going: Batch) -> Payload:  # noqa: ARG002 - there is one
        """Send the one request."""
        return _SEND[self._what.operation](self.client, self._what.body)

    def interpret(self, going: Batch, payload: Payload) -> Told:  # noqa: ARG002 - there is one
        """Take the id of the job, without which the job is looked for."""
        id_ = self._what.id
        job_id = started_job(payload)
        if job_id is None or len(job_id) > JOB_ID_LIMIT:
            return Told([ItemResult(id_, Outcome.NO_RESULT, Finding.NO_ID)])
        record.note_job_id(self._ledger, id_, job_id)
        return Told([ItemResult(id_, Outcome.SUCCEEDED, facts={"job_id": job_id})])

    def request(self, going: Batch, answer: object) -> list[Event]:  # noqa: ARG002 - noted before
        """Return the answer: the request was noted before it left."""
        said = answer if isinstance(answer, str) else orjson.dumps(answer).decode()
        return [Event(kind=EventKind.ANSWER, text="", answer=excerpt(said))]


def settle_by_hand(
    ledger: Ledger, operation_id: str, permissions: Permissions, *, started: bool
) -> None:
    """Write down what a person has found out about a start that nobody could tell about.

    It opens the way to starting the same again. Raises NotAllowed for who may not start it.
    """
    authorize_existing(ledger, permissions, operation_id)
    outcome = Outcome.SUCCEEDED if started else Outcome.FAILED
    facts = {"who": permissions.who, "done": started}
    record.settle(ledger, operation_id, outcome, Finding.PERSON, facts)
