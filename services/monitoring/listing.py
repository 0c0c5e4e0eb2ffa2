"""Reading job-status: the jobs of a window, piece by piece, again only where something may change.

Data and Job Handling API, GET /v1/op/job-status/jobs and GET /v1/op/job-status/jobs/{jobId}.
"""

from collections.abc import Collection, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pandas as pd

from services.frames import ENDED, jobs, leaving_out
from services.frames.membership import is_among
from services.visier import Client, NotFound, NotPermitted, RateLimited, VisierError

from .windows import Span, Window, split_span

# The API promises no order of arrival: a job may be listed minutes after its start.
ARRIVES_WITHIN = timedelta(minutes=10)
# An older day rarely changes, and each costs a call.
OLDER_PIECES_EVERY = timedelta(minutes=1)
# A day with exactly as many jobs as a page holds may have been cut there.
ROUND = 1000
_NEVER = datetime.min.replace(tzinfo=UTC)
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

    def holds(self, job_ids: Collection[str]) -> bool:
        """Say whether one of these jobs is in it."""
        return bool(is_among(self.jobs["job_id"], job_ids).any())

    @property
    def may_be_cut(self) -> bool:
        """Whether the number of jobs is so round that the list may have been cut off there."""
        return bool(len(self.jobs)) and len(self.jobs) % ROUND == 0


def is_absent(error: VisierError) -> bool:
    """Say whether this answer means that job-status is not there for whoever asks."""
    return isinstance(error, NotFound | NotPermitted) or error.status in ABSENT


def to_frame(payload: object) -> pd.DataFrame:
    """Return an answer of job-status with the columns of SCHEMA; raises UnexpectedResponse."""
    return jobs.from_job_status(payload)


def read(client: Client, span: Span, now: datetime) -> Piece:
    """Read one piece, in one call."""
    payload = client.job_status(start_time=span[0], end_time=span[1])
    with leaving_out() as left_out:
        return Piece(span, to_frame(payload), now, jobs.window(payload), left_out)


def read_window(
    client: Client,
    window: Window,
    pieces: list[Piece],
    now: datetime,
    touched: Collection[str] = (),
) -> None:
    """Bring the pieces of a window up to date, oldest first, in place.

    Those whose `read_at` is now cost a call each. Read again are the newest, those in which
    something may have changed and those that hold a job that was `touched` (ids); where there are
    none yet all are read. What was read stays when reading breaks off, and is not read again by the
    next try. Raises what reading raises.
    """
    since, until = window.span(now)
    # A window that moves on leaves its oldest pieces behind, whole.
    pieces[:] = [piece for piece in pieces if piece.span[1] > since]
    begin = max(pieces[-1].span[0], since) if pieces else since
    # Until the newest is read again, its jobs stay.
    newest = pieces[-1].jobs if pieces else to_frame([])
    pieces[-1:] = [
        Piece(span, newest, _NEVER, (pd.Timestamp(span[0]), pd.Timestamp(span[1])))
        for span in split_span(begin, until)
    ]
    for place, piece in enumerate(pieces):
        if piece.is_due(now) or piece.holds(touched):
            try:
                pieces[place] = read(client, piece.span, now)
            except RateLimited as limited:
                raise _in_part(limited, pieces) from limited


def _in_part(limited: RateLimited, pieces: Sequence[Piece]) -> RateLimited:
    """Say with an error how far the reading of a window has come."""
    done = sum(piece.read_at > _NEVER for piece in pieces)
    said = copy(limited)
    if len(pieces) > 1:
        said.message = (
            f"{limited.message} {done} of {len(pieces)} days of jobs have been read and are kept."
        )
    return said
