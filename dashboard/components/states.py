"""The state of a job as an icon, a word and a colour together."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Final
from urllib.parse import quote

import numpy as np
import numpy.typing as npt
import pandas as pd
import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from dashboard.components.formats import counted
from dashboard.components.job_states import COLORS, FACES, STATES, Color, face
from dashboard.wording import JOB_STATES
from services.frames import FAILURES, WORST_FIRST, Status, job_tree
from services.frames.job_tree import Below

__all__ = [
    "MARKS",
    "STATES",
    "bars",
    "below_in_words",
    "color",
    "column",
    "label",
    "labels",
    "stacked",
]

# What did neither succeed nor fail, worst first; a job that was rescheduled is another one now.
_ONE_BY_ONE = [
    status
    for status in WORST_FIRST
    if status not in {*FAILURES, Status.SUCCEEDED, Status.RESCHEDULED}
]
MARKS = ", ".join(f"{mark} {JOB_STATES[state]}" for state, (mark, _) in STATES.items())
# What `job_tree.below` counts -> its colour, from left to right: what failed ends the bar.
_BAR: Final[Mapping[str, Color]] = {
    "succeeded_below": "green",
    "cancelled_below": "violet",
    "live_below": "blue",
    "unlisted_below": "gray",
    "failed_below": "red",
}
# pixels, within the width and row height of the column that holds the bar
_BAR_WIDTH, _ROW_HEIGHT = 80, 30
# How high each part of a bar is in pixels, and whether it is hollow: told apart without colour.
SHAPES: Final[Mapping[Color, tuple[int, bool]]] = {
    "red": (22, False),
    "green": (12, False),
    "orange": (12, True),
    "blue": (6, False),
    "gray": (6, True),
    "violet": (2, False),
}
# One that failed among a thousand is seen, too.
_THINNEST = 3


def label(state: str, below: str = Below.SUCCEEDED) -> str:
    """Return mark and word of a canonical state, and what is amiss below a job that has ended."""
    return face(state, below).label


def color(state: str, below: str = Below.SUCCEEDED) -> Color:
    """Return the colour of the label."""
    return face(state, below).color


def labels(jobs: pd.DataFrame) -> pd.Series:
    """Return the state of each job of a tree as a list of one label, for a column of labels.

    A word that is none of the known states is shown as it came.
    """
    below, states = job_tree.below(jobs)["below"], jobs["status"].cat.categories
    faces = [[label(state, each)] for each in below.cat.categories for state in states]
    chosen = jobs["status"].cat.codes.to_numpy(np.intp) + len(states) * below.cat.codes.to_numpy()
    return _in_words(faces, chosen, jobs["status"], jobs["status_word"])


def below_in_words(
    jobs: pd.DataFrame, noun: str = "", succeeded: str = " succeeded"
) -> "pd.Series[str]":
    """Return what became of all jobs below each of a tree: `931 of 1,000 succeeded, 69 failed`.

    With a noun it says of what there are so many: `931 of 1,000 jobs succeeded`. `succeeded` is ""
    where a heading says it.
    """
    below = job_tree.below(jobs)
    one_by_one = jobs[[job_tree.STATUS_COLUMNS[status] for status in _ONE_BY_ONE]]
    unlisted = below["unlisted_below"].fillna(0).astype("int64")
    counts = np.column_stack(
        [below[["jobs_below", "succeeded_below", "failed_below"]], one_by_one, unlisted]
    )
    words = _of_each(counts, lambda each: _counts_in_words(each, noun, succeeded)).set_axis(
        jobs.index
    )
    return words.mask((words == "") & (below["below"] == Below.UNLISTED), "none listed")


def bars(jobs: pd.DataFrame) -> "pd.Series[str]":
    """Return the counts of `below_in_words` as the address of a stacked bar; missing for none."""
    # Few of thousands of jobs have any below them.
    above = jobs[(jobs["descendant_count"] > 0) | jobs["total_jobs_dispatched"].notna()]
    drawn = stacked(job_tree.below(above).fillna({"unlisted_below": 0}), _BAR)
    return drawn.reindex(jobs.index)


def stacked(
    counts: pd.DataFrame, colors: Mapping[str, Color], *, width: int = _BAR_WIDTH
) -> "pd.Series[str]":
    """Return some columns of counts as the address of a bar in their colours; missing for none.

    A column cuts what is wider (pixels) than itself.
    """
    numbers = counts[[*colors]].astype("int64").to_numpy()
    drawn = _of_each(numbers, partial(_bar, width, [*colors.values()])).set_axis(counts.index)
    return drawn.mask(drawn == "")


def _bar(wide: int, colors: Sequence[Color], counts: Sequence[int]) -> str:
    if not any(counts):
        return ""
    shares = np.array(counts) / sum(counts) * wide
    widths = np.where(shares > 0, np.maximum(shares, _THINNEST), 0)
    widths *= wide / widths.sum()
    begins = np.cumsum(widths) - widths
    parts = "".join(
        _part(begin, width, color)
        for begin, width, color in zip(begins, widths, colors, strict=True)
        if width
    )
    size = f"width='{wide}' height='{_ROW_HEIGHT}'"
    picture = f"<svg xmlns='http://www.w3.org/2000/svg' {size}>{parts}</svg>"
    return f"data:image/svg+xml,{quote(picture)}"


def _part(begin: float, width: float, color: Color) -> str:
    height, is_hollow = SHAPES[color]
    # Half of the line that is drawn around what is hollow stands outside of it.
    inset, paint = (0.5, "fill='none' stroke") if is_hollow else (0.0, "fill")
    top = (_ROW_HEIGHT - height) / 2 + inset
    size = f"width='{width - 2 * inset:.1f}' height='{height - 2 * inset:g}'"
    return f"<rect x='{begin + inset:.1f}' y='{top:g}' {size} {paint}='rgb{COLORS[color]}'/>"


def _of_each(
    counts: npt.NDArray[np.int64], describe: Callable[[list[int]], str]
) -> "pd.Series[str]":
    """Return what is told of each row of counts.

    Many jobs have the same few below them: each set of counts is told of once.
    """
    places = np.zeros(len(counts), np.int64)
    for column in counts.T:
        places = pd.factorize(places * (column.max(initial=0) + 1) + column)[0]
    first = np.unique(places, return_index=True)[1]
    words = pd.Series([describe(each) for each in counts[first].tolist()], dtype="str")
    return words.take(places)


def _counts_in_words(counts: list[int], noun: str, succeeded: str) -> str:
    jobs, number_succeeded, *others = counts
    if not (of := jobs + others[-1]):
        return ""
    one_by_one = (JOB_STATES[status].lower() for status in _ONE_BY_ONE)
    named = zip(("failed", *one_by_one, "not listed"), others, strict=True)
    parts = [f"{number:,} {word}" for word, number in named if number]
    all_of_them = counted(of, noun) if noun else f"{of:,}"
    return ", ".join([f"{number_succeeded:,} of {all_of_them}{succeeded}", *parts])


def step_labels(statuses: pd.Series, status_words: "pd.Series[str]") -> pd.Series:
    """Return the state of each job, whatever is below it, for a column of labels; [] for none."""
    faces = [*([label(state)] for state in statuses.cat.categories), []]
    return _in_words(faces, statuses.cat.codes.to_numpy(np.intp), statuses, status_words)


def _in_words(
    faces: list[list[str]],
    chosen: npt.NDArray[np.integer],
    statuses: pd.Series,
    status_words: "pd.Series[str]",
) -> pd.Series:
    shown = np.fromiter(faces, object, len(faces))[chosen]
    unknown = np.flatnonzero(statuses == Status.UNKNOWN)
    words = status_words.iloc[unknown].fillna(JOB_STATES[Status.UNKNOWN])
    for row, word in zip(unknown, words, strict=True):
        shown[row] = [f"{STATES[Status.UNKNOWN][0]} {word}"]
    return pd.Series(shown, index=statuses.index)


def column(title: str = "State", width: int = 230, *, pinned: bool = False) -> ColumnConfig:
    """Return the column configuration that colours the labels."""
    return st.column_config.MultiselectColumn(
        title,
        options=[each.label for each in FACES],
        color=[each.color for each in FACES],
        width=width,
        pinned=pinned,
        help=MARKS,
    )
