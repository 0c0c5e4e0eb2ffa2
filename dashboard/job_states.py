"""The mark and the colour of every state of a job, for tables as for pictures."""

from typing import Literal

Color = Literal["red", "violet", "blue", "gray", "orange", "green"]

# Canonical state -> (mark, colour). A mark alone tells states apart without colour.
STATES: dict[str, tuple[str, Color]] = {
    "Failed": ("✕", "red"),
    "Error": ("⚠", "red"),
    "Cancelling": ("◔", "violet"),
    "Running": ("▶", "blue"),
    "Pending": ("…", "gray"),
    "Rescheduling": ("↻", "orange"),
    "Rescheduled": ("↷", "orange"),
    "Rolled back": ("↶", "orange"),
    "Cancelled": ("⊘", "violet"),
    "Unknown": ("?", "gray"),
    "Succeeded": ("✓", "green"),
}
