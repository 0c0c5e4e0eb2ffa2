"""The jobs of the period by state, worst first, and what went wrong."""

import textwrap

import pandas as pd
import streamlit as st

from dashboard import navigation
from dashboard.components import (
    failure_messages,
    figures,
    formats,
    job_choices,
    tables,
    tenant_search,
)
from dashboard.components.job_states import STATES, Color
from dashboard.connection import Connection
from dashboard.navigation import JOBS, Query
from dashboard.wording import REMARKS
from pages.overview.period import Period
from services.frames import FAILURES, JobType, Status, job_tree
from services.frames.membership import is_among
from services.monitoring import JobsSnapshot, failures, reasons
from services.monitoring.durations import LATE, STUCK

# The card is beside others: Jobs has every kind of failure.
GROUPS_AT_MOST = 10
# More tenant codes would make a link too long for what stands between.
NAMED_IN_A_LINK = 50
CAUSE_AT_MOST = 80  # characters: fits beside the counts of failed jobs
# In the order of the tiles: what is wrong comes first.
REMARKED: dict[str, tuple[str, Color]] = {STUCK: ("⚓", "red"), LATE: ("◴", "orange")}
# Counted are the jobs one by one: green would call those a success whose jobs below failed.
FACES: dict[str, tuple[str, Color]] = {
    "Failed": STATES[Status.FAILED],
    "Running": STATES[Status.RUNNING],
    "Waiting": STATES[Status.PENDING],
    "Cancelling": STATES[Status.CANCELLING],
    "Succeeded": (STATES[Status.SUCCEEDED][0], "gray"),
    "Other": STATES[Status.UNKNOWN],
}
ONLY_TRACKED = "Counts tracked jobs only. The total number of jobs is unknown."

PUT_RIGHT = (
    "Resolved: a later job of the same type succeeded for the same tenant, or a "
    "newer data version exists (for extraction and receiving: one with new data)."
)
OLDER = "Running, stuck and late include jobs that started earlier."
NO_OLDER = "Unknown: whether jobs that started earlier still run."


def query_of(period: Period, **more: str | list[str]) -> Query:
    """Return the query of Jobs for the period and these filters."""
    return {"job_window": period.token, **{f"job_{name}": value for name, value in more.items()}}


def follow(connection: Connection, jobs: pd.DataFrame) -> str:
    """Return the job below which the next look is to read why most jobs failed, "" for none.

    Only of processing jobs Visier gives reasons in lists.
    """
    is_wanted = jobs["status"].isin(FAILURES) & (jobs["job_type"] == JobType.PROCESSING)
    monitor = connection.job_monitor
    most = reasons.lists(jobs, jobs[is_wanted], monitor.has_read)[:1]
    return next((each.top for each in reasons.affordable(most)), "")


def answer(snapshot: JobsSnapshot, period: Period, mended: "pd.Series[bool]") -> None:
    """Show how many jobs failed and why, and how many are stuck; each number is a link.

    `mended` says which of the jobs that are listed were put right since: these are no alarm.
    """
    jobs = snapshot.listed
    failed = jobs[jobs["status"].isin(FAILURES) & ~mended]
    stuck = int((jobs["mark"] == STUCK).sum())
    if len(failed):
        _failed(snapshot, failed, period)
    if stuck:
        figures.clause(
            f"**{formats.counted(stuck, 'job')}** {'is' if stuck == 1 else 'are'} stuck.",
            JOBS,
            query_of(period, remark=[STUCK]),
            icon=":material/anchor:",
        )


def _failed(snapshot: JobsSnapshot, failed: pd.DataFrame, period: Period) -> None:
    """Show how many of the failed jobs were not put right, and why most of these failed."""
    every = snapshot.listed[snapshot.listed["status"].isin(FAILURES)]
    words = f"**{formats.counted(len(failed), 'job')}** failed."
    named = _naming(failed, every)
    if named is None:
        words = f"**{len(every):,} jobs** failed, {len(failed):,} still unresolved."
    query = query_of(period, state=_states("Failed"), **(named or {}))
    figures.clause(words, JOBS, query, icon=":material/error:")
    if cause := failures.cause(failures.groups(failed)):
        st.text(textwrap.shorten(cause, CAUSE_AT_MOST, placeholder=" …"), width="content")


