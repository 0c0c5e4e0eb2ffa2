"""The changes of a plan as a task: each batch is read again just before it is sent."""

from collections.abc import Mapping, Sequence
from itertools import compress
from operator import not_
from typing import Any, ClassVar

import orjson

from services import visier
from services.clock import LONG_AGO
from services.frames.results import totals_disagree
from services.ledger import Event, EventKind, ItemResult, Ledger, Outcome, excerpt
from services.visier.protocol import redact, secret_values

from .changes import Finding, Key, Note, Query, write_key, write_state
from .matching import match, result
from .plan import PlannedItem
from .reading import Reader
from .reconcile import every_item, reconcile
from .task import Batch, Policy, Prepared, Task, Told
from .verb_spec import VerbSpec


class BulkTask(Task):
    """The changes of a plan, by as few requests as the verb takes."""

    policy: ClassVar = Policy.REPEATABLE

    def __init__(
        self,
        spec: VerbSpec[Any, Any],
        batches: Sequence[list[PlannedItem]],
        query: Query,
        places: Mapping[str, int],
    ) -> None:
        super().__init__(batches)
        self.spec = spec
        self._query = query
        self._places = places

    def begin(self, client: visier.Client) -> None:
        """Take the client, and read through it too."""
        super().begin(client)
        self.reader = Reader(self.spec, client, self._query, self._places)

    def keys(self, going: Batch) -> list[str]:
        """Return the keys as the ledger keeps them."""
        return [write_key(item.key) for item in going]

    def prepare(self, batch: Batch) -> Prepared:
        """Read the items again; send those in the state they were planned in, stop the others."""
        states = self.reader.states([item.key for item in batch])
        unchanged = [self.spec.unchanged(states.get(item.key), item.before) for item in batch]
        stopped = [self._stopped(item, states) for item in compress(batch, map(not_, unchanged))]
        going = list(compress(batch, unchanged))
        # Made once: what is recorded has to be what is sent.
        self._objects = self.spec.objects([item.key for item in going]) if going else []
        remark = self.spec.remark() if going else {}
        document = orjson.dumps(remark).decode()
        events = [Event(kind=EventKind.REMARK, text="", answer=document)] if remark else []
        return Prepared(going, stopped, events)

    # A plan may be minutes old: colleagues, Studio and retention change flags and versions too.
    def _stopped(self, item: PlannedItem, states: Mapping[Key, Any]) -> ItemResult:
        state, code = states.get(item.key), item.key[0]
        refusal = self.reader.refusals.get(code)
        if state is not None:
            note = Note(Finding.CHANGED, {"state": orjson.loads(write_state(state))})
            return result(item.key, Outcome.CHANGED_SINCE_PLAN, note)
        if refusal is not None:
            return result(item.key, Outcome.FAILED, Note(Finding.NOT_READ, words=refusal))
        if code in self.reader.left_out:
            return result(item.key, Outcome.FAILED, Note(Finding.LEFT_OUT))
        return result(item.key, Outcome.CHANGED_SINCE_PLAN, Note(Finding.NO_LONGER_LISTED))

    def send(self, going: Batch) -> visier.Payload:  # noqa: ARG002 - as prepared
        """Send the prepared objects."""
        return self.spec.send(self.client, self._objects)

    def interpret(self, going: Batch, payload: visier.Payload) -> Told:
        """Match results to items by their keys."""
        answered = self.spec.answer.to_frame([payload])
        matched = match(self.spec, [item.key for item in going], answered)
        events = []
        # Recorded only: the items count, not the totals.
        if totals_disagree(payload):
            events.append(Event(kind=EventKind.TOTALS, text=""))
        if matched.extra:
            answer = orjson.dumps({"results": len(matched.extra)}).decode()
            text = "; ".join(" · ".join(each) for each in matched.extra)
            events.append(Event(kind=EventKind.EXTRA_RESULTS, text=text, answer=answer))
        return Told(matched.results, events)

    def request(self, going: Batch, answer: object) -> list[Event]:  # noqa: ARG002 - as prepared
        """Return the request with its objects, and the answer."""
        operation = visier.ENDPOINTS[self.spec.operation]
        secrets = frozenset(secret_values(self._objects))
        body = orjson.dumps({self.spec.field: self._objects}).decode()
        request = f"{operation.method} {operation.path} {body}"
        said = answer if isinstance(answer, str) else orjson.dumps(answer).decode()
        return [
            Event(
                kind=EventKind.REQUEST,
                text=self.spec.operation,
                # Redacted before it is cut: half a secret would not be recognised.
                request=excerpt(redact(request, secrets)),
                answer=excerpt(redact(said, secrets)),
            )
        ]

    def reconcile(self, ledger: Ledger, operation_id: str) -> None:
        """Look up the items whose outcome is unknown."""
        # This process has lived all along: each item's own time tells how long ago it left.
        items = list(every_item(ledger, operation_id, {Outcome.UNCERTAIN}))
        reconcile(ledger, self.reader, operation_id, items, alive_at=LONG_AGO)
