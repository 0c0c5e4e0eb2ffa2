"""The call budget of an API key, shared by all processes that share a PostgreSQL database.

Each budget has as many slots as calls are allowed a minute. A call takes one before it leaves and
gives it back when its answer is here; the slot is free again a minute after that. So no minute of
the server's own holds more calls than there are slots, whoever makes them. An hour needs no count
of its own: sixty full minutes are what Visier allows in it, and its headers tell where it does not.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Self

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from . import database

AWAY_FOR: Final = 15.0  # seconds without asking a database that has failed
_MINUTE: Final = 60_000
# A call is given up after 65 seconds at the latest; who is killed cannot give its slot back.
_HELD: Final = 65_000 + _MINUTE
# No window of the limits is longer than an hour; a day leaves room for clocks that differ.
_FORGOTTEN: Final = 24 * 60 * _MINUTE
_log = logging.getLogger("services.ledger")

_CLOCK = "coalesce(CAST(:now AS bigint), (extract(epoch FROM clock_timestamp()) * 1000)::bigint)"
# No slot is taken for longer than it can be held: one that seems to be is free, for the clock was
# set back. The other held time is for those who ask at the same time, by a clock read earlier.
_STRANDED = "free_at > clock.now + 2 * :held"
# Of two that ask at once neither waits: a slot that one is taking is passed over by the other.
_TAKE = sa.text(
    f"""
    WITH clock AS MATERIALIZED (SELECT {_CLOCK} AS now),
    mine AS (
        SELECT CASE WHEN {_STRANDED} THEN clock.now ELSE free_at END AS free_at
        FROM rate_limit_slot, clock WHERE budget = :budget AND number < :limit
    ),
    needed AS (SELECT free_at FROM mine ORDER BY free_at OFFSET :kept LIMIT 1),
    free AS (
        SELECT slot.number FROM rate_limit_slot AS slot, clock, needed
        WHERE slot.budget = :budget AND slot.number < :limit
        AND (slot.free_at <= clock.now OR slot.{_STRANDED}) AND needed.free_at <= clock.now
        ORDER BY slot.free_at LIMIT 1 FOR UPDATE OF slot SKIP LOCKED
    ),
    taken AS (
        UPDATE rate_limit_slot AS slot SET free_at = clock.now + :held FROM clock, free
        WHERE slot.budget = :budget AND slot.number = free.number RETURNING slot.number
    )
    SELECT (SELECT count(*) FROM mine) AS slots, (SELECT number FROM taken) AS number,
        (SELECT free_at FROM needed) - clock.now AS delay FROM clock
    """  # noqa: S608 - a constant is put in
)
_GIVE_BACK = sa.text(
    f"UPDATE rate_limit_slot SET free_at = {_CLOCK} + :minute"  # noqa: S608 - a constant is put in
    " WHERE budget = :budget AND number = :number"
)
_FORGET = sa.text(
    f"DELETE FROM rate_limit_slot WHERE free_at < {_CLOCK} - :forgotten"  # noqa: S608 - a constant is put in
)
_MADE = sa.text("SELECT count(*) AS slots FROM rate_limit_slot WHERE budget = :budget")
_CREATE = sa.text(
    "INSERT INTO rate_limit_slot (budget, number, free_at)"  # noqa: S608 - a constant is put in
    f" SELECT :budget, number, {_CLOCK} FROM generate_series(0, :limit - 1) AS number"
    " ON CONFLICT DO NOTHING"
)


class RateLimitSlots:
    """The slots of all budgets in one database.

    ``now`` gives milliseconds since 1970; by default it is the database's own clock, the one that
    all processes share. While the database is away every call passes uncounted, which the log
    says once; it is asked again after ``AWAY_FOR`` seconds of ``clock``.
    """

    def __init__(
        self,
        engine: sa.Engine,
        *,
        now: Callable[[], int] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._engine = engine
        self._now = now
        self._clock = clock
        self._lock = threading.Lock()
        self._away_until: float | None = None

    @classmethod
    def of_url(cls, url: str | None) -> Self | None:
        """Return the slots in the ledger of this address; None for one that nobody shares.

        Nothing is asked of the database yet. Raises what ``database.address`` raises.
        """
        engine = database.counting_engine(url) if url else None
        return None if engine is None else cls(engine)

    def of(self, budget: str) -> "BudgetSlots":
        """Return the slots of one budget; its name holds no secret."""
        return BudgetSlots(self, budget)

    def close(self) -> None:
        """Let go of all connections."""
        self._engine.dispose()

    def ask(self, statement: sa.TextClause, **values: Any) -> sa.Row[Any] | None:
        """Run one statement, each its own transaction; give its row, None while it is away."""
        if not self._may_ask():
            return None
        now = self._now and self._now()
        try:
            with self._engine.connect() as connection:
                result = connection.execute(statement, {"now": now, **values})
                row = result.first() if result.returns_rows else None
        except (DBAPIError, sa.exc.TimeoutError) as error:
            self._gone(error)
            return None
        self._is_there()
        return row

    def _may_ask(self) -> bool:
        with self._lock:
            if self._away_until is None:
                return True
            if self._clock() < self._away_until:
                return False
            # One tries again, the others go on without waiting for what becomes of it.
            self._away_until = self._clock() + AWAY_FOR
            return True

    def _gone(self, error: Exception) -> None:
        with self._lock:
            news, self._away_until = self._away_until is None, self._clock() + AWAY_FOR
        if news:
            _log.warning(
                "The calls of all replicas cannot be counted together (%s);"
                " this one goes by the rate-limit headers until they can.",
                type(error).__name__,
            )

    def _is_there(self) -> None:
        with self._lock:
            news, self._away_until = self._away_until is not None, None
        if news:
            _log.warning("The calls of all replicas are counted together again.")


@dataclass(frozen=True)
class BudgetSlots:
    """The slots of one budget, for `services.visier.RateLimiter`."""

    slots: RateLimitSlots
    budget: str

    def made(self) -> int | None:
        """Return how many slots there are: the limit as others read it. None where unknown."""
        row = self.slots.ask(_MADE, budget=self.budget)
        return row.slots or None if row is not None else None

    def take(self, limit: int, kept: int) -> Callable[[], None] | float:
        """Take a slot when more than ``kept`` of ``limit`` are free.

        Returns what gives it back once the answer is here, or the seconds until one may be free.
        One statement, in which nobody waits for anybody.
        """
        row = self._ask(limit, kept)
        if row is not None and row.slots < limit:
            self.slots.ask(_FORGET, forgotten=_FORGOTTEN)
            self.slots.ask(_CREATE, budget=self.budget, limit=limit)
            row = self._ask(limit, kept)
        if row is None:
            return _nothing
        if row.number is not None:
            return lambda: self._give_back(row.number)
        # What is under way frees its slot a minute after its answer, perhaps one that comes now;
        # and where another was taking the last one, it is too early to tell.
        return min(max(0.05, (row.delay or 0) / 1000), _MINUTE / 1000)

    def _ask(self, limit: int, kept: int) -> sa.Row[Any] | None:
        return self.slots.ask(_TAKE, budget=self.budget, limit=limit, kept=kept, held=_HELD)

    def _give_back(self, number: int) -> None:
        self.slots.ask(_GIVE_BACK, budget=self.budget, number=number, minute=_MINUTE)


def _nothing() -> None:
    """Give back what was not counted."""
