"""Starting jobs: one request, sent once, answered with the id of a job.

It is neither undone nor repeated: a start of unknown outcome is looked up among the jobs
(`lookup`).
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

    It uses the operation of its form, or the ``alternative`` one. ``part_of`` is the recovery or
    chain it belongs to, ``filter_text`` describes how its tenants were selected, and ``listed`` is
    the number of all tenants, for a start that is for all.
    """

    form: StartForm
    alternative: bool = False
    part_of: str | None = None
    filter_text: str = ""
    listed: Listed | None = None
    id: str = field(default_factory=lambda: str(uuid4()))

    @property
    def verb(self) -> Verb:
        """The verb, for permissions and the ledger."""
        return self.form.verb

    @property
    def operation(self) -> str:
        """The API's operation that takes the body."""
        return self.form.alternative if self.alternative else self.form.operation

    @cached_property
    def body(self) -> Mapping[str, Any]:
        """The request body."""
        return self.form.body

    @property
    def target(self) -> Target:
        """The files or tenants it is for."""
        return target_of(self.form, self.listed)


def processing(
    *,
    tenants: Sequence[str],
    data_category_id: str | None = None,
    publish_to_production: bool = False,
) -> JobRequest:
    """Return the request to process the tenants named.

    Data and Job Handling API, POST /v1alpha/op/jobs/processing-jobs. Raises ValueError when none
    is named: the scope is never left to a default of Visier's.
    """
    form = ProcessingForm(
        # Sent, so that no default of Visier's widens the scope.
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
    """Record a start, then send its one request in a thread of its own; return the thread.

    The thread is one of ``threads``: a terminated process waits for the answer, and sends nothing
    that has not left yet. The present jobs are recorded first, so that a look-up can tell the new
    job from them. The outcome is in the ledger under the start's id. Raises, with nothing sent,
    services.ledger.AlreadyApplied when any tab or process has sent it before, LedgerTrouble, and
    NotAllowed, which is recorded.
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
    # Before it leaves, and whole: the same start is recognised by its body.
    request = orjson.dumps({"operation": what.operation, "body": what.body}).decode()
    ledger.note(what.id, Event(kind=EventKind.REQUEST, text="", request=request))
    threads = threads or Threads()
    worker = Worker(ledger, what.id, client, _Starting(ledger, what), threads=threads)
    return threads.start(worker.work, f"start {what.id}")


class _Starting(Task):
    """One start; the jobs listed just before are recorded, so that its own can be found later."""

    policy: ClassVar = Policy.ONCE
    unsent: ClassVar = Outcome.FAILED
    lane: ClassVar = Lane.CLICK

    def __init__(self, ledger: Ledger, what: JobRequest) -> None:
        super().__init__([[what]])
        self._ledger = ledger
        self._what = what

    def keys(self, going: Batch) -> list[str]:
        """Return the id of the one item."""
        return [what.id for what in going]

    def prepare(self, batch: Batch) -> Prepared:
        """Record which jobs are listed, or that they cannot be read."""
        record.note_listed(self._ledger, self.client, self._what.id)
        return Prepared(batch)

    def send(self, going: Batch) -> Payload:  # noqa: ARG002 - there is one
        """Send the one request."""
        return _SEND[self._what.operation](self.client, self._what.body)

    def interpret(self, going: Batch, payload: Payload) -> Told:  # noqa: ARG002 - there is one
        """Record the id of the job; without it the job has to be looked up."""
        id_ = self._what.id
        job_id = started_job(payload)
        # An id too long for the ledger is no id of a job.
        if job_id is None or len(job_id) > JOB_ID_LIMIT:
            return Told([ItemResult(id_, Outcome.NO_RESULT, Finding.NO_ID)])
        record.note_job_id(self._ledger, id_, job_id)
        return Told([ItemResult(id_, Outcome.SUCCEEDED, facts={"job_id": job_id})])

    def request(self, going: Batch, answer: object) -> list[Event]:  # noqa: ARG002 - noted before
        """Return the answer: the request was recorded before it left."""
        said = answer if isinstance(answer, str) else orjson.dumps(answer).decode()
        return [Event(kind=EventKind.ANSWER, text="", answer=excerpt(said))]


def settle_by_hand(
    ledger: Ledger, operation_id: str, permissions: Permissions, *, started: bool
) -> None:
    """Record what a person has found out about a start of unknown outcome.

    After it the same can be started again. Raises NotAllowed without the permission for its verb.
    """
    authorize_existing(ledger, permissions, operation_id)
    outcome = Outcome.SUCCEEDED if started else Outcome.FAILED
    facts = {"who": permissions.who, "done": started}
    record.settle(ledger, operation_id, outcome, Finding.PERSON, facts)
