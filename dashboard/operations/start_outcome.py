"""What came of a start in words and as a table: its tenants, and what was seen of its jobs."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

import pandas as pd
import streamlit as st

from dashboard.components import formats, states, tables, tenants
from dashboard.components.job_states import Color, Face, face
from dashboard.connection import Connection
from dashboard.wording import JOB_STATES
from services.clock import CLOCK
from services.frames import FAILURES, WORST_FIRST, Status, job_tree
from services.frames.job_tree import Below
from services.ledger import LIVE as AT_WORK
from services.ledger import Operation, Outcome
from services.operations.starts import record
from services.operations.starts.outcomes import UNSEEN, StartOutcome, Tally, outcomes

# What became of its one request, where that did not start a job.
REQUESTS: Final = {
    Outcome.FAILED: "✕ Did not start",
    Outcome.UNCERTAIN: "? May have started",
    Outcome.NO_RESULT: "? May have started",
    Outcome.INTENDED: "? May have started",
    Outcome.PLANNED: "○ Not sent",
}
NOT_FOLLOWED: Final = "▷ Started, no jobs observed"
NOT_SEEN: Final = "? Not observed"
GROUP_WORDS: Final = {
    "failed": "failed",
    "cancelled": "cancelled",
    "live": "active",
    UNSEEN: "not observed yet",
}
# That nothing has changed is confirmed once a minute.
SEEN_LATELY: Final = timedelta(minutes=2)
NOT_GOOD: Final = frozenset({*FAILURES, Status.CANCELLED})
EXPORT: Final = (
    "tenant_code",
    "tenant_name",
    "job_type",
    "status",
    "status_word",
    "message",
    "data_version",
    "start_time",
    "last_seen",
    "job_id",
    "parent_job_id",
)


def known(connection: Connection, operations: Iterable[Operation]) -> dict[str, StartOutcome]:
    """Return by its id what is known of each start among these operations."""
    return outcomes(connection.ledger, operations, connection.identity.name)


def in_words(outcome: StartOutcome, now: datetime | None = None) -> str:
    """Return what came of a start: `✕ 931 of 1,000 jobs succeeded, 69 failed`.

    While its jobs go on it says how many have ended; and where nobody has seen them lately, that
    this was so when they were last seen.
    """
    operation = outcome.noted.operation
    if operation.state in AT_WORK:
        return ""
    for each, words in REQUESTS.items():
        if operation.item_counts[each]:
            return words
    if not operation.item_counts[Outcome.SUCCEEDED]:
        return ""
    if outcome.jobs.empty:
        return NOT_FOLLOWED
    is_old = (now or CLOCK.now()) - outcome.jobs["last_seen"].max() > SEEN_LATELY
    when = " when last observed" if outcome.goes_on and is_old else ""
    return f"{_face(outcome).label}{when}"


def before_it_was_retried(outcome: StartOutcome) -> str:
    """Return what came of a start after which another one was made, without a mark.

    The last start has the present state.
    """
    label = in_words(outcome)
    words = _face(outcome).words if label and not outcome.jobs.empty else label
    return f"earlier: {words}" if words else ""


def color(outcome: StartOutcome) -> Color:
    """Return the colour of what came of a start: green where every job of it succeeded, only."""
    return "gray" if outcome.jobs.empty else _face(outcome).color


def _face(outcome: StartOutcome) -> Face:
    """Return what its jobs look like as a whole: never good while one of them is not."""
    top = outcome.jobs.iloc[:1]
    status, counts = (
        top["status"].iloc[0],
        job_tree.below(top).fillna({"unlisted_below": 0}).iloc[0],
    )
    below = counts["below"]
    if not counts["jobs_below"] + counts["unlisted_below"]:
        words = f"Job {JOB_STATES[status].lower()}"
        words += ", no child jobs listed" if below == Below.UNLISTED else ""
    elif outcome.goes_on:
        words = _ended_in_words(status, counts)
    elif outcome.unlisted and _is_young(outcome):
        return face(Status.PENDING)._replace(words=f"Started: {_listed_in_words(counts)}")
    else:
        words = states.below_in_words(top, "job").iloc[0]
        words += f", parent job {JOB_STATES[status].lower()}" if status in NOT_GOOD else ""
    looks = face(status) if below == Below.SUCCEEDED else face(Status.SUCCEEDED, below)
    return looks._replace(words=words)


def _ended_in_words(status: str, counts: "pd.Series[int]") -> str:
    """Return how far jobs that go on are: `412 of 1,000 jobs ended, 3 failed`."""
    of = counts["jobs_below"] + counts["unlisted_below"]
    ended = counts["jobs_below"] - counts["live_below"]
    amiss = [("failed_below", "failed"), ("cancelled_below", "cancelled")]
    amiss += [("unlisted_below", "not listed")]
    words = [f"{ended:,} of {formats.counted(of, 'job')} ended"]
    words += [f"{counts[name]:,} {word}" for name, word in amiss if counts[name]]
    if ended == of or status in NOT_GOOD:
        words.append(f"parent job {JOB_STATES[status].lower()}")
    return ", ".join(words)


def _is_young(outcome: StartOutcome) -> bool:
    """Return whether Visier may not list yet what was started: that takes some minutes."""
    return CLOCK.now() - outcome.noted.operation.started_at < record.GRACE


def _listed_in_words(counts: "pd.Series[int]") -> str:
    """Return how much is listed of a young start: `2 of 5 jobs listed so far, 1 failed`."""
    of = counts["jobs_below"] + counts["unlisted_below"]
    words = [f"{counts['jobs_below']:,} of {formats.counted(of, 'job')} listed so far"]
    amiss = {"failed": counts["failed_below"], "cancelled": counts["cancelled_below"]}
    return ", ".join([*words, *(f"{number:,} {word}" for word, number in amiss.items() if number)])


def tally_in_words(tally: Tally) -> str:
    """Return what became of the jobs of several starts: `931 of 1,000 jobs succeeded, 69 failed`.

    Nothing where none was seen.
    """
    if not tally.is_told:
        return ""
    counts = tally.counts
    words = f"{counts['succeeded']:,} of {formats.counted(counts.total(), 'job')} succeeded"
    others = [f"{counts[name]:,} {word}" for name, word in GROUP_WORDS.items() if counts[name]]
    return ", ".join([words, *others])


def draw(outcome: StartOutcome) -> None:
    """Draw what came of a start, and when its jobs were seen last."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.badge(in_words(outcome), color=color(outcome))
        last = outcome.jobs["last_seen"].max()
        if pd.notna(last):
            st.caption(f"Last observed {formats.here(last)}.", help=formats.exactly(last))


