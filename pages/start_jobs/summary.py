"""What will start, in words and numbers; what keeps it from starting; the one click."""

from collections.abc import Sequence
from functools import partial

import streamlit as st

from dashboard.components import curl
from dashboard.connection import Connection
from dashboard.operations import confirm_start, start_sentences
from pages.start_jobs import form
from pages.start_jobs.form import Filled
from services.operations import request_of
from services.operations.starts.request import JobRequest


def draw(connection: Connection, filled: Filled) -> None:
    """Draw the summary of a filled form and the button that starts it."""
    st.markdown("## What will start")
    if filled.form is None:
        _problems(filled.problems)
        return
    asked = JobRequest(filled.form, filled.alternative, listed=filled.listed)
    st.text(f"{start_sentences.lead(asked.verb, asked.target)}.")
    written = partial(form.in_words, connection)
    st.text("\n".join(start_sentences.summary(filled.form, written)))
    if filled.alternative:
        st.caption(":material/science: Uses the alpha operation.")
    for note in start_sentences.notes(filled.form):
        st.caption(f":material/info: {note}")
    made = confirm_start.same(asked)
    confirm_start.confirm_start(connection, made)
    curl.box(connection, lambda encoding: [request_of(made, encoding)], key=made.id)


def _problems(problems: Sequence[str]) -> None:
    with st.container(key="start-problems", gap="xsmall"):
        for problem in problems:
            st.text(f"• {problem}")
    st.caption("Your entries are kept.")
