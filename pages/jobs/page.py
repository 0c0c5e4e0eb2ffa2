"""Jobs: what runs, what failed and what belongs together, seen live, and cancelled from here."""

import pandas as pd
import streamlit as st

from dashboard import data, navigation, session
from dashboard.components import (
    filter_row,
    filters,
    job_choices,
    job_notices,
    live,
    page,
    tables,
    tenants,
    token_choices,
)
from dashboard.components.filter_row import FilterRow
from dashboard.connection import Connection
from dashboard.operations import plan_panel
from pages.jobs import actions as job_actions
from pages.jobs import details, failures, held, stages, table, timeline, tree
from pages.jobs import filters as job_filters
from services.frames.job_tree import counted_as
from services.frames.stages import STEPS
from services.monitoring import Window

TABLE, TREE, TIMELINE, STAGES, FAILURES_VIEW = "table", "tree", "timeline", "stages", "failures"
VIEWS = {
    TABLE: "Table",
    TREE: "Tree",
    TIMELINE: "Timeline",
    STAGES: "Stages",
    FAILURES_VIEW: "Failures",
}
ALL, STATUS = "All", "jobs.status"
NOTHING_STARTED = "No job started in this window."
NOTHING_TRACKED = "No job is tracked. Track a dispatching or receiving job by its id."


def main() -> None:
    """Load, filter, show, act."""
    connection = session.signed_in()
    head = page.head("Jobs")
    known = tenants.directory(connection)
    row = filter_row.row(navigation.JOBS, job_filters.PARAMETERS)
    with row.first:
        window = job_filters.window()
    notices = st.container()
    with st.container(horizontal=True, vertical_alignment="center", key="toolbar"):
        above = st.container(width="content")
        # Drawn whatever there is to see: what is not drawn leaves the address.
        view = token_choices.view(VIEWS, key="job_view")
    if window is None:
        job_filters.without_jobs(row, known)
        page.empty("No window yet", "Enter both times, the earlier one first.")
        plan_panel.slot(connection, job_actions.NAME)
        return
    with page.loading():
        monitor = connection.job_monitor
        snapshot = monitor.snapshot(connection.client, window, older=job_filters.asks_for_older())
    job_actions.let_go(snapshot.jobs, window)
    with head:
        jobs = held.jobs(tenants.with_names(snapshot.jobs, known), window)
    mask, counted = job_filters.mask(row, jobs)
    with row.more():
        job_notices.track(connection, snapshot)
    with above:
        _status(jobs, counted)
    follow = _followed(connection, jobs, mask) if view == STAGES else ""
    live.head(head, connection, window, snapshot, key="job_live", follow=follow)
    with notices:
        job_notices.draw(snapshot)
    details.drawer(connection, window, snapshot, jobs)
    if jobs.empty:
        page.empty("No jobs", NOTHING_TRACKED if snapshot.refusal else NOTHING_STARTED)
    elif not mask.any():
        page.nothing_matches("job", job_filters.FILTERS)
    elif view == FAILURES_VIEW:
        failures.draw(connection, window, jobs, job_filters.with_below(jobs, mask))
    else:
        _shown(connection, window, jobs, mask, known, row=row, view=view)
        return
    _operation(connection, jobs)


def _shown(
    connection: Connection,
    window: Window,
    jobs: pd.DataFrame,
    mask: "pd.Series[bool]",
    known: data.TenantDirectory,
    *,
    row: FilterRow,
    view: str,
) -> None:
    """Draw the jobs of the mask with what can be done with them."""
    matching = jobs[mask & ~jobs["is_missing"]]
    _operation(connection, jobs)
    with row.end:
        job_actions.cancel_matching(matching, jobs)
    in_view = _rows(connection, window, jobs, mask, known, view=view)
    held.pointer()
    tables.selection_bar(
        matching["job_key"].dropna(),
        "job",
        selection=job_actions.NAME,
        in_view=in_view,
        actions=lambda: job_actions.bar(jobs),
    )


def _operation(connection: Connection, jobs: pd.DataFrame) -> None:
    """Draw the plan or the result that is open, whatever is filtered."""
    job_actions.follow_up(connection, jobs)
    plan_panel.slot(connection, job_actions.NAME)


def _followed(connection: Connection, jobs: pd.DataFrame, mask: "pd.Series[bool]") -> str:
    """Return the job whose lists are read along: the one whose stages are shown."""
    key = stages.chosen(jobs, mask)
    has_read = connection.job_monitor.has_read
    return key if has_read(key, STEPS) else ""


def _status(jobs: pd.DataFrame, mask: "pd.Series[bool]") -> None:
    """Draw how many jobs of the mask are in which state: the filter of the state at once.

    Where the filter asks for some of the states that a figure counts, it tells of how many.
    """
    own = jobs[mask & ~jobs["is_missing"]]
    counts = counted_as(own).value_counts()
    asked = {*st.session_state["job_state"]}
    numbers = {ALL: f"{len(own):,}"}
    for title, counted in job_choices.FIGURES.items():
        number, some = int(counts.reindex([*counted]).sum()), asked & {*counted}
        part = f"{int(counts.reindex([*some]).sum()):,} of " if 0 < len(some) < len(counted) else ""
        numbers[title] = f"{part}{number:,}"
    figures = {ALL: (), **job_choices.FIGURES}
    st.session_state[STATUS] = next(
        (title for title, counted in figures.items() if asked and asked <= {*counted}),
        None if asked else ALL,
    )

    def take() -> None:
        filters.put("job_state", [*figures[st.session_state[STATUS] or ALL]], "")

    st.segmented_control(
        "Status",
        [*numbers],
        format_func=lambda title: f"{title} {numbers[title]}",
        key=STATUS,
        on_change=take,
        label_visibility="collapsed",
    )


def _rows(
    connection: Connection,
    window: Window,
    jobs: pd.DataFrame,
    mask: "pd.Series[bool]",
    known: data.TenantDirectory,
    *,
    view: str,
) -> "pd.Series[str]":
    """Draw one view of the jobs; return the keys of the jobs that can be seen in it."""
    is_there, searched = ~jobs["is_missing"], job_filters.searched()
    if view == TREE:
        return tree.draw(jobs, mask, held.mask(jobs, mask, searched), searched)
    shown = jobs[mask & is_there]
    if view == TIMELINE:
        timeline.draw(shown, window)
        baseline_stats = connection.job_monitor.baseline_stats()
        timeline.usual_times(baseline_stats, known)
    elif view == STAGES:
        return stages.draw(connection, window, jobs, known, mask)
    else:
        rows = held.mask(jobs, mask, searched) & is_there
        shown = jobs[rows]
        table.draw(shown, of=int(is_there.sum()), note=held.in_words(rows, mask))
    return shown["job_key"]


main()
