"""The one click that starts a job: sent once, after a look for the same start."""

from dataclasses import dataclass, replace
from functools import partial

import streamlit as st

from dashboard import access, session, wording
from dashboard.components import confirm, errors, formats, kinds, permits
from dashboard.connection import Connection
from dashboard.operations import start_sentences
from dashboard.operations.drawer import START, drawer
from dashboard.streamlit_compat import deferred_button
from services.clock import CLOCK
from services.ledger import AlreadyApplied
from services.operations.starts.lookup import same_started
from services.operations.starts.record import RECENT, StartRecord
from services.operations.starts.request import JobRequest, start

# The fields of every form, and the zone their times are in.
READS = ("start.", "start_", "tz")
REASON = "start.reason"
PUBLISHING = (
    "If selected, new data versions reach readers as soon as they are made. "
    "Otherwise your release settings apply."
)


@dataclass
class _Asked:
    start: JobRequest | None = None


def same(made: JobRequest) -> JobRequest:
    """Return the start that is already under review when this one asks for the same.

    Its id is spent by its first sending, so the same is never sent twice from one form.
    """
    asked = session.own(_Asked)
    if asked.start is None or replace(made, id=asked.start.id) != asked.start:
        asked.start = made
    return asked.start


def forget(reason: str = "") -> None:
    """Discard the start under review, and begin another one with a reason of its own."""
    session.own(_Asked).start = None
    st.session_state[REASON] = reason


def _same_started(connection: Connection, made: JobRequest) -> StartRecord | None:
    actor, since = connection.actor, CLOCK.now() - RECENT
    return same_started(connection.ledger, actor, made, since)


def _warn_of_the_same(record: StartRecord) -> None:
    age = formats.duration((CLOCK.now() - record.operation.started_at).total_seconds())
    with st.container(border=True, key="start-same"):
        st.markdown("**:material/content_copy: The same job was started just now**")
        st.text(f"{age} ago, by {record.operation.actor.user}.")
        st.caption("Start again only if you want it to run twice.")


def confirm_start(
    connection: Connection, made: JobRequest, *, name: str = START, reason_key: str = REASON
) -> None:
    """Draw the reason and the one click that starts it; what is started is followed as `name`.

    `reason_key` begins with one of READS: a start outside of the form has a reason of its own.
    """
    same = _same_started(connection, made)
    warned_of = same.operation.id if same else ""
    if same is not None:
        _warn_of_the_same(same)
    word = start_sentences.to_be_typed(made.form, confirm.TYPED_ABOVE)
    reason = st.text_input(
        "Reason",
        key=reason_key,
        max_chars=500,
        # A look at another screen must not cost the words typed here.
        persist_state="session",
        placeholder="Why (optional, shown in Activity)",
    )
    agreed = not word or confirm.typed(word, key=f"start.typed.{made.id}")
    may = permits.explain(connection, made.verb)
    kinds.target(connection)
    number = word or str(len(made.body.get("tenants", ())) or 1)
    deferred_button.button(
        f"{wording.verb(made.verb)} ({confirm.written(number)})",
        partial(_start, connection, made, reason, warned_of, name),
        # A press from before the warning is none of this button: nobody has read it yet.
        key=f"start.go.{warned_of}" if warned_of else "start.go",
        reads=READS,
        primary=True,
        icon=":material/play_arrow:",
        disabled=not (agreed and may),
    )
    st.caption("Sent once. This cannot be undone.")


def _start(
    connection: Connection, made: JobRequest, reason: str, warned_of: str, name: str
) -> None:
    same = _same_started(connection, made)
    if same is not None and same.operation.id not in (warned_of, made.id):
        return  # Somebody was faster: the page says so, and asks again.
    # Before it is sent: a run that is cut short still shows what became of it.
    drawer(name).follow(made.id)
    try:
        start(
            connection.ledger,
            connection.client,
            made,
            connection.actor,
            identity=connection.identity.name,
            permissions=access.permissions(connection),
            reason=reason.strip(),
            threads=connection.app.threads(),
        )
    except AlreadyApplied:
        return  # It was sent by an earlier click: that one is followed.
    except errors.KNOWN as error:
        errors.keep(error)
        drawer(name).unfollow(made.id)
