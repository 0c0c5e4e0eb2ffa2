"""Following jobs: looks that all tabs share, what they saw, and what that tells.

`job_monitor` reads jobs for everybody of one identity at once; `history` keeps in the ledger what
was seen; `durations` and `failures` say what it means.
"""

from .job_history import JobHistory
from .job_monitor import JobMonitor, JobsSnapshot, is_overdue, pace
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
