"""The monitor of one replica: the shared looks at jobs, what they record, and starts followed.

Who has a screen open looks at its pace, in the watch lane. What is recorded, shown and called
finished is held against what Visier has told, and against its inside.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import pandas as pd
import sqlalchemy as sa

from services.ledger import Operation, Outcome, State
from services.ledger.job_observations import JobObservations
from services.monitoring import Between, JobHistory, JobMonitor, JobsSnapshot, Recent, pace
from services.monitoring.windows import Window
from services.operations.starts.outcomes import StartOutcome, effective_state, outcomes
from services.operations.starts.record import RECENT
from services.operations.tokens import START_VERBS
from services.visier import Client, Lane
from tests.simulation import promises_of_jobs
from tests.simulation.book import Book
from tests.simulation.scheduling import Turns

if TYPE_CHECKING:
    from tests.simulation.desk import Desk
    from tests.simulation.replicas import Replica

LATELY: Final = Recent(timedelta(hours=12))
LOOKS_AT_MOST: Final = 5
FOLLOWED_FOR: Final = timedelta(days=1)
_NEW = sa.text(
    "SELECT now.id, now.job_id, now.number, now.status_word, now.stage, now.data_version,"
    " now.message, old.status_word, old.stage, old.data_version, old.message"
    " FROM job_observation AS now LEFT JOIN job_observation AS old"
    " ON old.identity = now.identity AND old.job_id = now.job_id"
    " AND old.job_type = now.job_type AND old.number = now.number - 1"
    " WHERE now.id > :seen ORDER BY now.id"
)


class SeenJobObservations(JobObservations):
    """Observations that hand over to others before they are written, and are looked at after."""

    def __init__(self, replica: Replica) -> None:
        super().__init__(replica.ledger._engine)
        self._replica = replica

    def record(self, identity: str, jobs: pd.DataFrame, at: datetime) -> None:
        self._replica.passes("before job observation")
        super().record(identity, jobs, at)
        book = self._replica.book
        with self._engine.connect() as connection:
            new = [
                tuple(row) for row in connection.execute(_NEW, {"seen": book.job_observations_seen})
            ]
        for row in new:
            book.job_observations_seen = row[0]
            for promise in promises_of_jobs.OF_RECORDING:
                book.ask(promise.__name__, promise(book, row))
        self._replica.passes("after job observation")


class Monitor:
    """The looks that everybody shares who is signed in at a replica."""

    def __init__(self, replica: Replica, identity: str) -> None:
        ledger = replica.ledger
        self._clock = replica.clock
        self._shown: dict[tuple[Window, str], str] = {}
        self.jobs = JobMonitor(
            JobHistory(lambda: ledger, identity),
            now=replica.clock.now,
            lock=Turns(replica.scheduler),
        )

    def poll(self, book: Book, client: Client, window: Window, *, older: bool) -> JobsSnapshot:
        """Look as a screen does by itself; ask whether what it shows is so."""
        snapshot = self.jobs.poll(client.in_lane(Lane.WATCH), window, older=older)
        jobs = snapshot.listed.dropna(subset=["job_key", "status_word"])
        for key, id_, word in zip(
            jobs["job_key"], jobs["job_id"], jobs["status_word"], strict=True
        ):
            before = self._shown.get((window, key), word)
            self._shown[window, key] = word
            book.ask(
                promises_of_jobs.what_is_shown_never_runs_backwards.__name__,
                promises_of_jobs.what_is_shown_never_runs_backwards(book, id_, before, word),
            )
        return snapshot

    def rest(self, client: Client, snapshot: JobsSnapshot) -> None:
        """Wait as long as a screen does between two looks."""
        self._clock.sleep(pace(snapshot, client.budget()).total_seconds())


def watch_jobs(desk: Desk) -> None:
    """Leave a screen of jobs open for a while."""
    looks, older = desk.draw.randint(2, LOOKS_AT_MOST), desk.draw.random() < 0.5

    def stay(replica: Replica) -> None:
        client = replica.client(desk.person)
        for _ in range(looks):
            snapshot = replica.monitor.poll(replica.book, client, LATELY, older=older)
            # The list of operations tells of starts by what was seen of their jobs.
            known(desk, desk.operations([State.FINISHED], START_VERBS, Outcome.SUCCEEDED)[:3])
            replica.monitor.rest(client, snapshot)

    desk.stay_open(stay, "jobs")
    # Two who look at one moment are told the same, or one of them what is newer.
    if desk.draw.random() < 0.6:
        for other in desk.others:
            desk.stay_open(stay, "jobs", other)


def follow_start(desk: Desk) -> None:
    """Leave the record of a start open until its jobs have ended, or for a while."""
    found = desk.operations([State.FINISHED], START_VERBS, Outcome.SUCCEEDED)
    if found:
        operation, looks = desk.draw.choice(found[:2]), desk.draw.randint(2, LOOKS_AT_MOST)
        desk.stay_open(lambda _: _follow(desk, operation, looks), f"start {operation.id[:8]}")


def _follow(desk: Desk, operation: Operation, looks: int) -> None:
    for _ in range(looks):
        (start,) = known(desk, [operation])
        if start.is_over or not start.noted.job_id:
            return
        desk.replica.monitor.rest(desk.client, seen(desk, start)[1])


def known(desk: Desk, operations: Iterable[Operation]) -> list[StartOutcome]:
    """Return what the ledger tells of starts; ask whether it is so."""
    told = list(outcomes(desk.ledger, operations, desk.person.identity).values())
    for each in told:
        _ask(desk.replica.book, each)
    return told


def seen(desk: Desk, start: StartOutcome) -> tuple[StartOutcome, JobsSnapshot]:
    """Look at the jobs of a start, in the time in which they began; ask whether it is so."""
    since = start.noted.operation.started_at - RECENT
    window = Between(since, since + FOLLOWED_FOR)
    snapshot = desk.replica.monitor.poll(desk.replica.book, desk.client, window, older=False)
    now = start.as_listed(snapshot.jobs, snapshot.as_of)
    _ask(desk.replica.book, now)
    return now, snapshot


def _ask(book: Book, start: StartOutcome) -> None:
    stood: Any = effective_state(start.noted.operation, start)
    for promise in promises_of_jobs.OF_FOLLOWING:
        book.ask(promise.__name__, promise(book, start, stood))
