"""Fields for ids, names and texts to be found: read as they are meant, and bounded."""

import re
from typing import Any

import streamlit as st

from services.typed_text import SEARCHED_AT_MOST, clean
from services.visier import InvalidArgument

JOB_ID = re.compile(r"[^\s/?#]{1,200}")
NO_JOB_ID = "Paste the job id alone: no spaces or slashes, at most 200 characters."
TOO_LONG = f"{{label}}: search for at most {SEARCHED_AT_MOST:,} characters."
CUT = " … (cut)"


def line(label: str, *, key: str, **options: Any) -> str:
    """Draw a field of one line; return what is typed, cleaned.

    One that is longer than anything could be says so; whoever looks for it finds nothing.
    """
    _cut(key)
    typed = clean(st.text_input(label, key=key, **options) or "")
    if len(typed) > SEARCHED_AT_MOST:
        # The style sheet puts it below the fields it would else stand between.
        with st.container(key=f"below-{key}-long"):
            st.text(TOO_LONG.format(label=label))
    return typed


def job_id(label: str, *, key: str, **options: Any) -> str:
    """Draw a field for the id of a job; return it, "" for none.

    Raises InvalidArgument for what can be none.
    """
    _cut(key)
    typed = clean(st.text_input(label, key=key, **options) or "")
    if typed and not JOB_ID.fullmatch(typed):
        raise InvalidArgument(NO_JOB_ID)
    return typed


def _cut(key: str) -> None:
    """Cut what is too long in a field that is to be drawn: it would stand in the address too."""
    typed = st.session_state.get(key) or ""
    if len(typed) > SEARCHED_AT_MOST + len(CUT):
        st.session_state[key] = typed[:SEARCHED_AT_MOST] + CUT
