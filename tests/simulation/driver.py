"""A history, drawn from one seed: the same one every time, and shorter ones that fail like it."""

from __future__ import annotations

import logging
import os
import random
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any, Final
from unittest.mock import patch

import sqlalchemy as sa

from services.ledger import LIVE, UNSETTLED, LedgerTrouble, State, TakenOver
from services.operations import CREDENTIAL_VERBS, EVERY_VERB, Verb, look_up
from services.operations.tokens import START_VERBS
from services.sandbox.config import API_KEY, PASSWORD
from services.sandbox.routes import OPERATIONS
from tests.ledgers import empty_ledger
from tests.simulation import invariants, people
from tests.simulation.book import Book
from tests.simulation.people import BULK, Desk
from tests.simulation.replicas import CRASHES, Person, Replica, SharedPlaces
from tests.simulation.scheduling import Scheduler, VirtualClock
from tests.simulation.surroundings import in_studio, some_faults
from tests.simulation.visier import Visier

LIMITS: Final = (30, 60, 100, 150)
CALM: Final = 180.0
CHECKED_EVERY: Final = 40
REST: Final = 200.0
STEPS_TO_REST: Final = 60_000
NAMES: Final = frozenset(each.name for each in OPERATIONS)
# Those that go round, and what says which version wrote the ledger.
GOES_ROUND: Final = frozenset({"sighting", "tracked_job", "call_place", "alembic_version"})
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
    },
)
_SEATS: Final = (("east", ADA), ("west", BOB))


@dataclass(frozen=True)
class Failure:
    """A promise that was broken: which, how, after how many steps, and what led there."""

    seed: int
    step: int
    promise: str
    what: str
    trace: tuple[str, ...]
    acts: tuple[str, ...]
    only: frozenset[str] | None = None

    def __str__(self) -> str:
        lines = [f"{self.promise}: {self.what}", *self.trace]
        again = f"--seed {self.seed} --steps {self.step}"
        if self.only is not None:
            again += f" --only {','.join(sorted(self.only))}"
        return "\n".join([*lines, f'make simulate ARGS="{again}"'])


@dataclass
class Report:
    """What a history came to."""

    steps: int = 0
    seconds: float = 0.0
    operations: int = 0
    requests: int = 0
    faults: int = 0
    crashes: int = 0
    outcomes: dict[str, int] = field(default_factory=dict)
    trace: list[str] = field(default_factory=list)


