"""What became of a start: its job and that job's tree, or where to look for it."""

from datetime import UTC, datetime, timedelta

import streamlit as st

from dashboard import access, bootstrap, clicks, data, navigation, session
from dashboard.connection import Connection
from dashboard.ui import errors, formats, start_lookup_panel
from services.clock import CLOCK
from services.frames import ENDED, JobType
from services.frames.words import status
from services.ledger import UNSETTLED, Operation, Outcome, State
from services.operations import start_course
from services.operations.start_course import Course, Found
from services.operations.start_lookup import is_listed, unsettled
from services.visier import Lane

REMEMBERED = timedelta(days=1)
# How old a start may be -> how often its job is asked for meanwhile.
PACE = (
    (timedelta(minutes=1), 5.0),
    (start_course.GRACE, 15.0),
    (timedelta(hours=1), 60.0),
)
# How long ago it started -> the window of the Jobs screen that shows it.
WINDOWS = (
    (timedelta(minutes=50), "1 hour"),
    (timedelta(hours=5), "6 hours"),
    (timedelta(hours=23), "24 hours"),
    (timedelta(days=2), "3 days"),
)
LONGEST_WINDOW = "7 days"


def show(connection: Connection, operation: Operation, name: str) -> None:
    """Draw what became of a start, and what a person can do about it."""
    course = start_course.course(bootstrap.ledger(connection), operation)
    outcome = course.item.outcome
    st.text(course.item.label)
    if outcome is Outcome.SUCCEEDED:
        _started(connection, course, name)
    elif outcome in UNSETTLED:
        start_lookup_panel.show(connection, course)
    elif outcome is Outcome.PLANNED:
        _unsent(connection, course)
    else:
        st.markdown("## :material/cancel: It did not start")
        st.text(course.item.message)


def unsettled_starts(connection: Connection) -> None:
    """Say which starts of this user may have happened: look before starting the same again."""
    found = unsettled(bootstrap.ledger(connection), connection.actor, CLOCK.now() - REMEMBERED)
    for course in found:
        operation = course.operation
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            age = formats.duration((CLOCK.now() - operation.started_at).total_seconds())
            st.markdown(":material/help:", width="content")
            st.text(f"It may have started, {age} ago: {course.item.label}.", width="stretch")
            if st.button("Look for it first", key=f"operation.{operation.id}.resume"):
                session.follow(session.START, operation.id)
                st.rerun()


def _unsent(connection: Connection, course: Course) -> None:
    st.markdown("## :material/cancel: It was not sent")
    st.text("It broke off before its request left, so nothing was started.")
    if course.operation.state is State.INTERRUPTED:
        start_lookup_panel.settle_button(
            connection, course, "Close it: it did not start", started=False
        )


def _started(connection: Connection, course: Course, name: str) -> None:
    st.markdown("## :material/play_circle: It started")
    if not course.job_id:
        st.text(course.item.message)
        _to_jobs({}, course)
        return
    st.code(course.job_id, language=None)
    if course.item.message != f"Job {course.job_id}":
        st.text(course.item.message)
    opens = name == session.START and not session.tree_opened(course.operation.id)
    if course.found is None or opens:
        _wait(connection, course, opens=opens)
    else:
        st.text(_in_words(course.found))
    _to_jobs({"job_id": course.job_id}, course)


def _in_words(found: Found) -> str:
    parts = [found.name]
    if found.dispatched is not None:
        parts.append(f"{found.dispatched:,} dispatched so far")
    if found.status_word:
        parts.append(f"state {found.status_word}")
        if found.job_type is JobType.DISPATCHING and status(found.status_word) in ENDED:
            parts[-1] += " (its own, not that of its jobs)"
    if found.tenant_code:
        parts.append(f"of {found.tenant_code}")
    return ", ".join(parts) + ", when it was looked at."


def _to_jobs(query: dict[str, str], course: Course) -> None:
    navigation.link(
        navigation.JOBS,
        "Open its tree" if query else "Open Jobs",
        _view(course) | query,
        icon=":material/account_tree:",
    )


def _view(course: Course) -> dict[str, str]:
    age = CLOCK.now() - course.operation.started_at
    window = next((name for limit, name in WINDOWS if age < limit), LONGEST_WINDOW)
    return {"job_view": "Tree", "job_window": window}


def _pace(course: Course, now: datetime) -> float | None:
    age = now - course.item.at
    return next((seconds for limit, seconds in PACE if age < limit), None)


def _wait(connection: Connection, course: Course, *, opens: bool) -> None:
    """Ask what the job is until it is known, and to open its tree until it is listed, too."""
    pace = _pace(course, CLOCK.now())

    @access.while_it_holds
    def ask() -> None:
        try:
            is_over = _looked(connection, course, opens=opens)
        except errors.KNOWN as error:
            st.text(f"It started; Visier cannot be asked about it now: {error}")
            return
        if is_over and opens:
            _open_tree(connection, course)
        elif is_over or _pace(course, CLOCK.now()) != pace:
            clicks.by_itself()
            st.rerun()

    key = f"operation.{course.operation.id}.wait"
    if pace is not None:
        st.fragment(ask, run_every=pace, key=key)()
    elif st.button("Find out what it is (up to 3 calls)", key=f"{key}.ask"):
        ask()


def _looked(connection: Connection, course: Course, *, opens: bool) -> bool:
    """Look once and say what was seen; say whether there is nothing left to wait for."""
    client = connection.client.in_lane(Lane.WATCH)
    ledger = bootstrap.ledger(connection)
    found = start_course.course(ledger, course.operation).found
    if found is None:
        found = start_course.find_out(client, course.job_id)
        if found is None:
            _not_listed(course)
            return False
        start_course.note_found(ledger, course.operation.id, found)
    st.text(_in_words(found))
    if not opens or is_listed(client, course, CLOCK.now()):
        return True
    _not_listed(course)
    return False


def _open_tree(connection: Connection, course: Course) -> None:
    session.note_tree_opened(course.operation.id)
    clicks.by_itself()
    # What was read before the job was listed would not show it.
    data.forget_what_changes(connection, datetime.now(UTC))
    navigation.go_to(navigation.JOBS, _view(course) | {"job_id": course.job_id})


def _not_listed(course: Course) -> None:
    age = CLOCK.now() - course.item.at
    if age < start_course.GRACE:
        st.caption(
            ":material/hourglass_top: Not listed yet. A new job can take some minutes to appear; "
            "its tree opens by itself as soon as it does."
        )
        return
    st.caption(
        f":material/hourglass_bottom: Still not listed, {formats.duration(age.total_seconds())} "
        "after it started. Its id above is what Visier support asks for."
    )
