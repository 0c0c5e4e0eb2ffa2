"""The jobs somebody tracks: a screen shows them whatever its window."""

from datetime import datetime
from typing import Final

import sqlalchemy as sa

from . import database, truncation
from .models import TrackedJob
from .tables import tracked_job

_WRITERS_LOCK: Final = 7_418_525  # any number, the same for everybody who tracks jobs


class TrackedJobs:
    """Which jobs are tracked: `identity` is whose session tracks them.

    Every method raises LedgerTrouble when the database cannot do its part.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def add(self, identity: str, job_id: str, at: datetime, note: str = "") -> None:
        """Track a job; doing so again renews time and note."""
        row = {"identity": identity, "job_id": job_id, "at": at, **truncation.kept({"note": note})}
        # Two who track one job would both find it untracked, and the second insert would fail.
        with database.in_line(self._engine, _WRITERS_LOCK) as connection:
            connection.execute(_row_of(identity, job_id))
            connection.execute(tracked_job.insert(), row)

    def remove(self, identity: str, job_id: str) -> None:
        """Untrack a job, if it is tracked."""
        with database.in_line(self._engine, _WRITERS_LOCK) as connection:
            connection.execute(_row_of(identity, job_id))

    def of(self, identity: str, limit: int = 200) -> list[TrackedJob]:
        """Return at most `limit` tracked jobs, newest first."""
        mine = sa.select(tracked_job).where(tracked_job.c.identity == identity)
        newest_first = mine.order_by(tracked_job.c.at.desc(), tracked_job.c.job_id).limit(limit)
        with database.transaction(self._engine) as connection:
            rows = connection.execute(newest_first)
            return [TrackedJob(row.job_id, row.at, row.note) for row in rows]

    def prune(self, older_than: datetime) -> int:
        """Delete what was tracked before then; return how many rows."""
        outdated = tracked_job.delete().where(tracked_job.c.at < older_than)
        with database.in_line(self._engine, _WRITERS_LOCK) as connection:
            return connection.execute(outdated).rowcount


def _row_of(identity: str, job_id: str) -> sa.Delete:
    own = tracked_job.c
    return tracked_job.delete().where(own.identity == identity, own.job_id == job_id)
