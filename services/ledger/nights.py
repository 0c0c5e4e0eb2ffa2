"""Nights that the watch has recorded: a row per tenant each, as one Parquet document."""

import io
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import sqlalchemy as sa

from . import database, leases, truncation
from .leases import Lease
from .models import Place
from .tables import night as table
from .writes import kept_place

_COLUMNS: Final = tuple(column for column in table.c if column.name not in ("rows", "fence"))
_SLICE: Final = 10  # documents in one answer: megabytes each where there are many tenants
_log = logging.getLogger("services.ledger")


@dataclass(frozen=True)
class Night:
    """What is recorded of a night, beside its rows.

    `night` is the date on which it ends. `is_complete` says that it was read whole after its end.
    `facts` is JSON, what is known beyond single tenants.
    """

    night: date
    first_look_at: datetime
    looked_at: datetime
    is_complete: bool
    tenant_count: int
    facts: str


class Nights:
    """The nights of each place.

    The rows of a night are a frame of any columns; frames of one place are read together. Every
    method raises LedgerTrouble when the database cannot do its part.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def write(
        self,
        place: Place,
        lease: Lease,
        night: date,
        rows: pd.DataFrame,
        *,
        at: datetime,
        is_complete: bool,
        facts: str,
    ) -> None:
        """Record a night, in place of what was recorded of it before; raises LeaseLost.

        `at` is when it was looked at.
        """
        key = _key(place, night)
        new = {
            "looked_at": at,
            "is_complete": is_complete,
            "tenant_count": len(rows),
            "facts": truncation.storable(facts),
            "rows": packed(rows),
            "fence": lease.fence,
        }
        with database.transaction(self._engine, writing=True) as connection:
            # In the same transaction: whoever has lost the lease meanwhile writes no night twice.
            leases.check(connection, lease)
            same = (table.c[name] == value for name, value in key.items())
            if not connection.execute(table.update().where(*same), new).rowcount:
                connection.execute(table.insert(), {**key, **new, "first_look_at": at})

    def complete(self, place: Place, lease: Lease, night: date) -> None:
        """Note that nothing more is to be learnt of a recorded night; raises LeaseLost."""
        same = (table.c[name] == value for name, value in _key(place, night).items())
        with database.transaction(self._engine, writing=True) as connection:
            leases.check(connection, lease)
            connection.execute(table.update().where(*same), {"is_complete": True})

    def listed(self, place: Place, *, since: date | None = None, limit: int = 400) -> list[Night]:
        """Return at most `limit` nights that end on that date or later, newest first."""
        asked = sa.select(*_COLUMNS).where(_is_at(place))
        if since is not None:
            asked = asked.where(table.c.night >= since.isoformat())
        with database.transaction(self._engine) as connection:
            rows = connection.execute(asked.order_by(table.c.night.desc()).limit(limit)).all()
        return [
            Night(
                date.fromisoformat(row.night),
                row.first_look_at,
                row.looked_at,
                row.is_complete,
                row.tenant_count,
                row.facts,
            )
            for row in rows
        ]

    def rows(
        self, place: Place, nights: Iterable[date], columns: Sequence[str] | None = None
    ) -> dict[date, pd.DataFrame]:
        """Return the rows of these nights, of all columns or some; of what is not recorded none.

        Of columns that an earlier version did not record, a night has none. One whose document
        cannot be read is left out, and the log says so.
        """
        wanted = [each.isoformat() for each in nights]
        found: dict[date, pd.DataFrame] = {}
        for start in range(0, len(wanted), _SLICE):
            some = wanted[start : start + _SLICE]
            asked = sa.select(table.c.night, table.c.rows).where(
                _is_at(place), table.c.night.in_(some)
            )
            with database.transaction(self._engine) as connection:
                documents = connection.execute(asked).all()
            for name, document in documents:
                try:
                    found[date.fromisoformat(name)] = unpacked(document, columns)
                except (pa.ArrowException, OSError, ValueError) as error:
                    _log.error("The night of %s cannot be read: %s", name, error)
        return found

    def prune(self, older_than: date) -> int:
        """Delete the nights of all places that ended before then; return how many."""
        return self._delete(table.c.night < older_than.isoformat())

    def forget(self, place: Place) -> int:
        """Delete all nights of a place; return how many."""
        return self._delete(_is_at(place))

    def _delete(self, which: sa.ColumnElement[bool]) -> int:
        with database.transaction(self._engine, writing=True) as connection:
            return connection.execute(table.delete().where(which)).rowcount


def packed(rows: pd.DataFrame) -> bytes:
    """Return a frame as a Parquet document, as small as its columns allow."""
    arrow = pa.Table.from_pandas(rows.reset_index(drop=True), preserve_index=False)
    encodings: dict[str, Any] = {}
    for name in rows.columns:
        column = arrow.column(name)
        if pa.types.is_timestamp(column.type):
            encodings[name] = "DELTA_BINARY_PACKED"
        elif not _repeats(column):
            # Codes in their order share most of their beginnings.
            encodings[name] = "DELTA_BYTE_ARRAY"
    document = io.BytesIO()
    pq.write_table(
        arrow,
        document,
        compression="zstd",
        column_encoding=encodings,
        use_dictionary=[name for name in rows.columns if name not in encodings],
    )
    return document.getvalue()


def _repeats(column: pa.ChunkedArray) -> bool:
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        return True
    return bool(column.null_count * 2 > len(column))


def unpacked(document: bytes, columns: Sequence[str] | None = None) -> pd.DataFrame:
    """Return the frame of a document, or those of some columns that it has.

    Raises pyarrow.ArrowException for what is no such document.
    """
    file = pq.ParquetFile(io.BytesIO(document))
    # Those it does not have are left out by read().
    found: pd.DataFrame = file.read(columns=columns and list(columns)).to_pandas()
    return found


def _key(place: Place, night: date) -> dict[str, str]:
    here = kept_place(place)
    return {"host": here.host, "tenant": here.tenant, "night": night.isoformat()}


def _is_at(place: Place) -> sa.ColumnElement[bool]:
    here = kept_place(place)
    return sa.and_(table.c.host == here.host, table.c.tenant == here.tenant)
