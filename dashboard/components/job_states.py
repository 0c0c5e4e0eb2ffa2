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
# Readable on a white and on a dark page: red, green and blue.
COLORS: Final[dict[Color, tuple[int, int, int]]] = {
    "red": (214, 69, 65),
    "violet": (140, 94, 214),
    "blue": (59, 130, 214),
    "gray": (133, 146, 163),
    "orange": (217, 115, 13),
    "green": (46, 155, 98),
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
