"""One thread in which everybody takes turns, and a clock that moves only while all wait."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random

from greenlet import GreenletExit, getcurrent, greenlet

from services.clock import Clock

BEGINNING = datetime(2026, 3, 4, 9, tzinfo=UTC)


@dataclass(eq=False)
class Task:
    """Somebody's work: it goes on when its time has come, or what it waits for is there.

    ``owner`` is the process it is lost with, ``person`` on whose behalf it is done, ``operation``
    the operation in the ledger that it has last written down to be sent, ``read_at`` when it
    first read something since, ``acts_since`` when it began what it does. One that ``is_watching``
    looks by itself; ``misled_at`` is when a faulty answer came.
    """

    name: str
    owner: object
    person: str
    body: greenlet = field(repr=False)
    wake_at: float = 0.0
    awaits: Callable[[], bool] | None = None
    operation: str = ""
    read_at: float = math.inf
    acts_since: float = 0.0
    is_watching: bool = False
    misled_at: float = -math.inf
    ended: bool = False
    error: Exception | None = None


class Scheduler:
    """Lets one task at a time go on, drawn from those that can; ``seconds`` are virtual."""

    def __init__(self, draw: Random) -> None:
        self._draw = draw
        self._main = getcurrent()
        self._tasks: list[Task] = []
        self._frozen: list[Task] = []
        self._asleep: dict[object, float] = {}
        self._is_over = False
        self.current: Task | None = None
        self.seconds = 0.0

    @property
    def tasks(self) -> tuple[Task, ...]:
        """Whoever may still go on."""
        return tuple(self._tasks)

    def spawn(
        self, work: Callable[[], object], name: str, owner: object = None, person: str = ""
    ) -> Task:
        """Add a task that begins when its turn comes."""

        def body() -> None:
            try:
                work()
            except Exception as error:
                task.error = error
            task.ended = True

        by = self.current
        task = Task(name, owner, person or (by.person if by else ""), greenlet(body, self._main))
        task.wake_at, task.acts_since = self.seconds, by.acts_since if by else 0.0
        self._tasks.append(task)
        return task

    def step(self) -> Task | None:
        """Let one task go on until it waits; give it, None when there is none."""
        due = self._due()
        if not due:
            soonest = min(map(self._wakes_at, self._tasks), default=math.inf)
            if soonest == math.inf:
                return None
            self.seconds = max(self.seconds, soonest)
            due = self._due()
        task = due[self._draw.randrange(len(due))]
        self.current = task
        task.body.switch()
        self.current = None
        if task.ended:
            self._tasks.remove(task)
        return task

    def _due(self) -> list[Task]:
        return [
            task
            for task in self._tasks
            if self._asleep.get(task.owner, 0.0) <= self.seconds
            and (task.wake_at <= self.seconds or (task.awaits is not None and task.awaits()))
        ]

    def _wakes_at(self, task: Task) -> float:
        return max(task.wake_at, self._asleep.get(task.owner, 0.0))

    def suspend(self, owner: object, seconds: float) -> None:
        """Let no task of a process go on for so long."""
        self._asleep[owner] = self.seconds + seconds

    def leap(self, seconds: float) -> None:
        """Let time pass in which nobody goes on."""
        self.seconds += seconds

    def wait(self, seconds: float = 0.0, awaits: Callable[[], bool] | None = None) -> None:
        """Hand over to others, for some seconds or until something is so."""
        task = self.current
        if self._is_over:
            raise GreenletExit
        if task is None:
            return
        task.wake_at, task.awaits = self.seconds + seconds, awaits
        self._main.switch()

    def freeze(self, owner: object) -> None:
        """Never let the tasks of a process go on again, the present one included."""
        self._frozen += [task for task in self._tasks if task.owner is owner]
        self._tasks = [task for task in self._tasks if task.owner is not owner]
        if self.current is not None and self.current.owner is owner:
            self._main.switch()

    def end(self) -> None:
        """Do away with everybody."""
        self._is_over = True
        for task in [*self._frozen, *self._tasks]:
            self.current = task
            task.body.throw(GreenletExit)
        self.current = None


class VirtualClock(Clock):
    """The clock of a simulation; ``jump`` moves the wall clock of everybody, and no seconds."""

    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler = scheduler
        self._jumped = timedelta(0)

    def now(self) -> datetime:
        return BEGINNING + self._jumped + timedelta(seconds=self._scheduler.seconds)

    def monotonic(self) -> float:
        return self._scheduler.seconds

    def wait(self, event: threading.Event, seconds: float) -> bool:
        if not event.is_set():
            self._scheduler.wait(seconds, event.is_set)
        return event.is_set()

    def sleep(self, seconds: float) -> None:
        self._scheduler.wait(seconds)

    def wait_on(self, _condition: threading.Condition, seconds: float) -> None:
        """Wait as a rate limiter does. Nobody runs meanwhile who could be kept from its lock."""
        self._scheduler.wait(seconds)

    def wall(self) -> float:
        """Give the seconds since 1970."""
        return self.now().timestamp()

    def jump(self, seconds: float) -> None:
        self._jumped += timedelta(seconds=seconds)


class Turns(AbstractContextManager[bool]):
    """A lock that may be held while something is waited for, and taken again by who holds it."""

    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler = scheduler
        self._holder: Task | None = None
        self._depth = 0

    def acquire(self, blocking: bool = True) -> bool:
        """Take it; say whether that was so."""
        me = self._scheduler.current
        while self._depth and self._holder is not me:
            if not blocking:
                return False
            self._scheduler.wait(math.inf, lambda: not self._depth)
        self._holder, self._depth = me, self._depth + 1
        return True

    def release(self) -> None:
        """Give it back."""
        self._depth -= 1

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(self, *_: object) -> None:
        self.release()


def threads_of(scheduler: Scheduler, owner: object) -> type[threading.Thread]:
    """Give what stands for threads in one process: each is a task."""

    class TaskThread(threading.Thread):
        def start(self) -> None:
            self._task = scheduler.spawn(self.run, self.name, owner)

        def join(self, timeout: float | None = None) -> None:
            scheduler.wait(math.inf if timeout is None else timeout, lambda: self._task.ended)

        def is_alive(self) -> bool:
            return not self._task.ended

    return TaskThread
