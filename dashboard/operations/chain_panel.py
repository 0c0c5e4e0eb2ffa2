"""What follows from an operation: each step is offered by the one before, and all are one chain."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard import access, navigation, page_notes, session, time_zone, wording
from dashboard.components import curl, errors, formats, permits, tenants
from dashboard.connection import Connection
from dashboard.operations import (
    chain_made,
    confirm_start,
    recovery_reads,
    recovery_verdicts,
    start_following,
    start_outcome,
    start_panel,
    start_sentences,
)
from dashboard.operations.chain_made import Made
from dashboard.operations.drawer import drawer
from dashboard.operations.recovery_page import MARKS
from dashboard.streamlit_compat import pending_clicks
from services.clock import CLOCK
from services.ledger import LIVE, Operation, Outcome, State, UnknownOperation
from services.monitoring.reasons import READ_UNASKED
from services.operations import Verb, plan_disable_data_versions, request_of
from services.operations.recovery import chain as chains
from services.operations.recovery import report, verifying
from services.operations.recovery.chain import Chain
from services.operations.recovery.incident import Recovery, Step, Verdict, Verification
from services.operations.starts.outcomes import StartOutcome

ACTIVITY: Final = "activity"
NO_CHANGE = "Readers see no change until a processing job has run."
HELD_BACK = "{tenants} must wait: an upload to be excluded is still included."
NONE_LISTED = "No processing job is listed yet. A new one can take some minutes to appear."
NOT_VERIFIED = "Not verified yet."
NOT_ENDED = "Its jobs had not finished. Verify again when they have."
ENDED_SINCE = "Its jobs have finished since. Verify again."


def read(connection: Connection, operation: Operation) -> Chain | None:
    """Return the chain of an operation; None for what is none, and in a recovery."""
    ledger = connection.ledger
    return chains.read(ledger, operation, connection.identity.name)


def as_it_stands(connection: Connection, chain: Chain, shown: StartOutcome | None = None) -> Chain:
    """Return the chain with each start as it was looked at last, once for all that is drawn of it.

    The jobs of the last one are looked at where they go on; `shown` was looked at already.
    """
    known = {} if shown is None else {shown.noted.operation.id: shown}
    last = chain.starts[-1].id if chain.starts and len(chain.operations) > 1 else ""
    for id_, start in chain.started.items():
        look = start_following.read if id_ == last else start_following.at_hand
        known[id_] = known.get(id_) or look(connection, start)
    return replace(chain, started=known)


def of_whole(connection: Connection, whole_id: str) -> tuple[Operation, Chain | None]:
    """Return what a chain or a recovery began with, and the chain.

    Raises services.ledger.UnknownOperation.
    """
    first = connection.ledger.operation(whole_id)
    return first, read(connection, first)


def go_on(connection: Connection, whole_id: str, name: str) -> None:
    """Draw, apart from its operations, what was done so far and the next step."""
    try:
        first, chain = of_whole(connection, whole_id)
    except UnknownOperation:
        return
    if chain is not None:
        draw(connection, as_it_stands(connection, chain), name)
    else:
        _outside_a_chain(first)


def tell(connection: Connection, whole_id: str) -> None:
    """Draw what was done so far, and whether it was verified; the links lead to the next step."""
    try:
        first, chain = of_whole(connection, whole_id)
    except UnknownOperation:
        return
    if chain is None:
        _outside_a_chain(first)
        return
    chain = as_it_stands(connection, chain)
    _so_far(chain)
    if chain.verification is None:
        st.text(NOT_VERIFIED)
    else:
        counts = report.counts(_recovery(connection, chain))
        told = "  ".join(
            f"{MARKS[each]} {counts[each]:,} {wording.VERDICTS[each]}"
            for each in Verdict
            if counts.get(each)
        )
        st.text(f"{_verified_at(chain.verification)}: {told}")
        _tell_too_early(chain)


def _outside_a_chain(first: Operation) -> None:
    if first.verb == Verb.RECOVER:
        label, query = "Excluded by a recovery: continue there", {"recovery": first.id}
        navigation.link(navigation.RECOVERY, label, query, icon=navigation.RECOVERY.icon)
    else:
        _link(first, f"{wording.verb(first.verb)} · {_counted(first)}")


def draw(connection: Connection, chain: Chain, name: str, shown: Operation | None = None) -> None:
    """Draw the steps so far, and the next one as the first button.

    `shown` is the operation below which it is drawn; apart from any, the first one is named even
    where it is alone.
    """
    follows = chain.tenants or chain.jobs.failed or len(chain.operations) > 1
    # Where two of one chain are shown, what follows is offered with the first.
    drawn = page_notes.of_page().chains
    if not follows or chain.first.id in drawn:
        return
    drawn.add(chain.first.id)
    with st.container(border=True, key=f"chain-{chain.first.id}"):
        if shown is None or len(chain.operations) > 1:
            _so_far(chain)
        goes_on = any(each.state in {*LIVE, State.INTERRUPTED} for each in chain.operations)
        if shown is None and goes_on:
            st.caption("Open the unfinished step to follow or finish it.")
        elif chain.starts:
            _after_start(connection, chain, shown, name)
        elif chain.tenants:
            _before_processing(connection, chain, name)


def _so_far(chain: Chain) -> None:
    """Draw the operations of a chain, each as a link."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        for number, each in enumerate(chain.operations, 1):
            start = chain.started.get(each.id)
            told = start_outcome.in_words(start) if start else _counted(each)
            # What was tried again is not what it has come to.
            if start and each in chain.starts[:-1]:
                told = start_outcome.before_it_was_retried(start)
            _link(each, f"{number} {wording.verb(each.verb)} · {told}")


