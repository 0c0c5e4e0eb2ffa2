"""The places of calls in a real PostgreSQL: how many pass, and what happens when it is away."""

import logging
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from services.ledger import Ledger, RateLimitSlots
from services.ledger.database import counting_engine
from services.ledger.rate_limit_slots import AWAY_FOR, BudgetSlots
from tests.services.ledger.postgres import Postgres

START_MS = 1_772_366_400_000


class Now:
    """Milliseconds and seconds that move by hand."""

    def __init__(self) -> None:
        self.ms = START_MS

    def __call__(self) -> int:
        return self.ms

    def seconds(self) -> float:
        return self.ms / 1000

    def advance(self, seconds: float) -> None:
        self.ms += round(seconds * 1000)


@pytest.fixture
def now() -> Now:
    return Now()


@pytest.fixture
def engine(postgres: Postgres) -> Iterator[sa.Engine]:
    url = postgres.fresh_url()
    Ledger.open(url).close()
    engine = counting_engine(url)
    assert engine is not None
    yield engine
    engine.dispose()


@pytest.fixture
def slots(engine: sa.Engine, now: Now) -> RateLimitSlots:
    return RateLimitSlots(engine, now=now, clock=now.seconds)


def take(slots: BudgetSlots, limit: int = 10, kept: int = 0) -> Callable[[], None]:
    taken = slots.take(limit, kept)
    assert not isinstance(taken, float), f"no place for another {taken} s"
    return taken


def refused(slots: BudgetSlots, limit: int = 10, kept: int = 0) -> float:
    delay = slots.take(limit, kept)
    assert isinstance(delay, float)
    return delay


def test_who_begins_is_told_how_many_places_others_have_made(
    slots: RateLimitSlots, engine: sa.Engine, now: Now
) -> None:
    budget = slots.of("key")
    assert budget.made() is None
    take(budget, limit=7)
    assert RateLimitSlots(engine, now=now).of("key").made() == 7


def test_two_processes_take_as_many_places_as_the_limit_and_no_more(
    slots: RateLimitSlots, engine: sa.Engine, now: Now
) -> None:
    one, other = slots.of("key"), RateLimitSlots(engine, now=now).of("key")
    for each in (one, other) * 5:
        take(each)
    assert refused(one) == refused(other) == 60.0


def test_every_budget_has_its_own(slots: RateLimitSlots) -> None:
    take(slots.of("key"), limit=1)
    take(slots.of("another key"), limit=1)
    refused(slots.of("key"), limit=1)


def test_a_place_is_free_again_a_minute_after_the_answer(slots: RateLimitSlots, now: Now) -> None:
    budget = slots.of("key")
    give_back = take(budget, limit=1)
    now.advance(20)
    give_back()
    now.advance(59)
    assert refused(budget, limit=1) == 1.0
    now.advance(1)
    take(budget, limit=1)


def test_the_place_of_a_killed_process_is_free_again_by_itself(
    slots: RateLimitSlots, now: Now
) -> None:
    budget = slots.of("key")
    take(budget, limit=1)
    now.advance(124)
    refused(budget, limit=1)
    now.advance(1)
    take(budget, limit=1)


def test_the_reserve_stays_for_those_who_may_have_it(slots: RateLimitSlots) -> None:
    budget = slots.of("key")
    for _ in range(8):
        take(budget, kept=2)
    refused(budget, kept=2)
    take(budget)
    take(budget)
    refused(budget)


def test_a_limit_that_is_raised_or_lowered_counts_at_once(slots: RateLimitSlots) -> None:
    budget = slots.of("key")
    take(budget, limit=1)
    take(budget, limit=2)
    refused(budget, limit=2)
    refused(budget, limit=1)


def test_by_the_clock_of_the_database_nobody_needs_one_of_its_own(engine: sa.Engine) -> None:
    budget = RateLimitSlots(engine).of("key")
    take(budget, limit=1)()
    assert 55 < refused(budget, limit=1) <= 60


def test_of_many_that_take_at_once_as_many_pass_as_there_are_places(
    engine: sa.Engine, now: Now
) -> None:
    together = threading.Barrier(8)
    processes = [RateLimitSlots(engine, now=now) for _ in range(8)]

    def work(slots: RateLimitSlots) -> int:
        together.wait()
        taken = [slots.of("key").take(50, 0) for _ in range(30)]
        return sum(not isinstance(each, float) for each in taken)

    with ThreadPoolExecutor(8) as threads:
        passed = sum(threads.map(work, processes))
    # A place that one was just taking is passed over by the others, who then ask again.
    assert passed + _left(processes[0]) == 50


def _left(slots: RateLimitSlots) -> int:
    left = 0
    while not isinstance(slots.of("key").take(50, 0), float):
        left += 1
    return left


def test_to_take_and_to_give_back_is_one_statement_each(
    slots: RateLimitSlots, engine: sa.Engine
) -> None:
    budget = slots.of("key")
    take(budget)()
    statements: list[str] = []
    sa.event.listen(
        engine, "before_cursor_execute", lambda *told: statements.append(told[2].split()[0])
    )
    take(budget)()
    assert statements == ["WITH", "UPDATE"]


def test_a_budget_nobody_uses_any_more_is_forgotten(
    slots: RateLimitSlots, engine: sa.Engine, now: Now
) -> None:
    take(slots.of("an old key"))
    now.advance(2 * 24 * 3600)
    take(slots.of("key"))
    with engine.connect() as connection:
        budgets = connection.execute(sa.text("SELECT DISTINCT budget FROM rate_limit_slot"))
        assert budgets.scalars().all() == ["key"]


def test_while_the_database_is_away_calls_pass_and_the_log_says_so_once(
    now: Now, caplog: pytest.LogCaptureFixture
) -> None:
    engine = counting_engine("postgresql://ann:yellow-bird@127.0.0.1:1/nothing")
    assert engine is not None
    attempts: list[object] = []
    sa.event.listen(engine, "do_connect", lambda *told: attempts.append(told))
    budget = RateLimitSlots(engine, now=now, clock=now.seconds).of("key")
    for _ in range(3):
        take(budget, limit=1)()
    assert len(attempts) == 1
    now.advance(AWAY_FOR)
    take(budget, limit=1)
    assert len(attempts) == 2
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert "goes by the rate-limit headers" in caplog.text
    assert "yellow-bird" not in caplog.text


def test_a_database_that_comes_back_counts_again(
    engine: sa.Engine, now: Now, caplog: pytest.LogCaptureFixture
) -> None:
    budget = RateLimitSlots(engine, now=now, clock=now.seconds).of("key")
    with engine.connect() as connection:
        connection.execute(sa.text("ALTER TABLE rate_limit_slot RENAME TO elsewhere"))
        take(budget, limit=1)
        take(budget, limit=1)
        connection.execute(sa.text("ALTER TABLE elsewhere RENAME TO rate_limit_slot"))
    now.advance(AWAY_FOR)
    take(budget, limit=1)
    refused(budget, limit=1)
    assert caplog.messages[-1] == "The calls of all replicas are counted together again."


@pytest.mark.parametrize("url", [None, "sqlite:///ledger.sqlite3"])
def test_a_ledger_that_nobody_shares_has_no_places(url: str | None) -> None:
    assert RateLimitSlots.of_url(url) is None


def test_places_are_not_lost_when_the_clock_of_the_database_is_set_back(
    slots: RateLimitSlots, now: Now
) -> None:
    budget = slots.of("key")
    for _ in range(3):
        take(budget, limit=3)
    now.advance(-86_400)
    for _ in range(3):
        take(budget, limit=3)
    refused(budget, limit=3)
