"""The ledger: what is about to be done, what became of it, and what was done."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final, Self

import platformdirs
import sqlalchemy as sa

from services.clock import CLOCK

from . import database, operation_queries, process_identity, writes
from .connector_readings import ConnectorReadings
from .errors import Elsewhere, NotOpen, TakenOver
from .incidents import Incidents
from .job_observations import JobObservations
from .leases import Leases
from .models import (
    LIVE,
    Control,
    Event,
    EventKind,
    ItemResult,
    NewItem,
    NewOperation,
    Operation,
    Outcome,
    State,
)
from .nights import Nights
from .outbox import Outbox
from .reader import LedgerReader
from .rules import Rules
from .saved_views import SavedViews
from .tracked_jobs import TrackedJobs
from .webhook_events import WebhookEvents
from .work import Work

_CHANGES_NOTHING: Final = sa.text("UPDATE alembic_version SET version_num = version_num")


def default_url() -> str:
    """Return the address of the SQLite file in this user's data directory."""
    directory = platformdirs.user_data_path("visier-load-dashboard", appauthor=False)
    return f"sqlite:///{directory / 'ledger.sqlite3'}"


class Ledger(LedgerReader):
    """Operations, their items and their events, in a SQLite file or a PostgreSQL database.

    Any number of threads and processes may use one at the same time. The process that begins an
    operation owns it, and says so by a heartbeat (or a state) at least every 20 seconds; one that
    is silent for 60 is seen as interrupted, and another process may take it over: or as finished,
    when nothing of it is left. A jump of the wall clock is no silence. ``clock`` gives the time,
    with its zone, ``monotonic`` seconds that only pass; ``owner`` is the token of this process;
    ``on_end`` is called with each operation that this process ends or refuses. Every method raises
    LedgerTrouble when the database cannot do its part, and what writes about an operation raises
    UnknownOperation when it is not there. What a connection is given is the ledger ``at`` its
    place. ``job_observations`` is what was seen of jobs, ``tracked_jobs`` which are tracked,
    ``saved_views`` the filters people have saved, ``nights`` what the watch has recorded,
    ``leases`` who does what only one process may do, ``webhook_events`` what Visier pushed.
    ``rules``, ``incidents``, ``outbox`` and ``connector_readings`` are those of the watch.
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
        super().__init__(database.engine(url), clock, monotonic)
        self.job_observations = JobObservations(self._engine)
        self.tracked_jobs = TrackedJobs(self._engine)
        self.saved_views = SavedViews(self._engine)
        self.webhook_events = WebhookEvents(self._engine)
        self._owner = owner or process_identity.this_process()
        self.rules = Rules(self._engine)
        self.incidents = Incidents(self._engine)
        self.outbox = Outbox(self._engine, self._owner)
        self.leases = Leases(self._engine, clock, self._elapsed, self._owner)
        self.nights = Nights(self._engine)
        self.connector_readings = ConnectorReadings(self._engine)
        self._on_end = on_end

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
        """Return the ledger at this address, its tables up to date; by default in a file.

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

    def now(self) -> datetime:
        """Return the time by the clock that dates what is written down."""
        return self._clock()

    def ago(self, span: timedelta) -> datetime:
        """Return a time: what is dated before it is more than ``span`` ago.

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
        # Before the request leaves: after a crash what is intended is looked up, and what is only
        # planned has certainly never left.
        with self._own(operation_id) as work:
            work.settle((ItemResult(key, Outcome.INTENDED) for key in keys), Outcome.PLANNED)

    def settle(self, operation_id: str, results: Iterable[ItemResult]) -> None:
        """Write down what became of items; whoever finds out may tell. Raises UnknownItem.

        What broke off has come to its end by that when nothing of it is left.
        """
        # Not the owner alone: who reads back what a dead process sent settles it in its place.
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
        # Of two who take over at once, the lock makes one the second, who finds it live.
        with self._work(operation_id) as work:
            if work.live:
                raise TakenOver(operation_id)
            work.advance(state=State.RUNNING.value, owner=self._owner, heartbeat_at=work.now)
            work.note(Event(kind=EventKind.CONTROL, text=Control.RESUME, who=who))

    def ask(self, operation_id: str, control: Control, who: str = "") -> None:
        """Ask whoever works on an operation to pause, resume or stop; ``who`` asks."""
        with self._work(operation_id) as work:
            work.note(Event(kind=EventKind.CONTROL, text=control, who=who))

    def prune(self, older_than: datetime) -> int:
        """Delete the operations that finished, stopped or were refused before then; say how many.

        Interrupted ones stay until somebody has looked after them.
        """
        with self._writing() as connection:
            return connection.execute(
                operation_queries.outdated(older_than, self._silent_since())
            ).rowcount

    def _tell_of_end(self, operation_id: str) -> None:
        # After the transaction: what is counted is committed, and an error there undoes nothing.
        if self._on_end:
            self._on_end(self.operation(operation_id))

    def _check_place(self, operation: NewOperation) -> None:
        if self._place not in (None, writes.kept_place(operation.actor.place)):
            raise Elsewhere(operation.id)

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
            live = connection.execute(operation_queries.at_work()).all()
        # Without this, whoever restarts the dashboard would wait a minute for its own silence.
        for row in live:
            if process_identity.is_gone(row.owner):
                self._mark_interrupted(row.operation_id, row.owner)

    def _mark_interrupted(self, operation_id: str, owner: str) -> None:
        # Somebody may have taken it over since it was read.
        with self._work(operation_id) as work:
            if work.revision["owner"] == owner and work.revision["state"] in LIVE:
                work.advance(state=work.when_broken_off.value)


def _check_open(revision: Mapping[str, Any]) -> None:
    """Raise NotOpen unless an operation that nobody else changes now is open."""
    if revision["state"] != State.OPEN:
        raise NotOpen(revision["operation_id"])
