"""What can be asked of jobs on several screens: windows, figures."""

from datetime import timedelta

from dashboard import time_zone
from services.clock import CLOCK
from services.frames import FAILURES, Status, job_tree
from services.monitoring import Recent, Window, last_night

WINDOWS = {
    "1h": timedelta(hours=1),
    "6h": timedelta(hours=6),
    "24h": timedelta(days=1),
    "3d": timedelta(days=3),
    "7d": timedelta(days=7),
}
DEFAULT = "24h"
BETWEEN = "between"
LAST_NIGHT = "last_night"
# job-status covers a day per call: this window spends a third of a minute's budget.
LONGEST = timedelta(days=31)
# Figure -> the states it counts (job_tree.counted_as); what no other figure counts is in the last.
FIGURES: dict[str, tuple[str, ...]] = {
    "Failed": (*FAILURES,),
    "Running": (Status.RUNNING,),
    "Waiting": (Status.PENDING, Status.RESCHEDULING),
    "Cancelling": (Status.CANCELLING,),
    "Succeeded": (Status.SUCCEEDED,),
    "Other": (job_tree.ABOVE_OTHERS, Status.CANCELLED, Status.RESCHEDULED, Status.UNKNOWN),
}


def named(name: str) -> Window:
    """Return the window of this name, seen from now in the chosen zone."""
    if name == LAST_NIGHT:
        return last_night(CLOCK.now(), time_zone.chosen())
    return Recent(WINDOWS.get(name, WINDOWS[DEFAULT]))
