"""Confirming in proportion: what is large is typed."""

import streamlit as st

from services.typed_text import clean

# Fewer are read one by one in the plan: typing their number would be a ritual.
TYPED_ABOVE = 25


def written(expected: str) -> str:
    """Return a number or a word as people read it."""
    return f"{int(expected):,}" if expected.isdecimal() else expected


def typed(expected: str, *, key: str) -> bool:
    """Ask a person to type a number or a word; say whether it is there."""
    shown = written(expected) if expected.isdecimal() else f"“{expected}”"
    answer = st.text_input(f"Type {shown} to confirm", key=key, autocomplete="off", width=220)
    return clean(answer).replace(",", "").casefold() == expected
