"""A page that looks again by itself stays readable while it does.

Half a second into a run Streamlit fades what that run has not drawn yet. After a click this says
that it is at work; on a page that looks again every few seconds it makes all one reads flicker.
"""

from typing import Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

_STYLE: Final = "[data-stale='true'] { opacity: 1 !important; transition: none !important; }"


def page(*, by_itself: bool) -> None:
    """Draw, before anything else, whether this run of the script fades what it has not drawn."""
    # Drawn in every run: what follows keeps its place.
    st.html(f"<style>{_STYLE if by_itself else ''}</style>")


def place(key: str) -> DeltaGenerator:
    """Return a container for a fragment with a timer: the style sheet fades nothing in it."""
    return st.container(key=f"live-{key}")
