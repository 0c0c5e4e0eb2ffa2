"""Running a recovery: step by step, each confirmed, sent once, and followed live."""

from collections.abc import Sequence
from datetime import timedelta

import streamlit as st

from dashboard import access, session, wording
from dashboard.components import curl, errors, formats, page, permits
from dashboard.connection import Connection
from dashboard.operations import (
    confirm_start,
    operation_panel,
    operation_results,
    plan_panel,
    recovery_reads,
    start_outcome,
    start_sentences,
)
from dashboard.operations.drawer import Review, drawer
from pages.recovery import jobs as recovery_jobs
from pages.recovery import stages
from pages.recovery.plan import ICONS
from services.clock import CLOCK
from services.ledger import LIVE, Operation, Outcome
from services.operations import Plan, Verb, request_of
from services.operations.recovery import changing, steps
from services.operations.recovery.incident import Change, Choices, Recovery, Step
from services.operations.recovery.steps import SETTLED, Stage, StepStatus, parts_of

MARKS = {
    StepStatus.TO_DO: ":material/radio_button_unchecked:",
    StepStatus.RUNNING: ":material/progress_activity:",
    StepStatus.UNCLEAR: ":material/help:",
    StepStatus.STARTED: ":material/play_circle:",
    StepStatus.DONE: ":material/check_circle:",
    StepStatus.FAILED: ":material/error:",
    StepStatus.OFF: ":material/do_not_disturb_on:",
    StepStatus.NOTHING: ":material/check_circle:",
}
_REASON = "recovery.reason"
ONE_AT_A_TIME = "First save or discard the plan above."
WAITS = "Available when the steps before it have finished."
HELD_BACK = (
    "{tenants} must wait: the bad upload is still included, and a new data "
    "version would contain it again."
)
NOTHING_LEFT = "Nothing to send: the selected items are gone or already in the planned state."


def draw(connection: Connection, recovery: Recovery) -> None:
    """Draw the steps as they stand; the next one can be confirmed."""
    if recovery.choices is None:
        page.empty("No plan yet", "Save a plan first.")
        stages.go_on_button(Stage.PLAN, key="rec.no_plan", primary=True)
        return
    is_deciding = False
    for step in Step:
        with st.container(border=True, key=f"rec-run-{step.name.lower()}"):
            is_deciding |= _step(connection, recovery, step, is_deciding=is_deciding)
    with st.container(horizontal=True, vertical_alignment="center"):
        _to_verify(recovery, is_deciding=is_deciding)


def _to_verify(recovery: Recovery, *, is_deciding: bool) -> None:
    """Draw the way on, and what it waits for."""
    settled = all(steps.step_status(recovery, step) in SETTLED for step in Step)
    at_work = settled and recovery_jobs.are_at_work(recovery)
    stages.go_on_button(
        Stage.VERIFY,
        key="rec.to_verify",
        disabled=not settled,
        primary=settled and not at_work and not is_deciding,
    )
    if at_work:
        st.caption(recovery_jobs.AT_WORK)
    elif not settled and not recovery.is_closed:
        st.caption("Available when all steps above have finished.")


def follows(recovery: Recovery, step: Step) -> str:
    """Return the name under which a step's plans are reviewed and its operations followed."""
    return f"{operation_panel.IN_RECOVERY}.{recovery.id}.{step.name}"


def again(recovery: Recovery) -> str:
    """Return the name under which tenants are selected that are to be processed once more.

    With a start, whoever makes it, that selection has done its part: the next has another name.
    """
    return f"recovery.{recovery.id}.again.{len(recovery_reads.starts(recovery))}"


def _step(connection: Connection, recovery: Recovery, step: Step, *, is_deciding: bool) -> bool:
    """Draw one step; say whether there is a plan to decide on."""
    status = steps.step_status(recovery, step)
    _head(recovery, step, status)
    for part in parts_of(recovery, step):
        _part(connection, recovery, step, part)
    reviewed = drawer(follows(recovery, step)).under_review
    if recovery.is_closed or status is StepStatus.RUNNING:
        return False
    if reviewed is not None and not is_deciding:
        plan_panel.preview(connection, follows(recovery, step), reviewed)
        return True
    once_more = step is Step.REPROCESS and bool(session.selected(again(recovery)))
    if status is not StepStatus.TO_DO and not once_more:
        return False
    if is_deciding:
        st.caption(ONE_AT_A_TIME)
    elif not steps.may_begin(recovery, step):
        st.caption(f":material/lock: {WAITS}")
    elif step is Step.REPROCESS:
        _reprocess(connection, recovery)
        return True
    else:
        _confirm(connection, recovery, step)
        return True
    return False


def _head(recovery: Recovery, step: Step, status: StepStatus) -> None:
    """Draw how a step stands; of one whose jobs have ended, these, and what tries them again."""
    jobs = steps.jobs_told(recovery)
    head = (
        f"**{ICONS[step]} {wording.STEPS[step]}** · {MARKS[status]} {wording.STEP_STATUSES[status]}"
    )
    # Jobs that go on are counted where they are followed.
    is_over = step is Step.REPROCESS and status in (StepStatus.DONE, StepStatus.FAILED)
    tally = start_outcome.tally_in_words(jobs) if is_over else ""
    failed = jobs.failed if step is Step.REPROCESS and not recovery.is_closed else ()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"{head} · {tally}" if tally else head, width="content")
        if failed and not session.selected(again(recovery)):
            st.button(
                f"Retry the failed ({len(failed):,})…",
                key="rec.retry_failed",
                icon=":material/replay:",
                help="Plans a processing job for exactly these tenants.",
                on_click=session.select,
                args=(again(recovery), frozenset(failed)),
            )


