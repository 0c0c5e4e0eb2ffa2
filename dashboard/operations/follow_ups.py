"""What can be done about an operation that has ended: retry, look up, finish, undo, reprocess."""

from contextlib import suppress

import streamlit as st

from dashboard import access, flash, navigation
from dashboard.components import errors, formats, permits
from dashboard.connection import Connection
from dashboard.operations import start_link
from dashboard.operations.drawer import ACTIVITY, awaited, drawer
from dashboard.streamlit_compat import user_activity
from services.ledger import UNSETTLED, Operation, Outcome, TakenOver
from services.operations import FollowUp, Planning, Verb, look_up
from services.operations.verbs.registry import VERBS

UPLOAD_VERBS = frozenset(verb for verb, spec in VERBS.items() if spec.field == "uploads")
SOON = 1.0  # seconds in which most is planned, so that nothing is drawn that is gone at once
TEST_AGAIN = "A test changes nothing in Visier. Where its outcome is open, send another one."
SELECTED_BY = {FollowUp.UNDO: "undoing", FollowUp.RETRY: "failed items of"}


def draw(connection: Connection, operation: Operation, name: str) -> None:
    """Draw a button for each follow-up that its outcomes call for."""
    counts = operation.item_counts
    may = permits.explain(connection, operation.verb)
    unsettled = sum(counts[outcome] for outcome in UNSETTLED)
    key = f"operation.{operation.id}"
    with st.container(horizontal=True, vertical_alignment="center"):
        failed = counts.get(Outcome.FAILED)
        if failed:
            label = f"Retry the failed ({failed:,})"
            _follow_up(connection, operation, name, FollowUp.RETRY, label)
        leaves_trace = VERBS[Verb(operation.verb)].leaves_trace
        if unsettled and leaves_trace:
            st.button(
                f"Look up the uncertain ({unsettled:,})",
                key=f"{key}.look_up",
                on_click=_look_up,
                args=(connection, operation.id),
            )
        if counts.get(Outcome.PLANNED):
            st.button(
                f"Look up and finish ({counts.get(Outcome.PLANNED, 0):,} not sent)",
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
    if unsettled and not leaves_trace:
        st.caption(TEST_AGAIN)


def _look_up(connection: Connection, operation_id: str) -> None:
    try:
        found = look_up(connection.ledger, connection.client, operation_id)
    except errors.KNOWN as error:
        errors.keep(error)
        return
    early = f" {found.too_early:,} can be checked in two minutes." if found.too_early else ""
    flash.put(f"Looked up: {found.settled:,} resolved, {found.unknown:,} unresolved.{early}")
    # What it has settled has to be read again, as after any operation.
    awaited().add(operation_id)


def _finish(connection: Connection, operation_id: str, name: str) -> None:
    drawer(name).follow(operation_id)
    # Whoever is first works on it; a second click or tab follows the same progress.
    with suppress(TakenOver), errors.kept():
        may = access.permissions(connection)
        connection.app.runner().finish_interrupted(operation_id, connection.client, may)


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
    # Not waited for longer: the run would hold the page while tenants are read.
    if not planning.wait(SOON):
        _wait_for(connection, operation, follow, planning)
        return
    runner.forget_planning(operation.id, follow, whose)
    if planning.error is not None:
        errors.keep(planning.error)
        errors.show_kept()
    if planning.plan is not None:
        drawer(name).follow(None)
        reason = operation.reason if follow is FollowUp.RETRY else ""
        drawer(name).review(planning.plan, f"{SELECTED_BY[follow]} {operation.id}", reason)
        st.rerun()


def _wait_for(
    connection: Connection, operation: Operation, follow: FollowUp, planning: Planning
) -> None:
    """Draw the progress of reading, and the button that stops it."""

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


def hand_over(connection: Connection, operation: Operation) -> None:
    """Offer to reprocess the tenants whose items succeeded."""
    items = connection.ledger.item_frame(operation.id)
    changed = items.loc[items["outcome"] == Outcome.SUCCEEDED, "tenant_code"].unique()
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.text("Readers see no change until a processing job has run.", width="content")
        label = f"Reprocess {formats.counted(len(changed), 'changed tenant')}…"
        if st.button(label, key=f"operation.{operation.id}.process", icon=":material/play_circle:"):
            start_link.hand_over(list(changed), reason=operation.reason)
