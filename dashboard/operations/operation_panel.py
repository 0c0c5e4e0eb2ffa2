"""The course of one operation: progress while it runs, a result per item, and what can follow."""

from collections.abc import Mapping
from contextlib import suppress

import pandas as pd
import pyarrow as pa
import streamlit as st
from tenacity import (
    Retrying,
    retry_if_exception_type,
    retry_if_not_exception_type,
    stop_after_delay,
    wait_fixed,
)

from dashboard import access, flash, navigation, time_zone, wording
from dashboard.components import errors, formats, permits, tables, tenants
from dashboard.connection import Connection
from dashboard.operations import (
    chain_panel,
    change_words,
    credential_results,
    done_words,
    event_words,
    operation_controls,
    operation_events,
    operation_tenants,
    recovery_changes,
    start_following,
    start_link,
    start_outcome,
    start_panel,
)
from dashboard.operations.drawer import awaited, drawer
from dashboard.streamlit_compat import user_activity
from services.frames import times
from services.ledger import (
    LIVE,
    UNSETTLED,
    Elsewhere,
    EventKind,
    Operation,
    Outcome,
    State,
    TakenOver,
    UnknownOperation,
)
from services.operations import (
    CREDENTIAL_VERBS,
    FORMER_VERBS,
    FollowUp,
    Planning,
    Progress,
    Verb,
    look_up,
)
from services.operations.recovery.chain import Chain
from services.operations.starts.forms import FORMS
from services.operations.starts.outcomes import StartOutcome, stands
from services.operations.verbs.registry import VERBS

MARKS = {
    Outcome.PLANNED: "○",
    Outcome.SKIPPED: "·",
    Outcome.INTENDED: "◔",
    Outcome.SUCCEEDED: "✓",
    Outcome.FAILED: "✕",
    Outcome.CHANGED_SINCE_PLAN: "≠",
    Outcome.NO_RESULT: "∅",
    Outcome.UNCERTAIN: "?",
}
STARTED = "▷ Started"
UPLOAD_VERBS = frozenset(verb for verb, spec in VERBS.items() if spec.field == "uploads")
BY_FORM = frozenset({*CREDENTIAL_VERBS, *FORMER_VERBS})
CALLED_BY_TIME = frozenset({Verb.EXCLUDE_UPLOADS, Verb.INCLUDE_UPLOADS})
EVENTS_AT_MOST = 200
SOON = 1.0  # seconds in which most is planned, so that nothing is drawn that is gone at once
SELECTED_BY = {FollowUp.UNDO: "undoing", FollowUp.RETRY: "failed items of"}
WRITTEN_WITHIN = 10.0  # seconds
LONG_TEXT, WIDEST = 30, 160  # letters, pixels
ACTIVITY = "activity"
# By this name Recovery follows the operations that carry out its steps.
IN_RECOVERY = "recovery"


def counted(counts: Mapping[Outcome, int], verb: str = "") -> str:
    """Return the number of items of each outcome: `✓ 40 Succeeded  ✕ 2 Failed`.

    That Visier took a start says nothing of the jobs that came of it.
    """
    if verb in FORMS and counts.get(Outcome.SUCCEEDED):
        return STARTED
    return "  ".join(
        f"{MARKS[outcome]} {counts[outcome]:,} {wording.OUTCOMES[outcome]}"
        for outcome in Outcome
        if counts.get(outcome)
    )


def what(connection: Connection, part: Operation) -> str:
    """Return what an operation does; a start, whose only item is its request, says for how many."""
    if part.verb != Verb.START_PROCESSING:
        return wording.verb(part.verb)
    (request,) = connection.ledger.items(part.id, limit=1)
    return done_words.what(part.verb, request.name, request.after)


def result(operation: Operation, starts: Mapping[str, StartOutcome]) -> str:
    """Return what came of an operation in words: of a start its jobs, of others their items.

    `starts` is what is known of the starts among those it is of.
    """
    start = starts.get(operation.id)
    return (
        counted(operation.item_counts, operation.verb)
        if start is None
        else start_outcome.in_words(start)
    )


