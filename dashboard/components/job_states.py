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
# What is known below a job -> what is said of it, and what one looks like that succeeded itself.
_BELOW: Final = {
    Below.FAILED: (", child jobs failed", Status.FAILED),
    Below.LIVE: (", child jobs active", Status.RUNNING),
    Below.UNLISTED: (", child jobs unlisted", Status.UNKNOWN),
    Below.CANCELLED: (", child jobs cancelled", Status.CANCELLED),
    Below.SUCCEEDED: ("", Status.SUCCEEDED),
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
    words, looks = _BELOW[Below(below)]
    if state == Status.SUCCEEDED:
        return Face(STATES[looks][0], JOB_STATES[state] + words, STATES[looks][1])
    is_said = state in ENDED and below in (Below.FAILED, Below.LIVE)
    said = JOB_STATES[state] + (words if is_said else "")
    return Face(STATES[state][0], said, STATES[state][1])


FACES: Final = tuple(dict.fromkeys(face(state, below) for state in STATES for below in Below))
"""Every face there is, in the order of STATES."""
