"""What every figure shares: margins, height, tenant bands, colours that read in both themes."""

from collections.abc import Collection, Sequence
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pandas as pd
import plotly.graph_objects as go

# More tenants than this do not fit as rows of their own.
ROWS_AT_MOST = 60
# With their frame, as tall as half a screen of today.
BANDS_AT_MOST = 20
# pixels: of a row with a label, of a row of marks, of a row among many, of all around the rows
ROW_HEIGHT = 22
MARKS_HEIGHT = 18
# letters: a longer name would take the marks their room
NAME_AT_MOST = 28
CROWDED_ROW_HEIGHT = 15
FRAME_HEIGHT = 142
TOP_MARGIN = 40
_LEGEND_AND_AXIS = 60
_MARGIN = 8
# Fewer would be less tall than Plotly's toolbar.
_ROWS_BESIDE_TOOLBAR = 5
# Plotly's toolbar stands upright in the right margin, where no word, mark or legend is.
RIGHT_MARGIN = 36
# So does no end of a word of an axis of time.
WITHIN = {"ticklabeloverflow": "hide past domain"}
MODE_BAR = {"orientation": "v", "remove": ["zoomin", "zoomout", "autoscale"]}
SHORTEST_SPAN = pd.Timedelta(days=1)
# A date beyond these is a slip or a placeholder. One mark of it would press all others into a
# line, and at either end of the calendar a time has no clock time in some zones.
DRAWN_SINCE = pd.Timestamp("2000-01-01", tz="UTC")
DRAWN_UNTIL = pd.Timestamp("2100-01-01", tz="UTC")
# More columns are narrower than the numbers in them.
BINS_AT_MOST = 48
# One line each: there is no room for two.
ONE_LINE_TICKS = [
    {"dtickrange": [None, 43_200_000], "value": "%d %b %H:%M"},
    {"dtickrange": [43_200_000, "M1"], "value": "%d %b"},
    {"dtickrange": ["M1", None], "value": "%b %Y"},
]
# With the date below, where it changes: short enough for a phone.
TWO_LINE_TICKS = [
    {"dtickrange": [None, 43_200_000], "value": "%H:%M\n%d %b"},
    *ONE_LINE_TICKS[1:],
]
BIN_FORMAT = "%d %b %Y %H:%M"
MINUTE_FORMAT = "%Y-%m-%dT%H:%M"

BLUE = "#3b82d6"
ORANGE = "#d9730d"
GREY = "#8592a3"
UNUSUAL = "#d6336c"
# The more there are, the further a cell stands out from the page: dark on a white one, bright on a
# dark one. What has a number is opaque, and the number is readable on every colour of its scale,
# also while the page behind is not the one that was thought.
COUNT_SCALE = ((0.0, "rgba(59,130,214,0.08)"), (0.001, "#d3e3f9"), (1.0, "#5b97e5"))
COUNT_SCALE_ON_DARK = ((0.0, "rgba(59,130,214,0.08)"), (0.001, "#1d3559"), (1.0, "#2f72d6"))
NUMBER_ON_PALE = "#1b2430"
NUMBER_ON_DARK = "#ffffff"
# None is blue; however few are, are not.
SHARE_SCALE = ((0.0, "#8fb8ea"), (0.001, "#f2c078"), (1.0, "#e66a33"))
SHARE_SCALE_ON_DARK = ((0.0, "#1d3f73"), (0.001, "#5c3a12"), (1.0, "#c4501b"))
# Below the toolbar, which stands in the same margin.
_BAR = {"thickness": 10, "outlinewidth": 0, "ypad": 0, "len": 0.75, "y": 0, "yanchor": "bottom"}
_OVERLAID = {"marker": {"opacity": 1}}


def finished(figure: go.Figure, rows: int) -> go.Figure:
    """Return the figure with the common layout, tall enough for its rows."""
    return figure.update_layout(common(rows)).update_xaxes(WITHIN)


