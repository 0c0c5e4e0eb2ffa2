"""What of a recovery's plan is chosen on the screen: steps, tenants, publishing."""

import streamlit as st

from dashboard import session
from services.operations.recovery import steps
from services.operations.recovery.incident import Choices, Recovery, Step
from services.operations.recovery.steps import parts_of


def selection(recovery: Recovery, step: Step) -> str:
    """Return the name under which the tenants of a step are selected."""
    return f"recovery.{recovery.id}.{step.name}"


def on_key(recovery: Recovery, step: Step) -> str:
    """Return the key of the switch of a step."""
    return f"rec.on.{step.name}.{recovery.id}"


def publish_key(recovery: Recovery) -> str:
    """Return the key of the switch that publishes to production."""
    return f"rec.publish.{recovery.id}"


def reads(recovery: Recovery) -> tuple[str, ...]:
    """Return the names of all that a person chooses here."""
    switches = (on_key(recovery, step) for step in Step)
    chosen = (session.selection_key(selection(recovery, step)) for step in Step)
    return (*switches, *chosen, publish_key(recovery))


def take_over(recovery: Recovery) -> None:
    """Begin with what was chosen last, by whomever; without that with everything."""
    saved = recovery.choices or Choices()
    name = f"recovery.{recovery.id}"
    if session.draft(name).get("from") == saved:
        return
    session.put_draft(name, {"from": saved})
    for step in Step:
        codes = steps.targets(everything(recovery), step)
        taken = (code for code in codes if code not in saved.left_out.get(step, ()))
        session.select(selection(recovery, step), frozenset(taken))
        st.session_state[on_key(recovery, step)] = step not in saved.off
    st.session_state[publish_key(recovery)] = saved.publish


def everything(recovery: Recovery) -> Recovery:
    """Return the recovery as if nothing were left out of it."""
    return Recovery(recovery.operation, recovery.incident, Choices(), None, ())


def drafted(recovery: Recovery) -> Choices:
    """Return what is chosen on the screen; a step that was begun stays as it was chosen."""
    saved = recovery.choices or Choices()
    off, left_out = [], {}
    for step in Step:
        if parts_of(recovery, step):
            is_off, out = step in saved.off, saved.left_out.get(step, ())
        else:
            chosen = session.selected(selection(recovery, step))
            is_off = not st.session_state[on_key(recovery, step)]
            every = steps.targets(everything(recovery), step)
            out = tuple(code for code in every if code not in chosen)
        if is_off:
            off.append(step)
        if out:
            left_out[step] = out
    publish = bool(st.session_state.get(publish_key(recovery)))
    return Choices(tuple(off), left_out, publish)
