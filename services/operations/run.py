"""One operation at work: chunk after chunk, every item written down before its request leaves."""

import logging
import math
import threading
from collections import deque
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import compress
from operator import not_
from typing import Any, Final

import orjson

from services import visier
from services.frames import OddAnswer
from services.frames.results import totals_disagree
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
    excerpt,
)
from services.visier.protocol import redact, secret_values

from .kinds import Key, Kind, Query, write_key
from .looking import every_item, settle_by_looking
from .matching import match
from .plan import Todo
from .reading import Reader
from .workers import Workers

HEARTBEAT: Final = 10.0
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
    visier.ServerTrouble,
    visier.UnreadableAnswer,
)
NOT_DONE: Final = (visier.Refused, visier.NotPermitted, visier.NotFound, visier.InvalidArgument)

NOT_SENT = "Not sent yet: {words}"
NOT_READ = "It could not be read again before sending: {words}"
GONE = "Visier does not list it any more."
LEFT_OUT = "Visier's answer leaves its tenant out, so nothing was sent: how it stands is not known."
DRIFTED = "It was “{before}” when this was planned and is “{state}” now."
DISAGREE = "The totals in Visier's answer disagree with its items; the items are what counts."

_WAITS = 3.0  # seconds
_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_log = logging.getLogger("services.operations")


@dataclass(frozen=True)
class Work:
    """What is to be done: items by request, and what is known of where their tenants are listed."""

    kind: Kind
    chunks: Sequence[list[Todo]]
    query: Query
    places: Mapping[str, int]


class Run:
    """One operation at work in this process; ``work`` is the body of its thread.

    ``alive_at`` is given when it goes on after a break: what may have happened until then is looked
    up first. Once ``workers`` are leaving it breaks off after the request under way: this process
    is about to end. ``woken`` is to be set when something was asked of it.
    """

    def __init__(
        self,
        ledger: Ledger,
        operation_id: str,
        client: visier.Client,
        work: Work,
        *,
        workers: Workers,
        alive_at: datetime | None = None,
    ) -> None:
        self._ledger = ledger
        self.id = operation_id
        self._kind = work.kind
        self._client = client.in_lane(visier.Lane.BULK, self._interrupted)
        self._reader = Reader(work.kind, self._client, work.query, work.places)
        self._chunks = deque(work.chunks)
        self._alive_at = alive_at
        self._unclear = False
        self._waited_at = -math.inf
        self._lost = threading.Event()
        self._workers = workers
        self._clock = workers.clock
        self._leaving = workers.leaving
        self.woken = threading.Event()

    @property
    def waiting(self) -> bool:
        """Say whether it waits for call budget, of which it is asked every second."""
        return self._clock.monotonic() - self._waited_at < _WAITS

    def work(self) -> None:
        """Do what is to be done; the ledger says how it ended, whatever happens."""
        with at_work(self._ledger, self.id, self._lost, self._workers):
            self._go()
            self._ledger.set_state(self.id, self._end())

    def _go(self) -> None:
        try:
            if self._alive_at:
                self._look_up({Outcome.INTENDED, Outcome.UNCERTAIN}, self._alive_at)
            while self._chunks and self._may_go_on():
                # Told to pause or stop while it waited for budget, it asks again what is wanted.
                with suppress(visier.Interrupted):
                    self._do(self._chunks[0])
                    self._chunks.popleft()
            if self._unclear and not self._leaving.is_set():
                self._look_up({Outcome.UNCERTAIN}, _LONG_AGO)
        except (visier.VisierError, OddAnswer) as trouble:
            advice = getattr(trouble, "advice", "")
            self._ledger.note(
                self.id, Event(kind=EventKind.TROUBLE, text=f"{trouble} {advice}".strip())
            )

    def _end(self) -> State:
        left = self._ledger.operation(self.id).item_counts
        broken_off = left[Outcome.PLANNED] and self._leaving.is_set()
        if left[Outcome.INTENDED] or broken_off:
            return State.INTERRUPTED
        return State.STOPPED if left[Outcome.PLANNED] else State.FINISHED

    def _may_go_on(self) -> bool:
        paused = False
        while (asked := self._asked()) is Control.PAUSE:
            if not paused:
                self._ledger.set_state(self.id, State.PAUSED)
                paused = True
            self._clock.wait(self.woken, ASK_AGAIN)
            self.woken.clear()
        if asked is Control.STOP:
            self._ledger.set_state(self.id, State.STOPPING)
        elif paused:
            self._ledger.set_state(self.id, State.RUNNING)
        return asked is not Control.STOP

    def _interrupted(self) -> bool:
        if self._lost.is_set():
            raise TakenOver(self.id)
        self._waited_at = self._clock.monotonic()
        return self._asked() in {Control.PAUSE, Control.STOP}

    def _asked(self) -> Control | None:
        return Control.STOP if self._leaving.is_set() else self._ledger.asked(self.id)

    def _do(self, chunk: Sequence[Todo]) -> None:
        self._chunks[0] = going = self._still_standing(chunk)
        if going and not self._leaving.is_set():
            self._send([item.key for item in going])

    def _still_standing(self, chunk: Sequence[Todo]) -> list[Todo]:
        """Read the items again; give those that stand as planned, and stop all others."""
        states = self._reader.states([item.key for item in chunk])
        stands = [self._kind.stands(states.get(item.key), item.before) for item in chunk]
        stopped = compress(chunk, map(not_, stands))
        self._ledger.settle(self.id, [self._stopped(item, states) for item in stopped])
        return list(compress(chunk, stands))

    def _stopped(self, item: Todo, states: Mapping[Key, str]) -> ItemResult:
        key, state = write_key(item.key), states.get(item.key)
        refusal = self._reader.refusals.get(item.key[0])
        if state is not None:
            words = DRIFTED.format(before=item.before, state=state)
            return ItemResult(key, Outcome.CHANGED_SINCE_PLAN, words)
        if refusal is not None:
            return ItemResult(key, Outcome.FAILED, NOT_READ.format(words=refusal))
        if item.key[0] in self._reader.left_out:
            return ItemResult(key, Outcome.FAILED, LEFT_OUT)
        return ItemResult(key, Outcome.CHANGED_SINCE_PLAN, GONE)

    def _send(self, keys: Sequence[Key]) -> None:
        """Send one request and settle its items; whatever becomes of it, it is sent once."""
        objects = self._kind.objects(keys)
        if remark := self._kind.remark():
            self._ledger.note(self.id, Event(kind=EventKind.REMARK, text=remark))
        self._ledger.intend(self.id, [write_key(key) for key in keys])
        try:
            payload = self._kind.send(self._client, objects)
            matched = match(self._kind, keys, self._kind.results.to_frame([payload]))
        except UNSENT as error:
            self._settle_all(
                keys, Outcome.PLANNED, NOT_SENT.format(words=f"{error.message} {error.advice}")
            )
            raise
        except NOT_DONE as error:
            self._settle_all(keys, Outcome.FAILED, str(error))
            self._note_request(objects, str(error))
        except (visier.VisierError, OddAnswer) as error:
            self._settle_all(keys, Outcome.UNCERTAIN, str(error))
            self._note_request(objects, str(error))
        else:
            self._settle(matched.results)
            self._note_request(objects, _json(payload))
            self._note_oddities(payload, matched.extra)

    def _settle_all(self, keys: Sequence[Key], outcome: Outcome, words: str) -> None:
        self._settle([ItemResult(write_key(key), outcome, words) for key in keys])

    def _settle(self, results: Sequence[ItemResult]) -> None:
        self._unclear = self._unclear or any(r.outcome == Outcome.UNCERTAIN for r in results)
        self._ledger.settle(self.id, results)

    def _note_request(self, objects: Sequence[Mapping[str, Any]], answer: str) -> None:
        operation = visier.ENDPOINTS[self._kind.operation]
        secrets = frozenset(secret_values(objects))
        request = f"{operation.method} {operation.path} {_json({self._kind.field: objects})}"
        event = Event(
            kind=EventKind.REQUEST,
            text=f"{self._kind.operation}: {len(objects):,} entries",
            request=excerpt(redact(request, secrets)),
            answer=excerpt(redact(answer, secrets)),
        )
        self._ledger.note(self.id, event)

    def _note_oddities(self, payload: visier.Payload, extra: Sequence[str]) -> None:
        if totals_disagree(payload):
            self._ledger.note(self.id, Event(kind=EventKind.TOTALS, text=DISAGREE))
        if extra:
            text = f"{len(extra):,} results name what was not asked for: "
            self._ledger.note(
                self.id, Event(kind=EventKind.EXTRA_RESULTS, text=text + "; ".join(extra))
            )

    def _look_up(self, outcomes: Collection[Outcome], alive_at: datetime) -> None:
        items = list(every_item(self._ledger, self.id, outcomes))
        with suppress(visier.Interrupted):
            settle_by_looking(self._ledger, self._reader, self.id, items, alive_at=alive_at)


