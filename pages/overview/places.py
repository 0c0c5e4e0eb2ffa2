"""Where the parts of the Overview stand: laid out at once, filled as what they need is read."""

from datetime import datetime
from typing import NamedTuple

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard.components import formats
from pages.overview.period import Period


class Part(NamedTuple):
    """Where a part of the page stands: beside its title, and below."""

    head: DeltaGenerator
    body: DeltaGenerator

    def as_of(self, moment: datetime) -> None:
        """Show beside the title when it was read."""
        words = f"as of {formats.read_at(moment)}"
        self.head.caption(words, width="content", help=formats.exactly(moment))


class Places(NamedTuple):
    """The parts of the page; each is drawn when what it needs is there."""

    answer: DeltaGenerator
    tonight: DeltaGenerator
    versions: Part
    jobs: Part
    uploads: Part
    attention: DeltaGenerator
    failures: Part
    activity: Part
    nights: DeltaGenerator


def lay_out(period: Period) -> Places:
    """Draw the titles of the parts, and where each will stand."""
    with st.container(gap="xxsmall"):
        answer = st.container(horizontal=True, key="overview-answer", gap="small")
        tonight = st.container()
    left, right = st.columns([2, 1], gap="medium")
    with left:
        attention = st.container()
    with right:
        failures, activity = part("What went wrong"), part("Recent operations")
    nights = st.container()
    left, middle, right = st.columns([3, 4, 2], gap="medium")
    with left:
        versions = part("Data versions")
    with middle:
        jobs = part(f"Jobs {period.words}")
    with right:
        uploads = part("Uploads")
    return Places(answer, tonight, versions, jobs, uploads, attention, failures, activity, nights)


def part(title: str) -> Part:
    """Draw the title of a part."""
    with st.container(gap="xsmall"):
        head = st.container(
            horizontal=True,
            horizontal_alignment="distribute",
            vertical_alignment="center",
            key=f"part-{title}",
        )
        head.header(title, anchor=False, width="content")
        return Part(head, st.container(gap="xsmall"))