def jobs_and_tenants(connection: Connection, outcome: StartOutcome) -> None:
    """Draw its jobs, the worst first, and then the tenants it names of which no job was seen."""
    jobs, unseen = _jobs(outcome), _unseen(outcome)
    rows = pd.concat([jobs, unseen], ignore_index=True)
    if rows.empty:
        return
    rows = tenants.named(connection, rows)
    columns: tables.Columns = {
        **tables.tenant_columns(rows),
        "job_type": st.column_config.TextColumn("Type", width=110),
        "state": states.column(),
        "message": st.column_config.TextColumn("Message", width=320),
        "start_time": tables.time_column("Started"),
        "job_id": st.column_config.TextColumn("Job", width=290),
    }
    others = f", {formats.counted(len(unseen), 'tenant')} without" if len(unseen) else ""
    key = f"operation.jobs.{outcome.noted.operation.id}"
    tables.head(f"{formats.counted(len(jobs), 'job')} observed{others}", rows[[*EXPORT]], key=key)
    tables.rows(rows, columns, key=key)


def _jobs(outcome: StartOutcome) -> pd.DataFrame:
    """Return the jobs below its own, or that one where it stands alone."""
    jobs = outcome.jobs.iloc[1:] if len(outcome.jobs) > 1 else outcome.jobs
    rank: Mapping[str, int] = {status.value: place for place, status in enumerate(WORST_FIRST)}
    order = jobs["status"].astype("str").map(rank).argsort(kind="stable")
    return jobs.assign(state=states.labels(jobs)).iloc[order.to_numpy()]


def _unseen(outcome: StartOutcome) -> pd.DataFrame:
    seen = frozenset(outcome.jobs["tenant_code"].dropna())
    codes = [code for code in outcome.tenants if code not in seen]
    rows = pd.DataFrame({"tenant_code": codes, "state": [[NOT_SEEN]] * len(codes)})
    return rows.astype({"tenant_code": "str"})
