"""The mark, words and colour of every state of a job, for tables as for pictures."""

from typing import Final, Literal, NamedTuple

from dashboard.wording import JOB_STATES
from services.frames import ENDED, Status
from services.frames.job_tree import Below

Color = Literal["red", "violet", "blue", "gray", "orange", "green"]

# Canonical state -> (mark, colour). A mark alone tells states apart without colour.
STATES: dict[str, tuple[str, Color]] = {
    Status.FAILED: ("✕", "red"),
    Status.ERROR: ("⚠", "red"),
    Status.CANCELLING: ("◔", "violet"),
    Status.RUNNING: ("▶", "blue"),
    Status.PENDING: ("…", "gray"),
    Status.RESCHEDULING: ("↻", "orange"),
    Status.RESCHEDULED: ("↷", "orange"),
    Status.ROLLED_BACK: ("↶", "orange"),
    Status.CANCELLED: ("⊘", "violet"),
    Status.UNKNOWN: ("?", "gray"),
    Status.SUCCEEDED: ("✓", "green"),
}
# State -> the plotly symbol that comes nearest to its mark.
SYMBOLS: Final[dict[str, str]] = {
    Status.FAILED: "x",
    Status.ERROR: "triangle-up",
    Status.CANCELLING: "circle-cross-open",
    Status.RUNNING: "triangle-right",
    Status.PENDING: "circle-open-dot",
    Status.RESCHEDULING: "triangle-down-open",
    Status.RESCHEDULED: "triangle-down",
    Status.ROLLED_BACK: "triangle-left",
    Status.CANCELLED: "circle-x-open",
    Status.UNKNOWN: "square-open",
    Status.SUCCEEDED: "circle",
}
# Readable on a white and on a dark page: red, green and blue. What went wrong is darker than what
# went well, and no two are alike to eyes that lack a colour.
COLORS: Final[dict[Color, tuple[int, int, int]]] = {
    "red": (204, 52, 57),
    "violet": (154, 68, 192),
    "blue": (66, 142, 224),
    "gray": (137, 149, 165),
    "orange": (222, 120, 16),
    "green": (38, 166, 104),
}
_SUCCEEDED: Final = JOB_STATES[Status.SUCCEEDED]
# What is known below a job that succeeded itself -> what is said of it, and what it looks like.
_BELOW: Final = {
    Below.FAILED: (f"{_SUCCEEDED}, child jobs failed", Status.FAILED),
    Below.FAILING: ("Child jobs failed, others active", Status.FAILED),
    Below.LIVE: (f"{_SUCCEEDED}, child jobs active", Status.RUNNING),
    Below.UNLISTED: (f"{_SUCCEEDED}, child jobs unlisted", Status.UNKNOWN),
    Below.CANCELLED: (f"{_SUCCEEDED}, child jobs cancelled", Status.CANCELLED),
    Below.SUCCEEDED: (_SUCCEEDED, Status.SUCCEEDED),
}
# What is said below one that has ended in another way.
_BELOW_OTHERS: Final = {
    Below.FAILED: ", child jobs failed",
    Below.FAILING: ", child jobs active",
    Below.LIVE: ", child jobs active",
}


class Face(NamedTuple):
    """How a job looks: the mark and colour of a state, and words."""

    mark: str
    words: str
    color: Color

    @property
    def label(self) -> str:
        """Mark and words."""
        return f"{self.mark} {self.words}"


def face(state: str, below: str = Below.SUCCEEDED) -> Face:
    """Return the face of a job in a canonical state, by what is known of all jobs below it.

    What succeeded above jobs that failed or go on looks done and is not.
    """
    if state == Status.SUCCEEDED:
        words, looks = _BELOW[Below(below)]
        return Face(STATES[looks][0], words, STATES[looks][1])
    more = _BELOW_OTHERS.get(Below(below), "") if state in ENDED else ""
    return Face(STATES[state][0], JOB_STATES[state] + more, STATES[state][1])


FACES: Final = tuple(dict.fromkeys(face(state, below) for state in STATES for below in Below))
"""Every face there is, in the order of STATES."""
