"""Applying plans apart from the page that asked for it."""

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from services.clock import CLOCK
from services.ledger import (
    LIVE,
    Actor,
    Control,
    Ledger,
    NewItem,
    NewOperation,
    Operation,
    Outcome,
    State,
)
from services.visier import Client

from .catalogue import KINDS
from .kinds import Verb, read_key
from .looking import every_item, note_query, noted_query
from .permissions import Permissions, begin, take_up
from .plan import Plan, Todo, cut
from .run import Run, Work
from .workers import Workers

UNFINISHED = frozenset({Outcome.PLANNED, Outcome.INTENDED})


@dataclass(frozen=True)
class Progress:
    """How far an operation is: ``done`` of ``of`` items, skipped ones apart.

    ``seconds_left`` is an estimate by the pace so far, None when there is none;
    ``waiting_for_budget`` is known in the process that works on it only.
    """

    state: State
    done: int
    of: int
    counts: Mapping[Outcome, int]
    seconds_left: float | None
    waiting_for_budget: bool

    @property
    def is_live(self) -> bool:
        """Say whether somebody works on it."""
        return self.state in LIVE


class Runner:
    """Carries out plans in threads of their own, in the bulk lane of the call budget.

    What is asked of an operation, and how far it is, goes through the ledger: any process and any
    runner may ask. ``now`` gives the time with its zone; what the threads of ``workers`` leave
    undone when they are told to is interrupted, for any process. Whatever may send something, or
    keeps it from being sent, raises NotAllowed when ``permissions`` do not allow the operation's
    verb, and the refusal is in the ledger; and services.ledger.Elsewhere when they are of another
    place.
    """

    def __init__(
        self,
        ledger: Ledger,
        *,
        now: Callable[[], datetime] = CLOCK.now,
        workers: Workers | None = None,
    ) -> None:
        self._ledger = ledger
        self._now = now
        self.workers = workers or Workers()
        self._threads: dict[str, tuple[Run, threading.Thread]] = {}
        self._lock = threading.Lock()

    def apply(
        self,
        plan: Plan,
        client: Client,
        actor: Actor,
        *,
        identity: str,
        permissions: Permissions,
        reason: str = "",
        filter_text: str = "",
    ) -> str:
        """Write a plan down and begin to carry it out; return at once the operation's id.

        Raises services.ledger.AlreadyApplied, and nothing is sent, when the plan was applied
        before, by whatever tab or process; LedgerTrouble when it cannot be written down.
        """
        operation = NewOperation(
            plan.id,
            plan.verb,
            actor,
            identity,
            reason=reason,
            filter_text=filter_text,
            undo_of=plan.undo_of,
            retry_of=plan.retry_of,
            part_of=plan.part_of,
        )
        begin(self._ledger, permissions, operation, _new_items(plan))
        note_query(self._ledger, plan.id, plan.query)
        work = Work(plan.kind, plan.chunks, plan.query, plan.places)
        self._start(plan.id, client, work)
        return plan.id

    def finish_interrupted(
        self, operation_id: str, client: Client, permissions: Permissions, *, go_on: bool = True
    ) -> None:
        """Look up what may have happened before a break; then, to ``go_on``, do what is left.

        Only items that were planned and never intended are sent. Returns at once. Raises
        services.ledger.TakenOver when somebody works on it, UnknownOperation.
        """
        broken = take_up(self._ledger, permissions, operation_id)
        self._ledger.take_over(operation_id, permissions.who)
        kind = KINDS[Verb(broken.verb)]
        planned = every_item(self._ledger, operation_id, {Outcome.PLANNED}) if go_on else ()
        todo = [Todo(read_key(item.key), item.before) for item in planned]
        query = noted_query(self._ledger, operation_id)
        work = Work(kind, cut(kind, todo, {}), query, {})
        self._start(operation_id, client, work, alive_at=broken.state_at)

    def progress(self, operation: Operation) -> Progress:
        """Say how far an operation is, as it was read just now."""
        counts = operation.item_counts
        of = sum(counts.values()) - counts[Outcome.SKIPPED]
        done = of - sum(counts[outcome] for outcome in UNFINISHED)
        run = self._threads.get(operation.id)
        return Progress(
            state=operation.state,
            done=done,
            of=of,
            counts=counts,
            seconds_left=self._seconds_left(operation, done, of),
            waiting_for_budget=run is not None and run[0].waiting,
        )

    def pause(self, operation_id: str, permissions: Permissions) -> None:
        """Ask an operation to rest after the request under way."""
        self._ask(operation_id, permissions, Control.PAUSE)

    def resume(self, operation_id: str, permissions: Permissions) -> None:
        """Ask a paused operation to go on."""
        self._ask(operation_id, permissions, Control.RESUME)

    def stop(self, operation_id: str, permissions: Permissions) -> None:
        """Ask an operation to end after the request under way; what is left stays planned."""
        self._ask(operation_id, permissions, Control.STOP)

    def wait(self, operation_id: str, timeout: float | None = None) -> bool:
        """Wait until this process no longer works on an operation; say whether that is so."""
        run = self._threads.get(operation_id)
        if run is not None:
            run[1].join(timeout)
        return run is None or not run[1].is_alive()

    def _ask(self, operation_id: str, permissions: Permissions, control: Control) -> None:
        take_up(self._ledger, permissions, operation_id)
        self._ledger.ask(operation_id, control, permissions.who)
        run = self._threads.get(operation_id)
        if run is not None:
            run[0].woken.set()

    def _start(
        self, operation_id: str, client: Client, work: Work, alive_at: datetime | None = None
    ) -> None:
        run = Run(
            self._ledger,
            operation_id,
            client,
            work,
            alive_at=alive_at,
            workers=self.workers,
        )
        with self._lock:
            ended = [id_ for id_, (_, known) in self._threads.items() if not known.is_alive()]
            for id_ in ended:
                del self._threads[id_]
            # A daemon: what is paused may rest for ever.
            thread = self.workers.start(run.work, f"operation {run.id}", daemon=True)
            self._threads[run.id] = (run, thread)

    def _seconds_left(self, operation: Operation, done: int, of: int) -> float | None:
        if operation.state not in LIVE or not done:
            return None
        elapsed = (self._now() - operation.started_at).total_seconds()
        return elapsed / done * (of - done)


def _new_items(plan: Plan) -> Iterable[NewItem]:
    columns = ("key", "tenant_code", "label", "before", "after", "eligible", "reason")
    rows = zip(*(plan.items[name] for name in columns), strict=True)
    for key, code, label, before, after, eligible, reason in rows:
        outcome = Outcome.PLANNED if eligible else Outcome.SKIPPED
        yield NewItem(key, code, label, before, after, outcome, reason)
