"""The rows of a live page, held where they are while a person points at them or has selected some.

What each job says goes on changing. Jobs that are new wait, and those that no longer match stay.
"""

from dataclasses import dataclass, field

import pandas as pd
import streamlit as st

from dashboard import access, session
from dashboard.components import page
from dashboard.operations.drawer import drawer
from dashboard.streamlit_compat import user_activity
from pages.jobs import actions
from services.frames.job_tree import roll_up
from services.frames.membership import is_among
from services.monitoring import Window


def _no_keys() -> "pd.Series[str]":
    return pd.Series(dtype="str")


@dataclass
class HeldRows:
    """What stood on screen when it was held: all jobs of a window, and which matched a filter.

    `started` has their start times by job_key, in their order.
    """

    window: Window | None = None
    started: pd.Series = field(default_factory=lambda: pd.Series(dtype="datetime64[ms, UTC]"))
    searched: str = ""
    matching: "pd.Series[str]" = field(default_factory=_no_keys)
    lags: bool = False
    pointed_in: page.Visit | None = None

    @property
    def is_held(self) -> bool:
        """Whether rows stay where they are."""
        # What was applied is followed: its new jobs belong to what is on screen.
        selects = bool(session.selected(actions.NAME)) and not drawer(actions.NAME).operation
        return selects or self.pointed_in == page.visit()

    def point(self, *, at_rows: bool) -> None:
        """Note whether the pointer is in the rows."""
        self.pointed_in = page.visit() if at_rows else None

    def catch_up(self) -> None:
        """Hold what there is now instead."""
        self.window = None
        self.matching = _no_keys()


def jobs(every: pd.DataFrame, window: Window) -> pd.DataFrame:
    """Return the jobs; while they are held in the same order, without new ones until asked for.

    Adds to the columns placed_at (UTC): the start time by which a table sorts each.
    """
    held = session.own(HeldRows)
    # Drawn in every run: what stands beside it is not drawn anew as it comes and goes.
    place = st.container(width="content")
    if not (held.is_held and held.window == window):
        named = every.dropna(subset="job_key").drop_duplicates("job_key")
        held.window, held.started, held.lags = (
            window,
            named.set_index("job_key")["start_time"],
            False,
        )
        return every.assign(placed_at=every["start_time"])
    new = every["job_key"].notna() & ~is_among(every["job_key"], held.started.index)
    held.lags = bool(new.any())
    if held.lags:
        place.button(
            f"Show {int(new.sum()):,} new",
            key="jobs.show_new",
            icon=":material/fiber_new:",
            help="Held back so that rows do not move under your pointer or selection.",
            on_click=held.catch_up,
        )
    known = roll_up(every[~new], as_in=held.started.index)
    return known.assign(placed_at=known["job_key"].map(held.started))


def mask(jobs: pd.DataFrame, matches: "pd.Series[bool]", searched: str) -> "pd.Series[bool]":
    """Return the rows to show: what matches the filter and, while held, what matched it before."""
    held = session.own(HeldRows)
    shown = matches
    if held.is_held and held.searched == searched:
        shown = matches | is_among(jobs["job_key"], held.matching)
    held.matching, held.searched = jobs.loc[shown, "job_key"].dropna(), searched
    held.lags = held.lags or bool((shown & ~matches).any())
    return shown


def in_words(shown: "pd.Series[bool]", matches: "pd.Series[bool]") -> str:
    """Return how many rows are only held, "" for none."""
    left = int((shown & ~matches).sum())
    return f"{left:,} no longer {'matches' if left == 1 else 'match'}" if left else ""


@st.fragment(key="jobs.pointer")
@access.while_it_holds
def pointer() -> None:
    """Draw the buttons, seen by nobody, that browser.js presses as the pointer comes and goes."""
    held = session.own(HeldRows)
    st.button("Hold rows", key="rows.hold", on_click=lambda: held.point(at_rows=True))
    left = st.button("Let go", key="rows.release", on_click=lambda: held.point(at_rows=False))
    if left and held.lags and not held.is_held:
        user_activity.by_itself()
        st.rerun()
