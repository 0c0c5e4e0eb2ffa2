"""The stages of a recovery: where it stands, and which of them is looked at."""

import streamlit as st

from dashboard import session, wording
from services.operations.recovery.steps import Stage

FORMER = {
    "What it hit": Stage.IMPACT.value,
    "Plan": Stage.PLAN.value,
    "Run": Stage.RUN.value,
    "Verify": Stage.VERIFY.value,
    "Report": Stage.REPORT.value,
}
"""What the addresses of earlier versions call the stages."""
STAGE = "rec_stage"
"""What the stage that somebody has chosen to look at is called in the address."""
OPENED_STAGES = (
    Stage.IMPACT,
    Stage.PLAN,
    Stage.RUN,
    Stage.VERIFY,
    Stage.REPORT,
)
_SHOWN = "recovery.shown"
_ORDER = list(Stage)


def before_begun(reached: Stage) -> None:
    """Draw the stages of a recovery that is not begun yet: none but the first two is there."""
    faces = (
        f"**{_face(stage, reached)}**" if stage is reached else f":gray[{_face(stage, reached)}]"
        for stage in Stage
    )
    st.markdown(" → ".join(faces))


def choice(recovery_id: str, reached: Stage) -> Stage:
    """Draw the stages of a recovery, those behind it ticked; return the one to draw.

    It opens at its checkpoint unless the address says another, and stays where it is looked at
    while that moves on.
    """
    looked_at = {"id": recovery_id, "linked": _linked()}
    # On another screen what was looked at is forgotten.
    if looked_at != session.draft(_SHOWN) or STAGE not in st.session_state:
        session.put_draft(_SHOWN, looked_at)
        st.session_state[STAGE] = looked_at["linked"] or reached.value
    chosen = st.segmented_control(
        "Stage",
        [stage.value for stage in OPENED_STAGES],
        # Where a face changes by itself a browser may take this one for what is chosen.
        default=st.session_state[STAGE],
        required=True,
        format_func=lambda stage: _face(Stage(stage), reached),
        key=STAGE,
        # Bound to the address, it would write its faces there, and those change.
        on_change=_open_chosen,
        label_visibility="collapsed",
    )
    return Stage(chosen or reached)


def _linked() -> str | None:
    named = st.query_params.get(STAGE)
    stage = FORMER.get(named or "", named)
    return stage if stage in OPENED_STAGES else None


def _open_chosen() -> None:
    go_to(Stage(st.session_state[STAGE]))


def _face(stage: Stage, reached: Stage) -> str:
    number = _ORDER.index(stage) + 1
    if stage is reached:
        return f":material/flag: {number} {wording.STAGES[stage]}"
    behind = _ORDER.index(stage) < _ORDER.index(reached)
    mark = ":material/check_circle:" if behind else ":material/radio_button_unchecked:"
    return f"{mark} {number} {wording.STAGES[stage]}"


def go_on_button(stage: Stage, *, key: str, disabled: bool = False, primary: bool) -> None:
    """Draw the way to another stage."""
    st.button(
        f"Continue: {wording.STAGES[stage]}",
        key=key,
        type="primary" if primary else "secondary",
        icon=":material/arrow_forward:",
        disabled=disabled,
        on_click=go_to,
        args=(stage,),
    )


def go_to(stage: Stage) -> None:
    """Open another stage, from the next run of the script on."""
    st.query_params[STAGE] = stage.value
