"""Applying plans in threads of their own, apart from any page."""

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

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

from .bulk import BulkTask
from .changes import write_key, write_state
from .permissions import Permissions, authorize_existing, begin
from .plan import Plan, PlannedItem, Registry, batch
from .planning import FollowUp, Planning
from .reconcile import every_item, note_query, noted_query, reconcile
from .threads import Threads
from .worker import Worker

UNKNOWN = frozenset({Outcome.INTENDED, Outcome.UNCERTAIN})
UNFINISHED = frozenset({Outcome.PLANNED, Outcome.INTENDED})


@dataclass(frozen=True)
class Progress:
    """The progress of an operation: ``done`` of ``of`` items, without skipped ones.

    ``seconds_left`` is estimated from the pace so far, None without one; ``waiting_for_budget`` is
    known only in the process that works on it.
    """

    state: State
    done: int
    of: int
    counts: Mapping[Outcome, int]
    seconds_left: float | None
    waiting_for_budget: bool

    @property
    def is_live(self) -> bool:
        """Whether a process works on it."""
        return self.state in LIVE


class Runner:
    """Applies plans in threads of their own, in the bulk lane of the call budget.

    Progress and control go through the ledger, so that any process and any runner can show and
    steer an operation. ``now`` returns the time with its zone. An operation that ``threads`` leave
    unfinished at the end of the process is interrupted, and any process may finish it. Methods that
    start, steer or stop an operation raise NotAllowed, recorded in the ledger, when ``permissions``
    do not allow its verb, and services.ledger.Elsewhere when they are of another place.
    """

    def __init__(
        self,
        ledger: Ledger,
        registry: Registry,
        *,
        now: Callable[[], datetime] = CLOCK.now,
        threads: Threads | None = None,
    ) -> None:
        self._ledger = ledger
        self._registry = registry
        self._now = now
        self.threads = threads or Threads()
        self._workers: dict[str, tuple[Worker, threading.Thread]] = {}
        self._plannings: dict[tuple[str, str, FollowUp], Planning] = {}
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
        """Record a plan and begin to apply it; return the operation's id at once.

        Raises services.ledger.AlreadyApplied, with nothing sent, when any tab or process has
        applied the plan before; LedgerTrouble when it cannot be recorded.
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
        # Recorded first: a second click, tab or process ends here with AlreadyApplied.
        begin(self._ledger, permissions, operation, new_items(plan))
        note_query(self._ledger, plan.id, plan.query)
        task = BulkTask(plan.spec, plan.batches, plan.query, plan.places)
        self._start(plan.id, client, task)
        return plan.id

    def finish_interrupted(
        self, operation_id: str, client: Client, permissions: Permissions, *, go_on: bool = True
    ) -> None:
        """Look up what an interrupted operation may have done; with ``go_on``, send the rest.

        Only items that were never intended are sent. Returns at once. Raises
        services.ledger.TakenOver when a process works on it, UnknownOperation.
        """
        broken = authorize_existing(self._ledger, permissions, operation_id)
        self._ledger.take_over(operation_id, permissions.who)
        spec = self._registry[broken.verb]
        planned = every_item(self._ledger, operation_id, {Outcome.PLANNED}) if go_on else ()
        left = (spec.read_item(item) for item in planned)
        todo = [PlannedItem(change.key, change.before) for change in left]
        query = noted_query(self._ledger, operation_id)
        # Without positions: the list of tenants may have changed since the plan.
        task = BulkTask(spec, batch(spec, todo, {}), query, {})

        def look_up() -> None:
            items = list(every_item(self._ledger, operation_id, UNKNOWN))
            alive_at = broken.state_at
            reconcile(self._ledger, task.reader, operation_id, items, alive_at=alive_at)

        self._start(operation_id, client, task, first=look_up)

    def plan(self, operation_id: str, follow: FollowUp, client: Client, identity: str) -> None:
        """Begin to plan an undo or a retry of an operation, to be reviewed."""
        self.forget_planning(operation_id, follow, identity)
        planning = Planning(
            self._ledger, self._registry, operation_id, follow, client=client, now=self._now
        )
        self._plannings[identity, operation_id, follow] = planning
        # A daemon: a plan that is not made is no loss when the process ends.
        self.threads.start(planning.run, f"planning {follow} of {operation_id}", daemon=True)

    def planning(self, operation_id: str, follow: FollowUp, identity: str) -> Planning | None:
        """Return the planning that somebody has begun, None when there is none."""
        return self._plannings.get((identity, operation_id, follow))

    def forget_planning(self, operation_id: str, follow: FollowUp, identity: str) -> None:
        """Stop a planning, or drop one that is over."""
        planning = self._plannings.pop((identity, operation_id, follow), None)
        if planning is not None:
            planning.stop()

    def progress(self, operation: Operation) -> Progress:
        """Return the progress of an operation that was read just now."""
        counts = operation.item_counts
        of = sum(counts.values()) - counts[Outcome.SKIPPED]
        done = of - sum(counts[outcome] for outcome in UNFINISHED)
        run = self._workers.get(operation.id)
        return Progress(
            state=operation.state,
            done=done,
            of=of,
            counts=counts,
            seconds_left=self._seconds_left(operation, done, of),
            waiting_for_budget=run is not None and run[0].waiting,
        )

    def pause(self, operation_id: str, permissions: Permissions) -> None:
        """Ask an operation to pause after the request in flight."""
        self._ask(operation_id, permissions, Control.PAUSE)

    def resume(self, operation_id: str, permissions: Permissions) -> None:
        """Ask a paused operation to continue."""
        self._ask(operation_id, permissions, Control.RESUME)

    def stop(self, operation_id: str, permissions: Permissions) -> None:
        """Ask an operation to stop after the request in flight; the rest stays planned."""
        self._ask(operation_id, permissions, Control.STOP)

    def wait(self, operation_id: str, timeout: float | None = None) -> bool:
        """Wait until this process no longer works on an operation; return whether that is so."""
        run = self._workers.get(operation_id)
        if run is not None:
            run[1].join(timeout)
        return run is None or not run[1].is_alive()

    def _ask(self, operation_id: str, permissions: Permissions, control: Control) -> None:
        authorize_existing(self._ledger, permissions, operation_id)
        # Through the ledger, since another process may work on it; a worker here is woken at once.
        self._ledger.ask(operation_id, control, permissions.who)
        run = self._workers.get(operation_id)
        if run is not None:
            run[0].woken.set()

    def _start(
        self,
        operation_id: str,
        client: Client,
        task: BulkTask,
        first: Callable[[], None] | None = None,
    ) -> None:
        worker = Worker(self._ledger, operation_id, client, task, threads=self.threads, first=first)
        with self._lock:
            ended = [id_ for id_, (_, known) in self._workers.items() if not known.is_alive()]
            for id_ in ended:
                del self._workers[id_]
            # A daemon: a paused operation may wait for ever.
            thread = self.threads.start(worker.work, f"operation {worker.id}", daemon=True)
            self._workers[worker.id] = (worker, thread)

    def _seconds_left(self, operation: Operation, done: int, of: int) -> float | None:
        if operation.state not in LIVE or not done:
            return None
        elapsed = (self._now() - operation.started_at).total_seconds()
        return elapsed / done * (of - done)


def new_items(plan: Plan) -> Iterable[NewItem]:
    """Yield the changes of a plan as the ledger takes them."""
    # Of thousands of items most are in the same few states.
    written = lru_cache(maxsize=1000)(write_state)
    for each in plan.changes:
        yield NewItem(
            write_key(each.key),
            each.key[0],
            each.name,
            written(each.before),
            written(each.after),
            Outcome.PLANNED if each.skip is None else Outcome.SKIPPED,
            each.skip or "",
        )