def show(connection: Connection, operation_id: str, *, name: str = ACTIVITY) -> None:
    """Draw an operation as it stands; while it runs, follow it.

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
    if told := flash.of(operation_id):
        st.info(told)
    if operation.state is State.REFUSED:
        _refused(connection, operation)
        return
    # What broke off is finished first.
    if chain is not None and operation.state is not State.INTERRUPTED:
        chain_panel.draw(connection, chain, name, operation)
    if start is None:
        _results(connection, operation)
    else:
        _start(connection, start, name)
    _what_follows(connection, operation, name)


def _start_of(connection: Connection, operation: Operation, name: str) -> StartOutcome | None:
    """Return what is known of a start; of one that is followed here, as its jobs stand now."""
    start = start_outcome.known(connection, [operation]).get(operation.id)
    in_chain = bool(operation.part_of) and not name.startswith(IN_RECOVERY)
    if start is None or not (name == ACTIVITY or in_chain):
        return start
    return start_following.read(connection, start)


def _chain_of(
    connection: Connection, operation: Operation, start: StartOutcome | None
) -> Chain | None:
    """Return the chain of an operation: what is drawn of one start is all of one look."""
    chain = chain_panel.read(connection, operation)
    return chain and chain_panel.as_it_stands(connection, chain, start)


def _start(connection: Connection, start: StartOutcome, name: str) -> None:
    # Recovery follows the jobs of its starts itself.
    tells_jobs = bool(start.noted.job_id) and not name.startswith(IN_RECOVERY)
    if tells_jobs and name == ACTIVITY:
        start_following.draw(connection, start)
    elif tells_jobs:
        start_outcome.draw(start)
    jobs_are_told = tells_jobs and not start.jobs.empty
    start_panel.show(connection, start.noted.operation, name, jobs_are_told=jobs_are_told)
    if tells_jobs:
        start_outcome.jobs_and_tenants(connection, start)


def written_down(connection: Connection, operation_id: str) -> Operation:
    """Return an operation; of one that was just begun, wait until it is written down.

    A click that comes seconds later is served beside the first, which may still be writing.
    Raises services.ledger.UnknownOperation, Elsewhere, and the ledger's errors.
    """
    just_begun = operation_id in awaited()
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


def _what_follows(connection: Connection, operation: Operation, name: str) -> None:
    """Draw what can be done about an operation that has ended, and what was noted of it."""
    if operation.verb in VERBS:
        _what_next(connection, operation, name)
    elif operation.verb in BY_FORM:
        credential_results.show(connection, operation)
    hands_over = operation.verb in UPLOAD_VERBS and operation.verb != Verb.EXCLUDE_UPLOADS
    if hands_over and not operation.part_of and operation.item_counts.get(Outcome.SUCCEEDED):
        _hand_over(connection, operation)
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
            f"{wording.verb(part.verb)} · {wording.STATES[stands(part, starts.get(part.id))]}"
            f" · {result(part, starts)}",
            {"act_op": part.id},
            icon=":material/subdirectory_arrow_right:",
        )


def _head(operation: Operation, start: StartOutcome | None, of_tenants: str) -> None:
    st.markdown(f"## :material/history: {wording.verb(operation.verb)}")
    with st.container(gap="xxsmall"):
        _facts(operation, start, of_tenants)


def _facts(operation: Operation, start: StartOutcome | None, of_tenants: str) -> None:
    started = operation.started_at.astimezone(time_zone.chosen())
    state = wording.STATES[stands(operation, start)]
    st.text(f"{state} · {operation.actor.user} · {started:%Y-%m-%d %H:%M:%S %Z}")
    facts = (
        ("Why", operation.reason),
        ("Filter", operation.filter_text),
        ("Undo of operation", operation.undo_of),
        ("Retry of operation", operation.retry_of),
    )
    if of_tenants:
        st.text(of_tenants)
    for label, text in facts:
        if text:
            st.text(f"{label}: {text}")


def _follow(connection: Connection, operation: Operation) -> None:
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
        st.text(counted(progress.counts, operation.verb))
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


def _results(connection: Connection, operation: Operation) -> None:
    st.text(counted(operation.item_counts, operation.verb))
    kept = connection.ledger.item_frame(operation.id)
    items = change_words.of_items(operation.verb, kept)
    _why(items[items["outcome"] == Outcome.FAILED])
    outcome = st.segmented_control(
        "Outcome",
        [outcome for outcome in Outcome if operation.item_counts.get(outcome)],
        format_func=wording.OUTCOMES.__getitem__,
        key=f"operation.outcome.{operation.id}",
        label_visibility="collapsed",
    )
    shown = items if outcome is None else items[items["outcome"] == outcome]
    shown = tenants.with_names(shown, tenants.at_hand(connection))
    marks = {each.value: f"{MARKS[each]} {wording.OUTCOMES[each]}" for each in Outcome}
    if operation.verb in CALLED_BY_TIME:
        arrived = times.parse(pa.array(shown["what"], pa.large_string()))
        shown = shown.assign(upload_time=arrived)
    what: tables.Columns = {"what": st.column_config.TextColumn("What", width=240)}
    columns: tables.Columns = {
        "tenant_code": tables.code_column(),
        **tenants.name_columns(shown),
        **({} if tables.tells_of_times(shown) else what),
        **tables.item_times(shown),
        "before": st.column_config.TextColumn("Before", width=_width(items["before"])),
        "after": st.column_config.TextColumn("New value", width=_width(items["after"])),
        "mark": st.column_config.TextColumn("Outcome", width=150),
        "message": st.column_config.TextColumn("Message", width=420),
    }
    tables.show(
        shown.assign(mark=shown["outcome"].astype("str").map(marks)),
        columns,
        key=f"operation.items.{operation.id}",
        of=len(items),
        noun="item",
        export=("tenant_code", "tenant_name", "what", "before", "after", "outcome", "message"),
    )


def _why(failed: pd.DataFrame) -> None:
    """Say in full why items failed, where all failed alike."""
    messages = failed["message"].dropna().unique()
    if len(messages) == 1 and messages[0]:
        these = "the one" if len(failed) == 1 else "each"
        st.text(f"Of {these} that failed: {messages[0]}")


def _width(texts: "pd.Series[str]") -> int | None:
    """Return a width that leaves the outcome in sight where texts are long."""
    longest = texts.str.len().max()
    return WIDEST if longest > LONG_TEXT else None


def _what_next(connection: Connection, operation: Operation, name: str) -> None:
    counts = operation.item_counts
    may = permits.explain(connection, operation.verb)
    unsettled = sum(counts[outcome] for outcome in UNSETTLED)
    key = f"operation.{operation.id}"
    with st.container(horizontal=True, vertical_alignment="center"):
        failed = counts.get(Outcome.FAILED)
        if failed:
            label = f"Retry the failed ({failed:,})"
            _follow_up(connection, operation, name, FollowUp.RETRY, label)
        if unsettled:
            st.button(
                f"Look up the uncertain ({unsettled:,})",
                key=f"{key}.look_up",
                on_click=_look_up,
                args=(connection, operation.id),
            )
        if counts.get(Outcome.PLANNED):
            st.button(
                f"Look up and finish ({counts.get(Outcome.PLANNED, 0):,} to go)",
                key=f"{key}.finish",
                type="primary",
                disabled=not may,
                on_click=_finish,
                args=(connection, operation.id, name),
            )
        if counts.get(Outcome.SUCCEEDED) and VERBS[Verb(operation.verb)].can_undo:
            _follow_up(connection, operation, name, FollowUp.UNDO, "Undo")
        if name != ACTIVITY:
            navigation.link(
                navigation.ACTIVITY,
                "Open in Activity",
                {"act_op": operation.id},
                icon=":material/history:",
            )


def _look_up(connection: Connection, operation_id: str) -> None:
    try:
        found = look_up(connection.ledger, connection.client, operation_id)
    except errors.KNOWN as error:
        errors.keep(error)
        return
    early = f" {found.too_early:,} can be checked in two minutes." if found.too_early else ""
    flash.put(f"Looked up: {found.settled:,} resolved, {found.unknown:,} open.{early}")
    awaited().add(operation_id)


def _finish(connection: Connection, operation_id: str, name: str) -> None:
    drawer(name).follow(operation_id)
    # Whoever is first works on it; a second click or tab follows the same progress.
    with suppress(TakenOver):
        try:
            may = access.permissions(connection)
            connection.app.runner().finish_interrupted(operation_id, connection.client, may)
        except errors.KNOWN as error:
            errors.keep(error)


def _follow_up(
    connection: Connection, operation: Operation, name: str, follow: FollowUp, label: str
) -> None:
    """Draw what plans a follow-up and, once it is planned, hand the plan over to be reviewed."""
    runner, whose = connection.app.runner(), connection.identity.name
    key = f"operation.{operation.id}.{follow}"
    st.button(
        label,
        key=key,
        icon=":material/undo:" if follow is FollowUp.UNDO else None,
        on_click=runner.plan,
        args=(operation.id, follow, connection.client, whose),
    )
    planning = runner.planning(operation.id, follow, whose)
    if planning is None:
        return
    if not planning.wait(SOON):
        _wait_for(connection, operation, follow, planning)
        return
    runner.forget_planning(operation.id, follow, whose)
    if planning.error is not None:
        errors.keep(planning.error)
        errors.show_kept()
    if planning.plan is not None:
        drawer(name).follow(None)
        drawer(name).review(planning.plan, f"{SELECTED_BY[follow]} {operation.id}")
        st.rerun()


def _wait_for(
    connection: Connection, operation: Operation, follow: FollowUp, planning: Planning
) -> None:
    """Draw how far reading is, and what stops it."""

    @st.fragment(run_every=1.0, key=f"operation.planning.{operation.id}.{follow}")
    @access.while_it_holds
    def tick() -> None:
        if planning.is_over:
            user_activity.by_itself()
            st.rerun()
        words = f"Reading current state: {planning.done:,} of {planning.of:,} tenants"
        st.progress(planning.done / planning.of if planning.of else 0.0, text=words)
        st.button(
            "Stop reading",
            key=f"operation.stop_planning.{operation.id}.{follow}",
            on_click=connection.app.runner().forget_planning,
            args=(operation.id, follow, connection.identity.name),
        )

    tick()


def _hand_over(connection: Connection, operation: Operation) -> None:
    items = connection.ledger.item_frame(operation.id)
    changed = items.loc[items["outcome"] == Outcome.SUCCEEDED, "tenant_code"].unique()
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.text("Readers see no change until a processing job has run.", width="content")
        label = f"Reprocess {formats.counted(len(changed), 'changed tenant')}…"
        if st.button(label, key=f"operation.{operation.id}.process", icon=":material/play_circle:"):
            start_link.hand_over(list(changed))
