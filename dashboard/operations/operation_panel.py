"""One operation: progress while it runs, a result per item, and what can follow."""

from functools import partial

import streamlit as st
from tenacity import (
    Retrying,
    retry_if_exception_type,
    retry_if_not_exception_type,
    stop_after_delay,
    wait_fixed,
)

from dashboard import access, flash, navigation, wording
from dashboard.components import formats
from dashboard.connection import Connection
from dashboard.operations import (
    chain_panel,
    credential_results,
    event_words,
    follow_ups,
    operation_controls,
    operation_events,
    operation_results,
    operation_tenants,
    recovery_changes,
    start_following,
    start_outcome,
    start_panel,
)
from dashboard.operations.drawer import ACTIVITY, awaited
from dashboard.streamlit_compat import user_activity
from services.ledger import LIVE, Elsewhere, EventKind, Operation, Outcome, State, UnknownOperation
from services.operations import CREDENTIAL_VERBS, FORMER_VERBS, Progress, Verb
from services.operations.recovery.chain import Chain
from services.operations.starts.outcomes import StartOutcome, effective_state
from services.operations.verbs.registry import VERBS

BY_FORM = frozenset({*CREDENTIAL_VERBS, *FORMER_VERBS})
# Each is an element of the page; the newest tell how it ended.
EVENTS_AT_MOST = 200
WRITTEN_WITHIN = 10.0  # seconds

# By this name Recovery follows the operations that carry out its steps.
IN_RECOVERY = "recovery"


def show(connection: Connection, operation_id: str, *, name: str = ACTIVITY) -> None:
    """Draw an operation; while it runs, follow it.

    Of one of another place nothing is drawn but that it is one.
    """
    try:
        operation = written_down(connection, operation_id)
    except UnknownOperation as unknown:
        st.text(str(unknown))
        return
    start = _start_of(connection, operation, name)
    chain = _chain_of(connection, operation, start)
    _head(operation, start, operation_tenants.line(connection, operation, start))
    if operation.part_of and not name.startswith(IN_RECOVERY):
        whole = connection.ledger.operation(operation.part_of)
        if whole.verb == Verb.RECOVER:
            _to_recovery(whole.id, "Open its recovery")
    if operation.state in LIVE:
        _follow(connection, operation)
        return
    if operation_id in awaited():
        user_activity.by_itself()
        st.rerun()  # The script begins with reading anew what has changed.
    if sentence := flash.of(operation_id):
        st.info(sentence)
    if operation.state is State.REFUSED:
        _refused(connection, operation)
        return
    _outcome(connection, operation, start, chain, name)
    _what_follows(connection, operation)


def _outcome(
    connection: Connection,
    operation: Operation,
    start: StartOutcome | None,
    chain: Chain | None,
    name: str,
) -> None:
    """Draw the chain of an operation, its items and what can be done about them."""
    follow_up = partial(follow_ups.draw, connection, operation, name)
    then = follow_up if operation.verb in VERBS else None
    # What broke off is finished first.
    if chain is not None and operation.state is not State.INTERRUPTED:
        is_drawn = chain_panel.draw(connection, chain, name, operation)
        if is_drawn and chain.verification is not None:
            # Below what was verified of thousands of tenants nobody finds *Undo*.
            if then is not None:
                then()
                then = None
            chain_panel.verified(connection, chain)
    if start is None:
        operation_results.draw(connection, operation, then=then)
    else:
        _start(connection, start, name)


def _start_of(connection: Connection, operation: Operation, name: str) -> StartOutcome | None:
    """Return what is known of a start, its jobs read again where they are followed here."""
    start = start_outcome.known(connection, [operation]).get(operation.id)
    in_chain = bool(operation.part_of) and not name.startswith(IN_RECOVERY)
    if start is None or not (name == ACTIVITY or in_chain):
        return start
    return start_following.read(connection, start)


def _chain_of(
    connection: Connection, operation: Operation, start: StartOutcome | None
) -> Chain | None:
    """Return the chain of an operation, with `start` as it was read already."""
    chain = chain_panel.read(connection, operation)
    return chain and chain_panel.with_jobs_read(connection, chain, start)


def _start(connection: Connection, start: StartOutcome, name: str) -> None:
    # Recovery follows the jobs of its starts itself.
    shows_jobs = bool(start.noted.job_id) and not name.startswith(IN_RECOVERY)
    if shows_jobs and name == ACTIVITY:
        start_following.draw(connection, start, "follow")
    elif shows_jobs:
        start_outcome.draw(start)
    jobs_are_shown = shows_jobs and not start.jobs.empty
    start_panel.show(connection, start.noted.operation, name, jobs_are_shown=jobs_are_shown)
    if shows_jobs:
        start_outcome.jobs_and_tenants(connection, start)


