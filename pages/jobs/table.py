"""The jobs as a table, and the columns it shares with the tree and the drawer."""

from dataclasses import dataclass, field
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


@dataclass
class FrozenRows:
    """The keys of the jobs that were shown when something was selected."""

    keys: "pd.Series[str]" = field(default_factory=lambda: pd.Series(dtype="str"))

    def freeze(self, keys: "pd.Series[str]") -> None:
        """Remember what is shown."""
        self.keys = keys


def draw(shown: pd.DataFrame, of: int) -> None:
    """Draw the jobs, newest first; ticked ones are selected, a button opens the drawer."""
    jobs = shown.sort_values("start_time", ascending=False, na_position="last")
    jobs = with_counts_below(for_show(jobs))
    columns: tables.Columns = {
        "state": state_column(),
        **tables.tenant_columns(jobs, width=172),
        "open": tables.open_column(jobs["key"], key="jobs.open", opens=actions.OPENED),
        **common_columns(jobs),
    }
    tables.show_selectable(
        jobs,
        columns,
        key="jobs.table",
        of=of,
        noun="job",
        selection=actions.NAME,
        export=EXPORT,
    )


def with_counts_below(jobs: pd.DataFrame) -> pd.DataFrame:
    """Return jobs of a tree with what EXPORT tells of everything below each."""
    return jobs.join(job_tree.below(jobs)[BELOW])


def for_show(jobs: pd.DataFrame) -> pd.DataFrame:
    """Return the jobs with what `common_columns` shows, and the `key` that opens each."""
    now = CLOCK.now()
    age = formats.ages(jobs["start_time"], now)
    return jobs.assign(
        key=jobs["job_key"].fillna(""),
        open=tables.OPEN,
        state=states.labels(jobs),
        bar=states.bars(jobs),
        below=states.below_in_words(jobs),
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
        "bar": st.column_config.ImageColumn("Child jobs", width=140, help=BAR),
        "below": st.column_config.TextColumn(
            "By status", width=250, help="Child jobs at all levels, by status"
        ),
    }


def state_column() -> ColumnConfig:
    """Return the pinned column of the states, which comes first: it is seen on a phone, too."""
    return states.column(width=205, pinned=True)


def common_columns(jobs: pd.DataFrame) -> tables.Columns:
    """Return the columns that table and tree have in common, of jobs `for_show`."""
    return {
        "job_type": st.column_config.TextColumn("Type", width=107),
        "remark": st.column_config.TextColumn("Remark", width=110),
        "start_time": tables.time_column("Started"),
        "took": st.column_config.NumberColumn("Duration", format="duration", width=100, help=TOOK),
        **below_columns(),
        "stage": st.column_config.TextColumn("Stage", width=150),
        "data_version": tables.version_column("Data version", jobs["data_version"], width=110),
        "message": st.column_config.TextColumn("Message", width=320),
        "job_id": st.column_config.TextColumn("Job id", width=290),
        "parent_job_id": st.column_config.TextColumn("Parent job", width=290),
    }
