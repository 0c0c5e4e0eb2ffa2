"""What the watch has read of the connectors of tenants, one by one: the last of each."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from . import database, truncation
from .models import Place
from .tables import connector_reading as table
from .writes import kept_place

_WRITERS_LOCK: Final = 7_418_531  # any number, the same for everybody who writes readings


@dataclass(frozen=True)
class ConnectorReading:
    """When the connectors of a tenant were asked for last, and what was read last.

    `read_at` is when they could be read, None where they never could; `lacks_credential` says
    whether one of them had no working credential then. Times are in UTC.
    """

    tenant_code: str
    tried_at: datetime
    read_at: datetime | None = None
    lacks_credential: bool | None = None


class ConnectorReadings:
    """The readings of each place; every method raises LedgerTrouble when the database fails."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def of(self, place: Place) -> dict[str, ConnectorReading]:
        """Return the readings of a place by tenant code."""
        names = ("tenant_code", "tried_at", "read_at", "lacks_credential")
        asked = sa.select(*(table.c[name] for name in names)).where(*_is_at(place))
        with database.transaction(self._engine) as connection:
            rows = connection.execute(asked).all()
        return {row.tenant_code: ConnectorReading(*row) for row in rows}

    def keep(self, place: Place, reading: ConnectorReading) -> None:
        """Record a reading, in place of what was recorded of the tenant, unless that is newer."""
        here = kept_place(place)
        (code,) = truncation.kept_column("tenant_code", [reading.tenant_code])
        new = {
            "tried_at": reading.tried_at,
            "read_at": reading.read_at,
            "lacks_credential": reading.lacks_credential,
        }
        same = (*_is_at(place), table.c.tenant_code == code)
        with database.in_line(self._engine, _WRITERS_LOCK) as connection:
            known = connection.scalar(sa.select(table.c.tried_at).where(*same))
            if known is None:
                key = {"host": here.host, "tenant": here.tenant, "tenant_code": code}
                connection.execute(table.insert(), key | new)
            # A process that was suspended while another one watched has read it earlier.
            elif known <= reading.tried_at:
                connection.execute(table.update().where(*same), new)

    def prune(self, older_than: datetime) -> int:
        """Delete the readings of tenants that were asked for last before then; say how many."""
        with database.in_line(self._engine, _WRITERS_LOCK) as connection:
            outdated = table.delete().where(table.c.tried_at < older_than)
            return connection.execute(outdated).rowcount


def _is_at(place: Place) -> tuple[sa.ColumnElement[bool], ...]:
    here = kept_place(place)
    return table.c.host == here.host, table.c.tenant == here.tenant
