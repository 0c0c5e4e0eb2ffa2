"""The ledger: what is about to be done, what became of it, and what was done."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from copy import copy
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final, Self

import pandas as pd
import platformdirs
import sqlalchemy as sa

from services.clock import CLOCK

from . import database, process_identity, queries, writes
from .elapsed import Elapsed
from .errors import Elsewhere, NotOpen, TakenOver, UnknownOperation
from .job_observations import JobObservations
from .models import (
    LIVE,
    Control,
    Event,
    EventKind,
    Item,
    ItemResult,
    NewItem,
    NewOperation,
    NotedEvent,
    Operation,
    OperationFilter,
    Outcome,
    Place,
    State,
)
from .work import Work

# Six heartbeats: a process that lost one or two to a slow disk is not taken for dead.
SILENCE: Final = timedelta(seconds=60)
# Counting goes on for as long as somebody waits for a page: beyond it, "more than" is said.
TENANTS_COUNTED_AT_MOST: Final = 10_000
_SHOWN: Final = (
    *("key", "tenant_code", "name", "before", "after"),
    *("outcome", "skip", "finding", "facts", "message"),
)
_EVERYTHING: Final = OperationFilter()
_CHANGES_NOTHING: Final = sa.text("UPDATE alembic_version SET version_num = version_num")


def default_url() -> str:
    """Return the address of the SQLite file in this user's data directory."""
    directory = platformdirs.user_data_path("visier-load-dashboard", appauthor=False)
    return f"sqlite:///{directory / 'ledger.sqlite3'}"


