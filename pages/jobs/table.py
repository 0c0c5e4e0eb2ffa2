"""The jobs as a table, and the columns it shares with the tree and the drawer."""

from datetime import datetime

import pandas as pd
import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from dashboard.components import formats, states, tables
from pages.jobs import actions
from services.clock import CLOCK
from services.frames import LIVE, Status, job_tree

BELOW = ["jobs_below", "succeeded_below", "failed_below", "live_below", "unlisted_below"]
EXPORT = [
    "job_id",
    "tenant_code",
    "tenant_name",
    "job_type",
    "job_type_word",
    "status",
    "status_word",
    "stage",
    "start_time",
    "ended_at",
    "seconds",
    "mark",
    "why",
    "data_version",
    "message",
    "parent_job_id",
    *BELOW,
]
TOOK = (
    "Observed: from the start to the end this dashboard saw, or until now. "
    "Visier reports no end times, so a job that ended unobserved has none."
)
BAR = (
    "Child jobs at all levels. Green: succeeded. Violet, a line: cancelled. Blue, low: active. "
    "Gray, low and hollow: not listed. Red, tall: failed"
)
MARKS = {"late": "◴ Late", "stuck": "⚓ Stuck", "quick": "⚡ Unusually fast", "": ""}


def draw(shown: pd.DataFrame, of: int, note: str = "") -> None:
    """Draw the jobs, newest first; ticked ones are selected, a button opens the drawer."""
    # Stable: what began at the same moment would else change places at every look.
    jobs = shown.sort_values("placed_at", ascending=False, na_position="last", kind="stable")
    jobs = with_counts_below(for_show(jobs))
    columns: tables.Columns = {
        "state": state_column(),
        **tables.tenant_columns(jobs, width=168),
        "open": tables.open_column(jobs["key"], key="jobs.open", opens=actions.OPENED),
        "job_type": type_column(),
        **times_columns(),
        **below_columns(),
        **last_columns(jobs),
    }
    tables.show_selectable(
        jobs,
        columns,
        key="jobs.table",
        of=of,
        noun="job",
        selection=actions.NAME,
        export=EXPORT,
        note=note,
    )


def with_counts_below(jobs: pd.DataFrame) -> pd.DataFrame:
    """Return jobs of a tree with what EXPORT tells of everything below each."""
    return jobs.join(job_tree.below(jobs)[BELOW])


def for_show(jobs: pd.DataFrame) -> pd.DataFrame:
    """Return the jobs with what the columns here show, and the `key` that opens each."""
    now = CLOCK.now()
    age = formats.ages(jobs["start_time"], now)
    return jobs.assign(
        key=jobs["job_key"].fillna(""),
        open=tables.OPEN,
        state=states.labels(jobs),
        bar=states.bars(jobs),
        below=states.below_in_words(jobs, succeeded=""),
        age=age,
        took=jobs["seconds"].where(~jobs["status"].isin(LIVE), age),
        remark=_remarks(jobs, now),
        data_version=formats.version_numbers(jobs["data_version"]),
    )


def _remarks(jobs: pd.DataFrame, now: datetime) -> "pd.Series[str]":
    """Return what stands out about each job, and since when it has been cancelling."""
    marks = jobs["mark"].map(MARKS).astype("str")
    waiting = jobs["status"] == Status.CANCELLING
    if waiting.any():
        seconds = formats.age_seconds(jobs.loc[waiting, "changed_at"], now).fillna(0)
        marks = marks.mask(waiting, "Cancelling for " + seconds.map(formats.duration))
    return marks.mask(jobs["is_missing"], "Not in this window")


def below_columns() -> tables.Columns:
    """Return the columns that tell what became of everything below a job: a bar, and counted."""
    return {
        "bar": st.column_config.ImageColumn("Child jobs", width=96, help=BAR),
        "below": st.column_config.TextColumn(
            "Succeeded", width=190, help="How many child jobs succeeded, at all levels, of how many"
        ),
    }


def state_column() -> ColumnConfig:
    """Return the pinned column of the states, which comes first: it is seen on a phone, too."""
    return states.column(width=203, pinned=True)


def type_column() -> ColumnConfig:
    """Return the column of the types."""
    return st.column_config.TextColumn("Type", width=92)


def times_columns() -> tables.Columns:
    """Return the columns that tell when a job began and how long it took."""
    return {
        "start_time": tables.time_column("Started", width=98),
        "took": st.column_config.NumberColumn("Duration", format="duration", width=80, help=TOOK),
    }


def last_columns(jobs: pd.DataFrame) -> tables.Columns:
    """Return the columns that end table and tree, of jobs `for_show`."""
    return {
        "remark": st.column_config.TextColumn("Remark", width=110),
        "stage": st.column_config.TextColumn("Stage", width=150),
        "data_version": tables.version_column("Data version", jobs["data_version"], width=110),
        "message": st.column_config.TextColumn("Message", width=320),
        "job_id": st.column_config.TextColumn("Job id", width=290),
        "parent_job_id": st.column_config.TextColumn("Parent job", width=290),
    }
