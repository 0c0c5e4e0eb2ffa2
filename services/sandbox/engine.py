from __future__ import annotations

import heapq
from collections import deque
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING

from services.sandbox.models.jobs import Job, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from services.sandbox.clock import Clock


class Engine:
    """Future events in machine time; due ones happen at the next request."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._ticket = count()
        self._events: list[tuple[float, int, Job, int, Callable[[Job], None]]] = []
        self.at = 0.0

    def after(self, delay: float, job: Job, happen: Callable[[Job], None]) -> None:
        """Schedule an event of a job in `delay` milliseconds, unless its turn changes before."""
        # The ticket keeps the order of events of one moment, since jobs cannot be compared.
        heapq.heappush(self._events, (self.at + delay, next(self._ticket), job, job.turn, happen))

    def settle(self) -> None:
        """Run all events that are due by now."""
        self.run_to(self._clock.machine())

    def run_to(self, until: float) -> None:
        """Run all events that are due by this machine time."""
        while self._events and self._events[0][0] <= until:
            when, _, job, turn, happen = heapq.heappop(self._events)
            # The time of an event never goes back, even if it was scheduled late.
            self.at = max(when, self.at)
            if job.turn == turn:
                happen(job)
        self.at = until

    def date(self) -> float:
        """Return the date, in epoch milliseconds, of the present event."""
        return self._clock.date(self.at)


@dataclass(slots=True)
class _Place:
    job: Job
    key: Hashable
    begin: Callable[[Job], None]


@dataclass(slots=True)
class Pool:
    """Workers for one kind of job; of the jobs of one key, one runs at a time."""

    free: int
    _queue: deque[_Place] = field(default_factory=deque)
    _parked: dict[Hashable, list[_Place]] = field(default_factory=dict)
    _held: dict[str, Hashable] = field(default_factory=dict)
    _busy: set[Hashable] = field(default_factory=set)

    def submit(self, job: Job, key: Hashable, begin: Callable[[Job], None]) -> None:
        """Queue a Pending job until a worker and its key are free."""
        self._queue.append(_Place(job, key, begin))
        self._fill()

    def release(self, job: Job) -> None:
        """Release the worker of a job, if it has one."""
        key = self._held.pop(job.id, None)
        if key is None:
            return
        self.free += 1
        self._busy.discard(key)
        self._queue.extendleft(reversed(self._parked.pop(key, [])))
        self._fill()

    def _fill(self) -> None:
        while self.free and self._queue:
            place = self._queue.popleft()
            # Cancelled while it was queued.
            if place.job.status is not Status.PENDING:
                continue
            if place.key in self._busy:
                # Set aside: it must not block the jobs of other keys behind it.
                self._parked.setdefault(place.key, []).append(place)
                continue
            self.free -= 1
            self._busy.add(place.key)
            self._held[place.job.id] = place.key
            place.begin(place.job)
