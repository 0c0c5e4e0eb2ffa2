"""The report of a recovery: to read, to take away, and to close it."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import access, wording
from dashboard.components import errors, formats, page, permits, tables
from dashboard.connection import Connection
from dashboard.operations import (
    operation_results,
    recovery_changes,
    recovery_page,
    recovery_verdicts,
    recovery_words,
    start_outcome,
)
from pages.recovery import verify
from services.clock import CLOCK
from services.operations import Verb
from services.operations.recovery import changing, report, steps
from services.operations.recovery import incident as incidents
from services.operations.recovery.incident import Choices, Recovery, Step
from services.operations.recovery.steps import parts_of

COMPARED = "compared, before and after, in the report."
COLUMNS: tables.Columns = {
    "step": st.column_config.TextColumn("Step", width=185),
    "standing": st.column_config.TextColumn("Status", width=125),
    "what": st.column_config.TextColumn("Operation", width=300),
    "outcome": st.column_config.TextColumn("Outcome", width=155),
    "by": st.column_config.TextColumn("By", width=170),
    "left_out": st.column_config.TextColumn("Left out", width=100),
}
NOT_VERIFIED = "Not verified. The report says so and marks nothing as recovered."


def draw(connection: Connection, recovery: Recovery) -> None:
    """Draw the report in short, and its two files."""
    verified = recovery.verification
    if verified is None:
        st.info(NOT_VERIFIED, icon=":material/info:")
    else:
        recovery_verdicts.figures(recovery)
    st.markdown("## :material/summarize: What was done")
    rows = pd.DataFrame([row for step in Step for row in _rows(connection, recovery, step)])
    columns = dict(COLUMNS)
    if not rows["left_out"].any():
        del columns["left_out"]
    tables.rows(rows, columns, key="rec.done")
    if verified:
        told = recovery_words.not_compared(verified.not_compared)
        st.text(f"Metric values: {f'not compared. {told}' if told else COMPARED}")
        page.left_out(verified.unreadable)
    recovery_changes.draw(connection, recovery.id)
    _files(connection, recovery)
    to_come = verify.still_to_come(recovery)
    if to_come:
        st.caption(to_come)


def _rows(connection: Connection, recovery: Recovery, step: Step) -> Iterator[dict[str, str]]:
    out = (recovery.choices or Choices()).left_out.get(step, ())
    status = steps.step_status(recovery, step)
    told = {
        "step": wording.STEPS[step],
        "standing": wording.STEP_STATUSES[status],
        "left_out": formats.counted(len(out), "tenant") if out else "",
    }
    parts = parts_of(recovery, step)
    if not parts:
        yield told | {"what": "This recovery sent nothing", "outcome": "", "by": ""}
    for part in parts:
        outcome = operation_results.counted(part.item_counts, part.verb)
        if step is Step.REPROCESS and part is parts[-1]:
            jobs = start_outcome.tally_in_words(steps.jobs_told(recovery))
            outcome = f"{recovery_page.STEP_STATUS_MARKS[status]} {jobs}" if jobs else outcome
        state = wording.STATES[steps.part_state(recovery, part)]
        what = f"{operation_results.what(connection, part)}: {state}"
        yield told | {"what": what, "outcome": outcome, "by": part.actor.user}


def _files(connection: Connection, recovery: Recovery) -> None:
    name = f"recovery-{recovery.id[:8]}"
    with st.container(horizontal=True, vertical_alignment="center"):
        for kind, write, mime in (
            ("HTML", recovery_page.to_html, "text/html"),
            ("JSON", report.to_json, "application/json"),
        ):
            st.download_button(
                f"Report as {kind}",
                data=partial(_written, connection, recovery.id, write),
                file_name=f"{name}.{kind.lower()}",
                mime=mime,
                key=f"rec.report.{kind.lower()}",
                icon=":material/download:",
                on_click="ignore",
                type="primary" if kind == "HTML" else "secondary",
            )
        if recovery.is_closed:
            st.caption(":material/lock: Closed. Nothing can change in it.")
        else:
            may = permits.explain(connection, Verb.RECOVER)
            st.button(
                "Close the recovery",
                key="rec.close",
                icon=":material/lock:",
                disabled=not may or recovery.verification is None,
                help="It stays in Activity and under its link. Verify it first.",
                on_click=_close,
                args=(connection, recovery.id),
            )


def _written(
    connection: Connection, recovery_id: str, write: Callable[[dict[str, Any]], bytes]
) -> bytes:
    ledger = connection.ledger
    recovery = incidents.read(ledger, recovery_id, connection.identity.name)
    told = report.document(ledger, recovery, now=CLOCK.now())
    return write(told)


def _close(connection: Connection, recovery_id: str) -> None:
    may = access.permissions(connection)
    try:
        changing.close(connection.ledger, recovery_id, may)
    except errors.KNOWN as error:
        errors.keep(error)
