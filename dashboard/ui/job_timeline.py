"""The jobs on a time line, or how many started when where they are too many for one bar each."""

from datetime import UTC, datetime
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import data, session
from dashboard.charts import jobs as charts
from dashboard.ui import chrome, filters, job_actions, job_filters, page, tables, tenants

BY: dict[str, charts.GroupBy] = {"Type": "job_type", "Tenant": "tenant_code"}


def draw(shown: pd.DataFrame) -> None:
    """Draw when the jobs ran, as far as this dashboard saw it; a click selects."""
    placed = shown[shown["start_time"].notna() & ~shown["is_missing"]]
    if placed.empty:
        page.empty("No times", "Visier told no start time for any of these jobs.")
        return
    chosen = st.segmented_control(
        "Group by", list(BY), default="Type", required=True, key="job_group", bind="query-params"
    )
    group_by = BY[chosen or "Type"]
    now, zone = datetime.now(UTC), chrome.time_zone()
    if len(placed) > charts.BARS_AT_MOST:
        st.caption(
            f"Above {charts.BARS_AT_MOST} jobs: how many started when, and what share failed, "
            "blue where none did. Click a cell to zoom in."
        )
        _density(charts.density(placed, zone, now, group_by))
        return
    filters.selecting_chart(
        charts.timeline(placed, zone, now, session.selected(job_actions.NAME), group_by),
        key="jobs.timeline",
        selection=job_actions.NAME,
        shown=placed["job_key"],
        alt="Jobs over time",
    )
    st.caption(
        "Solid to the end where this dashboard saw the job end, or while it runs. A bar that fades "
        "out has ended, and nobody saw when: Visier does not tell."
    )


def usual_times(usual: pd.DataFrame, known: data.TenantDirectory) -> None:
    """Draw how long jobs took that this dashboard saw from their start to their end."""
    box = st.expander(
        "How long jobs usually take, as seen by this dashboard",
        icon=":material/timer:",
        key="jobs.usual",
        on_change="rerun",
    )
    if not box.open:
        return
    with box:
        if usual.empty:
            st.text("This dashboard has not seen a job from its start to its end yet.")
            return
        rows = tenants.with_names(usual, known)
        rows = rows.assign(tenant_code=rows["tenant_code"].replace("", "Every tenant"))
        columns: tables.Columns = {
            "tenant_code": tables.code_column(),
            "tenant_name": "Name",
            "job_type": "Type",
            "count": st.column_config.NumberColumn("Seen to succeed"),
            "median_seconds": tables.age_column("Half took at most"),
            "p90_seconds": tables.age_column("9 in 10 took at most"),
        }
        tables.show(rows, columns, key="jobs.usual.table", of=len(rows), noun="kind")


def _density(figure: Any) -> None:
    def zoom() -> None:
        points: list[dict[str, Any]] = st.session_state["jobs.density"]["selection"]["points"]
        if points:
            st.session_state["job_window"] = job_filters.BETWEEN
            for key, moment in zip(
                ("job_from", "job_to"), points[0]["customdata"][:2], strict=True
            ):
                at = pd.Timestamp(moment).tz_convert(chrome.time_zone()).tz_localize(None)
                filters.put(key, at.to_pydatetime(), at.isoformat(timespec="minutes"))

    st.plotly_chart(
        figure,
        key="jobs.density",
        on_select=zoom,
        selection_mode="points",
        alt="Number of jobs by time; click a cell to zoom in",
    )
