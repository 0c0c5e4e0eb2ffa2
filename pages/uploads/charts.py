"""Pictures of data uploads: a time line per tenant, or at size what came when, and how unusual."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pandas as pd
import plotly.graph_objects as go

from dashboard.components.charts import layout, matrix

# Lanes and bands together: with more, the first rows of the table would not be in view.
ROWS_AT_MOST: Final = 15
BIN_STEPS = tuple(pd.Timedelta(hours=hours) for hours in (1, 3, 6, 12, 24, 48, 168, 720, 8760))
OTHERS: Final = "others"
# The colour and the mark of each lane, the first those of Deliveries. There are no more lanes: more
# colours are not told apart, and more rows leave no room for the first ones of the table.
LANES: Final = (
    (layout.UNUSUAL, "diamond"),
    ("#8f63dd", "square"),
    ("#0f8f86", "triangle-up"),
    ("#b0621e", "star"),
    ("#9a7400", "cross"),
    ("#6b7a8c", "hexagon"),
)
# Strokes that differ from every mark of a delivery, and are seen behind it.
EXCLUDED: Final = "hash-open"
_LANE_SCALE: Final = [[at / (len(LANES) - 1), color] for at, (color, _) in enumerate(LANES)]
# Pixels of the mark that hatches a cell, by the share of its uploads that is excluded.
_LEAST_HATCHED, _WHOLLY_HATCHED = 5, 12
_BELOW: Final = 8


@dataclass(frozen=True, eq=False)
class Lanes:
    """Unusual deliveries, each to be drawn in a lane of its own.

    `rows` has delivery_id and, to be read, label, title and why (all str), the most unusual first,
    and no more than LANES. `of` is the number of the lane of each upload, -1 for the others,
    aligned to the uploads.
    """

    rows: pd.DataFrame
    of: "pd.Series[int]"

    @classmethod
    def none(cls, uploads: pd.DataFrame) -> "Lanes":
        """Return no lanes: all uploads are usual."""
        rows = pd.DataFrame(columns=["delivery_id", "label", "title", "why"], dtype="str")
        return cls(rows, pd.Series(-1, index=uploads.index))


class Density(NamedTuple):
    """A picture, and for each upload that it draws the number of its cell, row by row."""

    figure: go.Figure
    cell: "pd.Series[int]"


def timeline(
    uploads: pd.DataFrame,
    zone: ZoneInfo,
    selected: Collection[str] = frozenset(),
    lanes: Lanes | None = None,
) -> go.Figure:
    """Draw every upload on a time axis, one row per tenant: included filled, excluded hollow.

    Those of unusual deliveries have the colour and the mark of their lane. Those whose time is not
    `layout.is_drawn` are left out. The marks of the selected keys stand out; `key` is the first
    `customdata` of each mark.
    """
    lanes = lanes or Lanes.none(uploads)
    known = uploads[layout.is_drawn(uploads["upload_time"])]
    included, of = known["included"].fillna(False).astype(bool), lanes.of.reindex(known.index)
    usual = of < 0
    figure = go.Figure(
        [
            _marks(known[usual & included], zone, "included", "circle", layout.BLUE),
            _marks(known[usual & ~included], zone, "excluded", "circle-open", layout.ORANGE),
        ]
    )
    for number, label in enumerate(lanes.rows["label"]):
        color, symbol = LANES[number]
        for which, mark in ((included, symbol), (~included, f"{symbol}-open")):
            rows = known[(of == number) & which]
            if len(rows):
                figure.add_trace(_marks(rows, zone, label, mark, color))
    layout.highlight(figure, selected)
    figure.update_xaxes(range=layout.span(layout.local(known["upload_time"], zone)))
    return layout.by_tenant(figure, uploads)


def _marks(rows: pd.DataFrame, zone: ZoneInfo, name: str, symbol: str, color: str) -> go.Scatter:
    return go.Scatter(
        x=layout.local(rows["upload_time"], zone),
        y=layout.plain(rows["tenant_code"]),
        customdata=layout.with_key(rows, "upload_time_text", "tenant_name", "tenant_code"),
        mode="markers",
        name=name,
        marker={"symbol": symbol, "size": 11, "color": color, "line": {"width": 2}},
        hovertemplate=(
            "%{customdata[2]} %{customdata[3]}<br>%{x|%d %b %Y %H:%M:%S}<br>%{customdata[1]}"
        ),
    )


class _Grid(NamedTuple):
    """What each row of cells stands for, the lanes first, and what each cell counts."""

    lanes: pd.DataFrame
    bands: pd.DataFrame
    bins: pd.IntervalIndex
    total: npt.NDArray[np.int_]
    excluded: npt.NDArray[np.int_]


def density(
    uploads: pd.DataFrame,
    zone: ZoneInfo,
    lanes: Lanes | None = None,
    *,
    rows: int = ROWS_AT_MOST,
    on_dark: bool = False,
) -> Density:
    """Draw a lane per unusual delivery and, below, how many others came by band and time.

    There are `rows` at most. Every upload is in one cell; those whose time is not
    `layout.is_drawn` are left out. A cell with excluded ones is hatched. The `customdata` of a cell
    says what it counts: the first and last tenant code of its band, its first and last minute, and
    OTHERS where there are lanes; of a lane, which is counted as a whole, its delivery alone, in the
    last place.
    """
    lanes = lanes or Lanes.none(uploads)
    known = uploads[layout.is_drawn(uploads["upload_time"])]
    times = layout.local(known["upload_time"], zone)
    bins, column = layout.time_bins(times, BIN_STEPS)
    row, lane_rows, ends = _rows_of(known, lanes, rows)
    cell = row * len(bins) + column
    shape = (len(lane_rows) + len(ends), len(bins))
    is_excluded = known["included"].eq(False).fillna(False).to_numpy(bool)
    total, excluded = (
        np.bincount(each, minlength=shape[0] * shape[1]).reshape(shape)
        for each in (cell, cell[is_excluded])
    )
    grid = _Grid(lane_rows, ends, bins, total, excluded)
    spans = layout.minutes(bins.left, bins.right, times)
    return Density(_drawn(grid, spans, on_dark=on_dark), pd.Series(cell, index=known.index))


def _rows_of(
    known: pd.DataFrame, lanes: Lanes, at_most: int
) -> tuple[npt.NDArray[np.intp], pd.DataFrame, pd.DataFrame]:
    """Return the row of each upload, the lanes and the bands that have any."""
    of = lanes.of.reindex(known.index).to_numpy()
    is_usual = of < 0
    filled_lanes, lane = np.unique(of[~is_usual], return_inverse=True)
    band, ends = layout.bands(known["tenant_code"], at_most - len(filled_lanes))
    filled_bands, own_band = np.unique(band[is_usual], return_inverse=True)
    row = np.empty(len(known), np.intp)
    row[~is_usual], row[is_usual] = lane, own_band + len(filled_lanes)
    return row, lanes.rows.iloc[filled_lanes].assign(number=filled_lanes), ends.iloc[filled_bands]


def _drawn(grid: _Grid, spans: npt.NDArray[Any], *, on_dark: bool) -> go.Figure:
    lanes, ends, count = grid.lanes, grid.bands, len(grid.lanes)
    codes = layout.plain(ends["first"])
    # Two may have arrived in the same minute, and rows of one name are one row.
    numbered = (lanes["number"] + 1).astype("str") + ". " + lanes["label"]
    rows = pd.concat([numbered, codes + " …"], ignore_index=True)
    titles = pd.concat(
        [lanes["title"], codes + " to " + layout.plain(ends["last"])], ignore_index=True
    )
    counts = np.where(grid.total > 0, grid.total, np.nan)
    counts[:count] = np.nan
    figure = matrix.cells(
        counts,
        grid.bins,
        rows,
        titles=titles,
        carried=_carried(grid, spans),
        hover=_hover(grid),
        zmax=max(grid.total[count:].max(initial=0), 1),
        colorscale=layout.COUNT_SCALE_ON_DARK if on_dark else layout.COUNT_SCALE,
        colorbar=layout.count_bar("uploads"),
    )
    height = layout.TOP_MARGIN + layout.CROWDED_ROW_HEIGHT * max(len(rows), 4) + _BELOW
    figure.update_layout(height=height).update_xaxes(tickformatstops=layout.ONE_LINE_TICKS)
    return figure.add_traces(_overlays(grid, rows, on_dark=on_dark))


def _carried(grid: _Grid, spans: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return the `customdata` of every cell."""
    lanes, ends, width = grid.lanes, grid.bands, len(grid.bins)
    of_bands = np.column_stack(
        [
            np.repeat(ends[["first", "last"]].to_numpy(object), width, axis=0),
            np.tile(spans, (len(ends), 1)),
            np.full(len(ends) * width, OTHERS if len(lanes) else "", object),
        ]
    )
    of_lanes = np.full((len(lanes) * width, of_bands.shape[1]), None, object)
    of_lanes[:, -1] = np.repeat(lanes["delivery_id"].to_numpy(object), width)
    return np.vstack([of_lanes, of_bands])


