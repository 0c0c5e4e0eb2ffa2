"""Jobs that we have just changed: they are read again before anything is said of them."""

import threading
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from services.frames import ENDED

from .snapshots import JobsSnapshot

# After that it is read as any other job of its window.
FOR: Final = timedelta(minutes=3)


class Touched:
    """The ids of jobs that were touched a moment ago; safe to use from any number of threads."""

    def __init__(self) -> None:
        self._at: dict[str, datetime] = {}
        self._lock = threading.Lock()

    def add(self, job_ids: Iterable[str], now: datetime) -> None:
        """Note that these jobs were touched now."""
        with self._lock:
            both = self._at | dict.fromkeys(job_ids, now)
            self._at = {id_: at for id_, at in both.items() if now - at < FOR}

    def unsettled(self, snapshot: JobsSnapshot | None, now: datetime) -> list[str]:
        """Return those that had not ended by a snapshot, or were touched since."""
        recent = {id_: at for id_, at in self._at.items() if now - at < FOR}
        if snapshot is None:
            return list(recent)
        ids, has_ended = snapshot.jobs["job_id"], snapshot.jobs["status"].isin(ENDED)
        # Jobs of several types may have one id: it is over once all of them are.
        ended = set(ids[has_ended]).difference(ids[~has_ended])
        return [id_ for id_, at in recent.items() if snapshot.as_of <= at or id_ not in ended]
