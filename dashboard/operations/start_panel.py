"""What became of a start: its job and that job's tree, or where to look for it."""

from datetime import datetime, timedelta

import streamlit as st

from dashboard import access, data, navigation, session, wording
from dashboard.components import errors, formats
from dashboard.connection import Connection
from dashboard.operations import done_words, item_words, start_lookup_panel
from dashboard.operations.drawer import START, drawer
from dashboard.streamlit_compat import user_activity
from services.clock import CLOCK
from services.frames import ENDED, JobType
from services.frames.words import status
from services.ledger import UNSETTLED, Operation, Outcome, State
from services.operations.starts.lookup import is_listed, unsettled
from services.operations.starts.record import (
    GRACE,
    FoundJob,
    NotedStart,
    StartRecord,
    find_out,
    note_found,
    record_of,
)
from services.visier import Lane

# By then Jobs shows whether an older one started.
REMEMBERED = timedelta(days=1)
# How old a start may be -> how often its job is asked for meanwhile.
PACE = (
    (timedelta(minutes=1), 5.0),
    (GRACE, 15.0),
    (timedelta(hours=1), 60.0),
)
# How long ago it started -> the window of the Jobs screen that shows it.
WINDOWS = (
    (timedelta(minutes=50), "1h"),
    (timedelta(hours=5), "6h"),
    (timedelta(hours=23), "24h"),
    (timedelta(days=2), "3d"),
)
LONGEST_WINDOW = "7d"


def show(
    connection: Connection, operation: Operation, name: str, *, jobs_are_shown: bool = False
) -> None:
    """Draw what became of a start, and what a person can do about it.

    Where its jobs are shown beside it, the state its own job was first found in is not.
    """
    record = record_of(connection.ledger, operation)
    outcome = record.item.outcome
    st.text(_what(record))
    if outcome is Outcome.SUCCEEDED:
        _started(connection, record, name, jobs_are_shown=jobs_are_shown)
    elif outcome in UNSETTLED:
        start_lookup_panel.show(connection, record)
    elif outcome is Outcome.PLANNED:
        _unsent(connection, record)
    else:
        st.markdown("## :material/cancel: It did not start")
        st.text(item_words.of_item(operation.verb, record.item))


def _what(record: StartRecord) -> str:
    return done_words.what(record.operation.verb, record.item.name, record.item.after)


def unsettled_starts(connection: Connection) -> None:
    """Show which starts of this user may have happened: look before starting the same again."""
    found = unsettled(connection.ledger, connection.actor, CLOCK.now() - REMEMBERED)
    for record in found:
        operation = record.operation
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            age = formats.duration((CLOCK.now() - operation.started_at).total_seconds())
            st.markdown(":material/help:", width="content")
            st.text(f"It may have started, {age} ago: {_what(record)}.", width="stretch")
            if st.button("Look for it first", key=f"operation.{operation.id}.resume"):
                drawer(START).follow(operation.id)
                st.rerun()


def _unsent(connection: Connection, record: StartRecord) -> None:
    st.markdown("## :material/cancel: It was not sent")
    st.text("Interrupted before the request was sent. Nothing started.")
    if record.operation.state is State.INTERRUPTED:
        start_lookup_panel.settle_button(
            connection, record, "Close: it did not start", started=False
        )


def _started(
    connection: Connection, record: StartRecord, name: str, *, jobs_are_shown: bool
) -> None:
    st.markdown("## :material/play_circle: It started")
    words = item_words.of_item(record.operation.verb, record.item)
    if not record.job_id:
        st.text(words)
        _to_jobs({}, record)
        return
    st.code(record.job_id, language=None)
    if record.item.finding:
        st.text(words)
    opens = name == START and record.operation.id not in _trees_opened()
    if record.found is None or opens:
        _wait(connection, record, opens=opens)
    else:
        st.text(_what_it_is(record.found) if jobs_are_shown else _in_words(record.found))
    _to_jobs({"job_id": record.job_id}, record)


