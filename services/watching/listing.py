"""Reading job-status: the jobs of a window, piece by piece, again only where something may change.

Data and Job Handling API, GET /v1/op/job-status/jobs and GET /v1/op/job-status/jobs/{jobId}.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import pandas as pd

from services.frames import ENDED, jobs, leaving_out
from services.visier import Client, NotFound, NotPermitted, VisierError

from .windows import Span, Window, cut

# The API promises no order of arrival: a job may be listed minutes after its start.
ARRIVES_WITHIN = timedelta(minutes=10)
OLDER_PIECES_EVERY = timedelta(minutes=1)
ROUND = 1000
ABSENT = frozenset({405, 406, 410, 501})


@dataclass(frozen=True, eq=False)
class Piece:
    """The jobs that started in one span, as they were read; the columns are those of SCHEMA.

    `left_out` says in words what of the answer could not be read.
    """

    span: Span
    jobs: pd.DataFrame
    read_at: datetime
    answered: tuple[pd.Timestamp, pd.Timestamp]
    left_out: Sequence[str] = ()

    def is_due(self, now: datetime) -> bool:
        """Say whether something in it may have changed, and it was not read just before."""
        may_come = self.read_at < self.span[1] + ARRIVES_WITHIN
        may_change = may_come or not self.jobs["status"].isin(ENDED).all()
        return may_change and now - self.read_at >= OLDER_PIECES_EVERY

    @property
    def may_be_cut(self) -> bool:
        """Whether the number of jobs is so round that the list may have been cut off there."""
        return bool(len(self.jobs)) and len(self.jobs) % ROUND == 0


def is_absent(error: VisierError) -> bool:
    """Say whether this answer means that job-status is not there for whoever asks."""
    return isinstance(error, NotFound | NotPermitted) or error.status in ABSENT


def to_frame(payload: object) -> pd.DataFrame:
    """Return an answer of job-status with the columns of SCHEMA; raises OddAnswer."""
    return jobs.from_job_status(payload)


def read(client: Client, span: Span, now: datetime) -> Piece:
    """Read one piece, in one call."""
    payload = client.job_status(start_time=span[0], end_time=span[1])
    with leaving_out() as left_out:
        return Piece(span, to_frame(payload), now, jobs.window(payload), left_out)


def read_window(
    client: Client, window: Window, before: Sequence[Piece], now: datetime
) -> list[Piece]:
    """Return the pieces of a window, oldest first; those whose `read_at` is now cost a call each.

    `before` are the pieces of the last look, of which only the newest and those in which something
    may have changed are read again; without them all are. Raises what reading raises.
    """
    since, until = window.span(now)
    kept = [piece for piece in before if piece.span[1] > since]
    older = [read(client, piece.span, now) if piece.is_due(now) else piece for piece in kept[:-1]]
    begin = max(kept[-1].span[0], since) if kept else since
    return older + [read(client, span, now) for span in cut(begin, until)]
