"""Verifying a recovery: everything is read back, and each tenant gets a verdict."""

from datetime import datetime

import streamlit as st

from dashboard import access, data, session
from dashboard.components import errors, formats, page, permits, tenants
from dashboard.connection import Connection
from dashboard.operations import recovery_reads, recovery_verdicts
from dashboard.streamlit_compat import pending_clicks
from pages.recovery import jobs, run, stages
from services.clock import CLOCK
from services.ledger import LIVE
from services.operations import Verb
from services.operations.recovery import report, verifying
from services.operations.recovery.incident import Recovery
from services.operations.recovery.steps import Stage, may_verify
from services.operations.recovery.verdicts import Verdict, Verification

CONFIRMS = (
    "Reads the current versions, uploads, started jobs and metric values from "
    "Visier. You can verify again at any time; the newest result counts."
)

STILL_TO_COME = "Pending for {tenants}: verify again when their jobs have finished."
ENDED_SINCE = "The started jobs have finished. Verify again."


def draw(connection: Connection, recovery: Recovery) -> None:
    """Draw what reading back has told, and what reads it back anew."""
    for part in recovery_reads.starts(recovery):
        if part.state not in LIVE:
            jobs.progress(connection, recovery.started[part.id])
    _ask(connection, recovery)
    verified = recovery.verification
    if verified is None:
        page.empty("Not verified yet", "Verify to confirm the result in Visier.")
        return
    recovery_verdicts.draw(recovery, verified)
    _what_next(recovery, verified)


def _ask(connection: Connection, recovery: Recovery) -> None:
    known = tenants.listed(connection)
    calls = recovery_reads.calls_to_verify(recovery, len(known.frame))
    least = "" if known.is_complete else "at least "
    verified = recovery.verification
    is_due = verified is None or _tells_more(recovery, verified)
    may = permits.explain(connection, Verb.RECOVER)
    with st.container(horizontal=True, vertical_alignment="center"):
        is_pressed = st.button(
            f"{'Verify again' if verified else 'Verify'} ({least}{formats.counted(calls, 'call')})",
            key="rec.verify",
            type="primary" if is_due else "secondary",
            icon=":material/fact_check:",
            disabled=not may or not may_verify(recovery) or recovery.is_closed,
            help=CONFIRMS,
        )
        if verified:
            words = f"Verified {formats.here(verified.at)} by {verified.by}"
            st.text(words, help=formats.exactly(verified.at))
            if is_due:
                st.caption(ENDED_SINCE)
        elif not may_verify(recovery):
            st.caption("Available when all steps have finished. Continue in Run.")
    clicked = pending_clicks.made(_click(recovery), is_pressed=is_pressed)
    if clicked is not None:
        _read_back(connection, recovery, known, clicked)


def _tells_more(recovery: Recovery, verified: Verification) -> bool:
    """Return whether jobs have ended that had not when it was read back, or were started since."""
    is_later = any(part.started_at > verified.at for part in recovery_reads.starts(recovery))
    if recovery.is_closed or not (still_to_come(recovery) or is_later):
        return False
    return not jobs.are_at_work(recovery)


def _click(recovery: Recovery) -> str:
    return f"read back {recovery.id}"


def _read_back(
    connection: Connection, recovery: Recovery, known: data.TenantDirectory, clicked: datetime
) -> None:
    with errors.boundary("verify"), pending_clicks.carried_out(_click(recovery)):
        with st.spinner("Reading…"):
            read = recovery_reads.read_back(connection, recovery, len(known.frame), clicked)
            may = access.permissions(connection)
            verification = verifying.verify(recovery, read, at=CLOCK.now(), by=may.who)
            verifying.write_down(connection.ledger, recovery, verification, may)
        st.rerun()


def _what_next(recovery: Recovery, verified: Verification) -> None:
    failed = [each.code for each in verified.tenants if each.job.verdict is Verdict.NOT_CONFIRMED]
    to_come = still_to_come(recovery)
    with st.container(horizontal=True, vertical_alignment="center"):
        stages.go_on_button(Stage.REPORT, key="rec.to_report", primary=not to_come)
        if failed and not recovery.is_closed:
            st.button(
                f"Reprocess {formats.counted(len(failed), 'tenant')}…",
                key="rec.again",
                icon=":material/replay:",
                help=(
                    "Plans a new processing job for tenants whose last one did not succeed. You "
                    "confirm it in Run."
                ),
                on_click=_once_more,
                args=(recovery, failed),
            )
        if to_come:
            st.caption(to_come)


def still_to_come(recovery: Recovery) -> str:
    """Return a sentence on the tenants of which reading back could not tell yet, "" for none."""
    count = report.counts(recovery).get(Verdict.TO_COME, 0)
    if not count or recovery.is_closed:
        return ""
    return STILL_TO_COME.format(tenants=formats.counted(count, "tenant"))


def _once_more(recovery: Recovery, codes: list[str]) -> None:
    session.select(run.again(recovery), frozenset(codes))
    stages.go_to(Stage.RUN)
