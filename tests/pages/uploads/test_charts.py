"""The picture of uploads at size: an unusual delivery is seen, and what is clicked is counted."""

import re
from collections.abc import Iterable
from datetime import timedelta
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pandas as pd
import plotly.graph_objects as go
import pytest

from dashboard.components import filters
from dashboard.deliveries import DeliveriesSnapshot
from dashboard.exclusions import exclusions_of
from pages.uploads import charts, views
from pages.uploads import filters as upload_filters
from services.sandbox.config import Scenario
from tests.dashboard.colours import contrast, rgb
from tests.services.monitoring.deliveries.sandboxed import Night, night

ZONE = ZoneInfo("America/Vancouver")
PAGES = {False: "#ffffff", True: "#12171f"}
SEEDS = range(2)


def look_of(told: Night) -> DeliveriesSnapshot:
    rows = told.uploads
    keyed = rows.assign(key=rows["tenant_code"] + " " + rows["upload_time_text"].fillna(""))
    named, nothing = keyed.assign(tenant_name=""), exclusions_of(rows, None)
    return DeliveriesSnapshot(
        told.found, named, None, told.now.to_pydatetime(), "", nothing, told.tree
    )


def bad_delivery(told: Night) -> pd.DataFrame:
    """Return the uploads of the bad delivery, whatever was found."""
    faulty = {
        f"{tenant.code} {upload.time}"
        for tenant in told.world.listed
        for upload in tenant.uploads
        if upload.faulty
    }
    rows = look_of(told).uploads
    return rows[rows["key"].isin(faulty)]


def drawn(
    look: DeliveriesSnapshot, shown: pd.DataFrame, *, on_dark: bool = False
) -> charts.Density:
    lanes = views.lanes_of(look, ZONE)
    return charts.density(shown, ZONE, lanes, on_dark=on_dark)


def colours(figure: go.Figure) -> npt.NDArray[np.object_]:
    """Return what fills each cell, as two heat maps draw it: "" for nothing."""
    cells = np.full(figure.data[0].z.shape, "", object)
    for heat in (figure.data[0], figure.data[2]):
        stops = [at for at, _ in heat.colorscale]
        for place in zip(*np.nonzero(np.isfinite(heat.z)), strict=True):
            assert cells[place] == ""
            share = heat.z[place] / heat.zmax
            nearest = int(np.searchsorted(stops, share - 1e-9))
            cells[place] = heat.colorscale[nearest][1]
    return cells


def marks(figure: go.Figure, trace: int) -> dict[int, str]:
    """Return the mark on each cell that has one, by the number of the cell."""
    points, overlay = figure.data[1], figure.data[trace]
    numbers = {at: n for n, at in enumerate(zip(points.x, points.y, strict=True))}
    symbols = np.broadcast_to(overlay.marker.symbol, len(overlay.x))
    return {
        numbers[at]: str(symbol)
        for at, symbol in zip(zip(overlay.x, overlay.y, strict=True), symbols, strict=True)
    }


def is_seen(told: Night, *, on_dark: bool, is_mended: bool) -> None:
    """Hold against the picture that the bad delivery differs in colour and mark, and is whole."""
    look, own = look_of(told), bad_delivery(told)
    recent = look.uploads[look.uploads["upload_time"] > told.now - timedelta(days=30)]
    figure, cell = drawn(look, recent, on_dark=on_dark)
    its = set(cell[own.index])
    others = set(cell.drop(own.index))
    assert not its & others
    fill, symbols, hatched = colours(figure).ravel(), marks(figure, 4), marks(figure, 3)
    assert not {fill[n] for n in its} & {fill[n] for n in others}
    assert not {symbols[n] for n in its} & {symbols.get(n, "") for n in others}
    assert all(contrast(rgb(fill[n]), rgb(PAGES[on_dark])) >= 3 for n in its)
    assert its <= hatched.keys() if is_mended else not its & hatched.keys()
    assert {symbols[n].endswith("-open") for n in its} == {is_mended}
    assert not {hatched[n] for n in its if n in hatched} & set(symbols.values())
    edges = dict(zip(symbols, figure.data[4].marker.line.color, strict=True))
    assert all(edges[n] == fill[n] for n in its)


