"""A history, drawn from one seed: the same one every time, and shorter ones that fail like it."""

from __future__ import annotations

import logging
import os
import random
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from random import Random
from typing import Any, Final
from unittest.mock import patch

import sqlalchemy as sa

from dashboard.watch import pushes
from services.operations import EVERY_VERB, Verb
from services.sandbox.config import API_KEY, PASSWORD
from tests.ledgers import empty_ledger
from tests.simulation import invariants, people
from tests.simulation.book import Book
from tests.simulation.desk import Desk
from tests.simulation.ending import come_to_rest
from tests.simulation.nights import Nights
from tests.simulation.replicas import Person, Replica, SharedSlots
from tests.simulation.rows import rows
from tests.simulation.scheduling import Scheduler, VirtualClock
from tests.simulation.surroundings import in_studio
from tests.simulation.telling import BrokeOff, Failure, Report
from tests.simulation.visier import Visier
from tests.simulation.weather import Weather

LIMITS: Final = (15, 30, 60, 100)
CHECKED_EVERY: Final = 40
STEPS_TO_REST: Final = 60_000
ADA: Final = Person("ada", frozenset(EVERY_VERB))
BOB: Final = Person(
    "bob",
    frozenset(EVERY_VERB)
    - {
        Verb.EXCLUDE_ALL_UPLOADS,
        Verb.DISABLE_VERSIONS,
        Verb.CANCEL_JOBS,
        Verb.START_EXTRACTION,
        Verb.CREATE_CREDENTIALS,
        Verb.DOWNLOAD_FILES,
    },
)
_SEATS: Final = {"east": ADA, "west": BOB}