def _link(operation: Operation, label: str) -> None:
    navigation.link(navigation.ACTIVITY, label, {"act_op": operation.id}, icon=":material/link:")


def _counted(operation: Operation) -> str:
    done = operation.item_counts[Outcome.SUCCEEDED]
    others = sum(operation.item_counts.values()) - done
    return f"{done:,} succeeded" + (f", {others:,} not" if others else "")


def _before_processing(connection: Connection, chain: Chain, name: str) -> None:
    """Draw what comes before the jobs: the versions made, and processing again."""
    disabled = any(each.verb == Verb.DISABLE_VERSIONS for each in chain.operations)
    codes, told, waits = _to_process(chain), st.container(), False
    if chain.held_back:
        waiting = formats.counted(len(chain.held_back), "tenant")
        told.warning(HELD_BACK.format(tenants=waiting), icon=":material/warning:")
    with st.container(horizontal=True, vertical_alignment="center"):
        if chain.done(Step.EXCLUDE) and not disabled:
            with errors.boundary("chain"):
                waits = _offer_disabling(connection, chain, name, told)
        _offer_processing(
            chain, codes, f"Reprocess {formats.counted(len(codes), 'tenant')}…", primary=not waits
        )
        if not disabled:
            st.caption(NO_CHANGE, width="content")
    _start(connection, chain, name, codes)


def _to_process(chain: Chain) -> tuple[str, ...]:
    held_back = frozenset(chain.held_back)
    return tuple(code for code in chain.tenants if code not in held_back)


def _offer_disabling(connection: Connection, chain: Chain, name: str, told: DeltaGenerator) -> bool:
    """Draw the button that plans to disable what was made of the uploads; say whether there is.

    `told` is where it is said of which uploads nothing was made.
    """
    key = f"{_what(chain)}.disable"
    (calls, are_known), made = chain_made.calls(connection), None
    # What is opened in Activity costs no call unasked.
    if name != ACTIVITY and are_known and calls <= READ_UNASKED:
        made = chain_made.read(connection, chain.done(Step.EXCLUDE))
        if made.in_words:
            told.text(made.in_words)
        if made.chosen.empty:
            return False
    least = "" if are_known else "at least "
    counted = f"{least}{formats.counted(calls, 'call')}"
    asked = f"Disable the data versions made from these ({counted})…"
    is_pressed = st.button(
        made.label if made else asked, key=key, type="primary", icon=":material/block:"
    )
    clicked = pending_clicks.made(key, is_pressed=is_pressed)
    if clicked is not None:
        with st.spinner("Reading which versions were made…"), pending_clicks.carried_out(key):
            made = made or chain_made.read(connection, chain.done(Step.EXCLUDE))
        _review_disabling(connection, chain, made, name)
    return True


