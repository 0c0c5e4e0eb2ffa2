"""Pictures of jobs: a bar per job in time, or how many started when and what share failed.

`timeline` up to BARS_AT_MOST jobs, `density` above. Both take jobs with the columns of
services.frames.jobs.SCHEMA; those whose start time is not `layout.is_drawn` are left out.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any, Literal, TypeAlias
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pandas as pd
import plotly.graph_objects as go

from dashboard.components.charts import job_bars, layout, matrix
from dashboard.components.job_states import COLORS, FACES, Color, Face, face
from dashboard.wording import JOB_TYPES, in_words
from services.monitoring.failures import FAILED

GroupBy = Literal["job_type", "tenant_code"]
States: TypeAlias = list[tuple[Face, pd.DataFrame]]

# More are neither told apart nor hit by a click: their density is drawn instead.
BARS_AT_MOST = 300
BIN_STEPS = (
    *(pd.Timedelta(minutes=minutes) for minutes in (1, 2, 5, 10, 15, 30)),
    *(pd.Timedelta(hours=hours) for hours in (1, 2, 3, 6, 12, 24, 48, 168, 720, 8760)),
)

OUTLINE = "#e8368f"
HOW_TO_READ = (
    "Solid: running, or end observed. Faded: finished, end time unknown. Click a "
    "bar to select its job."
)
# A bar that fades is drawn of so many pieces: plotly has no gradient for a bar.
_STEPS = 8
_LANES, _HIGHEST_LANE, _LOWEST_LANE, _HEIGHT = 4, 22, 11, 1400
_HOVER = (
    "%{customdata[1]} · %{customdata[2]}<br>%{customdata[3]}<br>started %{customdata[4]}<br>"
    "%{customdata[5]}<extra></extra>"
)


def timeline(
    jobs: pd.DataFrame,
    zone: ZoneInfo,
    now: datetime,
    selected: Collection[str],
    group_by: GroupBy,
) -> go.Figure:
    """Draw a bar per job, the newest BARS_AT_MOST of them, grouped by type or tenant.

    Besides SCHEMA's columns `jobs` has tenant_name, last_live_at, ended_at and end_seen of
    services.monitoring.durations.job_histories, and of a tree `below` of job_tree.below. A bar is
    solid from its start to the end that was seen or, of a live job, to now. One whose end nobody
    saw fades out, from when it was last seen live or else from its start: how far is no time. Jobs
    that do not overlap share a lane of their group. The job_key is the first `customdata` of every
    mark; the selected ones are outlined.
    """
    bars = job_bars.bars(jobs, zone, now, group_by, BARS_AT_MOST)
    bars["y"], ticks = job_bars.places(bars)
    states = [(each, bars[bars["face"] == each.label]) for each in FACES]
    states = [(each, rows) for each, rows in states if not rows.empty]
    figure = go.Figure([*_solid(states), *_fading(states), *_marks(states), _arrows(bars)])
    figure.add_traces(_touched(states, selected))
    # A click alone dims nothing: what is selected has its outline.
    figure.update_traces(unselected={"marker": {"opacity": 1}}, selector={"type": "bar"})
    here = job_bars.local(now, zone)
    figure.add_vline(here, line={"color": layout.GREY, "width": 1, "dash": "dot"}, layer="below")
    figure.update_xaxes(
        range=_range(bars, here), type="date", tickformatstops=layout.TWO_LINE_TICKS
    )
    shown = job_bars.readable(ticks, _lay_lanes(figure, bars, ticks))
    names = pd.Series(shown.index, dtype="str")
    if group_by == "job_type":
        names = in_words(names, JOB_TYPES).astype("str")
    texts = layout.plain(names)
    if group_by == "tenant_code":
        texts = texts.map(layout.called(jobs)).fillna(texts)
    return figure.update_yaxes(tickvals=shown["middle"], ticktext=texts)


def _lay_lanes(figure: go.Figure, bars: pd.DataFrame, ticks: pd.DataFrame) -> float:
    """Give a chart the height of its lanes, with borders of the groups; return that of a lane."""
    lanes = max([_LANES, *(bars["y"] + 1)])
    lane_height = float(np.clip(_HEIGHT / lanes, _LOWEST_LANE, _HIGHEST_LANE))
    figure.update_yaxes(
        range=[lanes - 0.5 + job_bars.GAP, -0.5 - job_bars.GAP],
        showgrid=False,
        zeroline=False,
        fixedrange=True,
    )
    layout.finished(figure, 0).update_layout(
        barmode="overlay",
        dragmode="zoom",
        height=layout.FRAME_HEIGHT + round(lane_height * lanes),
        shapes=[*figure.layout.shapes, *_borders(ticks)],
    )
    return lane_height


def _range(bars: pd.DataFrame, here: pd.Timestamp) -> list[pd.Timestamp]:
    first = min([here - pd.Timedelta(minutes=10), *bars["begin"]])
    margin = (here - first) * job_bars.ROOM
    return [first - 2 * margin, max([here, *bars["end"]]) + margin]


def _borders(ticks: pd.DataFrame) -> list[dict[str, Any]]:
    line = {"color": "rgba(133,146,163,0.35)", "width": 1}
    return [
        {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": y, "y1": y, "line": line}
        for y in ticks["border"].iloc[:-1]
    ]


def _rgba(color: Color, opacity: float = 1.0) -> str:
    red, green, blue = COLORS[color]
    return f"rgba({red},{green},{blue},{opacity:.2f})"


def _bar(begin: pd.Series, end: pd.Series, y: pd.Series, **style: Any) -> go.Bar:
    length = (end - begin).dt.total_seconds() * 1000
    return go.Bar(orientation="h", base=begin, x=length, y=y, width=0.72, **style)


def _solid(states: States) -> list[go.Bar]:
    """Return a trace per state, with the entry of the legend."""
    return [
        _bar(
            rows["begin"],
            rows["solid_end"],
            rows["y"],
            name=each.label,
            legendgroup=each.words,
            hoverinfo="skip",
            # The line makes the shortest bars visible.
            marker={"color": _rgba(each.color), "line": {"color": _rgba(each.color), "width": 1}},
        )
        for each, rows in states
    ]


def _fading(states: States) -> list[go.Bar]:
    """Return a trace per state of what comes after the last that was seen: paler in each step."""
    traces = []
    for shown, every in states:
        rows = every[every["end"] > every["solid_end"]]
        steps = rows.loc[rows.index.repeat(_STEPS)]
        number = np.tile(np.arange(_STEPS), len(rows))
        step = (steps["end"] - steps["solid_end"]) / _STEPS
        begin = steps["solid_end"] + step * number
        fading = [_rgba(shown.color, 0.85 * (1 - each / _STEPS)) for each in range(_STEPS)]
        marker = {"color": fading * len(rows), "line": {"width": 0}}
        style = {"name": f"{shown.words}, {job_bars.NOBODY_SAW}", "legendgroup": shown.words}
        unseen = {"marker": marker, "showlegend": False, "hoverinfo": "skip"}
        traces.append(_bar(begin, begin + step, steps["y"], **style, **unseen))
    return traces


def _marks(states: States) -> list[go.Scatter]:
    """Return the marks before the bars, a trace per state."""
    return [
        go.Scatter(
            x=rows["begin"],
            y=rows["y"],
            mode="text",
            # The space keeps it off the bar.
            text=[f"{each.mark}\u00a0"] * len(rows),
            textposition="middle left",
            textfont={"size": 10, "color": _rgba(each.color)},
            unselected={"textfont": {"color": _rgba(each.color)}},
            legendgroup=each.words,
            showlegend=False,
            hoverinfo="skip",
        )
        for each, rows in states
    ]


def _arrows(bars: pd.DataFrame) -> go.Scatter:
    """Return where live jobs go on."""
    live = bars[bars["live"]]
    colors = [_rgba(face(status).color) for status in live["status"]]
    return go.Scatter(
        x=live["solid_end"],
        y=live["y"],
        mode="markers",
        marker={"symbol": "triangle-right", "size": 9, "color": colors},
        unselected={"marker": {"opacity": 1}},
        showlegend=False,
        hoverinfo="skip",
    )


def _touched(states: States, selected: Collection[str]) -> list[go.Bar]:
    """Return what is pointed at and clicked, unseen but for the outlines of the selected jobs."""
    return [
        _bar(
            rows["begin"],
            rows["end"],
            rows["y"],
            name=each.words,
            legendgroup=each.words,
            showlegend=False,
            customdata=layout.with_key(rows, "type", "tenant", "state", "start", "took"),
            hovertemplate=_HOVER,
            marker={
                "color": "rgba(0,0,0,0)",
                "line": {"color": OUTLINE, "width": np.where(rows["key"].isin(selected), 2.5, 0)},
            },
        )
        for each, rows in states
    ]


def density(
    jobs: pd.DataFrame, zone: ZoneInfo, now: datetime, group_by: GroupBy, *, on_dark: bool = False
) -> go.Figure:
    """Draw how many jobs started when, by type or band of tenants, and what share failed.

    Failed are Failed, Error and Rolled back. The `customdata` of a cell is the begin and the end
    of its time, ISO 8601 in UTC, and the first and last type or tenant code of its row.
    """
    known = jobs[layout.is_drawn(jobs["start_time"])]
    rows, row = _rows(known, group_by)
    times = layout.local(known["start_time"], zone)
    # Up to now, so that it is seen when nothing has started lately.
    until = pd.concat([times, pd.Series(job_bars.local(now, zone), [-1])]) if len(times) else times
    bins, column = layout.time_bins(until, BIN_STEPS)
    shape, column = (len(rows), len(bins)), column[: len(times)]
    total, failed = np.zeros(shape, "int32"), np.zeros(shape, "int32")
    np.add.at(total, (row, column), 1)
    np.add.at(failed, (row, column), known["status"].isin(FAILED).to_numpy(bool))
    with np.errstate(invalid="ignore"):
        share = failed / total
    hover = np.char.add(layout.counted(total, "job"), np.char.add(", ", layout.written(failed)))
    hover = np.char.add(np.char.add(hover, " failed<br>"), layout.bin_names(bins))
    figure = matrix.cells(
        share,
        bins,
        layout.plain(rows["label"]),
        titles=layout.plain(rows["title"]),
        carried=_cell_ends(rows, bins, zone),
        hover=hover,
        text=np.where(total > 0, layout.written(total), ""),
        texttemplate="%{text}",
        textfont={"color": layout.NUMBER_ON_DARK if on_dark else layout.NUMBER_ON_PALE},
        colorscale=layout.SHARE_SCALE_ON_DARK if on_dark else layout.SHARE_SCALE,
        zmax=1,
        colorbar=layout.share_bar("failed"),
    )
    return figure.update_xaxes(tickformatstops=layout.TWO_LINE_TICKS)


def _rows(known: pd.DataFrame, group_by: GroupBy) -> tuple[pd.DataFrame, npt.NDArray[np.intp]]:
    """Return the rows of the matrix (first, last, label, title), and the row of each job."""
    if group_by == "job_type":
        types = known["job_type"].cat.remove_unused_categories()
        names = pd.Series(types.cat.categories, dtype="str")
        words = names.map(JOB_TYPES)
        rows = pd.DataFrame({"first": names, "last": names, "label": words, "title": words})
        return rows, types.cat.codes.to_numpy().astype(np.intp)
    codes = known["tenant_code"].fillna(job_bars.NO_TENANT)
    band, rows = layout.bands(codes)
    alone = rows["first"] == rows["last"]
    label = rows["first"] + np.where(alone, "", " …")
    title = rows["first"].where(alone, rows["first"] + " to " + rows["last"])
    return rows.assign(label=label, title=title), band


def _cell_ends(rows: pd.DataFrame, bins: pd.IntervalIndex, zone: ZoneInfo) -> npt.NDArray[Any]:
    texts = [_iso(pd.DatetimeIndex(ends), zone) for ends in (bins.left, bins.right)]
    times = np.tile(np.column_stack(texts), (len(rows), 1))
    of_rows = np.repeat(rows[["first", "last"]].to_numpy(), len(bins), axis=0)
    return np.column_stack([times.astype(object), of_rows])


def _iso(times: pd.DatetimeIndex, zone: ZoneInfo) -> npt.NDArray[np.str_]:
    """Return clock times of the zone in UTC; of an hour that a clock change repeats, the first."""
    first = np.ones(len(times), np.bool_)
    aware = times.tz_localize(zone, ambiguous=first, nonexistent="shift_forward")
    return aware.tz_convert("UTC").strftime("%Y-%m-%dT%H:%M:%SZ").to_numpy(str)