class Simulation:
    """One world with its people; ``run`` lets it go on for some steps and then come to rest.

    ``only`` names the acts that are not left out, as the trace names them; None leaves out none.
    ``focus`` names what it is about.
    """

    def __init__(
        self,
        seed: int,
        folder: Path,
        only: frozenset[str] | None = None,
        focus: str = people.EVERYTHING,
        *,
        url: str | None = None,
    ) -> None:
        self.seed = seed
        self.only = only
        self._focus_name, self.focus = focus, people.FOCI[focus]
        self.report = Report()
        self._acts: list[str] = []
        self.is_ending = False
        self._file = folder / "ledger.sqlite3"
        self._rows: dict[tuple[str, tuple[Any, ...]], tuple[Any, ...]] = {}
        self.scheduler = Scheduler(self.draw("schedule"))
        self.clock = VirtualClock(self.scheduler)
        self.visier = Visier(
            self.scheduler,
            self.clock,
            self.draw("visier"),
            limit=self.focus.limit or self.draw("limit").choice(LIMITS),
            odds=self.focus.odds,
            speed=self.focus.speed,
        )
        verbs = {person.name: person.verbs for person in _SEATS.values()}
        self.book = Book(self.visier, self.scheduler, verbs)
        self.book.secrets += [API_KEY, PASSWORD]
        self._url = url or empty_ledger(self._file)
        self.slots = SharedSlots(self.clock.monotonic)
        self._lives = 0
        self.replicas: dict[str, Replica] = {}
        self.broke_off = BrokeOff()
        self.weather = Weather(self)
        self.nights = Nights(self) if self.focus.watches else None

    def draw(self, *of: object) -> Random:
        return Random(" ".join(map(str, (self.seed, *of))))

    def run(self, steps: int) -> Failure | None:
        with self._surroundings():
            try:
                for name in _SEATS:
                    self.boot(name)
                self.spawn("studio", self._studio)
                self.spawn("weather", self._change_weather)
                if self.nights is not None:
                    self.spawn("nights", partial(self._let_nights_pass, self.nights))
                return self.go(steps) or come_to_rest(self)
            finally:
                self.scheduler.end()
                for replica in self.replicas.values():
                    replica.ledger.close()
                self.report.seconds = self.scheduler.seconds
                self.report.operations = len(self.book.operations)
                self.report.requests = len(self.visier.arrived_at)
                self.report.asked = self.book.asked
                self.report.killed = self.book.killed
                self.report.suspended = self.book.suspended
                self.report.looks = self.nights.seen.looks if self.nights else 0
                self.report.outcomes = {str(each): n for each, n in self.book.told.items()}

    @contextmanager
    def _surroundings(self) -> Iterator[None]:
        """Have nothing come from outside: no time, no chance, no waiting for a disk."""
        chance = self.draw("chance")
        logger = logging.getLogger("services.operations")
        heard = [logging.getLogger(name) for name in ("services", "dashboard")]
        state = random.getstate()
        levels = [each.level for each in heard]
        with ExitStack() as stack:
            stack.enter_context(self.visier.waiting())
            stack.enter_context(patch.object(os, "urandom", chance.randbytes))
            if self.nights is not None:
                # Where ids of incidents and rules come from.
                stack.enter_context(patch.object(random, "_urandom", chance.randbytes))
                # Each second of a day is a step that tells nothing.
                stack.enter_context(patch.object(pushes, "LOOKS_AGAIN", 20.0))
            sa.event.listen(sa.Engine, "connect", _without_waiting)
            stack.callback(sa.event.remove, sa.Engine, "connect", _without_waiting)
            logger.addHandler(self.broke_off)
            stack.callback(logger.removeHandler, self.broke_off)
            stack.callback(random.setstate, state)
            for each, level in zip(heard, levels, strict=True):
                each.setLevel(logging.ERROR)
                stack.callback(each.setLevel, level)
            random.seed(self.seed)
            yield

    def go(self, steps: int) -> Failure | None:
        for _ in range(steps):
            if self.scheduler.step() is None:
                return self.failure([("everything_comes_to_its_end", "nobody can go on")])
            self.report.steps += 1
            broken = self._broken()
            if broken:
                return self.failure(broken)
        return None

    def _broken(self) -> list[tuple[str, str]]:
        book = self.book
        book.ask(
            "no_minute_holds_more_calls_than_the_limit",
            invariants.no_minute_holds_more_calls_than_the_limit(book),
        )
        book.ask("a_plan_is_carried_out_once", invariants.a_plan_is_carried_out_once(book))
        told = self.broke_off.told
        book.ask(
            "no_work_breaks_off_by_a_fault_of_its_own",
            invariants.no_work_breaks_off_by_a_fault_of_its_own(told),
        )
        if book.broken or self.report.steps % CHECKED_EVERY == 0:
            self.check_ledger()
        return book.broken

    def check_ledger(self) -> None:
        if not self._file.exists():
            return
        now = rows(self._file)
        self.book.ask(
            "ledger_rows_never_change", invariants.ledger_rows_never_change(self._rows, now)
        )
        self._rows = now
        beside = self._file.with_name(self._file.name + "-wal")
        content = self._file.read_bytes() + (beside.read_bytes() if beside.exists() else b"")
        self.book.ask(
            "no_secret_is_in_the_ledger",
            invariants.no_secret_is_in_the_ledger(content, self.book.secrets),
        )

    def failure(self, broken: list[tuple[str, str]]) -> Failure:
        promise, what = broken[0]
        trace = tuple(self.report.trace)
        return Failure(
            self.seed,
            self.report.steps,
            promise,
            what,
            trace,
            tuple(self._acts),
            self.only,
            self._focus_name,
        )

    def tell(self, who: str, text: str) -> None:
        self.report.trace.append(
            f"{self.report.steps:6} {self.scheduler.seconds:9.1f}s {who}: {text}"
        )

    def spawn(self, name: str, work: Callable[[], object]) -> None:
        task = self.scheduler.spawn(work, name)
        task.person = ""

    def boot(self, name: str) -> None:
        """Begin a replica, or begin it anew: it has nothing but the ledger."""
        person = _SEATS[name]
        self._lives += 1
        replica = Replica(
            name,
            self._url,
            person,
            scheduler=self.scheduler,
            clock=self.clock,
            visier=self.visier,
            book=self.book,
            slots=self.slots,
            draw=self.draw(name, self._lives),
        )
        self.replicas[name] = replica
        if self.nights is not None:
            self.nights.boot(replica, self.draw("watch", name, self._lives))
        replica.spawn(lambda: self._live(replica, person), person.name, person)

    def _acting(self, who: str, calm: float = 1.0) -> Iterator[tuple[str, Random]]:
        """Give what to do one after the other, each with a source of its own to draw from."""
        while not self.is_ending:
            number = sum(act.startswith(f"{who}:") for act in self._acts)
            act = f"{who}:{number}"
            self._acts.append(act)
            draw = self.draw(act)
            self.scheduler.wait(calm * draw.uniform(0.2, 4.0))
            is_left_out = self.only is not None and act not in self.only
            if not is_left_out and not self.is_ending:
                yield act, draw

    def _live(self, replica: Replica, person: Person) -> None:
        codes = [tenant.code for tenant in self.visier.inside.world.listed]
        others = [each for each in self.replicas.values() if each is not replica]
        calm = self.focus.calm if self.focus.watches else 1.0
        for act, draw in self._acting(person.name, calm):
            others = [each for each in self.replicas.values() if each is not replica]
            task = self.scheduler.current
            assert task is not None
            task.acts_since = self.scheduler.seconds
            desk = Desk(replica, others, person, draw, codes)
            try:
                people.act(desk, self.focus.actions)
            except Exception:
                logging.getLogger("services.operations").exception("%s", act)
            self.tell(act, "; ".join(desk.told) or "nothing to do")

    def _studio(self) -> None:
        for act, draw in self._acting("studio", self.focus.calm):
            self.tell(act, in_studio(self.visier, draw, self.book.open))

    def _change_weather(self) -> None:
        for act, draw in self._acting("weather", self.focus.calm):
            self.tell(act, self.weather.change(draw))
            self.weather.restart(draw)

    def _let_nights_pass(self, nights: Nights) -> None:
        for act, draw in self._acting("nights", self.focus.calm):
            self.tell(act, nights.befall(draw))

    def until_nobody_goes_on(self) -> Failure | None:
        for _ in range(STEPS_TO_REST):
            if not self.scheduler.tasks:
                return None
            failure = self.go(1)
            if failure:
                return failure
        names = ", ".join(task.name for task in self.scheduler.tasks)
        return self.failure([("everything_comes_to_its_end", f"{names} go on for ever")])


def _without_waiting(connection: Any, _record: Any) -> None:
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA synchronous = OFF")
