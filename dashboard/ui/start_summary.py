"""What will start, in words and numbers; what keeps it from starting; the one click."""

from collections.abc import Sequence
from functools import partial

import streamlit as st

from dashboard import access, bootstrap, session, start_sentences, wording
from dashboard.connection import Connection
from dashboard.ui import confirm, curl, errors, formats, permits, pressing, start_form
from dashboard.ui.start_form import Filled
from services.clock import CLOCK
from services.ledger import AlreadyApplied
from services.operations import request_of
from services.operations.starts.lookup import same_started
from services.operations.starts.record import RECENT, StartRecord
from services.operations.starts.request import JobRequest, start

# The fields of every form, and the zone their times are in.
READS = ("start.", "start_", "tz")
REASON = "start.reason"
PUBLISHING = (
    "The new data versions reach readers as soon as they are made. Otherwise your release settings "
    "decide."
)


def draw(connection: Connection, filled: Filled) -> None:
    """Draw the summary of a filled form and the button that starts it."""
    st.markdown("## What will start")
    if filled.form is None:
        _problems(filled.problems)
        return
    asked = JobRequest(filled.form, filled.alternative, listed=filled.listed)
    st.text(f"{start_sentences.lead(asked.verb, asked.target)}.")
    written = partial(start_form.in_words, connection)
    st.text("\n".join(start_sentences.summary(filled.form, written)))
    if filled.alternative:
        st.caption(":material/science: It goes by the alpha operation.")
    for note in start_sentences.notes(filled.form):
        st.caption(f":material/info: {note}")
    made = session.same_start(asked)
    confirm_start(connection, made)
    curl.box(connection, lambda encoding: [request_of(made, encoding)], key=made.id)


def _problems(problems: Sequence[str]) -> None:
    with st.container(key="start-problems", gap="xsmall"):
        for problem in problems:
            st.text(f"• {problem}")
    st.caption("Nothing is lost: what is typed stays.")
    st.button("Start", key="start.go", type="primary", disabled=True)


def _same_started(connection: Connection, made: JobRequest) -> StartRecord | None:
    actor, since = connection.actor, CLOCK.now() - RECENT
    return same_started(bootstrap.ledger(connection), actor, made, since)


def _warn_of_the_same(record: StartRecord) -> None:
    age = formats.duration((CLOCK.now() - record.operation.started_at).total_seconds())
    with st.container(border=True, key="start-same"):
        st.markdown("**:material/content_copy: The same was started just now**")
        st.text(f"{age} ago, by {record.operation.actor.user}.")
        st.caption("Start it all the same only if you mean a second time.")


def confirm_start(connection: Connection, made: JobRequest, *, name: str = session.START) -> None:
    """Draw the reason and the one click that starts it; what is started is followed as `name`."""
    same = _same_started(connection, made)
    warned_of = same.operation.id if same else ""
    if same is not None:
        _warn_of_the_same(same)
    word = start_sentences.to_be_typed(made.form, confirm.TYPED_ABOVE)
    reason = st.text_input(
        "Reason",
        key=REASON,
        max_chars=500,
        persist_state="session",
        placeholder="Why, for whoever reads this later (optional)",
    )
    agreed = not word or confirm.typed(word, key=f"start.typed.{made.id}")
    may = permits.explain(connection, made.verb)
    number = word or str(len(made.body.get("tenants", ())) or 1)
    pressing.button(
        f"{wording.verb(made.verb)} ({confirm.written(number)})",
        partial(_start, connection, made, reason, warned_of, name),
        # A press from before the warning is none of this button: nobody has read it yet.
        key=f"start.go.{warned_of}" if warned_of else "start.go",
        reads=READS,
        primary=True,
        icon=":material/play_arrow:",
        disabled=not (agreed and may),
    )
    st.caption("It is sent once, and it cannot be undone from here.")


def _start(
    connection: Connection, made: JobRequest, reason: str, warned_of: str, name: str
) -> None:
    same = _same_started(connection, made)
    if same is not None and same.operation.id not in (warned_of, made.id):
        return  # Somebody was faster: the page says so, and asks again.
    session.follow(name, made.id)
    try:
        start(
            bootstrap.ledger(connection),
            connection.client,
            made,
            connection.actor,
            identity=connection.identity.name,
            permissions=access.permissions(connection),
            reason=reason.strip(),
            threads=bootstrap.threads(),
        )
    except AlreadyApplied:
        return  # It was sent by an earlier click: that one is followed.
    except errors.KNOWN as error:
        session.keep_error(error)
        session.unfollow(name, made.id)
