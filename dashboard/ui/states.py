"""The state of a job as an icon, a word and a colour together."""

import numpy as np
import numpy.typing as npt
import pandas as pd
import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from dashboard.job_states import FACES, STATES, Color, face
from dashboard.ui.formats import counted
from services.frames import FAILURES, WORST_FIRST, Status, job_tree
from services.frames.job_tree import Below

__all__ = ["MARKS", "STATES", "below_in_words", "color", "column", "label", "labels"]

# What did neither succeed nor fail, worst first; a job that was rescheduled is another one now.
_ONE_BY_ONE = [
    status
    for status in WORST_FIRST
    if status not in {*FAILURES, Status.SUCCEEDED, Status.RESCHEDULED}
]
MARKS = ", ".join(f"{mark} {state}" for state, (mark, _) in STATES.items())


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


def below_in_words(jobs: pd.DataFrame, noun: str = "") -> "pd.Series[str]":
    """Return what became of all jobs below each of a tree: `931 of 1,000 succeeded, 69 failed`.

    With a noun it says of what there are so many: `931 of 1,000 jobs succeeded`.
    """
    told = job_tree.below(jobs)
    one_by_one = jobs[[job_tree.STATUS_COLUMNS[status] for status in _ONE_BY_ONE]]
    unlisted = told["unlisted_below"].fillna(0).astype("int64")
    counts = np.column_stack(
        [told[["jobs_below", "succeeded_below", "failed_below"]], one_by_one, unlisted]
    )
    # Many jobs have the same few below them: each set of counts is put in words once.
    places = np.zeros(len(jobs), np.int64)
    for column in counts.T:
        places = pd.factorize(places * (column.max(initial=0) + 1) + column)[0]
    first = np.unique(places, return_index=True)[1]
    in_words = pd.Series(
        [_counts_in_words(each, noun) for each in counts[first].tolist()], dtype="str"
    )
    words = in_words.take(places).set_axis(jobs.index)
    return words.mask((words == "") & (told["below"] == Below.UNLISTED), "none listed")


def _counts_in_words(counts: list[int], noun: str) -> str:
    jobs, succeeded, *others = counts
    if not (of := jobs + others[-1]):
        return ""
    named = zip(("failed", *map(str.lower, _ONE_BY_ONE), "not listed"), others, strict=True)
    told = [f"{number:,} {word}" for word, number in named if number]
    all_of_them = counted(of, noun) if noun else f"{of:,}"
    return ", ".join([f"{succeeded:,} of {all_of_them} succeeded", *told])


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
    unknown = np.flatnonzero(statuses == "Unknown")
    for row, word in zip(unknown, status_words.iloc[unknown].fillna("Unknown"), strict=True):
        shown[row] = [f"{STATES['Unknown'][0]} {word}"]
    return pd.Series(shown, index=statuses.index)


def column(title: str = "State", width: int = 230) -> ColumnConfig:
    """Return the column configuration that colours the labels."""
    return st.column_config.MultiselectColumn(
        title,
        options=[each.label for each in FACES],
        color=[each.color for each in FACES],
        width=width,
        help=MARKS,
    )
