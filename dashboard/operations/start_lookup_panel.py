"""A start that may have happened: look for its job, or say what a person has found out."""

from contextlib import suppress
from datetime import timedelta
from functools import partial

import pandas as pd
import streamlit as st

from dashboard import access, flash, session, time_zone, wording
from dashboard.components import errors, formats, states, tenants
from dashboard.connection import Connection
from dashboard.operations import item_words
from dashboard.streamlit_compat import deferred_button
from services.clock import CLOCK
from services.frames import JobType
from services.ledger import TakenOver
from services.operations.starts.lookup import LookupResult, claim, find_job
from services.operations.starts.record import StartRecord
from services.operations.starts.request import settle_by_hand

TAKEN = "That job belongs to another start. Look again, or open it in Jobs."
# Each is a row with a button of its own, and the likeliest come first.
SHOWN_AT_MOST = 20


def show(connection: Connection, record: StartRecord) -> None:
    """Draw what is not known, the look-up beside it, and the ways to settle it."""
    st.markdown("## :material/help: It may have started")
    words = item_words.of_item(record.operation.verb, record.item)
    st.text(words or "Interrupted, possibly after the request was sent.")
    if record.listed_before is None:
        st.caption("The job list from before sending could not be read, so older jobs may appear.")
    seen = _looked_up().get(record.operation.id)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Look for it" if seen is None else "Look again",
            key=f"operation.{record.operation.id}.look",
            type="primary" if seen is None else "secondary",
            icon=":material/search:",
            help="One call: lists the jobs that appeared since sending.",
            on_click=_look_up,
            args=(connection, record),
        )
        st.text("Nothing you do here sends it again.")
    if seen is None:
        return
    if seen.refused:
        _by_word_only(connection, record, seen.refused)
        return
    _candidates(connection, record, seen.candidates)
    _none_of_these(connection, record, are_any=not seen.candidates.empty)


def _look_up(connection: Connection, record: StartRecord) -> None:
    with errors.kept():
        found = find_job(connection.ledger, connection.client, record, CLOCK.now())
        _looked_up()[record.operation.id] = found


def _candidates(connection: Connection, record: StartRecord, found: pd.DataFrame) -> None:
    if found.empty:
        st.markdown("**No matching job is listed.**")
        return
    st.markdown(f"**{formats.counted(len(found), 'matching job')}**")
    shown = found.head(SHOWN_AT_MOST)
    started = formats.moments(shown["start_time"], time_zone.chosen(), CLOCK.now())
    rows = shown.assign(
        started=started.fillna("Start time unknown"),
        state=states.labels(shown).str[0],
        type=wording.in_words(shown["job_type"], wording.JOB_TYPES)
        .astype("str")
        .where(shown["job_type"] != JobType.OTHER, shown["job_type_word"].fillna("Type unknown")),
    )
    labels = tenants.labels(list(rows["tenant_code"].dropna()), tenants.at_hand(connection))
    rows["tenant"] = rows["tenant_code"].map(labels).fillna("Tenant unknown")
    columns = ["job_key", "job_id", "type", "state", "tenant", "started"]
    for row in rows[columns].to_dict("records"):
        with st.container(horizontal=True, vertical_alignment="center", border=True):
            st.text(f"{row['type']}\n{row['state']}", width=170)
            st.text(f"{row['tenant']}\n{row['started']}", width=300)
            st.code(row["job_id"], language=None, width="stretch")
            st.button(
                "This one",
                key=f"operation.{record.operation.id}.is.{row['job_key']}",
                on_click=_claim,
                args=(connection, record, row["job_id"]),
            )
    if len(found) > SHOWN_AT_MOST:
        st.caption(f"Shows the first {SHOWN_AT_MOST:,} by start time.")


def _claim(connection: Connection, record: StartRecord, job_id: str) -> None:
    # Whoever else is at it settles it; what comes of that is shown next.
    with suppress(TakenOver), errors.kept():
        if not claim(connection.ledger, record, job_id, access.permissions(connection)):
            flash.put(TAKEN)


def _none_of_these(connection: Connection, record: StartRecord, *, are_any: bool) -> None:
    left = record.grace_left(CLOCK.now())
    is_sure = not left
    if left > timedelta(0):
        st.caption(
            "A new job can take minutes to appear. Before you record that it did not start, look "
            f"again in {formats.duration(max(1, left.total_seconds()))}."
        )
        is_sure = st.checkbox(
            "I am sure that it did not start",
            key=f"operation.{record.operation.id}.sure",
        )
    label = "None of these: it did not start" if are_any else "It did not start"
    settle_button(connection, record, label, started=False, disabled=not is_sure)


def _by_word_only(connection: Connection, record: StartRecord, refused: str) -> None:
    st.text(
        "Visier does not list jobs for your account, so this dashboard cannot look for it: "
        f"{refused}"
    )
    st.caption("Look in Visier itself, then record the outcome.")
    with st.container(horizontal=True):
        settle_button(connection, record, "It did start", started=True)
        settle_button(connection, record, "It did not start", started=False)


def settle_button(
    connection: Connection,
    record: StartRecord,
    label: str,
    *,
    started: bool,
    disabled: bool = False,
) -> None:
    """Draw a button by which a person says whether it started."""
    deferred_button.button(
        label,
        partial(_settle, connection, record.operation.id, started=started),
        key=f"operation.{record.operation.id}.{'did' if started else 'not'}",
        reads=(f"operation.{record.operation.id}.sure",),
        disabled=disabled,
    )


def _settle(connection: Connection, operation_id: str, *, started: bool) -> None:
    # Whoever else is at it settles it; what comes of that is shown next.
    with suppress(TakenOver), errors.kept():
        may = access.permissions(connection)
        settle_by_hand(connection.ledger, operation_id, may, started=started)


def _looked_up() -> dict[str, LookupResult]:
    """Return by operation what was seen when the job of a start was looked for last."""
    return session.kept("start.looked_up", dict)