def _what_it_is(found: FoundJob) -> str:
    name = wording.found_job(found)
    return f"{name} of {found.tenant_code}." if found.tenant_code else f"{name}."


def _in_words(found: FoundJob) -> str:
    parts = [wording.found_job(found)]
    if found.dispatched is not None:
        parts.append(f"{found.dispatched:,} dispatched so far")
    if found.status_word:
        parts.append(f"state {found.status_word}")
        if found.job_type is JobType.DISPATCHING and status(found.status_word) in ENDED:
            parts[-1] += " (its own status, not its jobs')"
    if found.tenant_code:
        parts.append(f"of {found.tenant_code}")
    return ", ".join(parts) + ", when last read."


def _to_jobs(query: dict[str, str], record: StartRecord) -> None:
    navigation.link(
        navigation.JOBS,
        "Open its tree" if query else "Open Jobs",
        _view(record.operation) | query,
        icon=":material/account_tree:",
    )


def _view(operation: Operation) -> dict[str, str]:
    age = CLOCK.now() - operation.started_at
    window = next((name for limit, name in WINDOWS if age < limit), LONGEST_WINDOW)
    return {"job_view": "tree", "job_window": window}


def tree_of(noted: NotedStart) -> dict[str, str]:
    """Return the query of Jobs that shows the tree of a start's job."""
    return _view(noted.operation) | {"job_id": noted.job_id}


def _pace(record: StartRecord, now: datetime) -> float | None:
    age = now - record.item.at
    return next((seconds for limit, seconds in PACE if age < limit), None)


def _wait(connection: Connection, record: StartRecord, *, opens: bool) -> None:
    """Ask what the job is until it is known, and to open its tree until it is listed, too."""
    pace = _pace(record, CLOCK.now())

    @access.while_it_holds
    def ask() -> None:
        try:
            is_over = _identify(connection, record, opens=opens)
        except errors.KNOWN as error:
            st.text(f"It started, but its status cannot be read now: {error}")
            return
        if is_over and opens:
            _open_tree(connection, record)
        elif is_over or _pace(record, CLOCK.now()) != pace:
            user_activity.by_itself()
            st.rerun()

    key = f"operation.{record.operation.id}.wait"
    if pace is not None:
        st.fragment(ask, run_every=pace, key=key)()
    elif st.button("Identify it (up to 3 calls)", key=f"{key}.ask"):
        ask()


def _identify(connection: Connection, record: StartRecord, *, opens: bool) -> bool:
    """Look once and show what was found; return whether there is nothing left to wait for."""
    client = connection.client.in_lane(Lane.WATCH)
    ledger = connection.ledger
    found = record_of(ledger, record.operation).found
    if found is None:
        found = find_out(client, record.job_id)
        if found is None:
            _not_listed(record)
            return False
        note_found(ledger, record.operation.id, found)
    st.text(_in_words(found))
    if not opens or is_listed(client, record, CLOCK.now()):
        return True
    _not_listed(record)
    return False


def _open_tree(connection: Connection, record: StartRecord) -> None:
    _trees_opened().add(record.operation.id)
    user_activity.by_itself()
    # What was read before the job was listed would not show it.
    data.forget_what_changes(connection, CLOCK.now())
    navigation.go_to(navigation.JOBS, tree_of(record))


def _not_listed(record: StartRecord) -> None:
    age = CLOCK.now() - record.item.at
    if age < GRACE:
        st.caption(
            ":material/hourglass_top: Not listed yet. A new job can take some minutes to appear. "
            "Its tree then opens automatically."
        )
        return
    st.caption(
        f":material/hourglass_bottom: Still not listed, {formats.duration(age.total_seconds())} "
        "after it started. Give Visier Support the id above."
    )


def _trees_opened() -> set[str]:
    """Return the starts whose tree was opened by itself in this browser session: that is once."""
    return session.kept("start.trees_opened", set)