def written_down(connection: Connection, operation_id: str) -> Operation:
    """Return an operation; of one that was just begun, wait until it is written down.

    A click that comes seconds later is served beside the first, which may still be writing.
    Raises services.ledger.UnknownOperation, Elsewhere, and the ledger's errors.
    """
    just_begun = operation_id in awaited()
    # Of another place it stays unknown, however long one waits.
    is_missing = retry_if_exception_type(UnknownOperation) & retry_if_not_exception_type(Elsewhere)
    find = Retrying(
        retry=is_missing,
        stop=stop_after_delay(WRITTEN_WITHIN if just_begun else 0),
        wait=wait_fixed(0.05),
        reraise=True,
    )
    try:
        return find(connection.ledger.operation, operation_id)
    except UnknownOperation:
        awaited().discard(operation_id)
        raise


def _what_follows(connection: Connection, operation: Operation) -> None:
    """Draw what can be done about an operation that has ended, and what was noted of it."""
    if operation.verb in BY_FORM:
        credential_results.show(connection, operation)
    hands_over = (
        operation.verb in follow_ups.UPLOAD_VERBS and operation.verb != Verb.EXCLUDE_UPLOADS
    )
    if hands_over and not operation.part_of and operation.item_counts.get(Outcome.SUCCEEDED):
        follow_ups.hand_over(connection, operation)
    if operation.verb == Verb.RECOVER:
        _to_recovery(operation.id, "Open it in Recovery")
        _parts(connection, operation)
        recovery_changes.draw(connection, operation.id)
        return
    operation_events.draw(connection, operation, EVENTS_AT_MOST)


def _refused(connection: Connection, operation: Operation) -> None:
    for event in connection.ledger.events(operation.id, EVENTS_AT_MOST):
        st.text(event_words.in_words(operation.verb, event))


def _to_recovery(recovery_id: str, label: str) -> None:
    navigation.link(
        navigation.RECOVERY, label, {"recovery": recovery_id}, icon=navigation.RECOVERY.icon
    )


def _parts(connection: Connection, operation: Operation) -> None:
    parts = connection.ledger.parts(operation.id)
    starts = start_outcome.known(connection, parts)
    st.text(f"{formats.counted(len(parts), 'part')} so far" + (":" if parts else "."))
    for part in parts:
        navigation.link(
            navigation.ACTIVITY,
            f"{wording.verb(part.verb)} · "
            f"{wording.STATES[effective_state(part, starts.get(part.id))]}"
            f" · {operation_results.result(part, starts)}",
            {"act_op": part.id},
            icon=":material/subdirectory_arrow_right:",
        )


def _head(operation: Operation, start: StartOutcome | None, of_tenants: str) -> None:
    state = wording.STATES[effective_state(operation, start)]
    facts = (
        ("Why", operation.reason),
        ("Filter", operation.filter_text),
        ("Undo of operation", operation.undo_of),
        ("Retry of operation", operation.retry_of),
    )
    st.markdown(f"## :material/history: {wording.verb(operation.verb)}")
    with st.container(gap="xxsmall"):
        # First what it came to: what is known of later processing is the chain's, below.
        if start is None and operation.state not in {*LIVE, State.REFUSED}:
            st.text(operation_results.counted(operation.item_counts, operation.verb))
        st.text(
            f"{state} · {operation.actor.user} · {formats.here(operation.started_at)}",
            help=formats.exactly(operation.started_at),
        )
        if of_tenants:
            st.text(of_tenants)
        for label, text in facts:
            if text:
                st.text(f"{label}: {text}")


def _follow(connection: Connection, operation: Operation) -> None:
    # Progress comes out of the ledger: another process may be the one at work.
    runner, ledger = connection.app.runner(), connection.ledger

    @st.fragment(run_every=1.0, key=f"operation.follow.{operation.id}")
    @access.while_it_holds
    def tick() -> None:
        progress = runner.progress(ledger.operation(operation.id))
        if progress.state not in LIVE:
            user_activity.by_itself()
            st.rerun()
        st.progress(
            progress.done / max(1, progress.of),
            text=f"{wording.STATES[progress.state]}: {progress.done:,} of "
            f"{formats.counted(progress.of, 'item')}{_left(progress)}",
        )
        st.text(operation_results.counted(progress.counts, operation.verb))
        if progress.waiting_for_budget:
            st.caption(
                "Waiting for the call budget. It continues automatically, even if you leave."
            )
        if progress.state is not State.RUNNING:
            for asked in ledger.events(operation.id, 1, [EventKind.CONTROL]):
                st.text(operation_events.in_words(operation, asked))
        if operation.verb in VERBS or operation.verb in BY_FORM:
            operation_controls.draw(connection, operation, progress.state)

    tick()


def _left(progress: Progress) -> str:
    if progress.seconds_left is None:
        return ""
    return f", about {formats.duration(max(1, progress.seconds_left))} left"