def _naming(failed: pd.DataFrame, every: pd.DataFrame) -> dict[str, str] | None:
    """Return the filter that leaves these of all jobs that failed; None where none does."""
    if len(failed) == len(every):
        return {}
    codes = failed["tenant_code"].dropna().drop_duplicates()
    is_exact = len(failed) == is_among(every["tenant_code"], codes).sum()
    if len(codes) > NAMED_IN_A_LINK or not is_exact:
        return None
    return {"tenant": tenant_search.listing(codes)}


def tiles(snapshot: JobsSnapshot, period: Period, mended: "pd.Series[bool]") -> None:
    """Draw how many jobs failed, are stuck and late, and in a line how many are not.

    How many of the failed were put right (`mended`) is a line below. Where Visier refuses the list
    of all jobs, that none was seen does not mean that there is none.
    """
    states = job_tree.counted_as(snapshot.listed).value_counts().to_dict()
    failed = int(snapshot.listed["status"].isin(FAILURES).sum())
    right = int(mended.sum())
    marks = snapshot.listed["mark"].value_counts()
    (first, *others) = job_choices.FIGURES

    def count(title: str) -> int:
        return sum(states.get(state, 0) for state in job_choices.FIGURES[title])

    def draw(word: str, seen: int, query: Query, mark: str, color: Color) -> None:
        number = None if snapshot.refusal and not seen else seen
        figures.tile(word, number, JOBS, query, mark=mark, color=color)

    with figures.row():
        mark, color = FACES[first]
        query = query_of(period, state=_states(first))
        draw(first, count(first), query, mark, color if right < failed else "gray")
        for remark, face in REMARKED.items():
            seen = int(marks.get(remark, 0))
            # What is not known stays in view: it may be more than none.
            if seen or snapshot.refusal:
                draw(REMARKS[remark], seen, query_of(period, remark=[remark]), *face)
    if not snapshot.refusal:
        # What nobody has to act on is one quiet line.
        st.caption(" · ".join(f"{count(title):,} {title.lower()}" for title in others))
    older = OLDER if snapshot.has_older else f"{NO_OLDER} {snapshot.older_trouble}"
    told = f"{failed:,} failed, {right:,} resolved since. " if right else ""
    st.caption(
        told + (ONLY_TRACKED if snapshot.refusal else older), help=PUT_RIGHT if right else None
    )


def _states(title: str) -> list[str]:
    return [str(state) for state in job_choices.FIGURES[title]]


def went_wrong(
    connection: Connection, snapshot: JobsSnapshot, period: Period, mended: "pd.Series[bool]"
) -> None:
    """Draw the kinds of failure, the most frequent first; a click shows the jobs of one.

    As everywhere here, those are counted that were not put right since (`mended`).
    """
    every, right = snapshot.listed[snapshot.listed["status"].isin(FAILURES)], int(mended.sum())
    failed = every[~mended[every.index]]
    if snapshot.refusal and every.empty:
        st.caption(":material/question_mark: Unknown: the job list is not available.")
        return
    if failed.empty:
        left = f"All {right:,} failed jobs were resolved" if right else "No job failed"
        st.caption(f":material/check: {left} {period.words}.", help=PUT_RIGHT if right else None)
        return
    groups = failures.groups(failed)
    unread = failure_messages.unread(connection.job_monitor, snapshot.jobs, failed)
    words = failure_messages.in_words(groups, failed, unread)
    columns: tables.Columns = {
        "jobs": tables.count_column("Jobs", width=55),
        "fingerprint": st.column_config.TextColumn("What went wrong", width=186),
        "tenants": tables.count_column("Tenants", width=65),
        "last": tables.time_column("Last started"),
    }
    shown = groups.assign(fingerprint=words).head(GROUPS_AT_MOST)
    clicked = tables.clicked(shown, columns, key="ov.failures")
    if clicked is not None:
        key = str(groups["key"].iloc[clicked])
        alike = (each[failures.of_group(each, key)] for each in (failed, every))
        navigation.go_to(JOBS, query_of(period, failure=key, **(_naming(*alike) or {})))
    if right:
        st.caption(f"Excludes {right:,} resolved since.", help=PUT_RIGHT)
    navigation.link(
        JOBS,
        "All failures and their reasons",
        query_of(period, view="failures"),
        icon=":material/arrow_forward:",
    )