@pytest.mark.parametrize("is_mended", [False, True], ids=["before", "after it is excluded"])
@pytest.mark.parametrize("knows_jobs", [True, False], ids=["jobs", "by time"])
def test_a_bad_delivery_is_seen(is_mended: bool, knows_jobs: bool) -> None:
    for seed in SEEDS:
        told = night(Scenario.BAD_DELIVERY, seed, knows_jobs=knows_jobs, is_mended=is_mended)
        for on_dark in (False, True):
            is_seen(told, on_dark=on_dark, is_mended=is_mended)


@pytest.mark.parametrize("is_mended", [False, True], ids=["before", "after it is excluded"])
def test_a_bad_delivery_is_seen_among_the_marks_of_few_tenants(is_mended: bool) -> None:
    told = night(Scenario.BAD_DELIVERY, 1, 50, is_mended=is_mended)
    look, own = look_of(told), set(bad_delivery(told)["key"])
    figure = charts.timeline(look.uploads, ZONE, lanes=views.lanes_of(look, ZONE))
    drawn: dict[bool, set[str]] = {True: set(), False: set()}
    for trace in figure.data:
        for key, *_ in trace.customdata:
            drawn[key in own] |= {trace.marker.color, trace.marker.symbol}
    assert not drawn[True] & drawn[False]
    assert any(each.endswith("-open") for each in drawn[True]) == is_mended
    counted = sum(len(trace.customdata) for trace in figure.data)
    assert counted == look.uploads["upload_time"].notna().sum()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("tenants", "seeds"), [(120, range(2, 12)), (5_000, range(3)), (50_000, range(1))]
)
@pytest.mark.parametrize("is_mended", [False, True], ids=["before", "after it is excluded"])
def test_a_bad_delivery_is_seen_whatever_the_seed_and_size(
    tenants: int, seeds: range, is_mended: bool
) -> None:
    for seed in seeds:
        told = night(Scenario.BAD_DELIVERY, seed, tenants, is_mended=is_mended)
        for on_dark in (False, True):
            is_seen(told, on_dark=on_dark, is_mended=is_mended)


@pytest.mark.parametrize("page", PAGES.values())
def test_the_colours_of_lanes_stand_out_from_the_page_and_bear_their_marks(page: str) -> None:
    for color, _ in charts.LANES:
        assert contrast(rgb(color), rgb(page)) >= 3
        assert contrast(rgb(color), rgb("#ffffff")) >= 3
    assert len(set(charts.LANES)) == len({color for color, _ in charts.LANES})
    assert len({symbol for _, symbol in charts.LANES}) == len(charts.LANES)


@pytest.fixture(scope="module")
def told() -> Night:
    return night(Scenario.BAD_DELIVERY, 1, is_mended=True)


def filtered(shown: pd.DataFrame, look: DeliveriesSnapshot, cell: list[str]) -> pd.DataFrame:
    """Return what the filters of Uploads keep once a cell is clicked."""
    first, last, begin, end, delivery = cell
    kept = upload_filters.brought_by(delivery, shown, look)
    if first:
        since, until = (pd.Timestamp(text, tz=ZONE) for text in (begin, end))
        ends = until + pd.Timedelta(minutes=1, milliseconds=-1)
        kept &= shown["tenant_code"].between(first, last)
        kept &= filters.between(shown["upload_time"], since, ends)
    return shown[kept]


