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
from dashboard.operations.drawer import drawer
from pages.jobs import actions as job_actions
from pages.jobs import details, failures, stages, table, timeline, tree
from pages.jobs import filters as job_filters
from pages.jobs.table import FrozenRows
from services.frames.job_tree import branches, counted_as, roll_up
from services.frames.membership import is_among
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
    with head:
        jobs = _in_hand(tenants.with_names(snapshot.jobs, known))
    mask, of_any_state = job_filters.mask(row, jobs)
    with row.more():
        job_notices.track(connection, snapshot)
    with above:
        _status(jobs, _with_below(jobs, of_any_state))
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
        failures.draw(connection, window, jobs, _with_below(jobs, mask))
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
    shown = jobs[mask & ~jobs["is_missing"]]
    _operation(connection, jobs)
    with row.end:
        job_actions.cancel_matching(shown, jobs)
    in_view = _rows(connection, window, jobs, mask, known, shown=shown, view=view)
    tables.selection_bar(
        shown["job_key"].dropna(),
        "job",
        selection=job_actions.NAME,
        in_view=in_view,
        actions=lambda: job_actions.bar(jobs),
    )


def _operation(connection: Connection, jobs: pd.DataFrame) -> None:
    """Draw the plan or the result that is open, whatever is filtered."""
    job_actions.follow_up(connection, jobs)
    plan_panel.slot(connection, job_actions.NAME)


def _in_hand(jobs: pd.DataFrame) -> pd.DataFrame:
    """Return the jobs; while some are selected, new ones wait until a person asks for them."""
    # What was applied is followed: its new jobs belong to what is on screen.
    frozen = session.own(FrozenRows)
    if not session.selected(job_actions.NAME) or drawer(job_actions.NAME).operation:
        frozen.freeze(jobs["job_key"])
        return jobs
    new = ~is_among(jobs["job_key"], frozen.keys)
    if new.any():
        st.button(
            f"Show {int(new.sum()):,} new",
            key="jobs.show_new",
            icon=":material/fiber_new:",
            help="Held back so that your selection does not move.",
            on_click=frozen.freeze,
            args=(jobs["job_key"],),
        )
    return roll_up(jobs[~new])


def _followed(connection: Connection, jobs: pd.DataFrame, mask: "pd.Series[bool]") -> str:
    """Return the job whose lists are read along: the one whose stages are shown."""
    key = stages.chosen(jobs, mask)
    has_read = connection.job_monitor.has_read
    return key if has_read(key, STEPS) else ""


def _with_below(jobs: pd.DataFrame, mask: "pd.Series[bool]") -> "pd.Series[bool]":
    """Return the jobs of the mask; whoever names a job asks for what is below it too."""
    return branches(jobs, mask) if st.session_state.get("job_id") else mask


def _status(jobs: pd.DataFrame, mask: "pd.Series[bool]") -> None:
    """Draw how many jobs of the mask are in which state: the filter of the state at once."""
    own = jobs[mask & ~jobs["is_missing"]]
    counts = counted_as(own).value_counts()
    numbers = {ALL: len(own)} | {
        title: int(counts.reindex([*counted]).sum())
        for title, counted in job_choices.FIGURES.items()
    }
    asked = set(st.session_state["job_state"])
    figures = {ALL: (), **job_choices.FIGURES}
    st.session_state[STATUS] = next(
        (title for title, counted in figures.items() if asked == {*counted}), None
    )

    def take() -> None:
        filters.put("job_state", [*figures[st.session_state[STATUS] or ALL]], "")

    st.segmented_control(
        "Status",
        [*numbers],
        format_func=lambda title: f"{title} {numbers[title]:,}",
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
    shown: pd.DataFrame,
    view: str,
) -> "pd.Series[str]":
    """Draw one view of the jobs; return the keys of the jobs that can be seen in it."""
    if view == TREE:
        return tree.draw(jobs, mask, job_filters.searched())
    if view == TIMELINE:
        timeline.draw(shown, window)
        baseline_stats = connection.job_monitor.baseline_stats()
        timeline.usual_times(baseline_stats, known)
    elif view == STAGES:
        return stages.draw(connection, window, jobs, known, mask)
    else:
        table.draw(shown, of=int((~jobs["is_missing"]).sum()))
    return shown["job_key"]


main()
