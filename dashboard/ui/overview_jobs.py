"""The jobs of the period by state, worst first, and what went wrong."""

from collections.abc import Hashable, Mapping

import pandas as pd
import streamlit as st

from dashboard import navigation
from dashboard.job_states import STATES, Color
from dashboard.navigation import JOBS, Query
from dashboard.ui import figures, formats, job_filters, tables
from dashboard.ui.overview_period import Period
from services.frames import FAILURES

GROUPS_AT_MOST = 5
# In the order of the tiles: what is wrong comes first.
REMARKED: dict[str, tuple[str, Color]] = {"Stuck": ("⚓", "red"), "Late": ("◴", "orange")}
FACES = {"Waiting": STATES["Pending"], "Other": STATES["Unknown"]}


def query_of(period: Period, **more: str | list[str]) -> Query:
    """Return the query of Jobs for the period and these filters."""
    return {"job_window": period.name, **{f"job_{name}": value for name, value in more.items()}}


def answer(jobs: pd.DataFrame, period: Period) -> None:
    """Say how many jobs failed and how many are stuck; each part is a link."""
    failed = int(jobs["status"].isin(FAILURES).sum())
    stuck = int((jobs["mark"] == job_filters.REMARKS["Stuck"]).sum())
    if failed:
        figures.clause(
            f"**{formats.counted(failed, 'job')}** failed.",
            JOBS,
            query_of(period, state=_states("Failed")),
            icon=":material/error:",
        )
    if stuck:
        figures.clause(
            f"**{formats.counted(stuck, 'job')}** {'is' if stuck == 1 else 'are'} stuck.",
            JOBS,
            query_of(period, remark=["Stuck"]),
            icon=":material/anchor:",
        )


def tiles(jobs: pd.DataFrame, period: Period) -> None:
    """Draw how many jobs are in which state; failed, stuck and late ones come first."""
    states = jobs["status"].value_counts().to_dict()
    marks = jobs["mark"].value_counts()
    (first, *others) = job_filters.FIGURES
    with figures.row():
        _state_tile(first, states, period)
        for word, (mark, color) in REMARKED.items():
            number = int(marks.get(job_filters.REMARKS[word], 0))
            query = query_of(period, remark=[word])
            figures.tile(word, number, JOBS, query, mark=mark, color=color)
        for title in others:
            _state_tile(title, states, period)
    st.caption("Not counted: jobs that started before, even if they still run.")


def _state_tile(title: str, counts: Mapping[Hashable, int], period: Period) -> None:
    mark, color = FACES.get(title) or STATES[title]
    number = sum(counts.get(state, 0) for state in job_filters.FIGURES[title])
    query = query_of(period, state=_states(title))
    figures.tile(title, number, JOBS, query, mark=mark, color=color)


def _states(title: str) -> list[str]:
    return [state.value for state in job_filters.FIGURES[title]]


def went_wrong(groups: pd.DataFrame, period: Period) -> None:
    """Draw the kinds of failure, the most frequent first; a click shows the jobs of one."""
    if groups.empty:
        st.caption(f":material/check: No job failed {period.words}.")
        return
    columns: tables.Columns = {
        "jobs": st.column_config.NumberColumn("Jobs", width=60),
        "tenants": st.column_config.NumberColumn("Tenants", width=70),
        "fingerprint": st.column_config.TextColumn("What went wrong", width=330),
        "last": tables.time_column("Last started"),
    }
    clicked = tables.clicked(groups.head(GROUPS_AT_MOST), columns, key="ov.failures")
    if clicked is not None:
        navigation.go_to(JOBS, query_of(period, failure=str(groups["key"].iloc[clicked])))
    st.page_link(
        navigation.file_of(JOBS),
        label="Every kind of failure, and why",
        icon=":material/arrow_forward:",
        query_params=navigation.in_zone(query_of(period, view="Failures")),
    )
