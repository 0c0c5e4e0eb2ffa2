"""The stages of a recovery: where it stands, and which of them is looked at."""

import streamlit as st

from dashboard import session
from services.operations.recovery.steps import Checkpoint

STAGE = "rec_stage"
"""What the stage looked at is called in the address, unless that is the checkpoint."""
OPENED_STAGES = (
    Checkpoint.HIT,
    Checkpoint.PLAN,
    Checkpoint.RUN,
    Checkpoint.VERIFY,
    Checkpoint.REPORT,
)
_SHOWN = "recovery.shown"
_ORDER = list(Checkpoint)


def before_begun(reached: Checkpoint) -> None:
    """Draw the stages of a recovery that is not begun yet: none but the first two is there."""
    st.segmented_control(
        "Stages",
        [stage.value for stage in Checkpoint],
        default=reached.value,
        format_func=lambda stage: _face(Checkpoint(stage), reached),
        key=f"rec.stages.{reached.name}",
        disabled=True,
        label_visibility="collapsed",
    )


def choice(recovery_id: str, reached: Checkpoint) -> Checkpoint:
    """Draw the stages of a recovery, those behind it ticked; return the one to draw.

    It opens at its checkpoint unless the address says another, and stays where it is looked at
    while that moves on.
    """
    looked_at, linked = session.draft(_SHOWN), _linked()
    # On another screen what was looked at is forgotten.
    is_another = (looked_at.get("id"), looked_at.get("linked")) != (recovery_id, linked)
    if is_another or STAGE not in st.session_state:
        st.session_state[STAGE] = linked or reached.value
    elif "to" in looked_at:
        st.session_state[STAGE] = looked_at["to"]
    chosen = st.segmented_control(
        "Stage",
        [stage.value for stage in OPENED_STAGES],
        default=Checkpoint.HIT.value,
        required=True,
        format_func=lambda stage: _face(Checkpoint(stage), reached),
        key=STAGE,
        label_visibility="collapsed",
    )
    stage = Checkpoint(chosen or reached)
    _put_in_link(recovery_id, stage, reached)
    return stage


def _linked() -> str | None:
    stage = st.query_params.get(STAGE)
    return stage if stage in OPENED_STAGES else None


def _put_in_link(recovery_id: str, stage: Checkpoint, reached: Checkpoint) -> None:
    # A bound control would write the faces of its choices, and those change.
    linked = None if stage is reached else stage.value
    if linked:
        st.query_params[STAGE] = linked
    else:
        st.query_params.pop(STAGE, None)
    session.put_draft(_SHOWN, {"id": recovery_id, "linked": linked})


def _face(stage: Checkpoint, reached: Checkpoint) -> str:
    number = _ORDER.index(stage) + 1
    if stage is reached:
        return f":material/flag: {number} {stage}"
    behind = _ORDER.index(stage) < _ORDER.index(reached)
    return f":material/{'check_circle' if behind else 'radio_button_unchecked'}: {number} {stage}"


def go_on_button(stage: Checkpoint, *, key: str, disabled: bool = False, primary: bool) -> None:
    """Draw the way to another stage."""
    st.button(
        f"Go on: {stage}",
        key=key,
        type="primary" if primary else "secondary",
        icon=":material/arrow_forward:",
        disabled=disabled,
        on_click=go_to,
        args=(stage,),
    )


def go_to(stage: Checkpoint) -> None:
    """Have another stage looked at, from the next run of the script on."""
    session.put_draft(_SHOWN, {**session.draft(_SHOWN), "to": stage.value})
