"""What still moves of the jobs that started before a window: they are asked for by their status."""

from datetime import datetime, timedelta
from typing import Final

from services.frames import LIVE, OddAnswer, Status, jobs
from services.visier import Client, InvalidArgument, VisierError

from .readings import Reading

LOOKBACK: Final = timedelta(days=7)
ASKED_EVERY: Final = timedelta(minutes=1)
# One status a call. What runs is asked for every time, the others in turn.
_OTHERS: Final = (Status.PENDING, Status.CANCELLING, Status.RESCHEDULING)


class Older:
    """The jobs of the last seven days that have not ended, whatever the window; for all windows.

    `trouble` says why asking failed last, and is empty once it succeeds: what is not known of them
    takes no look away.
    """

    def __init__(self) -> None:
        self._read: dict[Status, Reading] = {}
        self._asked_at: datetime | None = None
        self._turn = 0
        self.trouble = ""

    @property
    def was_asked(self) -> bool:
        """Whether it was asked for at all."""
        return self._asked_at is not None

    def read(self, client: Client, now: datetime) -> int:
        """Ask again where that is due; return the calls it took.

        Data and Job Handling API, GET /v1/op/job-status/jobs, with `status`.
        """
        if self._asked_at is not None and now - self._asked_at < ASKED_EVERY:
            return 0
        wanted = [Status.RUNNING]
        if self._asked_at is not None:
            wanted.append(_OTHERS[self._turn % len(_OTHERS)])
            self._turn += 1
        self._asked_at = now
        try:
            for status in wanted:
                self._read[status] = _ask(client, status, now)
            self.trouble = ""
        except (VisierError, OddAnswer, InvalidArgument) as error:
            self.trouble = str(error)
        return len(wanted)

    def readings(self) -> list[Reading]:
        """Return what was read."""
        return list(self._read.values())


def _ask(client: Client, status: Status, now: datetime) -> Reading:
    payload = client.job_status(start_time=now - LOOKBACK, end_time=now, status=status.value)
    found = jobs.from_job_status(payload)
    # A server that takes no notice of the status lists what has ended too: that is the window's.
    return Reading(found[found["status"].isin(LIVE)], now)