def _review_disabling(connection: Connection, chain: Chain, made: Made, name: str) -> None:
    if made.chosen.empty:
        st.text(made.in_words)
        return
    older_than = timedelta(days=connection.app.settings().dashboard_fallback_days)
    plan = plan_disable_data_versions(
        made.chosen, made.listed, now=CLOCK.now(), fallback_older_than=older_than
    )
    drawer(name).follow(None)
    drawer(name).review(
        chains.as_part(chain, Step.DISABLE, plan), chain.first.filter_text, chain.first.reason
    )
    st.rerun()


def _what(chain: Chain) -> str:
    return f"chain.{chain.first.id}"


def _attempt(chain: Chain, codes: tuple[str, ...]) -> str:
    """Return what an agreement to start holds for: what was done since asks anew."""
    return f"{len(chain.operations)} {len(codes)}"


def _offer_processing(chain: Chain, codes: tuple[str, ...], label: str, *, primary: bool) -> None:
    """Draw the button that opens the start of processing jobs for these tenants."""
    if not codes or session.is_asked(_what(chain), _attempt(chain, codes)):
        return
    st.button(
        label,
        key=f"{_what(chain)}.process",
        type="primary" if primary else "secondary",
        icon=":material/replay:" if chain.starts else ":material/play_circle:",
        on_click=_ask_to_start,
        args=(chain, codes),
    )


def _ask_to_start(chain: Chain, codes: tuple[str, ...]) -> None:
    session.ask(_what(chain), _attempt(chain, codes))
    st.session_state[confirm_start.REASON] = chain.first.reason


def _leave(chain: Chain) -> None:
    session.ask(_what(chain), "")
    st.session_state.pop(confirm_start.REASON, None)


def _start(connection: Connection, chain: Chain, name: str, codes: tuple[str, ...]) -> None:
    """Draw what will start, and the one click that starts it, once somebody has asked for it."""
    if not codes or not session.is_asked(_what(chain), _attempt(chain, codes)):
        return
    publish = st.toggle(
        "Publish to production",
        bool(chain.last_body.get("publishToProduction")),
        key=f"chain.publish.{chain.first.id}",
        help=confirm_start.PUBLISHING,
    )
    made = chains.start_of(chain, codes, publish=publish)
    st.text(f"{start_sentences.lead(made.verb, made.target)}.")
    with st.expander(formats.counted(len(codes), "tenant"), on_change="rerun", key="chain.tenants"):
        st.code("\n".join(codes), language=None)
    confirm_start.confirm_start(connection, made, name=name)
    st.button("Discard", key=f"{_what(chain)}.discard", on_click=_leave, args=(chain,))
    curl.box(connection, lambda encoding: [request_of(made, encoding)], key=made.id)


def _after_start(connection: Connection, chain: Chain, shown: Operation | None, name: str) -> None:
    """Follow the jobs of the last start; offer to try those again that failed, and to verify."""
    failed, last = chain.jobs.failed, chain.starts[-1]
    # What was started alone is followed in Jobs, and what is opened in Activity below.
    if len(chain.operations) > 1 and not (name == ACTIVITY and shown and shown.id == last.id):
        _follow(connection, chain.started[last.id])
    words = start_outcome.tally_in_words(chain.jobs)
    if words and len(chain.starts) > 1:
        st.text(f"Including retries: {words}")
    goes_on = chain.jobs.goes_on
    with st.container(horizontal=True, vertical_alignment="center"):
        # More may fail: until all have ended the next step is to see how they do.
        if goes_on:
            _offer_following(chain)
        retry = f"Retry the failed ({len(failed):,})…"
        is_due = goes_on or _is_too_early(chain)
        _offer_processing(chain, failed, retry, primary=not is_due)
        if chain.tenants:
            _offer_verifying(connection, chain)
    _start(connection, chain, name, failed)
    if chain.verification is not None:
        _verified(connection, chain, chain.verification)


