"""The guided tour: the story of the sandbox, step by step, on the screens that tell it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import streamlit as st

from dashboard import navigation
from dashboard.navigation import Screen

OPENED = "tour"
BAD_DELIVERY = "3b43817a-d0de-4dec-ae94-5467ddea5b83"
STUCK = "4dfe8794-d3b0-40a7-bafc-cd2586a902c1"


@dataclass(frozen=True, slots=True)
class Step:
    """What happened, and the screen with the filter where it is seen."""

    title: str
    words: str
    link: str
    screen: Screen
    query: Mapping[str, str] = field(default_factory=dict)


STEPS = (
    Step(
        "Did last night work?",
        "Most tenants were loaded, some were not, and a few jobs failed. Every figure links to "
        "the rows it counts.",
        "Last night's loads",
        navigation.OVERVIEW,
        {"ov_since": "last_night"},
    ),
    Step(
        "Who is behind?",
        "Some tenants are overdue by their own rhythm, a few for months.",
        "Overdue tenants",
        navigation.DATA_VERSIONS,
        {"dv_state": "overdue"},
    ),
    Step(
        "A bad delivery",
        "Nine hours before the sandbox started, one receiving job brought wrong files to many "
        "tenants. Its uploads are included, so every data version loads them.",
        "Uploads of that receiving job",
        navigation.UPLOADS,
        {"up_job": BAD_DELIVERY},
    ),
    Step(
        "Take it out",
        "There, choose “Select all … matching”, then “Exclude … uploads…”. The plan shows each "
        "upload before and after. Nothing is sent until you confirm. It can be undone.",
        "Uploads still included",
        navigation.UPLOADS,
        {"up_job": BAD_DELIVERY, "up_state": "included"},
    ),
    Step(
        "What failed, and why",
        "Failures are grouped by message pattern. Select a group to act on its jobs or tenants.",
        "Failures of the last three days",
        navigation.JOBS,
        {"job_window": "3d", "job_view": "failures"},
    ),
    Step(
        "An extraction that hangs",
        "One extraction has been running for more than a day. Select it: “Details” shows the "
        "stage it hangs in, and “Cancel 1 job…” shows a plan.",
        "The stuck extraction",
        navigation.JOBS,
        {"job_window": "3d", "job_id": STUCK},
    ),
    Step(
        "Reprocess",
        "Readers see a change once a processing job has run. “Reprocess … changed tenants…” on "
        "the result of your exclusion brings its tenants here. You can also name tenants yourself.",
        "Start a processing job",
        navigation.START_JOBS,
        {"start_kind": "start_processing"},
    ),
    Step(
        "Guided recovery",
        "Recovery finds the impact of a bad load, then plans, runs, verifies and reports, step by "
        "step.",
        "Recover from that delivery",
        navigation.RECOVERY,
        {"rec_job": BAD_DELIVERY},
    ),
    Step(
        "Show what was done",
        "Activity records every operation: who, when, what, why, and the outcome of each item.",
        "Operations",
        navigation.ACTIVITY,
    ),
)


def button() -> None:
    """Draw the button that opens the tour, and the tour while it is open."""
    st.button(
        "Guided tour", key="shell.tour", icon=":material/tour:", type="tertiary", on_click=_open
    )
    # In the address it outlives that a page looks again by itself, and a step's link ends it.
    if OPENED in st.query_params:
        _show()


def _open() -> None:
    st.query_params[OPENED] = "true"


def _close() -> None:
    st.query_params.pop(OPENED, None)


# on_dismiss: else the flag in the address would open it again in the next run.
@st.dialog("Guided tour of the sandbox", icon=":material/tour:", on_dismiss=_close)
def _show() -> None:
    st.caption("Everything happens in the simulated Visier. Try what you like.")
    for number, step in enumerate(STEPS, 1):
        with st.container(key=f"tour-{number}", gap="xxsmall"):
            st.markdown(f"**{number}. {step.title}**")
            st.text(step.words)
            navigation.link(step.screen, step.link, step.query, icon=":material/arrow_forward:")
    st.caption("The tour stays in the sidebar: open it again for the next step.")
