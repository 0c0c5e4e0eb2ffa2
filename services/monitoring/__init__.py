"""Following jobs: snapshots that all tabs share, what was observed, and what that tells.

`job_monitor` reads jobs for everybody of one identity at once; `job_history` keeps in the ledger
what was observed; `durations` and `failures` say what it means.
"""

from .job_history import JobHistory
from .job_monitor import JobMonitor
from .snapshots import JobsSnapshot, is_overdue, pace
from .windows import Between, Recent, Since, Window, last_night

__all__ = [
    "Between",
    "JobHistory",
    "JobMonitor",
    "JobsSnapshot",
    "Recent",
    "Since",
    "Window",
    "is_overdue",
    "last_night",
    "pace",
]