def _follow(connection: Connection, start: StartOutcome) -> None:
    if start.noted.job_id and start.noted.operation.item_counts[Outcome.SUCCEEDED]:
        start_following.draw(connection, start)
        if len(start.jobs) < 2 and not start.is_over:
            st.caption(f":material/hourglass_top: {NONE_LISTED}")


def _offer_following(chain: Chain) -> None:
    """Draw the button that opens the jobs of the last start."""
    start = chain.started.get(chain.starts[-1].id)
    if start is None or not start.noted.job_id:
        return
    key, icon = f"{_what(chain)}.follow", ":material/account_tree:"
    if st.button("Follow its jobs", key=key, type="primary", icon=icon):
        navigation.go_to(navigation.JOBS, start_panel.tree_of(start.noted))


def _is_over(chain: Chain) -> bool:
    return chain.jobs.is_told and not chain.jobs.goes_on


def _is_too_early(chain: Chain) -> bool:
    """Say whether it was verified before jobs had ended, or before the last of them started."""
    verified = chain.verification
    if verified is None:
        return False
    waited = any(each.verdict is Verdict.TO_COME for each in verified.tenants)
    return waited or chain.starts[-1].started_at > verified.at


def _tell_too_early(chain: Chain) -> None:
    if _is_too_early(chain):
        st.text(ENDED_SINCE if _is_over(chain) else NOT_ENDED)


def _recovery(connection: Connection, chain: Chain) -> Recovery:
    known = tenants.at_hand(connection).frame.dropna(subset="display_name")
    return chain.as_recovery(dict(zip(known["tenant_code"], known["display_name"], strict=True)))


def _offer_verifying(connection: Connection, chain: Chain) -> None:
    """Draw what reads back whether it has come about."""
    recovery, verified = _recovery(connection, chain), chain.verification
    listed = len(tenants.at_hand(connection).frame)
    is_due = _is_over(chain) and (_is_too_early(chain) or not chain.jobs.failed)
    is_told = verified is not None and not _is_too_early(chain)
    calls = recovery_reads.calls_to_verify(recovery, listed)
    key = f"{_what(chain)}.verify"
    is_pressed = st.button(
        f"{'Verify again' if verified else 'Verify'} ({formats.counted(calls, 'call')})",
        key=key,
        type="primary" if is_due and not is_told else "secondary",
        icon=":material/fact_check:",
        disabled=not permits.explain(connection, chain.first.verb),
        help="Reads the current versions, uploads and started jobs from Visier.",
    )
    clicked = pending_clicks.made(key, is_pressed=is_pressed)
    if clicked is None:
        return
    with errors.boundary("read_back"), pending_clicks.carried_out(key), st.spinner("Reading…"):
        read_back = recovery_reads.read_back(connection, recovery, listed, clicked)
        may = access.permissions(connection)
        told = verifying.verify(recovery, read_back, at=CLOCK.now(), by=may.who)
        chains.write_down(connection.ledger, chain, told, may)
        st.rerun()


def _verified_at(verified: Verification) -> str:
    at = verified.at.astimezone(time_zone.chosen())
    return f"Verified {at:%Y-%m-%d %H:%M:%S %Z} by {verified.by}"


def _verified(connection: Connection, chain: Chain, verified: Verification) -> None:
    st.text(_verified_at(verified))
    _tell_too_early(chain)
    recovery_verdicts.draw(_recovery(connection, chain), verified)
