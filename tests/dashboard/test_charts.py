from datetime import UTC, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

from dashboard.components.charts import layout
from pages.data_versions import charts
from pages.overview import charts as overview
from pages.uploads import charts as uploads
from tests.dashboard.colours import contrast, rgb

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
ZONE = ZoneInfo("America/Vancouver")


def utc(*times: str) -> pd.Series:
    return pd.Series(pd.to_datetime(list(times), utc=True)).dt.as_unit("ms")


def versions() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "key": ["a 2", "a 1", "b "],
            "tenant_code": ["a", "a", "b"],
            "tenant_name": ["A", "A", "B"],
            "data_version": ["2", "1", None],
            "data_version_date": utc("2026-11-23T08:00Z", "2026-11-20T08:00Z", "NaT"),
        }
    )


def some_uploads() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "key": ["a t1", "a t2", "b t3", "c "],
            "tenant_code": ["a", "a", "b", "c"],
            "tenant_name": ["A", "A", "B", "C"],
            "upload_time": utc(
                "2026-11-23T08:00Z", "2026-11-22T08:00Z", "2026-11-23T08:30Z", "NaT"
            ),
            "upload_time_text": ["t1", "t2", "t3", None],
            "included": pd.array([True, False, False, None], dtype="boolean"),
        }
    )


def test_the_latest_version_is_filled_and_the_others_are_hollow() -> None:
    older, latest = charts.timeline(versions(), ZONE, NOW).data
    assert list(latest.y) == ["a"]
    assert [row[0] for row in latest.customdata] == ["a 2"]
    assert [row[0] for row in older.customdata] == ["a 1"]
    assert (latest.marker.symbol, older.marker.symbol) == ("circle", "circle-open")


def test_times_are_drawn_in_the_chosen_zone() -> None:
    _, latest = charts.timeline(versions(), ZONE, NOW).data
    assert pd.Timestamp(latest.x[0]) == pd.Timestamp("2026-11-23T00:00")


def test_a_tenant_without_versions_keeps_its_row() -> None:
    figure = charts.timeline(versions(), ZONE, NOW)
    assert list(figure.layout.yaxis.categoryarray) == ["b", "a"]


def stale_and_fresh() -> pd.DataFrame:
    """Return two tenants, the latest version of one of them months old."""
    dates = utc("2026-11-23T08:00Z", "2026-06-01T08:00Z", "2026-05-01T08:00Z")
    texts = {"key": ["a 3", "b 2", "b 1"], "tenant_code": ["a", "b", "b"]}
    names = {"tenant_name": ["A", "B", "B"], "data_version": ["3", "2", "1"]}
    return pd.DataFrame({**texts, **names, "data_version_date": dates})


def test_a_latest_version_left_of_the_picture_has_a_mark_at_its_edge() -> None:
    figure = charts.timeline(stale_and_fresh(), ZONE, NOW)
    _, _, edge = figure.data
    assert (edge.marker.symbol, list(edge.y)) == ("triangle-left", ["b"])
    assert list(edge.customdata[0]) == ["b 2", "2", "B", "01 Jun 2026 01:00:00", "b"]
    start, end = (pd.Timestamp(at) for at in figure.layout.xaxis.range)
    assert start < pd.Timestamp(edge.x[0]) < start + (end - start) / 20
    assert "%{x}" not in edge.hovertemplate


def test_a_selected_version_stands_out_at_the_edge_too() -> None:
    _, latest, edge = charts.timeline(stale_and_fresh(), ZONE, NOW, {"b 2"}).data
    assert (latest.selectedpoints, edge.selectedpoints) == ((1,), (0,))


@pytest.mark.parametrize("rows", [stale_and_fresh().iloc[1:], versions(), versions().iloc[2:]])
def test_the_versions_are_looked_at_from_now(rows: pd.DataFrame) -> None:
    figure = charts.timeline(rows, ZONE, NOW)
    start, end = (pd.Timestamp(at) for at in figure.layout.xaxis.range)
    here = pd.Timestamp(NOW).tz_convert(ZONE).tz_localize(None)
    assert end - (end - start) / 10 < here <= end
    assert pd.Timedelta(days=1) <= end - start < charts.RECENT * 1.1


def test_freshness_counts_every_tenant_once() -> None:
    tenants = versions().drop_duplicates("tenant_code")
    heatmap, points = charts.freshness(tenants, NOW).data
    assert heatmap.z.sum() == 2
    by_name = dict(zip(heatmap.x, heatmap.z.sum(axis=0), strict=True))
    assert by_name["under a day"] == 1
    assert "b to b<br>1 tenant<br>none enabled" in points.text
    assert "b to b<br>0 tenants<br>under a day" in points.text
    assert by_name[charts.NONE_ENABLED] == 1


