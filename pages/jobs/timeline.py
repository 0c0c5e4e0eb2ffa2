"""The jobs on a time line, or how many started when where they are too many for one bar each."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st

from dashboard import data, session, time_zone
from dashboard.components import (
    filters,
    job_choices,
    page,
    tables,
    tenants,
    theme,
    token_choices,
    typed_time,
)
from dashboard.components.charts import layout
from pages.jobs import actions, charts
from pages.jobs.charts import GroupBy
from services.clock import CLOCK
from services.frames import job_tree
from services.monitoring import Window

BY = {"job_type": "Type", "tenant_code": "Tenant"}


def draw(shown: pd.DataFrame, window: Window) -> None:
    """Draw when the jobs ran, as far as this dashboard saw it; a click selects."""
    there = shown[~shown["is_missing"]]
    placed = there[layout.is_drawn(there["start_time"])]
    filters.not_drawn(there["start_time"], "job")
    if placed.empty:
        page.empty("No start times", "Visier reports no start time for these jobs.")
        return
    chosen = token_choices.one(
        "Group by", BY, key="job_group", default="job_type", shows_label=False
    )
    group_by: GroupBy = "tenant_code" if chosen == "tenant_code" else "job_type"
    now, zone = CLOCK.now(), time_zone.chosen()
    if len(placed) > charts.BARS_AT_MOST:
        within = placed["start_time"] >= pd.Timestamp(window.span(now)[0])
        _density(placed[within], zone, now, group_by)
        st.caption(
            f"Over {charts.BARS_AT_MOST} jobs: number started per interval. Colour: share failed "
            "(blue: none). Select a cell to drill in."
        )
        return
    filters.selecting_chart(
        charts.timeline(
            placed.assign(below=job_tree.below(placed)["below"]),
            zone,
            now,
            session.selected(actions.NAME),
            group_by,
        ),
        key="jobs.timeline",
        selection=actions.NAME,
        shown=placed["job_key"],
        alt="Jobs over time",
    )
    st.caption("Solid: running, or end observed. Faded: finished, end time unknown.")


def usual_times(baseline_stats: pd.DataFrame, known: data.TenantDirectory) -> None:
    """Draw how long jobs took that this dashboard saw from their start to their end."""
    box = st.expander(
        "Typical durations (observed)",
        icon=":material/timer:",
        key="jobs.usual",
        on_change="rerun",
    )
    if not box.open:
        return
    with box:
        if baseline_stats.empty:
            st.text("No job has been observed from start to end yet.")
            return
        rows = tenants.with_names(baseline_stats, known)
        is_of_all = rows["tenant_code"] == ""
        rows = rows.assign(tenant_name=rows["tenant_name"].mask(is_of_all, "All tenants"))
        columns: tables.Columns = {
            **tables.tenant_columns(rows),
            "job_type": "Type",
            "count": tables.count_column("Successes (observed)"),
            "median_seconds": tables.age_column("Median"),
            "p90_seconds": tables.age_column("90th percentile"),
        }
        tables.show(rows, columns, key="jobs.usual.table", of=len(rows), noun="kind")


def _density(placed: pd.DataFrame, zone: ZoneInfo, now: datetime, group_by: GroupBy) -> None:
    starts = placed["start_time"]
    first, last = (each.floor("min") for each in (starts.min(), starts.max()))

    def zoom(cell: list[str]) -> None:
        begin, end, low, high = cell
        st.session_state["job_window"] = job_choices.BETWEEN
        # No further than the jobs go: beyond lies what the window has left out.
        since = max(pd.Timestamp(begin), first)
        until = min(pd.Timestamp(end) - typed_time.MINUTE, last)
        local = (at.tz_convert(zone).tz_localize(None) for at in (since, until))
        filters.put_span("job_from", "job_to", *(at.isoformat(timespec="minutes") for at in local))
        if group_by == "job_type":
            st.session_state["job_type"] = [low]
        else:
            tenants.zoom(low, high, key="job_tenant", within_key="job_codes")

    picture = charts.density(placed, zone, now, group_by, on_dark=theme.is_dark())
    filters.zooming_chart(picture, zoom, key="jobs.density")