def _hover(grid: _Grid) -> npt.NDArray[Any]:
    """Return what stands below the title of every cell; of a lane the same in all."""
    count, width = len(grid.lanes), len(grid.bins)
    total, excluded = grid.total.copy(), grid.excluded.copy()
    for each in (total, excluded):
        each[:count] = each[:count].sum(axis=1, keepdims=True)
    counted = np.char.add(layout.counted(total, "upload"), ", ")
    counted = np.char.add(np.char.add(counted, layout.written(excluded)), " excluded<br>")
    why = np.repeat(grid.lanes["why"].to_numpy(str), width).reshape(count, width)
    when = np.tile(layout.bin_names(grid.bins), (len(grid.bands), 1))
    return np.char.add(counted, np.vstack([why, when]))


def _overlays(grid: _Grid, rows: pd.Series, *, on_dark: bool) -> list[go.Heatmap | go.Scatter]:
    """Return the colour of the lanes, the strokes of what is excluded, and the marks of lanes."""
    count, number = len(grid.lanes), grid.lanes["number"].to_numpy()
    colours = np.full(grid.total.shape, np.nan)
    colours[:count] = np.where(grid.total[:count] > 0, number[:, np.newaxis], np.nan)
    coloured = go.Heatmap(
        z=colours,
        x=matrix.edges(grid.bins),
        y=rows,
        xgap=2,
        ygap=2,
        zmin=0,
        zmax=len(LANES) - 1,
        colorscale=_LANE_SCALE,
        showscale=False,
        hoverinfo="skip",
    )
    return [coloured, _strokes(grid, rows, on_dark=on_dark), _lane_marks(grid, rows)]


