"""One running operation: batch by batch, each item recorded before its request leaves.

Its work is a Task: a verb's changes, a start, new credentials. All of them share one ladder of
errors: an item that surely was not changed has failed, one that may have been is uncertain, and one
whose request never left stays planned where it may be sent later, and has failed where not.
"""

import logging
import math
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Final

from services import visier
from services.frames import UnexpectedResponse
from services.ledger import (
    Control,
    Event,
    EventKind,
    ItemResult,
    Ledger,
    LedgerTrouble,
    Outcome,
    State,
    TakenOver,
)

from .changes import Finding
from .task import Batch, Policy, Task
from .threads import Threads

# Seconds. After a minute of silence (SILENCE of the ledger) the process counts as dead.
HEARTBEAT: Final = 10.0
# Seconds. Pause and Stop may come from another process, through the ledger.
ASK_AGAIN: Final = 1.0

# A write raises the last two only when it could not be given a token, so it never left.
UNSENT: Final = (
    visier.Interrupted,
    visier.RateLimited,
    visier.SignedOut,
    visier.ApiKeyRefused,
    visier.PasswordRefused,
    visier.UnknownVanityName,
    visier.Unreachable,
    visier.UntrustedServer,
    visier.ServerTrouble,
    visier.UnreadableAnswer,
)
# Visier, or this client, refused the request: it was surely not executed.
NOT_DONE: Final = (visier.Refused, visier.NotPermitted, visier.NotFound, visier.InvalidArgument)

# Seconds. The rate limiter asks once a second while it waits; without a question it does not wait.
_WAITS = 3.0
_log = logging.getLogger("services.operations")


class Worker:
    """One operation that this process works on; ``work`` is the body of its thread.

    ``first`` runs before anything is sent: after an interruption it looks up what may have been
    done. Once ``threads`` are leaving, the worker ends after the request in flight. Set ``woken``
    after asking for Pause, Resume or Stop.
    """

    def __init__(
        self,
        ledger: Ledger,
        operation_id: str,
        client: visier.Client,
        task: Task,
        *,
        threads: Threads,
        first: Callable[[], None] | None = None,
    ) -> None:
        self._ledger = ledger
        self.id = operation_id
        self._task = task
        self._first = first
        self._unclear = False
        self._waited_at = -math.inf
        self._lost = threading.Event()
        self._threads = threads
        self._clock = threads.clock
        self._leaving = threads.leaving
        self.woken = threading.Event()
        task.begin(client.in_lane(task.lane, self._interrupted))

    @property
    def waiting(self) -> bool:
        """Whether it waits for call budget."""
        return self._clock.monotonic() - self._waited_at < _WAITS

    def work(self) -> None:
        """Do the task; whatever happens, the ledger has how it ended."""
        has_secrets = self._task.has_secrets
        with at_work(self._ledger, self.id, self._lost, self._threads, has_secrets=has_secrets):
            self._go()
            self._give_up()
            self._ledger.set_state(self.id, self._end())

    def _go(self) -> None:
        batches = self._task.batches
        try:
            if self._first is not None:
                self._ledger.set_state(self.id, State.PLANNING)
                # Interrupted while it reads: whether to pause or stop is read below.
                with suppress(visier.Interrupted):
                    self._first()
                self._ledger.set_state(self.id, State.RUNNING)
            while batches and self._may_go_on():
                # Interrupted while it waited for budget: whether to pause or stop is read again.
                with suppress(visier.Interrupted):
                    self._do(batches)
            if self._unclear and not self._leaving.is_set():
                # Told to end meanwhile: what is unclear is looked up by whoever takes over.
                with suppress(visier.Interrupted):
                    self._task.reconcile(self._ledger, self.id)
        except (visier.VisierError, UnexpectedResponse) as trouble:
            advice = getattr(trouble, "advice", "")
            words = f"{trouble} {advice}".strip()
            self._ledger.note(self.id, Event(kind=EventKind.TROUBLE, text=words))

    def _give_up(self) -> None:
        """Settle unsent items, where the task does not leave them planned."""
        left = [key for going in self._task.batches for key in self._task.keys(going)]
        if left and self._task.unsent is not Outcome.PLANNED:
            self._settle_all(left, self._task.unsent, Finding.NOT_SENT, "")

    def _end(self) -> State:
        left = self._ledger.operation(self.id).item_counts
        broken_off = left[Outcome.PLANNED] and self._leaving.is_set()
        # An intended item without a result was perhaps sent: it has to be looked up.
        if left[Outcome.INTENDED] or (broken_off and self._task.policy is Policy.REPEATABLE):
            return State.INTERRUPTED
        return State.STOPPED if left[Outcome.PLANNED] else State.FINISHED

    def _may_go_on(self) -> bool:
        paused = False
        while (asked := self._asked()) is Control.PAUSE:
            if not paused:
                self._ledger.set_state(self.id, State.PAUSED)
                paused = True
            # Woken by this process, or after ASK_AGAIN: another one asks through the ledger.
            self._clock.wait(self.woken, ASK_AGAIN)
            self.woken.clear()
        if asked is Control.STOP:
            self._ledger.set_state(self.id, State.STOPPING)
        elif paused:
            self._ledger.set_state(self.id, State.RUNNING)
        return asked is not Control.STOP

    def _interrupted(self) -> bool:
        # Another process has taken over: nothing more may be sent from here.
        if self._lost.is_set():
            raise TakenOver(self.id)
        self._waited_at = self._clock.monotonic()
        return self._asked() in {Control.PAUSE, Control.STOP}

    def _asked(self) -> Control | None:
        return Control.STOP if self._leaving.is_set() else self._ledger.asked(self.id)

    def _do(self, batches: deque[Batch]) -> None:
        """Prepare and send the first batch; an interrupted one stays the first."""
        try:
            prepared = self._task.prepare(batches[0])
        except UNSENT as error:
            self._stop_once(self._task.keys(batches[0]), error)
            return
        # Replaced before anything is settled: after an interruption no item is stopped twice.
        batches[0] = prepared.going
        self._ledger.settle(self.id, prepared.stopped)
        if prepared.going:
            self._ledger.note(self.id, *prepared.events)
            if self._leaving.is_set():
                return
            self._send(prepared.going)
        if batches:
            batches.popleft()

    def _send(self, going: Batch) -> None:
        """Send one request once and settle its items, whatever the outcome."""
        task, keys = self._task, self._task.keys(going)
        # Before it leaves: should the process die, these are the items to look up.
        self._ledger.intend(self.id, keys)
        try:
            payload = task.send(going)
            interpreted = task.interpret(going, payload)
        except UNSENT as error:
            # It surely never left: planned again, to be read and sent later.
            if task.policy is Policy.REPEATABLE:
                words = f"{error.message} {error.advice}"
                self._settle_all(keys, Outcome.PLANNED, Finding.NOT_SENT, words)
            self._stop_once(keys, error)
        except NOT_DONE as error:
            self._settle_all(keys, Outcome.FAILED, None, str(error))
            self._ledger.note(self.id, *task.request(going, str(error)))
        # Any other error leaves the outcome open, an unreadable answer too.
        except (visier.VisierError, UnexpectedResponse) as error:
            self._settle_all(keys, Outcome.UNCERTAIN, Finding.MAY_HAVE, str(error))
            self._ledger.note(self.id, *task.request(going, str(error)))
        else:
            # Before its request is noted: should the process die in between, the results are kept.
            self._settle(interpreted.results)
            self._ledger.note(self.id, *task.request(going, payload), *interpreted.events)

    def _stop_once(self, keys: Sequence[str], error: visier.VisierError) -> None:
        """End a task that sends once with its unsent request; re-raise for the others."""
        if self._task.policy is Policy.REPEATABLE:
            raise error
        words = f"{error.message} {error.advice}"
        self._settle_all(keys, self._task.unsent, Finding.NOT_SENT, words)
        self._task.batches.clear()

    def _settle_all(
        self, keys: Sequence[str], outcome: Outcome, finding: Finding | None, words: str
    ) -> None:
        self._settle([self._task.result(key, outcome, finding, words) for key in keys])

    def _settle(self, results: Sequence[ItemResult]) -> None:
        self._unclear = self._unclear or any(r.outcome == Outcome.UNCERTAIN for r in results)
        self._ledger.settle(self.id, results)


