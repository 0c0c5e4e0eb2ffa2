"""The jobs as a table, and the columns it shares with the tree and the drawer."""

from datetime import UTC, datetime

import pandas as pd
import streamlit as st

from dashboard.ui import formats, job_details, states, tables

EXPORT = [
    "job_id",
    "tenant_code",
    "tenant_name",
    "job_type",
    "job_type_word",
    "status",
    "status_word",
    "start_time",
    "parent_job_id",
]


def draw(shown: pd.DataFrame, of: int) -> None:
    """Draw the jobs, newest first; a click on a row opens the drawer."""
    jobs = shown.sort_values("start_time", ascending=False, na_position="last")
    columns: tables.Columns = {
        "tenant_code": tables.code_column(),
        "tenant_name": st.column_config.TextColumn("Name", width=200),
        **common_columns(),
    }
    tables.show(
        for_show(jobs),
        columns,
        key="jobs.table",
        of=of,
        noun="job",
        opens=job_details.OPENED,
        export=EXPORT,
    )


def for_show(jobs: pd.DataFrame) -> pd.DataFrame:
    """Return the jobs with what `common_columns` shows, and the `key` that opens each."""
    return jobs.assign(
        key=jobs["job_id"].fillna(""),
        state=states.labels(jobs),
        age=formats.age_seconds(jobs["start_time"], datetime.now(UTC)),
    )


def common_columns() -> tables.Columns:
    """Return the columns that table and tree have in common."""
    return {
        "job_type": st.column_config.TextColumn("Type", width=170),
        "state": states.column(),
        "start_time": tables.time_column("Started"),
        "age": tables.age_column("Started ago"),
        "tenant_name": st.column_config.TextColumn("Name", width=200),
        "job_id": st.column_config.TextColumn("Job id", width=290),
        "parent_job_id": st.column_config.TextColumn("Parent job", width=290),
    }
