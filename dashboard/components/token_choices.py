"""Choices of one token among a few: links name tokens, people read words.

A widget that Streamlit binds to the link would put its words there, and would leave no step in
the history for Back to undo.
"""

from collections.abc import Mapping
from typing import Final

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard import page_notes
from dashboard.components import filters, token_filters

SPAN: Final = "span"


def one(
    label: str,
    words: Mapping[str, str],
    *,
    key: str,
    default: str,
    help_text: str | None = None,
    shows_label: bool = True,
    counts: Mapping[str, int | None] | None = None,
) -> str:
    """Draw a choice of tokens side by side; return the one chosen.

    `words` has the tokens offered, and links name all but the default. `counts` says how many rows
    each of them keeps, None where that is not known.
    """
    _follow(label, words, key=key, default=default)
    chosen: str | None = st.segmented_control(
        label,
        list(words),
        # Drawn anew, as when the page runs again while it loads, a browser goes by the default.
        default=st.session_state[key],
        format_func=lambda token: (
            f"{words[token]} {_counted(counts[token])}" if counts else words.get(token, token)
        ),
        required=True,
        key=key,
        help=help_text,
        label_visibility="visible" if shows_label else "collapsed",
    )
    return _link(chosen, words, key=key, default=default)


def field(
    label: str, words: Mapping[str, str], *, key: str, default: str, width: int, help_text: str
) -> str:
    """Draw a choice of tokens as a field that unfolds; otherwise as `one`."""
    _follow(label, words, key=key, default=default)
    chosen: str | None = st.selectbox(
        label,
        list(words),
        index=list(words).index(st.session_state[key]),
        format_func=lambda token: words.get(token, token),
        key=key,
        help=help_text,
        width=width,
    )
    return _link(chosen, words, key=key, default=default)


def view(words: Mapping[str, str], *, key: str) -> str:
    """Draw the choice among the views of a page, the first unless chosen; return its token."""
    return one("View", words, key=key, default=next(iter(words)), shows_label=False)


def arrived(
    windows: Mapping[str, str], *, prefix: str, default: str, place: DeltaGenerator
) -> tuple[str, pd.Timestamp | None, pd.Timestamp | None]:
    """Draw two fields for times, and at a place how long ago something arrived.

    Return its token, and the times in UTC. What is typed rules: the choice is SPAN then, and who
    chooses another empties the fields.
    """
    key, from_key, to_key = (f"{prefix}{name}" for name in ("window", "from", "to"))
    since, until = filters.span("From", from_key, "To", to_key)
    is_typed = since is not None or until is not None
    if is_typed:
        token_filters.follow_link(key, SPAN)
        windows = {**windows, SPAN: "From and To"}
    else:
        _follow("Arrived within", windows, key=key, default=default)

    def leave_span() -> None:
        if st.session_state[key] != SPAN:
            filters.put_span(from_key, to_key, None, None)

    with place:
        chosen: str | None = st.selectbox(
            "Arrived within",
            list(windows),
            index=list(windows).index(st.session_state[key]),
            format_func=lambda token: windows.get(token, token),
            key=key,
            on_change=leave_span,
            width=125,
        )
    return _link(chosen, windows, key=key, default=SPAN if is_typed else default), since, until


def _counted(number: int | None) -> str:
    return "—" if number is None else f"{number:,}"


def _follow(label: str, words: Mapping[str, str], *, key: str, default: str) -> None:
    page_notes.of_page().note_ignored(label, token_filters.ignored(key, words))
    named = next(iter(token_filters.asked_for(key, words)), default)
    # What was chosen may be offered no more: so is SPAN once the times are emptied.
    token_filters.follow_link(key, named if named in words else default)


def _link(chosen: str | None, words: Mapping[str, str], *, key: str, default: str) -> str:
    chosen = chosen or default
    token_filters.into_link(key, [] if chosen == default else [chosen], words)
    return chosen
