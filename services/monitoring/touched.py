"""Jobs that we have just changed: they are read again before anything is said of them."""

import threading
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Final

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

    def unsettled(self, ended: Collection[str], as_of: datetime, now: datetime) -> list[str]:
        """Return those that were not among the `ended` of a look of that time, or touched since."""
        return [
            id_
            for id_, at in self._at.items()
            if now - at < FOR and (as_of <= at or id_ not in ended)
        ]
