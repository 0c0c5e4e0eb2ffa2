"""Verifying a chain on request, and the verdicts on its tenants."""

import streamlit as st

from dashboard import access, wording
from dashboard.components import errors, formats, permits, tenants
from dashboard.connection import Connection
from dashboard.operations import recovery_reads, recovery_verdicts
from dashboard.operations.recovery_page import MARKS
from dashboard.streamlit_compat import pending_clicks
from services.clock import CLOCK
from services.operations.recovery import chain as chains
from services.operations.recovery import report, verifying
from services.operations.recovery.chain import Chain
from services.operations.recovery.incident import Recovery
from services.operations.recovery.verdicts import Verdict, Verification

NOT_VERIFIED = "Not verified yet."
NOT_ENDED = "Its jobs had not finished. Verify again when they have."
ENDED_SINCE = "Its jobs have finished since. Verify again."


def _is_over(chain: Chain) -> bool:
    return chain.jobs.is_told and not chain.jobs.goes_on


def is_too_early(chain: Chain) -> bool:
    """Return whether it was verified before jobs had ended, or before the last of them started."""
    verified = chain.verification
    if verified is None:
        return False
    waited = any(each.verdict is Verdict.TO_COME for each in verified.tenants)
    return waited or chain.starts[-1].started_at > verified.at


def _say_if_too_early(chain: Chain) -> None:
    if is_too_early(chain):
        st.text(ENDED_SINCE if _is_over(chain) else NOT_ENDED)


def _recovery(connection: Connection, chain: Chain) -> Recovery:
    known = tenants.at_hand(connection).frame.dropna(subset="display_name")
    return chain.as_recovery(dict(zip(known["tenant_code"], known["display_name"], strict=True)))


def offer(connection: Connection, chain: Chain) -> None:
    """Draw the button that reads from Visier whether the chain has had its effect."""
    recovery, verified = _recovery(connection, chain), chain.verification
    listed = len(tenants.at_hand(connection).frame)
    is_due = _is_over(chain) and (is_too_early(chain) or not chain.jobs.failed)
    is_verified = verified is not None and not is_too_early(chain)
    calls = recovery_reads.calls_to_verify(recovery, listed)
    key = f"chain.{chain.first.id}.verify"
    is_pressed = st.button(
        f"{'Verify again' if verified else 'Verify'} ({formats.counted(calls, 'call')})",
        key=key,
        type="primary" if is_due and not is_verified else "secondary",
        icon=":material/fact_check:",
        disabled=not permits.explain(connection, chain.first.verb),
    )
    clicked = pending_clicks.made(key, is_pressed=is_pressed)
    if clicked is None:
        return
    with errors.boundary("read_back"), pending_clicks.carried_out(key), st.spinner("Reading…"):
        read_back = recovery_reads.read_back(connection, recovery, listed, clicked)
        may = access.permissions(connection)
        verification = verifying.verify(recovery, read_back, at=CLOCK.now(), by=may.who)
        chains.write_down(connection.ledger, chain, verification, may)
        st.rerun()


def _verified_at(verified: Verification) -> str:
    return f"Verified {formats.here(verified.at)} by {verified.by}"


def summary(connection: Connection, chain: Chain) -> None:
    """Draw how many tenants have each verdict, or that nobody has verified yet."""
    if chain.verification is None:
        st.text(NOT_VERIFIED)
        return
    counts = report.counts(_recovery(connection, chain))
    words = "  ".join(
        f"{MARKS[each]} {counts[each]:,} {wording.VERDICTS[each]}"
        for each in Verdict
        if counts.get(each)
    )
    st.text(f"{_verified_at(chain.verification)}: {words}")
    _say_if_too_early(chain)


def draw(connection: Connection, chain: Chain, verified: Verification) -> None:
    """Draw a verification with its verdicts."""
    st.text(_verified_at(verified))
    _say_if_too_early(chain)
    recovery_verdicts.draw(_recovery(connection, chain), verified)
