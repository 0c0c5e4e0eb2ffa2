"""Leases: of all processes at one ledger, one does a work, until it is done or dead."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa

from . import database, process_identity
from .elapsed import Elapsed
from .errors import LeaseLost
from .tables import lease

# A holder renews between two requests, and one is given up after 65 seconds.
TERM: Final = timedelta(minutes=3)
_WRITERS_LOCK: Final = 7_418_527  # any number, the same for everybody who takes a lease


@dataclass(frozen=True)
class Lease:
    """The right to do a work, taken by one process; `fence` is larger than that of any before."""

    name: str
    owner: str
    fence: int


@dataclass(frozen=True)
class LeaseHolder:
    """Who holds a lease: `is_live` unless it has run out or its process is certainly gone."""

    name: str
    owner: str
    until: datetime
    is_live: bool


class Leases:
    """Who does what only one process may do.

    A lease is held for `TERM` after it was taken or renewed. Another process takes it over once it
    has run out, or at once where its process has certainly ended. A process may take too long and
    wake up after that: whatever it writes then must be refused, so writers call `check`. Every
    method raises LedgerTrouble when the database cannot do its part.
    """

    def __init__(
        self, engine: sa.Engine, clock: Callable[[], datetime], elapsed: Elapsed, owner: str
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._elapsed = elapsed
        self._owner = owner

    def take(self, name: str) -> Lease | None:
        """Take a lease, or renew it where this process holds it; None while another does."""
        until = self._clock() + TERM
        # In line: of two who find it free at once, the second finds it taken.
        with database.in_line(self._engine, _WRITERS_LOCK) as connection:
            row = connection.execute(_of(name).with_for_update()).one_or_none()
            if row is None:
                new = {"name": name, "owner": self._owner, "fence": 1, "until": until}
                connection.execute(lease.insert(), new)
                return Lease(name, self._owner, 1)
            if row.owner != self._owner and self._is_live(row):
                return None
            fence = row.fence if row.owner == self._owner else row.fence + 1
            changed = {"owner": self._owner, "fence": fence, "until": until}
            connection.execute(lease.update().where(lease.c.name == name), changed)
        return Lease(name, self._owner, fence)

    def release(self, held: Lease) -> None:
        """Let another process take a lease at once; one that was taken over stays as it is."""
        mine = (lease.c.name == held.name, lease.c.owner == held.owner)
        with database.in_line(self._engine, _WRITERS_LOCK) as connection:
            connection.execute(lease.update().where(*mine).values(owner=""))

    def holders(self, prefix: str) -> list[LeaseHolder]:
        """Return who holds the leases whose name begins so, or held them last, by name."""
        named = sa.select(lease).where(lease.c.name.startswith(prefix, autoescape=True))
        with database.transaction(self._engine) as connection:
            rows = connection.execute(named.order_by(lease.c.name)).all()
        return [LeaseHolder(row.name, row.owner, row.until, self._is_live(row)) for row in rows]

    def _is_live(self, row: sa.Row[tuple[object, ...]]) -> bool:
        if not row.owner or process_identity.is_gone(row.owner):
            return False
        # By the time that has passed here: neither a jump of the clock nor another's clock ends it.
        ran_out = row.until < self._elapsed.surely_ago(TERM) + TERM
        return not ran_out


def check(connection: sa.Connection, held: Lease) -> None:
    """Raise LeaseLost unless this lease is held still; nobody takes it in this transaction."""
    row = connection.execute(_of(held.name).with_for_update()).one_or_none()
    if row is None or (row.owner, row.fence) != (held.owner, held.fence):
        raise LeaseLost(held.name)


def _of(name: str) -> sa.Select[tuple[object, ...]]:
    return sa.select(lease).where(lease.c.name == name)
