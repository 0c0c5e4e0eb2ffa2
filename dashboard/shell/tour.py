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
        "Most tenants were loaded, some were not, and a few jobs failed. Every figure leads to "
        "what it counts.",
        "The answer of the night",
        navigation.OVERVIEW,
        {"ov_since": "Last night"},
    ),
    Step(
        "Who is behind?",
        "Some tenants have no new data version though by their own rhythm one was due, a few for "
        "months.",
        "Tenants that are overdue",
        navigation.DATA_VERSIONS,
        {"dv_state": "Overdue"},
    ),
    Step(
        "A bad delivery",
        "One receiving job brought wrong files to many tenants at once, nine hours before the "
        "sandbox was started. Its uploads are included: every data version takes them in.",
        "What that receiving job brought",
        navigation.UPLOADS,
        {"up_job": BAD_DELIVERY},
    ),
    Step(
        "Take it out",
        "There, choose “Select all … matching”, then “Exclude … uploads…”. The plan says what "
        "each upload is and will be; nothing is sent before you confirm. It can be undone.",
        "Those that are still included",
        navigation.UPLOADS,
        {"up_job": BAD_DELIVERY, "up_state": "Included"},
    ),
    Step(
        "What failed, and why",
        "Jobs that failed alike stand together. Tick a kind to act on its jobs or its tenants.",
        "Failures of the last three days",
        navigation.JOBS,
        {"job_window": "3 days", "job_view": "Failures"},
    ),
    Step(
        "An extraction that hangs",
        "One extraction has been running for more than a day. Tick it: “Details” says in which "
        "stage it hangs, and “Cancel 1 job…” shows a plan.",
        "The extraction that is stuck",
        navigation.JOBS,
        {"job_window": "3 days", "job_id": STUCK},
    ),
    Step(
        "Process anew",
        "Readers see a change once a processing job has run. “Process … changed tenants”, on the "
        "result of what you excluded, brings its tenants here; you can also name some yourself.",
        "Start a processing job",
        navigation.START_JOBS,
        {"start_kind": "Process"},
    ),
    Step(
        "The whole of it, guided",
        "Recovery finds what a bad load hit, plans, runs, verifies and reports, step by step.",
        "Recover from that delivery",
        navigation.RECOVERY,
        {"rec_job": BAD_DELIVERY},
    ),
    Step(
        "Answer for it",
        "Whatever is applied is written down: who, when, what, why, and how each item ended.",
        "What was done",
        navigation.ACTIVITY,
    ),
)


def button() -> None:
    """Draw the button that opens the tour, and the tour while it is open."""
    st.button("Guided tour", key="chrome.tour", icon=":material/tour:", on_click=_open)
    # In the address it outlives that a page looks again by itself, and a step's link ends it.
    if OPENED in st.query_params:
        _show()


def _open() -> None:
    st.query_params[OPENED] = "true"


def _close() -> None:
    st.query_params.pop(OPENED, None)


@st.dialog("Guided tour of the sandbox", icon=":material/tour:", on_dismiss=_close)
def _show() -> None:
    st.caption("Everything happens in the simulated Visier: try what you like.")
    for number, step in enumerate(STEPS, 1):
        with st.container(key=f"tour-{number}", gap="xxsmall"):
            st.markdown(f"**{number}. {step.title}**")
            st.text(step.words)
            navigation.link(step.screen, step.link, step.query, icon=":material/arrow_forward:")
    st.caption("The tour stays in the sidebar: open it again for the next step.")