def _json(value: object) -> str:
    return orjson.dumps(value).decode()


@contextmanager
def at_work(
    ledger: Ledger, operation_id: str, lost: threading.Event, workers: Workers
) -> Iterator[None]:
    """Keep an operation alive while its block works; one that breaks off is called interrupted.

    ``lost`` is set when somebody else has taken the operation over.
    """
    facts = {"operation_id": operation_id}
    _log.info("operation %s: at work", operation_id, extra=facts)
    try:
        with beating(ledger, operation_id, lost, workers):
            yield
    except TakenOver:
        _log.warning("operation %s: another process goes on with it", operation_id, extra=facts)
    except Exception:
        _log.exception("operation %s broke off", operation_id, extra=facts)
        with suppress(LedgerTrouble, TakenOver):
            ledger.set_state(operation_id, State.INTERRUPTED)


@contextmanager
def beating(
    ledger: Ledger, operation_id: str, lost: threading.Event, workers: Workers
) -> Iterator[None]:
    """Let the ledger see that somebody is at work, also during a long request."""
    ended = threading.Event()

    def beat() -> None:
        while not (workers.clock.wait(ended, HEARTBEAT) or lost.is_set()):
            try:
                ledger.heartbeat(operation_id)
            except TakenOver:
                lost.set()
            except LedgerTrouble:
                _log.warning("operation %s: the ledger takes no heartbeat", operation_id)

    heart = workers.thread(target=beat, name=f"heart {operation_id}", daemon=True)
    heart.start()
    try:
        yield
    finally:
        ended.set()
        heart.join()
