"""What a page goes on without, in a line each below its head: drawn once the page has read."""

from types import MappingProxyType
from typing import Final

import streamlit as st

from dashboard import data, page_notes
from dashboard.components import errors, fetch_progress

WITHOUT: Final = MappingProxyType(
    {
        "names": "Display names cannot be read; tenants are shown by code",
        "categories": "Data categories cannot be read; no choice is available",
    }
)
IGNORED: Final = "Unknown in this link, so ignored:"
# A link may name anything, however often.
IGNORED_AT_MOST: Final = 5
UNDER_WAY: Final = MappingProxyType({"categories": "Reading data categories"})


def begin() -> None:
    """Begin a page without notes, and reserve the place for them."""
    page_notes.of_page().begin(st.container(gap="xsmall"))


def draw() -> None:
    """Draw what the page has noted while it read."""
    notes = page_notes.of_page()
    # Once: what a fragment notes later has no place on the page any more.
    place, notes.place = notes.place, None
    if place is None:
        return
    # Only now: what the page shows goes first.
    if names := notes.without.get("names"):
        data.go_on_with_names(names)
    with place:
        for name, without in notes.without.items():
            _without(name, without)
        for label, values in notes.ignored.items():
            quoted = ", ".join(f"“{value}”" for value in values[:IGNORED_AT_MOST])
            st.text(f"{IGNORED} {label} {quoted}")
        for sentence in notes.sentences:
            st.text(sentence)
        for number, listed in enumerate(notes.lists):
            if listed.is_under_way:
                fetch_progress.line(listed, "Reading again", f".note{number}")
            elif trouble := listed.trouble():
                errors.show(trouble, f".note{number}")


def _without(name: str, without: page_notes.Without) -> None:
    listed = without.listed
    if name not in UNDER_WAY and (listed.is_under_way or without.has_news):
        fetch_progress.quietly(without, f".{name}")
    elif listed.is_under_way:
        fetch_progress.line(listed, UNDER_WAY[name], f".{name}")
    elif trouble := listed.trouble():
        with st.container(horizontal=True, vertical_alignment="center", key=f"without-{name}"):
            st.text(f"{WITHOUT[name]}: {trouble}", width="content")
            st.button(
                "Try again",
                key=f"without.{name}",
                type="tertiary",
                icon=":material/refresh:",
                on_click=listed.forget,
            )