class Ledger:
    """Operations, their items and their events, in a SQLite file or a PostgreSQL database.

    Any number of threads and processes may use one at the same time. The process that begins an
    operation owns it, and says so by a heartbeat (or a state) at least every 20 seconds; one that
    is silent for 60 is seen as interrupted, and another process may take it over: or as finished,
    when nothing of it is left. A jump of the wall clock is no silence. ``clock`` gives the time,
    with its zone, ``monotonic`` seconds that only pass; ``owner`` is the token of this process;
    ``on_end`` is told of each operation of this process that has finished, stopped, broken off or
    was refused. Every method raises LedgerTrouble when the database cannot do its part, and what
    writes about an operation raises UnknownOperation when it is not there. What a connection is
    given is the ledger ``at`` its place. ``job_observations`` is what was seen of jobs.
    """

    def __init__(
        self,
        url: str,
        *,
        clock: Callable[[], datetime] = CLOCK.now,
        monotonic: Callable[[], float] = CLOCK.monotonic,
        owner: str | None = None,
        on_end: Callable[[Operation], None] | None = None,
    ) -> None:
        self._engine = database.engine(url)
        self.job_observations = JobObservations(self._engine)
        self._clock = clock
        self._elapsed = Elapsed(clock, monotonic)
        self._owner = owner or process_identity.this_process()
        self._on_end = on_end
        self._place: Place | None = None
        self._tenant_counts: dict[tuple[Place | None, str], int] = {}

    @classmethod
    def open(
        cls,
        url: str | None = None,
        *,
        clock: Callable[[], datetime] = CLOCK.now,
        monotonic: Callable[[], float] = CLOCK.monotonic,
        owner: str | None = None,
        on_end: Callable[[Operation], None] | None = None,
    ) -> Self:
        """Return the ledger at this address, its tables up to date; in a file unless told.

        Operations of processes of this machine that have ended are marked as interrupted.
        """
        ledger = cls(
            url or default_url(), clock=clock, monotonic=monotonic, owner=owner, on_end=on_end
        )
        try:
            database.migrate(ledger._engine)
            ledger._mark_abandoned()
        except BaseException:
            ledger.close()
            raise
        return ledger

    def close(self) -> None:
        """Let go of all connections."""
        self._engine.dispose()

    def at(self, place: Place) -> Self:
        """Return this ledger as a connection to one place is given it.

        It lists the operations of that place only, and whatever asks for another one by its id, or
        writes about it, raises Elsewhere: also when an operation is begun that undoes it, tries it
        again or is a part of it.
        """
        here = copy(self)
        here._place = writes.kept_place(place)
        return here

    def now(self) -> datetime:
        """Return the time by the clock that dates what is written down."""
        return self._clock()

    def ago(self, span: timedelta) -> datetime:
        """Return the moment at which all that is dated before it is more than ``span`` ago.

        Whichever process has dated it: before this one has watched for ``span`` there is none.
        """
        return self._elapsed.surely_ago(span)

    def check(self) -> None:
        """Write what changes nothing; raises LedgerTrouble where no request could be noted."""
        with self._writing() as connection:
            connection.execute(_CHANGES_NOTHING)

    def begin(
        self,
        operation: NewOperation,
        items: Iterable[NewItem],
        events: Iterable[Event] = (),
        *,
        while_open: str | None = None,
    ) -> None:
        """Write down an operation, its items and its first events, at once or not at all.

        Raises AlreadyApplied when its id is spent, ValueError when a key is there twice,
        Elsewhere when it follows from an operation of another place, NotOpen when the operation
        ``while_open`` is not open any more.
        """
        self._check_place(operation)
        listed = list(items)
        now = self._clock()
        with self._writing() as connection:
            if while_open is not None:
                # Before anything is added: whoever closes it holds the same row.
                _check_open(writes.lock_newest_revision(connection, while_open, self._place))
            writes.add_operation(connection, operation, now)
            writes.add_items(connection, operation.id, listed)
            writes.add_first_revision(connection, operation, listed, self._owner, now)
            for event in events:
                writes.add_event(connection, operation.id, event, now)

    def refuse(self, operation: NewOperation, why: Event) -> None:
        """Write down an operation that was not allowed, so that it never began.

        Raises AlreadyApplied when its id is spent, Elsewhere as ``begin``.
        """
        self._check_place(operation)
        now, refused = self._clock(), replace(operation, state=State.REFUSED)
        with self._writing() as connection:
            writes.add_operation(connection, refused, now)
            writes.add_first_revision(connection, refused, (), self._owner, now)
            writes.add_event(connection, operation.id, why, now)
        self._tell_of_end(operation.id)

    def intend(self, operation_id: str, keys: Iterable[str]) -> None:
        """Write down that a request for these planned items is about to leave.

        Raises AlreadyApplied, with nothing written, when one of them is not just planned;
        TakenOver; UnknownItem.
        """
        with self._own(operation_id) as work:
            work.settle((ItemResult(key, Outcome.INTENDED) for key in keys), Outcome.PLANNED)

    def settle(self, operation_id: str, results: Iterable[ItemResult]) -> None:
        """Write down what became of items; whoever finds out may tell. Raises UnknownItem.

        What broke off has come to its end by that when nothing of it is left.
        """
        with self._work(operation_id) as work:
            work.settle(results)
            ends = work.broke_off and work.when_broken_off is State.FINISHED
            if ends:
                work.advance(state=State.FINISHED.value, owner=self._owner, heartbeat_at=work.now)
        if ends:
            self._tell_of_end(operation_id)

    def note(self, operation_id: str, *events: Event, while_open: bool = False) -> None:
        """Write down events, all or none; each with a request counts as a request.

        With ``while_open``, raises NotOpen when the operation is not open any more.
        """
        with self._work(operation_id) as work:
            if while_open:
                _check_open(work.revision)
            for event in events:
                work.note(event)
            requests = sum(bool(event.request) for event in events)
            if requests:
                work.advance(request_count=work.revision["request_count"] + requests)

    def set_state(self, operation_id: str, state: State) -> None:
        """Write down how an operation of this process stands; raises TakenOver.

        One that is called interrupted has finished when nothing of it is left.
        """
        with self._own(operation_id) as work:
            reached = work.when_broken_off if state is State.INTERRUPTED else state
            work.advance(state=reached.value, heartbeat_at=work.now)
        if state not in LIVE:
            self._tell_of_end(operation_id)

    def end(
        self, operation_id: str, state: State, *events: Event, while_open: bool = False
    ) -> None:
        """Write down that an operation nobody works on has come to its end, and why.

        Raises TakenOver when somebody, this process included, works on it; NotOpen as ``note``.
        """
        with self._work(operation_id) as work:
            if while_open:
                _check_open(work.revision)
            if work.live:
                raise TakenOver(operation_id)
            for event in events:
                work.note(event)
            work.advance(state=state.value, owner=self._owner, heartbeat_at=work.now)
        self._tell_of_end(operation_id)

    def heartbeat(self, operation_id: str) -> None:
        """Show that an operation of this process is being worked on; raises TakenOver."""
        with self._own(operation_id) as work:
            work.advance(heartbeat_at=work.now)

    def take_over(self, operation_id: str, who: str = "") -> None:
        """Make an operation nobody works on this process's own, running again.

        Raises TakenOver when somebody, this process included, works on it.
        """
        with self._work(operation_id) as work:
            if work.live:
                raise TakenOver(operation_id)
            work.advance(state=State.RUNNING.value, owner=self._owner, heartbeat_at=work.now)
            work.note(Event(kind=EventKind.CONTROL, text=Control.RESUME, who=who))

    def ask(self, operation_id: str, control: Control, who: str = "") -> None:
        """Ask whoever works on an operation to pause, resume or stop; ``who`` asks."""
        with self._work(operation_id) as work:
            work.note(Event(kind=EventKind.CONTROL, text=control, who=who))

    def asked(self, operation_id: str) -> Control | None:
        """Return what was asked of an operation last, None when nothing was.

        Taking an operation over asks it to resume, so that nothing asked before still holds.
        """
        with self._reading(operation_id) as connection:
            told = connection.scalar(queries.last_event(operation_id, EventKind.CONTROL))
        return Control(told) if told else None

    def operations(
        self, wanted: OperationFilter = _EVERYTHING, limit: int = 100
    ) -> list[Operation]:
        """Return at most `limit` operations that fit, newest first; one more tells of more."""
        with self._reading() as connection:
            asked = queries.listed(wanted, self._silent_since(), limit, self._place)
            return [queries.as_operation(row) for row in connection.execute(asked)]

    def operation(self, operation_id: str) -> Operation:
        """Return one operation."""
        asked = queries.operation_of_id(operation_id, self._silent_since())
        with self._reading(operation_id) as connection:
            row = connection.execute(asked).first()
        if row is None:
            raise UnknownOperation(operation_id)
        return queries.as_operation(row)

    def parts(self, operation_id: str) -> list[Operation]:
        """Return the operations that are parts of one, oldest first."""
        asked = queries.parts(operation_id, self._silent_since(), self._place)
        with self._reading(operation_id) as connection:
            return [queries.as_operation(row) for row in connection.execute(asked)]

    def interrupted(self, identity: str) -> list[Operation]:
        """Return the operations of an identity that broke off, newest first."""
        silent_since = self._silent_since()
        with self._reading() as connection:
            rows = connection.execute(queries.interrupted(identity, silent_since, self._place))
            return [queries.as_operation(row) for row in rows]

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
            rows = connection.execute(queries.items(operation_id, outcomes, limit, after))
            return [queries.as_item(row) for row in rows]

    def item_frame(self, operation_id: str) -> pd.DataFrame:
        """Return all items of an operation, in the order of its plan.

        Columns: key, tenant_code, name, before, after str, outcome categorical (of every Outcome,
        in their order), skip, finding, facts, message str.
        """
        with self._reading(operation_id) as connection:
            rows = connection.execute(queries.items_in_order(operation_id, *_SHOWN)).all()
        # Rows as they are would be searched for fields one by one.
        shown = pd.DataFrame(map(tuple, rows), columns=list(_SHOWN), dtype="str")
        return shown.astype({"outcome": pd.CategoricalDtype([each.value for each in Outcome])})

    def events(
        self, operation_id: str, limit: int = 100, kinds: Collection[str] = ()
    ) -> list[NotedEvent]:
        """Return at most `limit` events of an operation, of any or of some kinds, newest first."""
        with self._reading(operation_id) as connection:
            rows = connection.execute(queries.events(operation_id, limit, kinds))
            return [queries.as_event(row) for row in rows]

    def events_of(
        self, wanted: OperationFilter, kind: str, limit: int, texts: Collection[str] | None = None
    ) -> list[tuple[str, NotedEvent]]:
        """Return at most `limit` events of a kind of all operations that fit, newest first.

        Each comes with its operation's id. With `texts`, those that have one of them: at most
        `limit` for each thousand texts.
        """
        silent_since = self._silent_since()
        questions = [
            queries.events_of(wanted, kind, silent_since, self._place, some).limit(limit)
            for some in ([None] if texts is None else writes.slices(list(texts)))
        ]
        with self._reading() as connection:
            rows = [row for asked in questions for row in connection.execute(asked)]
        return [(row.operation_id, queries.as_event(row)) for row in rows]

    def newest_events(
        self, operation_ids: Collection[str], kinds: Collection[str]
    ) -> dict[str, list[NotedEvent]]:
        """Return by operation the newest event of each of these kinds, newest first.

        An operation that has none is left out.
        """
        found: dict[str, list[NotedEvent]] = {}
        with self._reading(*operation_ids) as connection:
            for row in connection.execute(queries.newest_events(operation_ids, kinds)):
                found.setdefault(row.operation_id, []).append(queries.as_event(row))
        return found

    def tenants(self, operation_ids: Collection[str]) -> pd.DataFrame:
        """Return the tenants of the items of operations, each once and in the order of the plan.

        Columns, both str: operation_id, tenant_code.
        """
        with self._reading(*operation_ids) as connection:
            rows = connection.execute(queries.tenants(operation_ids)).all()
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
                rows = connection.execute(queries.tenant_counts(new))
                counted = {row.operation_id: row.tenant_count for row in rows}
            if len(kept) + len(counted) > TENANTS_COUNTED_AT_MOST:
                kept.clear()
            kept.update({(self._place, id_): count for id_, count in counted.items()})
            found |= counted
        return {id_: count for id_, count in found.items() if count is not None}

    def prune(self, older_than: datetime) -> int:
        """Delete the operations that finished, stopped or were refused before then; say how many.

        Interrupted ones stay until somebody has looked after them.
        """
        with self._writing() as connection:
            return connection.execute(queries.outdated(older_than, self._silent_since())).rowcount

    def _silent_since(self) -> datetime:
        # A jump before this process began would make an owner look silent until its next sign of
        # life: who is taken over then sends nothing more, so nothing is done twice by that.
        return self._elapsed.ago(SILENCE)

    def _tell_of_end(self, operation_id: str) -> None:
        if self._on_end:
            self._on_end(self.operation(operation_id))

    def _check_place(self, operation: NewOperation) -> None:
        if self._place not in (None, writes.kept_place(operation.actor.place)):
            raise Elsewhere(operation.id)

    @contextmanager
    def _reading(self, *operation_ids: str) -> Iterator[sa.Connection]:
        with database.transaction(self._engine) as connection:
            if operation_ids and self._place is not None:
                writes.check_place(connection, operation_ids, self._place)
            yield connection

    def _writing(self) -> AbstractContextManager[sa.Connection]:
        return database.transaction(self._engine, writing=True)

    @contextmanager
    def _work(self, operation_id: str) -> Iterator[Work]:
        with self._writing() as connection:
            revision = writes.lock_newest_revision(connection, operation_id, self._place)
            yield Work(connection, revision, self._clock(), self._silent_since())

    @contextmanager
    def _own(self, operation_id: str) -> Iterator[Work]:
        with self._work(operation_id) as work:
            if work.revision["owner"] != self._owner:
                raise TakenOver(operation_id)
            yield work

    def _mark_abandoned(self) -> None:
        with self._reading() as connection:
            live = connection.execute(queries.at_work()).all()
        for row in live:
            if process_identity.is_gone(row.owner):
                self._mark_interrupted(row.operation_id, row.owner)

    def _mark_interrupted(self, operation_id: str, owner: str) -> None:
        with self._work(operation_id) as work:
            if work.revision["owner"] == owner and work.revision["state"] in LIVE:
                work.advance(state=work.when_broken_off.value)


def _check_open(revision: Mapping[str, Any]) -> None:
    """Raise NotOpen unless an operation that nobody else changes now is open."""
    if revision["state"] != State.OPEN:
        raise NotOpen(revision["operation_id"])