def test_a_date_in_the_future_is_no_age_and_has_a_column_of_its_own() -> None:
    tenants = versions().drop_duplicates("tenant_code")
    ahead = tenants.assign(data_version_date=[*utc("2026-11-23T12:09Z", "2099-01-01T00:00Z")])
    heatmap = charts.freshness(ahead.assign(data_version="1"), NOW).data[0]
    by_name = dict(zip(heatmap.x, heatmap.z.sum(axis=0), strict=True))
    assert (by_name["under a day"], by_name[charts.ODD_DATE]) == (1, 1)


def test_a_date_that_is_not_readable_is_not_taken_for_no_version() -> None:
    told = pd.Series(["1", None], dtype="str").array
    tenants = versions().drop_duplicates("tenant_code").assign(data_version=told)
    heatmap, points = charts.freshness(
        tenants.assign(data_version_date=utc("NaT", "NaT").array), NOW
    ).data
    by_name = dict(zip(heatmap.x, heatmap.z.sum(axis=0), strict=True))
    assert (by_name[charts.ODD_DATE], by_name[charts.NONE_ENABLED]) == (1, 1)
    odd = next(at for at, text in enumerate(points.text) if "1 tenant<br>odd date" in text)
    assert list(points.customdata[odd]) == ["a", "a", None, None, True]


def test_a_latest_version_of_the_future_has_a_mark_at_the_right_edge() -> None:
    rows = versions().assign(
        data_version_date=utc("2026-12-24T08:00Z", "2026-11-20T08:00Z", "2026-11-22T08:00Z"),
        data_version=["2", "1", "1"],
    )
    figure = charts.timeline(rows, ZONE, NOW)
    edge = figure.data[-1]
    assert (edge.marker.symbol, list(edge.y)) == ("triangle-right", ["a"])
    start, end = (pd.Timestamp(at) for at in figure.layout.xaxis.range)
    assert start < pd.Timestamp(edge.x[0]) < end < pd.Timestamp("2026-11-25")


def test_the_least_there_is_does_not_look_like_nothing() -> None:
    ages = [8] * 9 + [60] * 3
    dates = pd.Series([pd.Timestamp(NOW) - pd.Timedelta(hours=age) for age in ages])
    codes = [str(n) for n in range(12)]
    rows = pd.DataFrame({"tenant_code": codes, "data_version": codes, "data_version_date": dates})
    heatmap, _ = charts.freshness(pd.concat([rows] * 30), NOW).data
    assert (heatmap.zmin, heatmap.zmax) == (0, heatmap.z.max())


@pytest.mark.parametrize(
    ("scale", "number"),
    [
        (layout.COUNT_SCALE, layout.NUMBER_ON_PALE),
        (layout.COUNT_SCALE_ON_DARK, layout.NUMBER_ON_DARK),
        (layout.SHARE_SCALE, layout.NUMBER_ON_PALE),
        (layout.SHARE_SCALE_ON_DARK, layout.NUMBER_ON_DARK),
    ],
)
def test_a_number_is_readable_on_every_colour_of_its_scale(
    scale: tuple[tuple[float, str], ...], number: str
) -> None:
    ends = [rgb(color) for _, color in scale if color.startswith("#")]
    colors = [sample for pair in pairwise(ends) for sample in np.linspace(*pair, 20)]
    assert min(contrast(color, rgb(number)) for color in colors) >= 4.5


def test_many_stand_out_from_the_page_in_either_theme() -> None:
    tenants = versions().drop_duplicates("tenant_code")
    on_white, on_dark = (
        charts.freshness(tenants, NOW, on_dark=dark).data[0].colorscale for dark in (False, True)
    )
    for scale, page in ((on_white, "#ffffff"), (on_dark, "#12171f")):
        few, many = (contrast(rgb(color), rgb(page)) for _, color in scale[1:])
        assert many > 2 * few


def test_a_bar_says_how_many_tenants_it_is() -> None:
    bands = pd.DataFrame({"tenants": [1, 1200]})
    (bars,) = overview.freshness(bands, ["young", "old"], ["#000", "#fff"]).data
    assert list(bars.customdata) == ["1 tenant", "1,200 tenants"]


@pytest.mark.parametrize("tenants", [1, 40, 41, 5000])
def test_bands_hold_every_tenant_and_are_few(tenants: int) -> None:
    codes = pd.Series([f"WFF_j1r~{number:05}" for number in range(tenants)])
    codes = codes.sample(frac=1, random_state=7, ignore_index=True)
    band, ends = layout.bands(codes)
    assert set(band) == set(range(len(ends)))
    assert len(ends) <= layout.BANDS_AT_MOST
    assert (codes >= ends["first"].take(band).to_numpy()).all()
    assert (codes <= ends["last"].take(band).to_numpy()).all()


def test_included_is_filled_and_excluded_is_hollow() -> None:
    included, excluded = uploads.timeline(some_uploads(), ZONE).data
    assert (included.marker.symbol, list(included.y)) == ("circle", ["a"])
    assert (excluded.marker.symbol, list(excluded.y)) == ("circle-open", ["a", "b"])


