"""What the ledger gives back: operations, their items and their events."""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from copy import copy
from datetime import datetime, timedelta
from typing import Final, Self

import pandas as pd
import sqlalchemy as sa

from . import database, item_queries, operation_queries, writes
from .elapsed import Elapsed
from .errors import UnknownOperation
from .models import (
    Control,
    EventKind,
    Item,
    NotedEvent,
    Operation,
    OperationFilter,
    Outcome,
    Place,
)

# Six heartbeats: a process that lost one or two to a slow disk is not taken for dead.
SILENCE: Final = timedelta(seconds=60)
# Counting goes on for as long as somebody waits for a page: beyond it, "more than" is said.
TENANTS_COUNTED_AT_MOST: Final = 10_000
_SHOWN: Final = (
    *("key", "tenant_code", "name", "before", "after"),
    *("outcome", "skip", "finding", "facts", "message"),
)
_EVERYTHING: Final = OperationFilter()


class LedgerReader:
    """Every question that is put to a ledger; none of them changes anything.

    Raises LedgerTrouble when the database cannot answer. An operation whose owner is silent for
    more than `SILENCE` is returned as interrupted, or as finished when nothing of it is left.
    """

    def __init__(
        self, engine: sa.Engine, clock: Callable[[], datetime], monotonic: Callable[[], float]
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._elapsed = Elapsed(clock, monotonic)
        self._place: Place | None = None
        self._tenant_counts: dict[tuple[Place | None, str], int] = {}

    def at(self, place: Place) -> Self:
        """Return this ledger as a connection to one place is given it.

        It lists the operations of that place only, and whatever asks for another one by its id, or
        writes about it, raises Elsewhere: also when an operation is begun that undoes it, tries it
        again or is a part of it.
        """
        here = copy(self)
        here._place = writes.kept_place(place)
        return here

    def asked(self, operation_id: str) -> Control | None:
        """Return what was asked of an operation last, None when nothing was.

        Taking an operation over asks it to resume, so that nothing asked before still holds.
        """
        with self._reading(operation_id) as connection:
            last = connection.scalar(operation_queries.last_event(operation_id, EventKind.CONTROL))
        return Control(last) if last else None

    def operations(
        self, wanted: OperationFilter = _EVERYTHING, limit: int = 100
    ) -> list[Operation]:
        """Return at most `limit` operations that fit, newest first; one more tells of more."""
        with self._reading() as connection:
            asked = operation_queries.listed(wanted, self._silent_since(), limit, self._place)
            return [operation_queries.as_operation(row) for row in connection.execute(asked)]

    def operation(self, operation_id: str) -> Operation:
        """Return one operation."""
        asked = operation_queries.operation_of_id(operation_id, self._silent_since())
        with self._reading(operation_id) as connection:
            row = connection.execute(asked).first()
        if row is None:
            raise UnknownOperation(operation_id)
        return operation_queries.as_operation(row)

    def parts(self, operation_id: str) -> list[Operation]:
        """Return the operations that are parts of one, oldest first."""
        asked = operation_queries.parts(operation_id, self._silent_since(), self._place)
        with self._reading(operation_id) as connection:
            return [operation_queries.as_operation(row) for row in connection.execute(asked)]

    def interrupted(self, identity: str) -> list[Operation]:
        """Return the operations of an identity that broke off, newest first."""
        silent_since = self._silent_since()
        with self._reading() as connection:
            rows = connection.execute(
                operation_queries.interrupted(identity, silent_since, self._place)
            )
            return [operation_queries.as_operation(row) for row in rows]

    def items(
        self,
        operation_id: str,
        outcomes: Collection[Outcome] | None = None,
        limit: int = 1000,
        after: str | None = None,
    ) -> list[Item]:
        """Return at most `limit` items of these outcomes, those after the item of a key.

        They come in the order of the plan; an operation that is not there has none.
        """
        with self._reading(operation_id) as connection:
            rows = connection.execute(item_queries.items(operation_id, outcomes, limit, after))
            return [item_queries.as_item(row) for row in rows]

    def item_frame(self, operation_id: str) -> pd.DataFrame:
        """Return all items of an operation, in the order of its plan.

        Columns: key, tenant_code, name, before, after str, outcome categorical (of every Outcome,
        in their order), skip, finding, facts, message str.
        """
        with self._reading(operation_id) as connection:
            rows = connection.execute(item_queries.items_in_order(operation_id, *_SHOWN)).all()
        # Rows as they are would be searched for fields one by one.
        shown = pd.DataFrame(map(tuple, rows), columns=list(_SHOWN), dtype="str")
        return shown.astype({"outcome": pd.CategoricalDtype([each.value for each in Outcome])})

    def events(
        self, operation_id: str, limit: int = 100, kinds: Collection[str] = ()
    ) -> list[NotedEvent]:
        """Return at most `limit` events of an operation, of any or of some kinds, newest first."""
        with self._reading(operation_id) as connection:
            rows = connection.execute(operation_queries.events(operation_id, limit, kinds))
            return [operation_queries.as_event(row) for row in rows]

    def events_of(
        self, wanted: OperationFilter, kind: str, limit: int, texts: Collection[str] | None = None
    ) -> list[tuple[str, NotedEvent]]:
        """Return at most `limit` events of a kind of all operations that fit, newest first.

        Each comes with its operation's id. With `texts`, those that have one of them: at most
        `limit` for each thousand texts.
        """
        silent_since = self._silent_since()
        questions = [
            operation_queries.events_of(wanted, kind, silent_since, self._place, some).limit(limit)
            for some in ([None] if texts is None else writes.slices(list(texts)))
        ]
        with self._reading() as connection:
            rows = [row for asked in questions for row in connection.execute(asked)]
        return [(row.operation_id, operation_queries.as_event(row)) for row in rows]

    def newest_events(
        self, operation_ids: Collection[str], kinds: Collection[str]
    ) -> dict[str, list[NotedEvent]]:
        """Return by operation the newest event of each of these kinds, newest first.

        An operation that has none is left out.
        """
        found: dict[str, list[NotedEvent]] = {}
        with self._reading(*operation_ids) as connection:
            for row in connection.execute(operation_queries.newest_events(operation_ids, kinds)):
                found.setdefault(row.operation_id, []).append(operation_queries.as_event(row))
        return found

    def tenants(self, operation_ids: Collection[str]) -> pd.DataFrame:
        """Return the tenants of the items of operations, each once and in the order of the plan.

        Columns, both str: operation_id, tenant_code.
        """
        with self._reading(*operation_ids) as connection:
            rows = connection.execute(item_queries.tenants(operation_ids)).all()
        columns = ["operation_id", "tenant_code"]
        return pd.DataFrame(map(tuple, rows), columns=columns, dtype="str")

    def tenant_counts(self, operation_ids: Collection[str]) -> dict[str, int]:
        """Return by operation how many tenants its items are of; one without items is left out."""
        kept = self._tenant_counts
        found = {id_: kept.get((self._place, id_)) for id_ in operation_ids}
        new = [id_ for id_, count in found.items() if count is None]
        if new:
            # Items are all there when an operation begins: what was counted once stays so.
            with self._reading(*new) as connection:
                rows = connection.execute(item_queries.tenant_counts(new))
                counted = {row.operation_id: row.tenant_count for row in rows}
            if len(kept) + len(counted) > TENANTS_COUNTED_AT_MOST:
                kept.clear()
            kept.update({(self._place, id_): count for id_, count in counted.items()})
            found |= counted
        return {id_: count for id_, count in found.items() if count is not None}

    def _silent_since(self) -> datetime:
        # A jump before this process began would make an owner look silent until its next sign of
        # life: who is taken over then sends nothing more, so nothing is done twice by that.
        return self._elapsed.ago(SILENCE)

    @contextmanager
    def _reading(self, *operation_ids: str) -> Iterator[sa.Connection]:
        with database.transaction(self._engine) as connection:
            if operation_ids and self._place is not None:
                writes.check_place(connection, operation_ids, self._place)
            yield connection
