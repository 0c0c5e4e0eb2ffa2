"""One time line: uploads, jobs, versions, and what was done from here."""

from datetime import datetime

import numpy as np
import pandas as pd
import streamlit as st

from dashboard import deliveries, time_zone, wording
from dashboard.components import filters, formats, rhythms
from dashboard.components.charts import layout
from dashboard.components.job_states import STATES, SYMBOLS
from dashboard.operations import operation_results
from pages.tenant import charts, read
from pages.tenant.read import Found
from services.frames import JobType

_ROWS = {
    JobType.EXTRACTION: "Extraction",
    JobType.RECEIVING: "Receiving",
    JobType.PROCESSING: "Processing",
}
_COLUMNS = ["row", "at", "words", "color", "symbol"]


def draw(found: Found, now: datetime) -> None:
    """Draw the time line, and how far it reaches."""
    parts = [_uploads(found), _jobs(found), _versions(found), _done(found)]
    events = pd.concat([part for part in parts if len(part)] or [_NOTHING], ignore_index=True)
    if not layout.is_drawn(events["at"]).any():
        st.caption("Nothing to show: no uploads, jobs, data versions or operations.")
    else:
        filters.not_drawn(events["at"], "event")
        due = _due(found)
        st.plotly_chart(
            charts.timeline(events, time_zone.chosen(), now, due),
            key="ten.timeline",
            config={"displayModeBar": False},
            alt="Uploads, jobs, data versions and operations over time",
        )
        st.caption(
            "○ excluded, ◆ operation. Jobs are placed at their start: ● succeeded, ✖ failed, "
            "▲ error, ▶ running; point at another to read its status. Dotted: "
            f"now.{' Dashed: next load due.' if due else ''}{_further_back(events['at'], now)}"
        )
    _reach(found)


def _further_back(times: pd.Series, now: datetime) -> str:
    """Show where what the picture opens on leaves something out."""
    is_old = times[layout.is_drawn(times)] < pd.Timestamp(now) - charts.RECENT
    if not is_old.any() or is_old.all():
        return ""
    days = charts.RECENT.days
    return f" Shows the last {days} days. Double-click to show earlier ones."


def _reach(found: Found) -> None:
    """Show which jobs are known, and offer more of them."""
    if found.jobs is None:
        return
    if found.jobs.refusal:
        st.caption(":material/question_mark: Unknown: jobs cannot be listed. Visier reports:")
        st.text(found.jobs.refusal)
        return
    days = found.window.length.days
    last = "day" if days == 1 else f"{days} days"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"Shows jobs of the last {last}.", width="content")
        if found.window != deliveries.WINDOW:
            calls = formats.counted(deliveries.DAYS, "call")
            st.button(
                f"Read jobs of {deliveries.DAYS} days ({calls})",
                key="ten.more",
                type="tertiary",
                icon=":material/download:",
                on_click=read.ask_for_more,
            )


def _due(found: Found) -> list[pd.Timestamp]:
    if found.versions is None:
        return []
    due = rhythms.with_deadlines(found.versions.tenants.head(1))["due_at"]
    return [*due[layout.is_drawn(due)]]


def _events(
    row: object, at: pd.Series, words: object, color: object, symbol: object = "circle"
) -> pd.DataFrame:
    return pd.DataFrame(
        {"row": row, "at": at, "words": words, "color": color, "symbol": symbol}, columns=_COLUMNS
    )


_NOTHING = _events("", pd.Series(dtype="datetime64[ms, UTC]"), "", "")


def _uploads(found: Found) -> pd.DataFrame:
    if found.uploads is None:
        return _NOTHING
    rows = found.uploads.frame.dropna(subset="upload_time_text")
    is_out = rows["included"].eq(False).fillna(False).to_numpy(bool)
    words = np.where(is_out, "Upload, excluded", "Upload, included")
    color, symbol = np.where(is_out, "orange", "blue"), np.where(is_out, "circle-open", "circle")
    return _events("Uploads", rows["upload_time"], words, color, symbol)


def _jobs(found: Found) -> pd.DataFrame:
    jobs = found.own_jobs
    jobs = jobs[jobs["job_type"].isin(list(_ROWS))]
    kind = jobs["job_type"].astype("str")
    words = kind.map(wording.JOB_TYPES) + " job: " + jobs["status_word"].fillna("")
    state = jobs["status"].astype("str")
    color, symbol = state.map(lambda each: STATES[each][1]), state.map(SYMBOLS)
    return _events(kind.map(_ROWS), jobs["start_time"], words, color, symbol)


def _versions(found: Found) -> pd.DataFrame:
    if found.versions is None:
        return _NOTHING
    rows = found.versions.versions.dropna(subset="data_version")
    words = "Data version " + rows["data_version"]
    return _events("Data versions", rows["data_version_date"], words, "green")


def _done(found: Found) -> pd.DataFrame:
    at = pd.to_datetime([each.started_at for each in found.operations], utc=True)
    words = [
        f"{wording.verb(each.verb)}: {operation_results.result(each, found.starts)}"
        for each in found.operations
    ]
    return _events("Operations", pd.Series(at.as_unit("ms")), words, "violet", "diamond")
