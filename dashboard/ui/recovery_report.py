"""The report of a recovery: to read, to take away, and to close it."""

from contextlib import suppress
from datetime import UTC, datetime
from functools import partial

import streamlit as st

from dashboard import bootstrap, session
from dashboard.ui import errors, formats, operation_panel, recovery_verify
from services.ledger import TakenOver
from services.operations.recovery import case as cases
from services.operations.recovery import report, steps
from services.operations.recovery.case import Choices, Recovery, Step
from services.operations.recovery.steps import parts_of

NOT_VERIFIED = "It has not been verified: the report says so, and calls nothing recovered."


def draw(recovery: Recovery) -> None:
    """Draw the report in short, and its two files."""
    verified = recovery.verification
    if verified is None:
        st.info(NOT_VERIFIED, icon=":material/info:")
    else:
        recovery_verify.figures(recovery)
    choices = recovery.choices or Choices()
    with st.container(border=True, key="rec-report"):
        st.markdown("#### :material/summarize: What was done")
        for step in Step:
            _step(recovery, choices, step)
        if verified and verified.not_compared:
            st.text(f"Metric values: not compared. {verified.not_compared}")
        elif verified:
            st.text("Metric values: compared, before and after, in the report.")
    _files(recovery)


def _step(recovery: Recovery, choices: Choices, step: Step) -> None:
    st.text(f"{list(Step).index(step) + 1}. {step}: {steps.standing(recovery, step)}")
    for part in parts_of(recovery, step):
        outcome = operation_panel.counted(part.item_counts)
        st.caption(f"{part.verb} · {part.state} · {outcome}")
        st.text(f"by {part.actor.user}")
    out = choices.left_out.get(step, ())
    if out:
        st.caption(f"{formats.counted(len(out), 'tenant')} left out by choice")


def _files(recovery: Recovery) -> None:
    name = f"recovery-{recovery.id[:8]}"
    with st.container(horizontal=True, vertical_alignment="center"):
        for kind, write, mime in (
            ("HTML", report.to_html, "text/html"),
            ("JSON", report.to_json, "application/json"),
        ):
            st.download_button(
                f"Report as {kind}",
                data=partial(_written, recovery.id, write),
                file_name=f"{name}.{kind.lower()}",
                mime=mime,
                key=f"rec.report.{kind.lower()}",
                icon=":material/download:",
                on_click="ignore",
                type="primary" if kind == "HTML" else "secondary",
            )
        if recovery.is_closed:
            st.caption(":material/lock: Closed: nothing more is done in it.")
        else:
            st.button(
                "Close the recovery",
                key="rec.close",
                icon=":material/lock:",
                disabled=recovery.verification is None,
                help="It stays in Activity and under its link. Verify it first.",
                on_click=_close,
                args=(recovery.id,),
            )


def _written(recovery_id: str, write: "report.Write") -> bytes:
    ledger = bootstrap.ledger()
    told = report.document(ledger, cases.read(ledger, recovery_id), now=datetime.now(UTC))
    return write(told)


def _close(recovery_id: str) -> None:
    # Whoever is first closes it.
    with suppress(TakenOver):
        try:
            cases.close(bootstrap.ledger(), recovery_id)
        except errors.KNOWN as error:
            session.keep_error(error)