def _part(connection: Connection, recovery: Recovery, step: Step, part: Operation) -> None:
    """Draw an operation of a step: open while it is at work or has to be looked after."""
    step_status = steps.step_status(recovery, step)
    is_newest = part.id == parts_of(recovery, step)[-1].id
    what = operation_results.what(connection, part)
    state = wording.STATES[steps.part_state(recovery, part)]
    label = f"{what}: {state} · {operation_results.result(part, recovery.started)}"
    is_wanting = step_status is StepStatus.UNCLEAR or bool(part.item_counts[Outcome.FAILED])
    is_open = part.state in LIVE or (is_newest and is_wanting)
    # Another key once it has ended: then it closes by itself.
    key = f"rec.part.{part.id}.{is_open}"
    with st.expander(label, expanded=is_open, key=key, on_change="rerun"):
        operation_panel.show(connection, part.id, name=follows(recovery, step))
    if step is Step.REPROCESS and part.state not in LIVE:
        recovery_jobs.progress(connection, recovery.started[part.id])


def _confirm(connection: Connection, recovery: Recovery, step: Step) -> None:
    with page.loading(height=160):
        plan, unreadable = _plan(connection, recovery, step)
    page.left_out(unreadable)
    if not plan.count:
        _nothing_left(connection, recovery, step)
        return
    reviewed = Review(plan, recovery.operation.filter_text, recovery.operation.reason)
    plan_panel.preview(connection, follows(recovery, step), reviewed, may_discard=False)


def _plan(connection: Connection, recovery: Recovery, step: Step) -> tuple[Plan, Sequence[str]]:
    """Return the plan of a step, and in words what of its list could not be read."""
    if step is Step.EXCLUDE:
        uploads = recovery_reads.uploads(connection, recovery)
        return steps.plan_exclude(recovery, uploads.frame), uploads.left_out
    older_than = timedelta(days=connection.app.settings().dashboard_fallback_days)
    read = recovery_reads.versions(connection, recovery)
    plan = steps.plan_disable(recovery, read.versions, CLOCK.now(), older_than)
    return plan, read.left_out


def _reprocess(connection: Connection, recovery: Recovery) -> None:
    """Draw what is to be processed again, and the one click that starts it."""
    only = session.selected(again(recovery))
    with page.loading(height=160):
        uploads = recovery_reads.uploads(connection, recovery)
    page.left_out(uploads.left_out)
    found = steps.scope(recovery, uploads.frame, only)
    if found.held_back:
        counted = formats.counted(len(found.held_back), "tenant")
        st.warning(HELD_BACK.format(tenants=counted), icon=":material/warning:")
        with st.expander(f"The {counted}", key="rec.held_back", on_change="rerun"):
            st.code("\n".join(found.held_back), language=None)
    if not found.codes:
        _nothing_left(connection, recovery, Step.REPROCESS)
        return
    made = steps.start_of(recovery, found.codes)
    with st.container(border=True, key="rec-start"):
        st.text(f"{start_sentences.lead(made.verb, made.target)}.")
        st.text(
            "The new data versions are published to production."
            if made.body["publishToProduction"]
            else "Your release settings decide when readers get the new data versions."
        )
        counted = formats.counted(len(found.codes), "tenant")
        with st.expander(counted, key="rec.to_process", on_change="rerun"):
            st.code("\n".join(found.codes), language=None)
        # What is typed for this start stays; of another one the recovery's own is offered.
        if session.draft(_REASON).get("of") != made.id:
            session.put_draft(_REASON, {"of": made.id})
            st.session_state[confirm_start.REASON] = recovery.operation.reason
        confirm_start.confirm_start(connection, made, name=follows(recovery, Step.REPROCESS))
        if only:
            st.button(
                "Discard",
                key="rec.again.discard",
                on_click=session.select,
                args=(again(recovery), frozenset()),
            )
        curl.box(connection, lambda encoding: [request_of(made, encoding)], key=made.id)


def _nothing_left(connection: Connection, recovery: Recovery, step: Step) -> None:
    st.text(NOTHING_LEFT)
    may = permits.explain(connection, Verb.RECOVER)
    st.button(
        "Leave this step out",
        key=f"rec.leave_out.{step.name}",
        icon=":material/do_not_disturb_on:",
        disabled=not may,
        on_click=_leave_out,
        args=(connection, recovery, step),
    )


def _leave_out(connection: Connection, recovery: Recovery, step: Step) -> None:
    chosen = recovery.choices or Choices()
    session.select(again(recovery), frozenset())
    if parts_of(recovery, step):
        return
    choices = Choices((*chosen.off, step), chosen.left_out, chosen.publish)
    may, ledger = access.permissions(connection), connection.ledger
    try:
        changing.choose(ledger, recovery.id, choices, may, what=Change.LEAVE_OUT)
    except errors.KNOWN as error:
        errors.keep(error)
