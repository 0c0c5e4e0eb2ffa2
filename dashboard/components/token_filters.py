"""Choices among tokens, in words; the link names the tokens."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import pandas as pd
import streamlit as st

from dashboard import page_notes, session
from dashboard.wording import FORMER

# Not None: a select box that was cleared holds that.
_NOTHING_HELD: Final = object()
ANY: Final = "Any"
# More would not be seen in a field.
_QUOTED_AT_MOST: Final = 20


def of_tokens(
    values: pd.Series, label: str, words: Mapping[str, str], *, key: str, width: int = 165
) -> "pd.Series[bool]":
    """Draw a choice among the tokens in a column; none chosen keeps every row."""
    chosen = tokens(label, words, key=key, width=width)
    return values.isin(chosen) if chosen else pd.Series(True, index=values.index)


def tokens(label: str, words: Mapping[str, str], *, key: str, width: int) -> list[str]:
    """Draw a choice among tokens, in words; return those chosen. The link names the tokens.

    A widget that Streamlit binds to the link puts the words of its options there instead.
    """
    follow_link(key, asked_for(key, words))
    chosen: list[str] = st.multiselect(
        label,
        list(words),
        format_func=lambda token: words.get(token, token),
        key=key,
        placeholder=_placeholder(key, words),
        width=width,
    )
    into_link(key, chosen, words)
    # A field that holds a choice has no room to say what else its link names.
    if chosen:
        page_notes.of_page().note_ignored(label, ignored(key, words))
    return chosen


def token(
    label: str, words: Mapping[str, str], *, key: str, width: int, none: str = ANY
) -> str | None:
    """Draw a choice of one token, in words; return it, or None. The link names it.

    `none` is read in the field where none is chosen.
    """
    follow_link(key, next(iter(asked_for(key, words)), None))
    chosen: str | None = st.selectbox(
        label,
        list(words),
        index=None,
        format_func=lambda token: words.get(token, token),
        key=key,
        placeholder=_placeholder(key, words, none),
        width=width,
    )
    into_link(key, [chosen] if chosen else [], words)
    return chosen


def follow_link(key: str, named: Any) -> None:
    """Set a widget, before it is drawn, to what its link names."""
    # Set only where it differs: what is set by the script takes back what was clicked meanwhile.
    if key not in st.session_state or st.session_state[key] != named:
        st.session_state[key] = named


def into_link(key: str, chosen: Sequence[str], words: Mapping[str, str]) -> None:
    """Write these tokens into the link, unless it names them in whatever words."""
    if _named(key, words) != [*chosen]:
        if chosen:
            st.query_params[key] = chosen
        else:
            st.query_params.pop(key, None)
    _links()[key] = st.query_params.get_all(key)


def asked_for(key: str, words: Mapping[str, str]) -> list[str]:
    """Return the tokens that are chosen under this key, or that its link names.

    The link counts where the widget was not drawn yet, and where it is another than this script has
    left there: Back and Forward change it alone.
    """
    held = st.session_state.get(key, _NOTHING_HELD)
    if held is _NOTHING_HELD or st.query_params.get_all(key) != _links().get(key):
        return _named(key, words)
    return [held] if isinstance(held, str) else list(held or ())


def _links() -> dict[str, list[str]]:
    """Return by key what stood in the address when its widget was drawn last."""
    return session.kept("filters.links", dict)


def _named(key: str, words: Mapping[str, str]) -> list[str]:
    """Return the tokens that the link names."""
    known = _by_name(words)
    # A token itself comes first: the word of another may look like it.
    named = (
        name if name in words else known.get(_plain(name)) for name in st.query_params.get_all(key)
    )
    return [token for token in dict.fromkeys(named) if token is not None]


def _placeholder(key: str, words: Mapping[str, str], none: str = ANY) -> str:
    """Return what stands in a field without a choice: also what its link names in vain."""
    unknown = ignored(key, words)
    return f"Unknown: {unknown[0]}" if unknown else none


def ignored(key: str, words: Mapping[str, str]) -> list[str]:
    """Return what the link names under this key that is no token, each cut short."""
    known = _by_name(words)
    named = st.query_params.get_all(key)
    return [name[:_QUOTED_AT_MOST] for name in named if _plain(name) not in known]


def _by_name(words: Mapping[str, str]) -> dict[str, str]:
    """Return tokens by their plain names: links of earlier versions name them in words."""
    former = {_plain(word): token for word, token in FORMER.items() if token in words}
    return former | {_plain(name): token for token, word in words.items() for name in (word, token)}


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", " ", text.casefold()).strip()