def test_what_is_clicked_is_what_is_counted(told: Night) -> None:
    look = look_of(told)
    shown = look.uploads[look.uploads["upload_time"].notna()]
    figure, _ = drawn(look, shown)
    points = figure.data[1]
    clicked = list(zip(points.customdata, points.text, strict=True))
    lanes = {cell[4] for cell, _ in clicked if cell[0] is None}
    assert look.unusual["delivery_id"].iloc[0] in lanes <= {*look.unusual["delivery_id"]}
    for cell, text in clicked:
        counted = re.search(r"<br>([\d,]+) uploads?, ([\d,]+) excluded<br>", text)
        assert counted
        rows = filtered(shown, look, cell)
        assert len(rows) == int(counted[1].replace(",", "")), text
        assert int((~rows["included"]).sum()) == int(counted[2].replace(",", "")), text


def boxed(picture: charts.Density, shown: pd.DataFrame, cells: Iterable[int]) -> list[str]:
    """Return the keys of what is selected by a box around cells."""
    carried = picture.figure.data[1].customdata
    points = [{"point_index": cell, "customdata": list(carried[cell])} for cell in cells]
    return sorted(views.picked(picture, shown, points))


def test_a_box_selects_the_uploads_of_its_cells_each_in_one(told: Night) -> None:
    shown = look_of(told).uploads
    picture = drawn(look_of(told), shown)
    every = range(len(picture.figure.data[1].x))
    known = shown.loc[shown["upload_time"].notna(), "key"]
    assert boxed(picture, shown, every) == sorted(known)
    of_marks = [{"point_index": n} for n in every]
    assert list(views.picked(picture, shown, of_marks)) == []
    usual = next(n for n in picture.cell if picture.figure.data[1].customdata[n][0] is not None)
    its = picture.cell.index[picture.cell == usual]
    assert boxed(picture, shown, [usual]) == sorted(shown["key"].loc[its])


def test_a_box_around_any_part_of_a_lane_selects_all_of_it(told: Night) -> None:
    shown, bad = look_of(told).uploads, bad_delivery(told)
    # One came days before the others, so that two cells of this lane have uploads.
    times = shown["upload_time"].copy()
    times[bad.index[0]] -= (times.max() - times.min()) / 2
    shown = shown.assign(upload_time=times)
    picture = drawn(look_of(told), shown)
    its = sorted(set(picture.cell[bad.index]))
    assert len(its) == 2
    for cell in its:
        assert boxed(picture, shown, [cell]) == sorted(bad["key"])
    width = picture.figure.data[0].z.shape[1]
    row = its[0] // width
    empty = next(n for n in range(row * width, row * width + width) if n not in its)
    assert boxed(picture, shown, [empty]) == []


def test_a_delivery_and_the_usual_ones_are_filtered_by_in_the_list_of_one_job_too(
    told: Night,
) -> None:
    look, bad = look_of(told), bad_delivery(told)
    (delivery_id,) = look.unusual["delivery_id"].head(1)
    some = look.uploads.iloc[::-1].reset_index(drop=True)
    assert set(some[upload_filters.brought_by(delivery_id, some, look)]["key"]) == set(bad["key"])
    usual = some[upload_filters.brought_by(charts.OTHERS, some, look)]
    every_unusual = pd.concat([look.uploads_of(id_) for id_ in look.unusual["delivery_id"]])
    assert set(usual["key"]) == set(some["key"]) - set(every_unusual["key"])
    assert not upload_filters.brought_by("nobody", some, look).any()


def test_two_deliveries_of_one_minute_have_lanes_of_their_own(told: Night) -> None:
    look = look_of(told)
    rows = pd.DataFrame({name: ["same"] * 2 for name in ("label", "title", "why")})
    lanes = charts.Lanes(rows.assign(delivery_id=["a", "b"]), pd.Series(0, look.uploads.index))
    lanes.of.iloc[::2] = 1
    figure, cell = charts.density(look.uploads, ZONE, lanes)
    assert len(set(figure.data[1].y)) == len(figure.data[0].y) == 2
    assert len(cell) == look.uploads["upload_time"].notna().sum()
