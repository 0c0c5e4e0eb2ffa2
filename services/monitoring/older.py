"""What still moves of the jobs that started before a window: they are asked for by their status."""

from datetime import UTC, datetime, timedelta
from typing import Final

from services.frames import LIVE, Status, UnexpectedResponse, jobs
from services.visier import Client, InvalidArgument, VisierError

from .fetch_cache import JobFetch

# What started more than a week ago and still runs is an incident by itself.
LOOKBACK: Final = timedelta(days=7)
# Jobs that run from before the window move slowly, and each status costs a call.
ASKED_EVERY: Final = timedelta(minutes=1)
_OTHERS: Final[tuple[Status, ...]] = (Status.PENDING, Status.CANCELLING, Status.RESCHEDULING)

# As Visier writes them.
_WORDS: Final = {
    Status.PENDING: "Pending",
    Status.RUNNING: "Running",
    Status.CANCELLING: "Cancelling",
    Status.RESCHEDULING: "Rescheduling",
}


class Older:
    """The jobs of the last seven days that have not ended, whatever the window; for all windows.

    One status is asked for at a time: what runs first and then every minute, and every minute one
    of the others. `trouble` says why asking failed last, and is empty once it succeeds: what is not
    known of them costs no snapshot.
    """

    def __init__(self) -> None:
        self._read: dict[Status, JobFetch] = {}
        self._asked: dict[Status, datetime] = {}
        self._begun = datetime.max.replace(tzinfo=UTC)
        self.trouble = ""

    @property
    def was_asked(self) -> bool:
        """Whether it was asked for at all."""
        return bool(self._asked)

    def is_due(self, now: datetime) -> bool:
        """Say whether it is time to ask again."""
        return self._next(now) is not None

    def read(self, client: Client, now: datetime) -> int:
        """Ask again where that is due; return the calls it took.

        Data and Job Handling API, GET /v1/op/job-status/jobs, with `status`.
        """
        status = self._next(now)
        if status is None:
            return 0
        if not self._asked:
            self._begun = now
        self._asked[status] = now
        try:
            self._read[status] = _ask(client, status, now)
            self.trouble = ""
        except (VisierError, UnexpectedResponse, InvalidArgument) as error:
            self.trouble = str(error)
        return 1

    def fetches(self) -> list[JobFetch]:
        """Return what was read."""
        return list(self._read.values())

    def _next(self, now: datetime) -> Status | None:
        runs = self._asked.get(Status.RUNNING)
        if runs is None or now - runs >= ASKED_EVERY:
            return Status.RUNNING
        asked = {status: self._asked.get(status, self._begun) for status in _OTHERS}
        is_due = now - max(asked.values()) >= ASKED_EVERY
        return min(_OTHERS, key=asked.__getitem__) if is_due else None


def _ask(client: Client, status: Status, now: datetime) -> JobFetch:
    payload = client.job_status(start_time=now - LOOKBACK, end_time=now, status=_WORDS[status])
    found = jobs.from_job_status(payload)
    # A server that takes no notice of the status lists what has ended too: that is the window's.
    return JobFetch(found[found["status"].isin(LIVE)], now)