def test_selected_marks_stand_out_and_none_does_when_none_is_in_sight() -> None:
    included, excluded = uploads.timeline(some_uploads(), ZONE, {"a t2"}).data
    assert (included.selectedpoints, excluded.selectedpoints) == ((), (0,))
    for selected in ({"of yesterday"}, frozenset[str]()):
        traces = uploads.timeline(some_uploads(), ZONE, selected).data
        assert all(trace.selectedpoints is None for trace in traces)


def test_density_counts_uploads_and_the_excluded_ones() -> None:
    heatmap, points = uploads.density(some_uploads(), ZONE).figure.data[:2]
    cells = {text for text in points.text if "<br>0 " not in text}
    assert cells == {
        "a to a<br>1 upload, 0 excluded<br>23 Nov 2026 00:00 to 23 Nov 2026 01:00",
        "a to a<br>1 upload, 1 excluded<br>22 Nov 2026 00:00 to 22 Nov 2026 01:00",
        "b to b<br>1 upload, 1 excluded<br>23 Nov 2026 00:00 to 23 Nov 2026 01:00",
    }
    assert list(heatmap.z[~np.isnan(heatmap.z)]) == [1, 1, 1]


def test_a_cell_is_drawn_over_its_time_and_the_cells_fill_the_picture() -> None:
    whole = (pd.Timestamp("2026-11-22T00:00"), pd.Timestamp("2026-11-23T01:00"))
    last_hour = (whole[1] - pd.Timedelta(hours=1), whole[1])
    # By the middle of a single column plotly would draw it a millisecond wide.
    for rows, ends in ((some_uploads(), whole), (some_uploads().iloc[[2]], last_hour)):
        figure = uploads.density(rows, ZONE).figure
        assert tuple(map(pd.Timestamp, figure.layout.xaxis.range)) == ends
        heat, points = figure.data[:2]
        assert (pd.Timestamp(heat.x[0]), pd.Timestamp(heat.x[-1])) == ends
        assert len(heat.x) == heat.z.shape[1] + 1
        assert pd.Timestamp(points.x[0]) == ends[0] + pd.Timedelta(minutes=30)
    assert list(uploads.density(some_uploads(), ZONE).figure.layout.yaxis.range) == [1.5, -0.5]


def test_every_cell_can_be_clicked_and_names_its_band() -> None:
    heatmap, points = uploads.density(some_uploads(), ZONE).figure.data[:2]
    assert len(points.x) == heatmap.z.size
    assert {tuple(cell[:2]) for cell in points.customdata} == {("a", "a"), ("b", "b")}


def test_a_cell_names_its_minutes_and_none_beyond_what_is_shown() -> None:
    times = pd.to_datetime(["2026-11-22T10:20:30Z", "2026-11-23T11:15:00Z"]).as_unit("ms")
    rows = some_uploads().iloc[:2].assign(upload_time=times)
    points = uploads.density(rows, ZoneInfo("UTC")).figure.data[1]
    cells = {cell[2]: cell[3] for cell in points.customdata}
    assert cells["2026-11-22T10:20"] == "2026-11-22T10:59"
    assert cells["2026-11-22T12:00"] == "2026-11-22T12:59"
    assert cells["2026-11-23T11:00"] == "2026-11-23T11:15"


def test_a_cell_of_ages_names_the_minutes_of_its_versions() -> None:
    _, points = charts.freshness(versions().drop_duplicates("tenant_code"), NOW).data
    counted = {
        tuple(cell)
        for cell, text in zip(points.customdata, points.text, strict=True)
        if "<br>1 tenant<br>" in text
    }
    assert ("b", "b", None, None, False) in counted
    (dated,) = (cell for cell in counted if cell[2])
    assert dated[0] == "a"
    assert dated[2] == dated[3]


def test_what_the_api_says_is_no_markup() -> None:
    rows = some_uploads().assign(tenant_name='<a href="x">&', tenant_code="<b>c")
    included, _ = uploads.timeline(rows, ZONE).data
    assert included.customdata[0][2] == '&lt;a href="x">&amp;'
    assert included.y[0] == "&lt;b>c"
    points = uploads.density(rows, ZONE).figure.data[1]
    assert points.text[0].startswith("&lt;b>c to &lt;b>c")
    assert points.customdata[0][0] == "<b>c"


def test_one_upload_stands_in_a_day_and_two_kinds_in_the_legend() -> None:
    figure = uploads.timeline(some_uploads().iloc[:1], ZONE)
    start, end = (pd.Timestamp(at) for at in figure.layout.xaxis.range)
    assert (start, end) == (pd.Timestamp("2026-11-22T12:00"), pd.Timestamp("2026-11-23T12:00"))
    assert figure.layout.showlegend
    assert uploads.timeline(some_uploads(), ZONE).layout.xaxis.range is None


def test_no_uploads_make_an_empty_figure() -> None:
    none = some_uploads().iloc[:0]
    for figure in (uploads.timeline(none, ZONE), uploads.density(none, ZONE).figure):
        assert all(len(trace.x) == 0 for trace in figure.data)
