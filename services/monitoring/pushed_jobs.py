"""Jobs that pushed events have named, until they are read again."""

import threading
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Final

# A batch may end 5,000 jobs at once: beyond these the list of the window tells all.
KEPT: Final = 500


class PushedJobs:
    """The ids of jobs named by events, and when these ended; safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._at: dict[str, datetime] = {}
        self._ends: dict[str, datetime] = {}

    def add(self, job_ids: Collection[str], ends: Mapping[str, datetime], now: datetime) -> None:
        """Note that events named these jobs now; `ends` says when which of them ended."""
        with self._lock:
            self._at = _newest({**self._at, **dict.fromkeys(job_ids, now)})
            self._ends = _newest({**self._ends, **ends})

    def since(self, moment: datetime) -> dict[str, datetime]:
        """Return the jobs that were named later than that, and when."""
        with self._lock:
            return {job_id: at for job_id, at in self._at.items() if at > moment}

    def ends(self) -> dict[str, datetime]:
        """Return when jobs ended, as far as that is not written down yet."""
        with self._lock:
            return dict(self._ends)

    def forget_ends(self, job_ids: Collection[str]) -> None:
        """Forget the ends that are written down."""
        with self._lock:
            for job_id in job_ids:
                self._ends.pop(job_id, None)


def _newest(found: dict[str, datetime]) -> dict[str, datetime]:
    kept = sorted(found, key=lambda job_id: found[job_id])[-KEPT:]
    return {job_id: found[job_id] for job_id in kept}