def by_tenant(figure: go.Figure, rows: pd.DataFrame) -> go.Figure:
    """Return the figure finished, with a row for each tenant of these, the first one on top.

    Legend and axis are above the rows, of which not all may be in view.
    """
    tenants = sorted(plain(rows["tenant_code"]).unique(), reverse=True)
    figure.update_yaxes(
        categoryorder="array", categoryarray=tenants, showgrid=True, labelalias=called(rows)
    )
    row_height = MARKS_HEIGHT if len(tenants) <= BANDS_AT_MOST else CROWDED_ROW_HEIGHT
    beside_toolbar = max(len(tenants), _ROWS_BESIDE_TOOLBAR)
    finished(figure, len(tenants)).update_layout(
        height=_LEGEND_AND_AXIS + row_height * beside_toolbar + _MARGIN,
        legend={"yref": "container", "y": 1, "yanchor": "top"},
        margin={"t": _LEGEND_AND_AXIS},
    )
    return figure.update_xaxes(side="top", tickformatstops=ONE_LINE_TICKS)


def marks_on(x: pd.Index, y: pd.Series, symbol: object, color: object, size: object) -> go.Scatter:
    """Return marks on cells that neither hover nor selection takes notice of."""
    return go.Scatter(
        x=x,
        y=y,
        mode="markers",
        marker={
            "symbol": symbol,
            "size": size,
            "color": color,
            "opacity": 1,
            "line": {"width": 1.5, "color": color},
        },
        selected=_OVERLAID,
        unselected=_OVERLAID,
        hoverinfo="skip",
    )


def common(rows: int) -> dict[str, Any]:
    """Return the layout that all figures share.

    A figure made with its whole layout takes a tenth of the time of one that is updated.
    """
    row_height = ROW_HEIGHT if rows <= BANDS_AT_MOST else CROWDED_ROW_HEIGHT
    return {
        "height": FRAME_HEIGHT + row_height * max(rows, 4),
        "margin": {"l": _MARGIN, "r": RIGHT_MARGIN, "t": TOP_MARGIN, "b": _MARGIN},
        "modebar": MODE_BAR,
        "legend": {"orientation": "h", "yanchor": "bottom", "y": 1.0, "x": 0},
        # Readable over the marks in a light and in a dark page.
        "hoverlabel": {"align": "left", "bgcolor": "#1b2430", "font": {"color": "#ffffff"}},
        "showlegend": True,
        "hovermode": "closest",
        "clickmode": "event+select",
        "dragmode": "select",
    }


def count_bar(word: str) -> dict[str, Any]:
    """Return the bar that tells the colours of COUNT_SCALE; its word stands beside it."""
    return {**_BAR, "title": {"text": word, "side": "right"}, "tickformat": ",d", "nticks": 4}


def share_bar(word: str) -> dict[str, Any]:
    """Return the bar that tells the colours of SHARE_SCALE; its word stands beside it."""
    return {
        **_BAR,
        "title": {"text": word, "side": "right"},
        "tickvals": [0.001, 0.5, 1],
        "ticktext": ["over 0%", "50%", "100%"],
    }


def is_drawn(times: pd.Series) -> "pd.Series[bool]":
    """Return which of the times can be drawn: those that are known and in or near our century."""
    drawn: pd.Series[bool] = (times >= DRAWN_SINCE) & (times < DRAWN_UNTIL)
    return drawn


def local(times: pd.Series, zone: ZoneInfo) -> pd.Series:
    """Return the times, of which all can be drawn, as clock times: plotly knows no time zones."""
    naive: pd.Series = times.dt.tz_convert(zone).dt.tz_localize(None)
    return naive


def span(times: pd.Series) -> list[pd.Timestamp] | None:
    """Return the range of an axis of a day when the times are closer together, or None."""
    if times.empty or times.max() - times.min() >= SHORTEST_SPAN:
        return None
    middle = times.min() + (times.max() - times.min()) / 2
    return [middle - SHORTEST_SPAN / 2, middle + SHORTEST_SPAN / 2]


def time_bins(
    times: pd.Series, steps: Sequence[pd.Timedelta]
) -> tuple[pd.IntervalIndex, npt.NDArray[np.intp]]:
    """Return the bins, closed on the left, and the number of the bin of each time.

    The first step is taken that needs BINS_AT_MOST bins or few more, or else the last. Bins begin
    at whole steps of the day.
    """
    if times.empty:
        none = pd.DatetimeIndex([])
        return pd.IntervalIndex.from_arrays(none, none, "left"), np.array([], dtype=np.intp)
    span = times.max() - times.min()
    step = next((step for step in steps if span <= step * BINS_AT_MOST), steps[-1])
    first = times.min().floor(min(step, pd.Timedelta(days=1)))
    starts = pd.date_range(first, times.max(), freq=step)
    bins = pd.IntervalIndex.from_arrays(starts, starts + step, "left")
    return bins, np.searchsorted(starts.to_numpy(), times.to_numpy(), "right") - 1