def _strokes(grid: _Grid, rows: pd.Series, *, on_dark: bool) -> go.Scatter:
    """Return strokes on the cells with excluded uploads: the more of them, the larger."""
    row, column = np.nonzero(grid.excluded)
    share = (grid.excluded / np.maximum(grid.total, 1))[row, column]
    size = _LEAST_HATCHED + (_WHOLLY_HATCHED - _LEAST_HATCHED) * np.sqrt(share)
    of_page = layout.NUMBER_ON_DARK if on_dark else layout.NUMBER_ON_PALE
    # The mark of a lane is white, whatever the page.
    colours = np.where(row < len(grid.lanes), layout.NUMBER_ON_PALE, of_page)
    return layout.marks_on(grid.bins.mid[column], rows.iloc[row], EXCLUDED, colours, size)


def _lane_marks(grid: _Grid, rows: pd.Series) -> go.Scatter:
    """Return the marks of lanes: hollow where all are excluded, as those of single uploads are."""
    lane, column = np.nonzero(grid.total[: len(grid.lanes)])
    number = grid.lanes["number"].to_numpy()[lane]
    is_left_out = (grid.excluded == grid.total)[lane, column].astype(int)
    symbols = np.array([[symbol, f"{symbol}-open"] for _, symbol in LANES], object)
    x, y = grid.bins.mid[column], rows.iloc[lane]
    marks = layout.marks_on(x, y, symbols[number, is_left_out], "#ffffff", 9)
    # On a phone a cell is narrower than its mark: a white one would not be seen on a white page.
    return marks.update(marker_line_color=np.array([color for color, _ in LANES])[number])