@contextmanager
def at_work(
    ledger: Ledger,
    operation_id: str,
    lost: threading.Event,
    threads: Threads,
    *,
    has_secrets: bool = False,
) -> Iterator[None]:
    """Send heartbeats for an operation during the block; an exception marks it interrupted.

    ``lost`` is set when another process has taken the operation over. With ``has_secrets`` an
    exception is logged by its class only.
    """
    facts = {"operation_id": operation_id}
    _log.info("operation %s: at work", operation_id, extra=facts)
    try:
        with beating(ledger, operation_id, lost, threads):
            yield
    except TakenOver:
        _log.warning("operation %s: another process goes on with it", operation_id, extra=facts)
    except Exception as trouble:
        words = "operation %s broke off: %s"
        name = type(trouble).__name__
        _log.error(words, operation_id, name, extra=facts, exc_info=not has_secrets)
        # Without the ledger its silence says the same after a minute.
        with suppress(LedgerTrouble, TakenOver):
            ledger.set_state(operation_id, State.INTERRUPTED)


@contextmanager
def beating(
    ledger: Ledger, operation_id: str, lost: threading.Event, threads: Threads
) -> Iterator[None]:
    """Send heartbeats to the ledger during the block, also while a long request is in flight."""
    ended = threading.Event()

    def beat() -> None:
        while not (threads.clock.wait(ended, HEARTBEAT) or lost.is_set()):
            try:
                ledger.heartbeat(operation_id)
            except TakenOver:
                lost.set()
            except LedgerTrouble:
                _log.warning("operation %s: the ledger takes no heartbeat", operation_id)

    heart = threads.thread(target=beat, name=f"heart {operation_id}", daemon=True)
    heart.start()
    try:
        yield
    finally:
        ended.set()
        heart.join()