def minutes(begins: pd.Index, ends: pd.Index, times: pd.Series) -> npt.NDArray[np.object_]:
    """Return from which to which minute each span goes, both included, as ISO 8601 texts.

    The ends are not part of the spans; NaT is an open end. No span goes further than `times` do:
    beyond them lies what the filter has left out.
    """
    first, last = times.min().floor("min"), times.max().floor("min")
    since, until = pd.Series(begins), pd.Series(ends) - pd.Timedelta(minutes=1)
    shown = since.where(since > first, first), until.where(until < last, last)
    return np.column_stack([each.dt.strftime(MINUTE_FORMAT).to_numpy(object) for each in shown])


def bin_names(bins: pd.IntervalIndex) -> npt.NDArray[np.str_]:
    """Return `23 Nov 2026 00:00 to 23 Nov 2026 01:00` for each bin."""
    starts, ends = pd.DatetimeIndex(bins.left), pd.DatetimeIndex(bins.right)
    names = starts.strftime(BIN_FORMAT) + " to " + ends.strftime(BIN_FORMAT)
    return names.to_numpy(str)


def counted(numbers: npt.NDArray[np.integer], noun: str) -> npt.NDArray[np.str_]:
    """Return `1 tenant`, `1,200 tenants` for each number."""
    words = np.where(numbers == 1, f" {noun}", f" {noun}s")
    return np.char.add(written(numbers), words)


def written(numbers: npt.NDArray[np.integer]) -> npt.NDArray[np.str_]:
    """Return each number with a comma between thousands."""
    texts = np.array([f"{number:,}" for number in numbers.ravel().tolist()], str)
    return texts.reshape(numbers.shape)


def plain(texts: pd.Series) -> pd.Series:
    """Return the texts so that plotly shows them as they are: it reads some HTML in them."""
    escaped: pd.Series = texts.str.replace("&", "&amp;").str.replace("<", "&lt;")
    return escaped


def called(rows: pd.DataFrame) -> dict[str, str]:
    """Return by code what the row of a tenant is called on an axis, where its name is known.

    Two tenants may have one name: then the code stands beside it.
    """
    named = rows.loc[rows["tenant_name"].fillna("").ne(""), ["tenant_code", "tenant_name"]]
    distinct = named.drop_duplicates("tenant_code").apply(plain)
    short = distinct["tenant_name"].str.slice(0, NAME_AT_MOST)
    text = short.mask(short.duplicated(keep=False), short + " · " + distinct["tenant_code"])
    return dict(zip(distinct["tenant_code"], text, strict=True))


def with_key(rows: pd.DataFrame, *texts: str) -> pd.DataFrame:
    """Return what the marks of these rows carry: their key as it is, then texts to show."""
    return rows[["key"]].join(rows[list(texts)].apply(plain))


def highlight(figure: go.Figure, selected: Collection[str]) -> None:
    """Highlight the marks whose key is selected; without any in sight, all look alike."""
    hits = [
        [number for number, row in enumerate(trace.customdata) if row[0] in selected]
        for trace in figure.data
        if selected
    ]
    if any(hits):
        for trace, points in zip(figure.data, hits, strict=True):
            trace.update(selectedpoints=points, unselected={"marker": {"opacity": 0.5}})


def bands(
    tenant_codes: pd.Series, at_most: int = BANDS_AT_MOST
) -> tuple[npt.NDArray[np.intp], pd.DataFrame]:
    """Cut the sorted tenants into bands of equal size.

    Returns the band of each row (from 0), and one row per band: `first` and `last` (str, the
    tenant codes at its ends).
    """
    tenant, codes = pd.factorize(tenant_codes, sort=True)
    size = max(1, -(-len(codes) // at_most))
    starts = np.arange(0, len(codes), size)
    ends = np.minimum(starts + size, len(codes)) - 1
    return tenant // size, pd.DataFrame({"first": codes.take(starts), "last": codes.take(ends)})
