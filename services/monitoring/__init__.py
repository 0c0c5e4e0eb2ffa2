"""Following jobs: looks that all tabs share, what they saw, and what that tells.

`job_monitor` reads jobs for everybody of one identity at once; `memory` keeps in the ledger what
was seen; `durations` and `failures` say what it means.
"""

from .job_monitor import JobMonitor, JobsSnapshot, is_overdue, pace
from .memory import Memory
from .windows import Between, Recent, Since, Window, last_night

__all__ = [
    "Between",
    "JobMonitor",
    "JobsSnapshot",
    "Memory",
    "Recent",
    "Since",
    "Window",
    "is_overdue",
    "last_night",
    "pace",
]
