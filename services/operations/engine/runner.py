"""Applying plans apart from the page that asked for it."""

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
        """Whether somebody works on it."""
        return self.state in LIVE


class Runner:
    """Carries out plans in threads of their own, in the bulk lane of the call budget.

    What is asked of an operation, and how far it is, goes through the ledger: any process and any
    runner may ask. ``now`` gives the time with its zone; what the threads of ``threads`` leave
    undone when they are told to is interrupted, for any process. Whatever may send something, or
    keeps it from being sent, raises NotAllowed when ``permissions`` do not allow the operation's
    verb, and the refusal is in the ledger; and services.ledger.Elsewhere when they are of another
    place.
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
        begin(self._ledger, permissions, operation, new_items(plan))
        note_query(self._ledger, plan.id, plan.query)
        task = BulkTask(plan.spec, plan.batches, plan.query, plan.places)
        self._start(plan.id, client, task)
        return plan.id

    def finish_interrupted(
        self, operation_id: str, client: Client, permissions: Permissions, *, go_on: bool = True
    ) -> None:
        """Look up what may have happened before a break; then, to ``go_on``, do what is left.

        Only items that were planned and never intended are sent. Returns at once. Raises
        services.ledger.TakenOver when somebody works on it, UnknownOperation.
        """
        broken = authorize_existing(self._ledger, permissions, operation_id)
        self._ledger.take_over(operation_id, permissions.who)
        spec = self._registry[broken.verb]
        planned = every_item(self._ledger, operation_id, {Outcome.PLANNED}) if go_on else ()
        left = (spec.read_item(item) for item in planned)
        todo = [PlannedItem(change.key, change.before) for change in left]
        query = noted_query(self._ledger, operation_id)
        task = BulkTask(spec, batch(spec, todo, {}), query, {})

        def look_up() -> None:
            items = list(every_item(self._ledger, operation_id, UNKNOWN))
            alive_at = broken.state_at
            reconcile(self._ledger, task.reader, operation_id, items, alive_at=alive_at)

        self._start(operation_id, client, task, first=look_up)

    def plan(self, operation_id: str, follow: FollowUp, client: Client, identity: str) -> None:
        """Begin to plan what follows from an operation, for somebody to review."""
        self.forget_planning(operation_id, follow, identity)
        planning = Planning(
            self._ledger, self._registry, operation_id, follow, client=client, now=self._now
        )
        self._plannings[identity, operation_id, follow] = planning
        self.threads.start(planning.run, f"planning {follow} of {operation_id}", daemon=True)

    def planning(self, operation_id: str, follow: FollowUp, identity: str) -> Planning | None:
        """Return the plan that somebody has asked for, None when there is none."""
        return self._plannings.get((identity, operation_id, follow))

    def forget_planning(self, operation_id: str, follow: FollowUp, identity: str) -> None:
        """Stop a plan in the making, or let go of one that was taken."""
        planning = self._plannings.pop((identity, operation_id, follow), None)
        if planning is not None:
            planning.stop()

    def progress(self, operation: Operation) -> Progress:
        """Return how far an operation is, as it was read just now."""
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
        run = self._workers.get(operation_id)
        if run is not None:
            run[1].join(timeout)
        return run is None or not run[1].is_alive()

    def _ask(self, operation_id: str, permissions: Permissions, control: Control) -> None:
        authorize_existing(self._ledger, permissions, operation_id)
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
            # A daemon: what is paused may rest for ever.
            thread = self.threads.start(worker.work, f"operation {worker.id}", daemon=True)
            self._workers[worker.id] = (worker, thread)

    def _seconds_left(self, operation: Operation, done: int, of: int) -> float | None:
        if operation.state not in LIVE or not done:
            return None
        elapsed = (self._now() - operation.started_at).total_seconds()
        return elapsed / done * (of - done)


def new_items(plan: Plan) -> Iterable[NewItem]:
    """Yield the changes of a plan as the ledger takes them."""
    # Of thousands of items most stand alike.
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
