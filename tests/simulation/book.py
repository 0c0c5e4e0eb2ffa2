"""What is seen of the engine from outside: what it writes down, and what it sends.

A fate is what is seen of one item of one operation. The promises of `invariants` are asked for
each at the moment it could be broken; what is broken is kept until the driver looks.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from services.ledger import Event, ItemResult, NewItem, NewOperation, Outcome, State
from services.operations import Verb, read_key
from tests.simulation import invariants, promises_of_jobs, promises_of_recovery
from tests.simulation.downloading import HandedOn
from tests.simulation.scheduling import Scheduler, Task
from tests.simulation.told import Told
from tests.simulation.truth import TRUTHS, Key, Truth
from tests.simulation.visier import READS, Arrival, RoundTrip, Visier, is_write


@dataclass(eq=False)
class Fate:
    """One item of one operation, and all that is seen of it.

    ``stood`` is what it was when the operation began, as it was planned if that ``is_sure``, and
    ``moved_at`` when it last became another; ``read_at`` when it was read again. ``done_since`` is
    whether it was ever done since it was intended, ``done_by_own`` whether its own request did it
    and nobody has undone that. ``made`` are the things its request has made.
    """

    operation: str
    verb: Verb
    key: Key
    outcome: Outcome
    truth: Truth
    stood: object
    value: object
    moved_at: float = -math.inf
    is_sure: bool = True
    read_at: float = math.inf
    intended_by: Task | None = None
    is_done: bool = False
    done_since: bool = False
    done_by_own: bool = False
    arrivals: list[Arrival] = field(default_factory=list)
    made: list[tuple[str, ...]] = field(default_factory=list)

    @property
    def name(self) -> str:
        return f"{self.verb} {' '.join(map(str, self.key))} ({self.operation[:8]})"


@dataclass(eq=False)
class Begun:
    """An operation as it was begun, and what is known of its state."""

    new: NewOperation
    fates: dict[str, Fate]
    state: State = State.RUNNING
    troubled: bool = False

    @property
    def verb(self) -> Verb:
        return Verb(self.new.verb)


class Book:
    """Keeps what was seen, and asks whether every promise is kept."""

    def __init__(
        self,
        visier: Visier,
        scheduler: Scheduler,
        permissions: Mapping[str, frozenset[str]],
    ) -> None:
        self.visier = visier
        self.scheduler = scheduler
        self.permissions = permissions
        self.operations: dict[str, Begun] = {}
        self.broken: list[tuple[str, str]] = []
        self.told = Counter[Outcome]()
        self.asked = Counter[str]()
        self.clicks: dict[str, int] = {}
        self.secrets: list[str] = []
        self.killed = Counter[str]()
        self.suspended = Counter[str]()
        self.turned_back = 0.0
        self.leapt_at: list[float] = []
        self._changes: list[tuple[float, tuple[str, ...]]] = []
        self._open: dict[tuple[str, str], Fate] = {}
        self.told_of_jobs = Told()
        self.job_observations_seen = 0
        self.handed_on: dict[str, HandedOn] = {}
        self.recoveries: dict[str, float | None] = {}
        visier.on_answer = self.told_of_jobs.hear
        visier.on_arrival = self.arrived
        visier.on_leaving = self.leaving
        visier.on_return = self.returned
        visier.on_move = self.look
        visier.on_studio = self.changed

    def ask(self, promise: str, broken: Iterable[str]) -> None:
        """Keep what was told to be broken of a promise."""
        self.asked[promise] += 1
        self.broken += [(promise, each) for each in broken]

    def began(self, new: NewOperation, items: list[NewItem]) -> None:
        verb = Verb(new.verb)
        if verb is Verb.RECOVER:
            self.recoveries[new.id] = None
        truth = TRUTHS.get(verb)
        if truth is None:
            return
        is_list = items[:1] and items[0].key.startswith("[")
        fates = {}
        for item in items:
            key: Key = read_key(item.key) if is_list else (item.key,)
            value = truth.value(self.visier, key) if item.outcome == Outcome.PLANNED else None
            fate = Fate(new.id, verb, key, item.outcome, truth, value, value)
            fate.is_sure = not self._changed_while_planned(fate)
            fates[item.key] = fate
        begun = self.operations[new.id] = Begun(new, fates)
        for promise in invariants.OF_BEGINNING:
            self.ask(promise.__name__, promise(self, begun))
        for of_parts in promises_of_recovery.OF_PARTS:
            self.ask(of_parts.__name__, of_parts(self, new))
        self._open.update(
            ((new.id, key), fate) for key, fate in fates.items() if fate.outcome == Outcome.PLANNED
        )

    def changed(self, names: Iterable[tuple[str, ...]]) -> None:
        """See that things at Visier become others."""
        self._changes += [(self.scheduler.seconds, name) for name in names]

    def _changed_while_planned(self, fate: Fate) -> bool:
        task = self.scheduler.current
        since = task.acts_since if task else 0.0
        return any(
            at >= since and name[0] in fate.truth.kinds and name[1] == fate.key[0]
            for at, name in self._changes
        )

    def intended(self, operation: str, keys: list[str]) -> None:
        task, begun = self.scheduler.current, self.operations[operation]
        begun.troubled = False
        assert task is not None
        task.operation = operation
        for key in keys:
            fate = begun.fates[key]
            fate.outcome, fate.intended_by = Outcome.INTENDED, task
            fate.done_since = self._is_done(fate)
            fate.read_at = task.read_at
        task.read_at = math.inf

    def settled(self, operation: str, results: list[ItemResult]) -> None:
        handed = self.handed_on.get(operation)
        if handed is not None:
            promise = promises_of_recovery.a_download_that_was_cut_is_not_called_whole
            self.ask(
                promise.__name__, (each for r in results for each in promise(r.outcome, handed))
            )
        begun = self.operations.get(operation)
        if begun is None:
            return
        self.look()
        for result in results:
            fate = begun.fates[result.key]
            before, fate.outcome = fate.outcome, result.outcome
            self.told[result.outcome] += 1
            for of_settling in invariants.OF_SETTLING:
                self.ask(of_settling.__name__, of_settling(self, begun, fate, before))
            if result.outcome in invariants.SETTLED:
                self._open.pop((operation, result.key), None)
            else:
                self._open[operation, result.key] = fate

    def noted(self, operation: str, events: Iterable[Event]) -> None:
        """See that something is noted of an operation."""
        promise = promises_of_recovery.nothing_is_written_into_a_recovery_that_is_closed
        for event in events if operation in self.recoveries else ():
            self.ask(promise.__name__, promise(self, operation, event))

    def changed_since(self, since: float) -> set[tuple[str, ...]]:
        """Return what at Visier has become another since then."""
        return {name for at, name in self._changes if at >= since}

    def stands(self, operation: str, state: State) -> None:
        if operation in self.recoveries and state is State.FINISHED:
            self.recoveries[operation] = self.scheduler.seconds
        begun = self.operations.get(operation)
        if begun is not None:
            begun.state = state
            for promise in invariants.OF_ENDING:
                self.ask(promise.__name__, promise(begun))

    def look(self) -> None:
        """See how what is open stands now."""
        for fate in self._open.values():
            value = fate.truth.value(self.visier, fate.key)
            if value != fate.value:
                fate.value, fate.moved_at = value, self.scheduler.seconds
            fate.is_done = self._is_done(fate)
            fate.done_since |= fate.is_done
            fate.done_by_own &= fate.is_done

    def _is_done(self, fate: Fate) -> bool:
        if fate.truth.done is None:
            return bool(fate.made)
        return fate.truth.done(self.visier, fate.key)

    def leaving(self, round_trip: RoundTrip) -> None:
        """See a request leave."""
        if is_write(round_trip.request):
            for promise in invariants.OF_LEAVING:
                self.ask(promise.__name__, promise(self, round_trip))
        elif round_trip.request.method in READS:
            if round_trip.task.is_watching:
                of_watching = promises_of_jobs.who_watches_leaves_the_reserve_to_clicks
                self.ask(of_watching.__name__, of_watching(self, round_trip))
            round_trip.task.read_at = min(round_trip.task.read_at, round_trip.sent_at)

    def returned(self, round_trip: RoundTrip) -> None:
        """See what came back, or that nothing did."""
        if round_trip.faults:
            round_trip.task.misled_at = self.scheduler.seconds
        begun = self.operations.get(round_trip.task.operation)
        if begun is not None and not (round_trip.is_clean and round_trip.is_over):
            begun.troubled = True

    def arrived(self, arrival: Arrival) -> None:
        """See a request carried out."""
        self.changed(arrival.changed)
        begun = self.operations.get(arrival.round_trip.task.operation)
        named = [*self._named(begun, arrival)] if begun else []
        for promise in invariants.OF_ARRIVING:
            self.ask(promise.__name__, promise(self, begun, named, arrival))
        for fate in named:
            was_done = fate.is_done
            made = [name for name in arrival.changed if name[0] in fate.truth.kinds]
            fate.arrivals.append(arrival)
            if fate.truth.done is None:
                fate.made += made
            fate.is_done = self._is_done(fate)
            fate.done_since |= fate.is_done
            fate.done_by_own |= fate.is_done and not was_done
        self.look()

    def _named(self, begun: Begun, arrival: Arrival) -> Iterator[Fate]:
        for fate in begun.fates.values():
            is_meant = fate.outcome != Outcome.SKIPPED and not self._lies_idle(fate, arrival)
            if is_meant and fate.truth.names(arrival, fate.key):
                yield fate

    def _lies_idle(self, fate: Fate, arrival: Arrival) -> bool:
        """Say whether a range reaches over an upload that others have made so meanwhile."""
        is_range = any("minUploadTime" in each for each in arrival.body.get("uploads", ()))
        is_changed = ("upload", *fate.key[:2]) in arrival.changed
        return is_range and fate.outcome == Outcome.CHANGED_SINCE_PLAN and not is_changed

    @property
    def open(self) -> list[Fate]:
        """The fates that are not known for good."""
        return list(self._open.values())
