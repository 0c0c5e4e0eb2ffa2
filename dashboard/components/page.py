"""The head of a page, its loading face and its empty faces."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard import session
from dashboard.components import errors, formats, notes

# What is filled in stays together on a screen that has room for more.
FORM_WIDTH = 1200
REFRESH_KEY = "U"
# One fault of an answer comes in many rows: more lines say no more.
TOLD_AT_MOST = 3


@dataclass(frozen=True, slots=True)
class Visit:
    """Which page is drawn, and how many were visited before."""

    page: str = ""
    number: int = 0


@dataclass
class _Visits:
    now: Visit = field(default_factory=Visit)


def visit() -> Visit:
    """Return the visit under way: coming from another page begins one."""
    return session.own(_Visits).now


def head(title: str) -> DeltaGenerator:
    """Draw the title; return the place for "as of" and refresh, known once the page has read."""
    visits = session.own(_Visits)
    if title != visits.now.page:
        visits.now = Visit(title, visits.now.number + 1)
    with st.container(horizontal=True, vertical_alignment="center", key="head"):
        st.title(title, anchor=False, width="content")
        place = st.container(
            horizontal=True,
            horizontal_alignment="right",
            vertical_alignment="center",
        )
    notes.begin()
    return place


def as_of(
    place: DeltaGenerator, moment: datetime | None, key: str, refresh: Callable[[], None]
) -> None:
    """Show when the data was read, and a button that reads it again; if that fails, the old stays.

    `moment` is None when nothing could be read.
    """

    def try_to_refresh() -> None:
        with errors.kept():
            refresh()

    with place:
        if moment is not None:
            as_of = f"as of {formats.read_at(moment)}"
            st.caption(as_of, width="content", help=formats.exactly(moment))
        st.button(
            "Refresh",
            key=f"{key}.refresh",
            icon=":material/refresh:",
            shortcut=REFRESH_KEY,
            on_click=try_to_refresh,
        )
    errors.show_kept()


@contextmanager
def loading(height: int = 320) -> Iterator[None]:
    """Show a skeleton while the block reads."""
    with st.skeleton(height=height):
        yield


def empty(title: str, explanation: str, *, part: str = "") -> None:
    """Show that there is nothing, and why that may be; `part` names one of several on a page."""
    with st.container(border=True, key=f"empty{part}"):
        st.markdown(f"## :material/inbox: {title}")
        st.caption(explanation)


def left_out(texts: Sequence[str]) -> None:
    """Show what of Visier's answer could not be read, and so is missing on the page."""
    if texts:
        with st.container(border=True):
            st.markdown("**:material/broken_image: Part of Visier's answer cannot be read**")
            # Text of the API is data: never markdown.
            st.text("\n".join(in_short(texts)))


def in_short(texts: Sequence[str]) -> tuple[str, ...]:
    """Return the first texts, and how many more there are; what is short already stays."""
    if len(texts) <= TOLD_AT_MOST + 1:
        return tuple(texts)
    return (*texts[:TOLD_AT_MOST], f"And {len(texts) - TOLD_AT_MOST:,} more.")


def nothing_matches(noun: str, unfiltered: Mapping[str, object]) -> None:
    """Show that the filter leaves nothing, and a button that clears it."""
    with st.container(border=True, key="nothing-matches"):
        st.markdown(f"## :material/filter_alt_off: No {noun} matches the filter")
        st.button(
            "Clear filter", key="filter.clear", on_click=st.session_state.update, args=(unfiltered,)
        )
