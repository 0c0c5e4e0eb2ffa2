"""The chain of an operation: what was done so far, and the next step as a button."""

from dataclasses import replace
from datetime import timedelta

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard import navigation, page_notes, wording
from dashboard.components import errors, formats
from dashboard.connection import Connection
from dashboard.operations import (
    chain_made,
    chain_processing,
    chain_verifying,
    start_following,
    start_outcome,
    start_panel,
)
from dashboard.operations.chain_made import Made
from dashboard.operations.drawer import ACTIVITY, drawer
from dashboard.streamlit_compat import pending_clicks
from services.clock import CLOCK
from services.ledger import LIVE, Operation, Outcome, State, UnknownOperation
from services.monitoring.reasons import READ_UNASKED
from services.operations import Verb, plan_disable_data_versions
from services.operations.recovery import chain as chains
from services.operations.recovery.chain import Chain
from services.operations.recovery.incident import Step
from services.operations.starts.outcomes import StartOutcome

NO_CHANGE = "Readers see no change until a processing job has run."
HELD_BACK = "{tenants} must wait: an upload to be excluded is still included."
NONE_LISTED = "No processing job is listed yet. A new one can take some minutes to appear."


def read(connection: Connection, operation: Operation) -> Chain | None:
    """Return the chain of an operation; None for what is none, and in a recovery."""
    ledger = connection.ledger
    return chains.read(ledger, operation, connection.identity.name)


def with_jobs_read(
    connection: Connection, chain: Chain, shown: StartOutcome | None = None
) -> Chain:
    """Return the chain with the outcome of each start, read once for all that is drawn of it.

    The jobs of the last start are read again while active; `shown` was read already.
    """
    known = {} if shown is None else {shown.noted.operation.id: shown}
    last = chain.starts[-1].id if chain.starts and len(chain.operations) > 1 else ""
    for id_, start in chain.started.items():
        read_jobs = start_following.read if id_ == last else start_following.at_hand
        known[id_] = known.get(id_) or read_jobs(connection, start)
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
        chain = with_jobs_read(connection, chain)
        if draw(connection, chain, name):
            verified(connection, chain)
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
    chain = with_jobs_read(connection, chain)
    _so_far(chain)
    chain_verifying.summary(connection, chain)


def _outside_a_chain(first: Operation) -> None:
    if first.verb == Verb.RECOVER:
        label, query = "Excluded by a recovery: continue there", {"recovery": first.id}
        navigation.link(navigation.RECOVERY, label, query, icon=navigation.RECOVERY.icon)
    else:
        _link(first, f"{wording.verb(first.verb)} · {_counted(first)}")


def draw(connection: Connection, chain: Chain, name: str, shown: Operation | None = None) -> bool:
    """Draw the steps so far, and the next one as the first button; say whether there is any.

    `shown` is the operation below which it is drawn; apart from any, the first one is named even
    where it is alone. What was verified is drawn by `verified`.
    """
    follows = chain.tenants or chain.jobs.failed or len(chain.operations) > 1
    # Where two of one chain are shown, what follows is offered with the first.
    drawn = page_notes.of_page().chains
    if not follows or chain.first.id in drawn:
        return False
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
    return True


def verified(connection: Connection, chain: Chain) -> None:
    """Draw what was read back, once it was: tenant by tenant, so that nothing is found below it."""
    if chain.starts and chain.verification is not None:
        with st.container(border=True, key=f"verified-{chain.first.id}"):
            chain_verifying.draw(connection, chain, chain.verification)


def _so_far(chain: Chain) -> None:
    """Draw the operations of a chain, each as a link."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        for number, each in enumerate(chain.operations, 1):
            start = chain.started.get(each.id)
            outcome = start_outcome.in_words(start) if start else _counted(each)
            # Failed jobs that were retried since are no outcome of the chain.
            if start and each in chain.starts[:-1]:
                outcome = start_outcome.before_it_was_retried(start)
            _link(each, f"{number} {wording.verb(each.verb)} · {outcome}")


def _link(operation: Operation, label: str) -> None:
    navigation.link(navigation.ACTIVITY, label, {"act_op": operation.id}, icon=":material/link:")


def _counted(operation: Operation) -> str:
    done = operation.item_counts[Outcome.SUCCEEDED]
    others = sum(operation.item_counts.values()) - done
    return f"{done:,} succeeded" + (f", {others:,} not" if others else "")


def _before_processing(connection: Connection, chain: Chain, name: str) -> None:
    """Draw what comes before the jobs: the versions made, and processing again."""
    disabled = any(each.verb == Verb.DISABLE_VERSIONS for each in chain.operations)
    above, waits = st.container(), False
    held_back = frozenset(chain.held_back)
    codes = tuple(code for code in chain.tenants if code not in held_back)
    if chain.held_back:
        waiting = formats.counted(len(chain.held_back), "tenant")
        above.warning(HELD_BACK.format(tenants=waiting), icon=":material/warning:")
    with st.container(horizontal=True, vertical_alignment="center"):
        if chain.done(Step.EXCLUDE) and not disabled:
            with errors.boundary("chain"):
                waits = _offer_disabling(connection, chain, name, above)
        chain_processing.offer(
            chain, codes, f"Reprocess {formats.counted(len(codes), 'tenant')}…", primary=not waits
        )
        if not disabled:
            st.caption(NO_CHANGE, width="content")
    chain_processing.draw(connection, chain, name, codes)


def _offer_disabling(
    connection: Connection, chain: Chain, name: str, above: DeltaGenerator
) -> bool:
    """Draw the button that plans to disable the versions made; say whether there are any.

    `above` is where uploads without a version are explained.
    """
    key = f"chain.{chain.first.id}.disable"
    (calls, are_known), made = chain_made.calls(connection), None
    # What is opened in Activity costs no call unasked.
    if name != ACTIVITY and are_known and calls <= READ_UNASKED:
        made = chain_made.read(connection, chain.done(Step.EXCLUDE))
        if made.in_words:
            above.text(made.in_words)
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
        chains.as_part(chain, Step.DISABLE, plan), chain.first.filter_text, chain.reason
    )
    st.rerun()


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
        is_due = goes_on or chain_verifying.is_too_early(chain)
        chain_processing.offer(chain, failed, retry, primary=not is_due)
        if chain.tenants:
            chain_verifying.offer(connection, chain)
    chain_processing.draw(connection, chain, name, failed)


def _follow(connection: Connection, start: StartOutcome) -> None:
    if start.noted.job_id and start.noted.operation.item_counts[Outcome.SUCCEEDED]:
        start_following.draw(connection, start, "chain")
        if len(start.jobs) < 2 and not start.is_over:
            st.caption(f":material/hourglass_top: {NONE_LISTED}")


def _offer_following(chain: Chain) -> None:
    """Draw the button that opens the jobs of the last start."""
    start = chain.started.get(chain.starts[-1].id)
    if start is None or not start.noted.job_id:
        return
    key, icon = f"chain.{chain.first.id}.follow", ":material/account_tree:"
    if st.button("Follow its jobs", key=key, type="primary", icon=icon):
        navigation.go_to(navigation.JOBS, start_panel.tree_of(start.noted))