class _BrokeOff(logging.Handler):
    """Keeps what made work break off that is no trouble of the ledger."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.told: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        if not isinstance(error, LedgerTrouble | TakenOver):
            formatter = logging.Formatter()
            trail = formatter.formatException(record.exc_info) if record.exc_info else ""
            self.told.append(f"{record.getMessage()} {trail}")


class Simulation:
    """One world with its people; ``run`` lets it go on for some steps and then come to rest.

    ``only`` names the acts that are not left out, as the trace names them; None leaves out none.
    """

    def __init__(self, seed: int, folder: Path, only: frozenset[str] | None = None) -> None:
        self.seed = seed
        self.only = only
        self.report = Report()
        self._acts: list[str] = []
        self._is_ending = False
        self._calm_until = 0.0
        self._down_since: dict[str, float] = {}
        self._file = folder / "ledger.sqlite3"
        self._rows: dict[tuple[str, tuple[Any, ...]], tuple[Any, ...]] = {}
        self.scheduler = Scheduler(self._draw("schedule"))
        self.clock = VirtualClock(self.scheduler)
        self.visier = Visier(
            self.scheduler,
            self.clock,
            self._draw("visier"),
            limit=self._draw("limit").choice(LIMITS),
        )
        verbs = {person.name: person.verbs for _, person in _SEATS}
        self.book = Book(self.visier, self.scheduler, verbs)
        self.book.secrets += [API_KEY, PASSWORD]
        self._url = empty_ledger(self._file)
        self._places = SharedPlaces(self.clock.monotonic)
        self._lives = 0
        self.replicas: dict[str, Replica] = {}
        self.broke_off = _BrokeOff()

    def _draw(self, *of: object) -> Random:
        return Random(" ".join(map(str, (self.seed, *of))))

    def run(self, steps: int) -> Failure | None:
        with self._surroundings():
            try:
                for name, person in _SEATS:
                    self._boot(name, person)
                self._spawn("studio", self._studio)
                self._spawn("weather", self._weather)
                return self._go(steps) or self._come_to_rest()
            finally:
                self.scheduler.end()
                for replica in self.replicas.values():
                    replica.ledger.close()
                self.report.seconds = self.scheduler.seconds
                self.report.operations = len(self.book.operations)
                self.report.requests = len(self.visier.arrived_at)
                self.report.outcomes = {str(each): n for each, n in self.book.told.items()}

    @contextmanager
    def _surroundings(self) -> Iterator[None]:
        """Have nothing come from outside: no time, no chance, no waiting for a disk."""
        chance = self._draw("chance")
        logger = logging.getLogger("services.operations")
        heard = logging.getLogger("services")
        level, state = heard.level, random.getstate()
        with ExitStack() as stack:
            stack.enter_context(self.visier.waiting())
            stack.enter_context(patch.object(os, "urandom", chance.randbytes))
            sa.event.listen(sa.Engine, "connect", _without_waiting)
            stack.callback(sa.event.remove, sa.Engine, "connect", _without_waiting)
            logger.addHandler(self.broke_off)
            stack.callback(logger.removeHandler, self.broke_off)
            stack.callback(random.setstate, state)
            heard.setLevel(logging.ERROR)
            stack.callback(heard.setLevel, level)
            random.seed(self.seed)
            yield

    def _go(self, steps: int) -> Failure | None:
        for _ in range(steps):
            if self.scheduler.step() is None:
                return self._failure([("everything_comes_to_its_end", "nobody can go on")])
            self.report.steps += 1
            broken = self._broken()
            if broken:
                return self._failure(broken)
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
            self._check_ledger()
        return book.broken

    def _check_ledger(self) -> None:
        now = _rows(self._file)
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

    def _failure(self, broken: list[tuple[str, str]]) -> Failure:
        promise, what = broken[0]
        trace = tuple(self.report.trace)
        return Failure(
            self.seed, self.report.steps, promise, what, trace, tuple(self._acts), self.only
        )

    def tell(self, who: str, text: str) -> None:
        self.report.trace.append(
            f"{self.report.steps:6} {self.scheduler.seconds:9.1f}s {who}: {text}"
        )

    def _spawn(self, name: str, work: Callable[[], object]) -> None:
        task = self.scheduler.spawn(work, name)
        task.person = ""

    def _boot(self, name: str, person: Person) -> None:
        self._lives += 1
        replica = Replica(
            name,
            self._url,
            scheduler=self.scheduler,
            clock=self.clock,
            visier=self.visier,
            book=self.book,
            places=self._places,
            draw=self._draw(name, self._lives),
        )
        self.replicas[name] = replica
        replica.spawn(lambda: self._live(replica, person), person.name, person)

    def _acting(self, who: str) -> Iterator[tuple[str, Random]]:
        """Give what to do one after the other, each with a source of its own to draw from."""
        while not self._is_ending:
            number = sum(act.startswith(f"{who}:") for act in self._acts)
            act = f"{who}:{number}"
            self._acts.append(act)
            draw = self._draw(act)
            self.scheduler.wait(draw.uniform(0.2, 4.0))
            is_left_out = self.only is not None and act not in self.only
            if not is_left_out and not self._is_ending:
                yield act, draw

    def _live(self, replica: Replica, person: Person) -> None:
        codes = [tenant.code for tenant in self.visier.inside.world.listed]
        others = [each for each in self.replicas.values() if each is not replica]
        for act, draw in self._acting(person.name):
            others = [each for each in self.replicas.values() if each is not replica]
            task = self.scheduler.current
            assert task is not None
            task.acts_since = self.scheduler.seconds
            desk = Desk(replica, others, person, draw, codes)
            try:
                people.act(desk)
            except Exception:
                logging.getLogger("services.operations").exception("%s", act)
            self.tell(act, "; ".join(desk.told) or "nothing to do")

    def _studio(self) -> None:
        for act, draw in self._acting("studio"):
            self.tell(act, in_studio(self.visier, draw, self.book.open))

    def _weather(self) -> None:
        for act, draw in self._acting("weather"):
            self.tell(act, self._change_weather(draw))
            self._restart(draw)

    def _change_weather(self, draw: Random) -> str:
        chance = draw.random()
        if chance < 0.6:
            faults = some_faults(draw, self.book.open)
            for fault in faults:
                self.visier.faults.add(fault, NAMES)
            self.report.faults += len(faults)
            return ", ".join(f"{each.operation} {each.fault} {each.when}" for each in faults)
        if chance < 0.65:
            self.visier.faults.clear()
            return "all faults are gone"
        if chance < 0.7:
            self.visier.inside.tokens.expire_all()
            return "all tokens have ended"
        if chance < 0.75:
            self.visier.unreachable += draw.randint(1, 3)
            return "no connection can be made"
        if chance < 0.8:
            return self._jump(draw)
        return self._doom(draw)

    def _jump(self, draw: Random) -> str:
        """Move the wall clock of everybody, as where a machine resumes.

        Who has begun since cannot know of it, so that nobody does right after or before.
        """
        is_calm = self.scheduler.seconds > self._calm_until
        if not is_calm or any(not each.is_up or each.doomed for each in self.replicas.values()):
            return "the clock goes on as it did"
        seconds = draw.choice(
            [draw.uniform(-60, 0), draw.uniform(60, 600), draw.uniform(600, 20_000)]
        )
        self.clock.jump(seconds)
        self._calm_until = self.scheduler.seconds + CALM
        return f"the clock jumps by {seconds:.0f} s"

    def _doom(self, draw: Random) -> str:
        replica = self.replicas[draw.choice(sorted(self.replicas))]
        if self.scheduler.seconds < self._calm_until or not replica.is_up:
            return "nothing crashes"
        replica.doomed = draw.choice(CRASHES)
        return f"{replica.name} is to crash {replica.doomed}"

    def _restart(self, draw: Random) -> None:
        for name, person in _SEATS:
            if not self.replicas[name].is_up and (draw.random() < 0.3 or self._is_ending):
                self._calm_until = self.scheduler.seconds + CALM
                self.report.crashes += 1
                self._boot(name, person)
                self.tell("weather", f"{name} starts anew")

    def _come_to_rest(self) -> Failure | None:
        """Heal the network, end what people do, look everything up; then nothing may be open."""
        self._is_ending = True
        self.visier.faults.clear()
        self.visier.unreachable = 0
        for replica in self.replicas.values():
            replica.doomed = ""
        self._restart(self._draw("end"))
        self.tell("end", "the network heals")
        for rest in (
            self._stop_all,
            self._rest,
            self._look_all_up,
            self._rest,
            self._look_all_up,
            self._rest,
        ):
            self._spawn("end", rest)
            failure = self._until_nobody_goes_on()
            if failure:
                return failure
        self._check_ledger()
        book = self.book
        book.ask("everything_comes_to_its_end", invariants.everything_comes_to_its_end(book))
        book.ask(
            "what_can_be_told_is_not_left_unknown",
            invariants.what_can_be_told_is_not_left_unknown(book),
        )
        return self._failure(book.broken) if book.broken else None

    def _until_nobody_goes_on(self) -> Failure | None:
        for _ in range(STEPS_TO_REST):
            if not self.scheduler.tasks:
                return None
            failure = self._go(1)
            if failure:
                return failure
        names = ", ".join(task.name for task in self.scheduler.tasks)
        return self._failure([("everything_comes_to_its_end", f"{names} go on for ever")])

    def _rest(self) -> None:
        self.scheduler.wait(REST)

    def _desk(self) -> Desk:
        return Desk(self.replicas["east"], (), ADA, self._draw("end"), ())

    def _stop_all(self) -> None:
        desk = self._desk()
        for id_, begun in self.book.operations.items():
            if begun.state in LIVE and begun.verb in BULK:
                desk.replica.runner.stop(id_, ADA.permissions)

    def _look_all_up(self) -> None:
        desk = self._desk()
        task = self.scheduler.current
        assert task is not None
        task.person = ADA.name
        for id_, begun in self.book.operations.items():
            operation = desk.ledger.operation(id_)
            begun.state = operation.state
            is_open = any(operation.item_counts[each] for each in UNSETTLED)
            if begun.verb in BULK and operation.state is State.INTERRUPTED:
                desk.replica.runner.finish_interrupted(
                    id_, desk.client, ADA.permissions, go_on=False
                )
                desk.replica.runner.wait(id_)
            elif begun.verb in BULK and is_open:
                look_up(desk.ledger, desk.client, id_)
            elif begun.verb in CREDENTIAL_VERBS and (
                is_open or operation.state is State.INTERRUPTED
            ):
                people.credential_fates(desk, operation)
            elif begun.verb in START_VERBS and is_open:
                people.settle_start(desk, operation)


def _without_waiting(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA synchronous = OFF")


def _rows(file: Path) -> dict[tuple[str, tuple[Any, ...]], tuple[Any, ...]]:
    """Return every row of every table that only grows, by its key."""
    found = {}
    connection = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
    try:
        tables = [
            name
            for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        ]
        for table in tables:
            if table in GOES_ROUND or table.startswith("sqlite_"):
                continue
            columns = connection.execute(f"PRAGMA table_info({table})").fetchall()
            key = [place for place, column in enumerate(columns) if column[5]]
            for row in connection.execute(f"SELECT * FROM {table}"):  # noqa: S608 - its own names
                found[table, tuple(row[place] for place in key)] = row
    finally:
        connection.close()
    return found


def simulate(
    seed: int, steps: int, only: frozenset[str] | None = None
) -> tuple[Failure | None, Report]:
    """Run one history in a place of its own; give what was broken, if anything was."""
    with TemporaryDirectory() as folder:
        simulation = Simulation(seed, Path(folder), only)
        failure = simulation.run(steps)
        return failure, simulation.report


def shrunk(failure: Failure, attempts: int = 80) -> Failure:
    """Leave out acts, many at once and then fewer, while the same promise is still broken."""
    best, kept = failure, list(failure.acts)
    size = max(1, len(kept) // 2)
    while attempts and size:
        for first in range(0, len(kept), size):
            if not attempts:
                break
            attempts -= 1
            fewer = kept[:first] + kept[first + size :]
            again, _ = simulate(best.seed, failure.step * 2, frozenset(fewer))
            if again is not None and again.promise == failure.promise:
                best, kept = again, [act for act in fewer if act in again.acts]
                break
        else:
            size //= 2
    return best
