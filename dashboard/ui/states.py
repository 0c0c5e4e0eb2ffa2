"""The state of a job as an icon, a word and a colour together."""

import numpy as np
import numpy.typing as npt
import pandas as pd
import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from dashboard.job_states import STATES, Color
from services.frames import ENDED

__all__ = ["MARKS", "STATES", "UNFINISHED_BELOW", "color", "column", "label", "labels"]

MARKS = ", ".join(f"{mark} {state}" for state, (mark, _) in STATES.items())
UNFINISHED_BELOW = ", unfinished below"


def label(state: str, *, is_settled: bool = True) -> str:
    """Return mark and word of a canonical state, and whether jobs below an ended one go on.

    What succeeded above jobs that go on is marked as running: it looks done and is not.
    """
    if is_settled or state not in ENDED:
        return f"{STATES[state][0]} {state}"
    mark = STATES["Running" if state == "Succeeded" else state][0]
    return f"{mark} {state}{UNFINISHED_BELOW}"


def color(state: str, *, is_settled: bool = True) -> Color:
    """Return the colour of the label."""
    return STATES["Running" if state == "Succeeded" and not is_settled else state][1]


def labels(jobs: pd.DataFrame) -> pd.Series:
    """Return the state of each job of a tree as a list of one label, for a column of labels.

    A word that is none of the known states is shown as it came.
    """
    states = jobs["status"].cat.categories
    faces = [[label(state, is_settled=settled)] for settled in (True, False) for state in states]
    chosen = jobs["status"].cat.codes.to_numpy(np.intp) + len(states) * ~jobs["is_settled"].array
    return _in_words(faces, chosen, jobs["status"], jobs["status_word"])


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
    faces = {
        label(state, is_settled=is_settled): color(state, is_settled=is_settled)
        for is_settled in (True, False)
        for state in STATES
    }
    return st.column_config.MultiselectColumn(
        title, options=list(faces), color=list(faces.values()), width=width, help=MARKS
    )
